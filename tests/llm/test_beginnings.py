"""What was read of a prompt's beginning is kept, taken up again, and read anew where what is kept is not right."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag import Assistant
from rag.llm import LlamaCpp
from rag.llm.beginnings import _KEPT, Beginnings, _load, _save
from rag.types import Message

RULES = Message("system", "Answer in one short sentence. Say what stands in the text, and nothing else. Be exact.")
ASKED = [RULES, Message("user", "The river rose by two metres. By how much did the river rise?")]


def test_what_is_saved_is_loaded_and_what_was_changed_since_is_not(tmp_path: Path) -> None:
    path = tmp_path / "begun" / "one.state"
    assert _load(path) is None
    _save(path, b"read")
    assert _load(path) == b"read"
    assert [p.name for p in path.parent.iterdir()] == ["one.state"]
    for damaged in (path.read_bytes()[:-1], path.read_bytes()[:-1] + b"!", b"", b"short"):
        path.write_bytes(damaged)
        assert _load(path) is None


def test_only_the_last_ones_stay_on_disk(tmp_path: Path) -> None:
    for i in range(_KEPT + 3):
        _save(tmp_path / f"{i:02}.state", b"read")
    assert len(list(tmp_path.iterdir())) == _KEPT
    assert (tmp_path / f"{_KEPT + 2:02}.state").is_file()


def test_where_nothing_can_be_kept_nothing_fails(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("in the way")
    with caplog.at_level(logging.DEBUG, "rag.llm.beginnings"):
        _save(tmp_path / "file" / "one.state", b"read")
    assert "not kept" in caplog.text


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tokens the models were given to read, each time."""
    from llama_cpp import Llama

    sizes: list[int] = []
    evaluate = Llama.eval

    def counted(self: Any, tokens: Sequence[int]) -> None:
        sizes.append(len(tokens))
        evaluate(self, tokens)

    monkeypatch.setattr(Llama, "eval", counted)
    return sizes


def opened(like: Assistant, cache: Path) -> LlamaCpp:
    from rag import models

    path = models.resolve(like.settings.llm, models_dir=like.settings.models_dir)
    return LlamaCpp.load(path, name="model", context_tokens=512, cache=cache)


@pytest.mark.model
def test_a_beginning_is_read_once(seed_assistant: Assistant, read: list[int], tmp_path: Path) -> None:
    llm = opened(seed_assistant, tmp_path)
    size = llm.count(ASKED)
    first = "".join(llm.stream(ASKED, max_tokens=30))
    assert "two metres" in first
    beginning, rest = read[:2]
    assert beginning + rest == size
    assert beginning > rest // 2

    for word in ("Which?", "What?"):  # others come between
        list(llm.stream([Message("system", f"Write one word. {word}"), Message("user", word)], max_tokens=1))
    read.clear()
    assert "".join(llm.stream(ASKED, max_tokens=30)) == first
    assert read[0] == rest

    read.clear()  # the next start
    again = opened(seed_assistant, tmp_path)
    assert "".join(again.stream(ASKED, max_tokens=30)) == first
    assert read[0] == rest


@pytest.mark.model
def test_a_prompt_is_gone_on_with_after_a_look_at_another(
    seed_assistant: Assistant, read: list[int], tmp_path: Path
) -> None:
    llm = opened(seed_assistant, tmp_path)
    first = "".join(llm.stream(ASKED, max_tokens=30))
    whole, beside = llm.begins(ASKED, "The"), [RULES, Message("user", "The river rose. By how much?")]
    told = llm.begins(beside, "The")
    read.clear()
    assert llm.begins(ASKED, "The") == pytest.approx(whole, rel=0.05)
    assert "".join(llm.stream(ASKED, max_tokens=30)) == first
    assert read[:2] == [1, 0]
    read.clear()
    assert llm.begins(beside, "The") == pytest.approx(told, rel=0.05)
    assert read == [1]


@pytest.mark.model
def test_a_damaged_or_foreign_state_is_read_anew(seed_assistant: Assistant, read: list[int], tmp_path: Path) -> None:
    first = "".join(opened(seed_assistant, tmp_path).stream(ASKED, max_tokens=30))
    beginning = read[0]
    [kept] = tmp_path.glob("*.state")
    _save(kept, b"a state of some other model")  # its digest is right, what it says is not
    read.clear()
    assert "".join(opened(seed_assistant, tmp_path).stream(ASKED, max_tokens=30)) == first
    assert read[0] == beginning
    assert len(kept.read_bytes()) > 100_000


class Reading:
    """A model that only remembers which tokens it has read; its state is their bytes."""

    def __init__(self) -> None:
        self.input_ids = np.zeros(64, np.intc)
        self.n_tokens = 0

    def reset(self) -> None:
        self.n_tokens = 0

    def eval(self, tokens: Sequence[int]) -> None:
        self.input_ids[self.n_tokens : self.n_tokens + len(tokens)] = tokens
        self.n_tokens += len(tokens)


class Kept(Beginnings):
    """Beginnings of such a model; a state of `broken` is not taken."""

    broken = False

    def _get(self) -> bytes:
        return bytes(self._model.input_ids[: self._model.n_tokens].tolist())

    def _set(self, beginning: tuple[int, ...], state: bytes) -> bool:
        self._model.reset()
        if self.broken or bytes(beginning) != state:
            return False
        self._model.input_ids[: len(beginning)] = beginning
        self._model.n_tokens = len(beginning)
        return True


@pytest.mark.parametrize(("broken", "read"), [(False, 4), (True, 2)])
def test_what_is_left_is_set_again_or_read_anew(*, broken: bool, read: int) -> None:
    model = Reading()
    kept = Kept(model, identity="one", folder=None)
    kept.begin([1, 2, 3, 4, 5], 2)
    model.eval([3, 4, 5])
    kept.begin([1, 2, 9], 2)
    model.n_tokens = 2  # as llama-cpp-python goes on where prompts part
    model.eval([9])
    kept.broken = broken
    kept.begin([1, 2, 3, 4, 5], 2)
    assert model.input_ids[: model.n_tokens].tolist() == [1, 2, 3, 4, 5][:read]


def test_what_is_left_is_not_set_where_it_lacks_the_rules() -> None:
    model = Reading()
    kept = Kept(model, identity="one", folder=None)
    kept.begin([1, 2, 3, 4], 3)
    model.eval([4])
    kept.begin([7, 8, 9, 4], 3)
    kept.begin([1, 2, 5, 6], 3)
    assert model.input_ids[: model.n_tokens].tolist() == [1, 2, 5]
