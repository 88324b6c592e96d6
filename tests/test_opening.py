from pathlib import Path

import pytest
from pydantic import SecretStr

from rag import opening
from rag.errors import ModelError, UsageError
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


def test_each_server_is_given_its_own_key(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, object] = {}
    for name in ("RemoteEmbedder", "RemoteLLM"):
        monkeypatch.setattr(f"rag.opening.{name}.open", lambda *_, key, name=name, **__: given.update({name: key}))
    address = "http://127.0.0.1:1/v1#tiny"
    keys = {"embedder_api_key": SecretStr("vectors"), "llm_api_key": SecretStr("words")}
    named = settings.model_copy(update={"embedder": address, "llm": address, **keys})
    opening.embedder(named)
    opening.llm(named, prompts="")
    assert given == {"RemoteEmbedder": "vectors", "RemoteLLM": "words"}


@pytest.mark.parametrize("role", ["reranker", "nli"])
def test_a_cross_encoder_that_is_named_is_looked_for(settings: Settings, role: str) -> None:
    named = settings.model_copy(update={role: "nowhere"})
    opens = {"reranker": opening.reranker, "nli": opening.entailment}
    with pytest.raises(UsageError, match="nowhere"):
        opens.pop(role)(named)
    assert [open_other(named) for open_other in opens.values()] == [None]
