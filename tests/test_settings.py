"""Settings: options win over the environment; what is wrong is named."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from rag import Settings
from rag.errors import UsageError


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the `RAG_*` variables of whoever runs the tests."""
    for name in [name for name in os.environ if name.upper().startswith("RAG_")]:
        monkeypatch.delenv(name)


def test_a_variable_wins_over_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_PASSAGES", "9")
    assert Settings.load().passages == 9


def test_options_win_over_the_environment_and_none_means_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", "there")
    assert Settings.load(index_dir=None).index_dir == Path("there")
    assert Settings.load(index_dir=Path("here")).index_dir == Path("here")


@pytest.mark.parametrize(("name", "value"), [("passages", 0), ("passages", "many"), ("passagse", 3)])
def test_a_wrong_name_or_number_is_named(name: str, value: object) -> None:
    with pytest.raises(UsageError, match=f"{name!r}.*RAG_{name.upper()}"):
        Settings.load(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("passage_tokens", 15),
        ("passages", 51),
        ("evidence_tokens", 49),
        ("answer_tokens", 15),
        ("context_tokens", 511),
        ("threads", -1),
        ("question_chars", 0),
        ("file_bytes", 0),
    ],
)
def test_a_number_just_out_of_range_is_refused(name: str, value: int) -> None:
    with pytest.raises(UsageError, match=f"got {value}"):
        Settings.load(**{name: value})


def test_a_wrong_variable_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_THREADS", "four")
    with pytest.raises(UsageError, match="RAG_THREADS") as raised:
        Settings.load()
    assert "'four'" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_settings_do_not_change() -> None:
    settings = Settings.load()
    with pytest.raises(ValidationError, match="frozen"):
        settings.passages = 3


def test_models_are_kept_in_the_cache_of_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name, appauthor: tmp_path / name)
    assert Settings.load().models_dir == tmp_path / "rag" / "models"
