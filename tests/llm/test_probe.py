"""What a model's inside says: the weights that come with the package, and with the model the states they weigh."""

import importlib.resources
import json
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rag import Assistant, models
from rag.errors import ModelError
from rag.llm import LlamaCpp, Probe, probe
from rag.prompts import Prompts
from rag.settings import Settings
from rag.types import Message, Span

DEFAULT = Settings().llm
PROMPTS = Prompts.load().sha256


def test_the_default_model_has_a_probe_for_the_prompts_as_they_are() -> None:
    fitted = Probe.of(DEFAULT, prompts=PROMPTS)
    assert fitted
    assert fitted.weights.shape == (1536,)
    assert np.isfinite(fitted.weights).all()
    assert fitted.heads
    assert all(0 <= layer < 28 and 0 <= head < 12 for layer, head in fitted.heads)


@pytest.mark.parametrize("model", ["other", "", "*", f"../probes/{DEFAULT}", f"{DEFAULT}.json", "/etc/passwd"])
def test_a_model_that_nothing_was_fitted_to_has_none(model: str) -> None:
    assert Probe.of(model, prompts=PROMPTS) is None


def test_prompts_that_nothing_was_fitted_to_have_none() -> None:
    assert Probe.of(DEFAULT, prompts="0" * 64) is None


def test_the_log_odds_are_the_weighed_state() -> None:
    assert Probe(7, np.array([2.0, -1.0]), 0.5).odds(np.array([3, 1], np.float32)) == 5.5


def test_what_is_written_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "probes").mkdir()
    written = Probe(3, np.array([0.123456, -2.0]), 1.5, ((2, 1), (3, 0)))
    (tmp_path / "probes" / "mine.json").write_text(written.to_json(prompts="abc"))
    monkeypatch.setattr(importlib.resources, "files", lambda _package: tmp_path)
    found = Probe.of("mine", prompts="abc")
    assert found
    assert (found.layer, found.intercept, found.heads) == (3, 1.5, ((2, 1), (3, 0)))
    np.testing.assert_allclose(found.weights, written.weights, rtol=1e-3)
    assert json.loads((tmp_path / "probes" / "mine.json").read_text())["prompts"] == "abc"


def test_a_context_that_does_not_fit_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(**_: Any) -> None:
        raise ValueError("Failed to create llama_context")

    monkeypatch.setattr("llama_cpp._internals.LlamaContext", failing)
    monkeypatch.setattr("llama_cpp.llama_model_n_head", lambda _model: 8)
    model = SimpleNamespace(
        n_embd=lambda: 8,
        context_params=SimpleNamespace(),
        _ctx=SimpleNamespace(close=lambda: None),
        _model=SimpleNamespace(model=None),
    )
    with pytest.raises(ModelError, match="RAG_CONTEXT_TOKENS"):
        probe.States(model, [1])


@pytest.fixture(scope="module")
def plain(seed_assistant: Assistant) -> LlamaCpp:
    """The default model, opened with a probe that was fitted to another one."""
    path = models.resolve(DEFAULT, models_dir=seed_assistant.settings.models_dir)
    return LlamaCpp.load(path, name="plain", context_tokens=512, probe=Probe(18, np.ones(3), 0.0))


@pytest.mark.model
def test_without_a_probe_that_fits_nothing_is_known_and_the_same_is_written(
    seed_assistant: Assistant, plain: LlamaCpp
) -> None:
    asked, probed = [Message("user", "Name three colours.")], seed_assistant._llm
    assert probed
    assert plain.inside(asked) is None
    assert probed.inside(asked) is not None
    assert [*plain.stream(asked, max_tokens=12)] == [*probed.stream(asked, max_tokens=12)]


@pytest.mark.model
def test_the_state_is_that_of_the_last_token_however_it_was_read(plain: LlamaCpp) -> None:
    model, states = plain._model, probe.States(plain._model, [0, 16])
    seen = []
    for tokens in (range(100, 140), [*range(100, 120), *range(300, 320)], range(100, 140)):
        next(model.generate(list(tokens), temp=0.0))
        seen.append(np.stack([states.last[layer] for layer in (0, 16)]))
    first, other, again = seen
    assert first.shape == (2, 1536)
    assert np.abs(first - other).max() > 1
    np.testing.assert_allclose(first, again, atol=0.5)  # twenty tokens of it were there already


@pytest.mark.model
def test_the_inside_tells_what_stands_there_from_what_does_not(seed_assistant: Assistant) -> None:
    llm, prompts = seed_assistant._llm, Prompts.load()
    assert llm

    def odds(question: str) -> float:
        evidence = "Article: Mayor speaks\n- The mayor, Ms Lind, opened the new bridge over the Alm on Friday."
        found = llm.inside(prompts.messages("answer", evidence=evidence, question=question))
        assert found
        return found.answerable

    told, not_told = odds("Who opened the bridge?"), odds("How much did the bridge cost?")
    assert told > 0 > not_told
    assert odds("Who opened the bridge?") == pytest.approx(told, abs=0.3)
    nobody_waits = threading.Event()
    nobody_waits.set()
    assert llm.inside([Message("user", "Who?")], cancelled=nobody_waits) is None


@pytest.mark.model
def test_its_heads_look_at_the_sentence_that_answers(seed_assistant: Assistant) -> None:
    llm, prompts = seed_assistant._llm, Prompts.load()
    assert llm
    lines = [
        "The mayor opened the “new” bridge on Friday.",
        "It cost nine million crowns.",
        "Dutch engineers built it.",
    ]

    def most(question: str, told: list[str]) -> str:
        messages = prompts.messages("answer", evidence="\n".join(f"- {one}" for one in told), question=question)
        starts = [messages[-1].content.index(one) for one in told]
        spans = [Span(start, start + len(one)) for start, one in zip(starts, told, strict=True)]
        found = llm.inside(messages, spans)
        assert found
        assert 0 < sum(found.heeded) <= 1
        return told[int(np.argmax(found.heeded))]

    for told in (lines, lines[::-1]):
        assert most("Which price was paid?", told) == lines[1]
        assert most("When did it open?", told) == lines[0]
        assert most("Who made the bridge?", told) == lines[2]


@pytest.mark.model
@pytest.mark.parametrize("error", [FileNotFoundError("no such library"), AttributeError("no such function")])
def test_a_llama_cpp_that_is_built_otherwise_goes_without(
    plain: LlamaCpp, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def failing(*_: Any) -> None:
        raise error

    monkeypatch.setattr("llama_cpp._ctypes_extensions.load_shared_library", failing)
    fitted = Probe.of(DEFAULT, prompts=PROMPTS)
    again = LlamaCpp(plain._model, name="again", beginnings=plain._beginnings, probe=fitted)
    assert again.inside([Message("user", "Who?")]) is None
    assert [*again.stream([Message("user", "Name three colours.")], max_tokens=3)]
