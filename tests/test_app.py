"""The entry of the page: what it does where something is missing."""

import sys
from pathlib import Path

import pytest

import app
from rag import Settings
from rag.cli.articles import load_for_page
from rag.errors import CatalogueError, UsageError
from rag.index.schema import FILE
from rag.web import Logins
from tests.conftest import ROOT


def test_it_is_short() -> None:
    assert len((ROOT / "app.py").read_text().splitlines()) < 100


@pytest.mark.model
def test_without_an_index_and_a_language_model_it_begins_empty_and_quotes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("rag.models.is_here", lambda name, **_: "minilm" in name)
    assistant = load_for_page(Settings.load(index_dir=tmp_path / "index"))
    assert assistant.index.catalogue.counts() == {"articles": 0, "passages": 0}
    assert assistant.models["llm"] is None
    assert assistant.ask("Who?").reason == "no-passages"
    told = capsys.readouterr().err
    assert "began an empty one" in told
    assert "rag models fetch" in told


@pytest.mark.model
def test_a_damaged_index_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("damaged")
    with pytest.raises(CatalogueError, match="rag doctor"):
        load_for_page(Settings.load(index_dir=tmp_path))
    assert (tmp_path / FILE).read_text() == "damaged"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2"])
def test_others_are_let_in_with_names_only(host: str) -> None:
    with pytest.raises(UsageError, match="--login FILE, or say --anyone"):
        app.chat(host=host)


@pytest.mark.parametrize(("host", "anyone"), [("0.0.0.0", True), ("127.0.0.1", False), ("localhost", False)])
def test_whoever_may_come_in_is_let_in(host: str, anyone: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_: Settings) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rag.cli.articles.load_for_page", load)
    usual = sys.getswitchinterval()
    with pytest.raises(KeyboardInterrupt):
        app.chat(host=host, anyone=anyone)
    assert sys.getswitchinterval() == usual


def test_a_login_needs_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="--login FILE"):
        app.add("Ann", None)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "correct horse")
    app.add("Ann", tmp_path / "logins")
    assert Logins.read(tmp_path / "logins")("Ann", "correct horse")
