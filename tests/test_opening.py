from pathlib import Path

import pytest

from rag import opening
from rag.errors import ModelError
from rag.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load(models_dir=tmp_path)


def test_a_language_model_that_is_not_here_names_the_command_that_fetches_it(settings: Settings) -> None:
    with pytest.raises(ModelError, match="rag models fetch"):
        opening.check_llm(settings)


def test_one_behind_a_server_needs_no_file(settings: Settings) -> None:
    opening.check_llm(settings.model_copy(update={"llm": "http://127.0.0.1:1/v1#tiny"}))


def test_a_file_that_is_none_is_told_before_anything_is_opened(settings: Settings, tmp_path: Path) -> None:
    other = tmp_path / "notes.gguf"
    other.write_text("not a model")
    with pytest.raises(ModelError, match="no GGUF file"):
        opening.check_llm(settings.model_copy(update={"llm": str(other)}))


def test_what_is_deferred_is_not_opened(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(b"GGUF")
    named = settings.model_copy(update={"llm": str(tmp_path / "a.gguf")})
    assert opening.llm(named, prompts="", deferred=True).name == named.llm


def test_no_cross_encoder_is_opened_that_is_not_named(settings: Settings) -> None:
    assert opening.reranker(settings) is None
    assert opening.entailment(settings) is None
