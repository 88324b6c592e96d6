"""The command line over fakes: what is printed where, and the exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rag import Assistant, cli
from tests.test_assistant import assistant


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run `rag` with these arguments; return the exit code."""
    monkeypatch.setattr(sys, "argv", ["rag", *arguments])
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    return int(exit_.value.code or 0)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What the fake model writes, and the article's text as second item."""
    lines = ["The ceasefire ended on November 28."]

    def load(*_: object, **__: object) -> Assistant:
        return assistant(tmp_path, lines[0], **({"text": lines[1]} if len(lines) > 1 else {}))[0]

    monkeypatch.setattr(Assistant, "load", load)
    return lines


def test_ask_prints_the_answer_then_its_sources(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], script: list[str]
) -> None:
    assert run(monkeypatch, "ask", "When did the ceasefire end?") == 0
    out = capsys.readouterr().out
    assert out.startswith("The ceasefire ended on November 28. [1]")
    assert "“The ceasefire ended on November 28.”" in out
    assert "2023-04-11" in out


def test_a_refusal_names_the_nearest_article_and_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], script: list[str]
) -> None:
    script[0] = "NOT FOUND"
    assert run(monkeypatch, "ask", "Who is president?") == 0
    out = capsys.readouterr().out
    assert out.startswith("Not in these articles.")
    assert "Related, not an answer: The group has advanced weapons" in out


def test_ask_json_is_the_answer_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], script: list[str]
) -> None:
    assert run(monkeypatch, "ask", "When did the ceasefire end?", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["citations"][0]["quote"] == "The ceasefire ended on November 28."


def test_search_json_has_what_was_searched_and_the_hits(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], script: list[str]
) -> None:
    assert run(monkeypatch, "search", "weapons", "-k", "1", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"schema_version", "searched", "hits"}
    assert len(found["hits"]) == 1


def test_control_characters_of_an_article_never_reach_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], script: list[str]
) -> None:
    script.append("The weapons \x1b[2J[red]came[/red].")
    assert run(monkeypatch, "search", "weapons") == 0
    out = capsys.readouterr().out
    assert "\x1b[2J" not in out
    assert "[red]came[/red]" in out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["ask", " "], 2, "the question is empty"),
        (["ask", "a" * 10_001], 2, "10,001 characters"),
        (["ask", "Why?", "--index", "nowhere", "--llm", "nothing"], 1, "no model and no file 'nothing'"),
        (["index", "nowhere"], 1, "no such file or folder: 'nowhere'"),
        (["index"], 1, "nothing to index"),
        (["models", "path", "nothing"], 1, "no model 'nothing'"),
        (["models", "verify"], 2, "rag models fetch"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAG_MODELS_DIR", str(tmp_path / "models"))
    assert run(monkeypatch, *arguments) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.strip().splitlines()[-1].startswith("error: ")
    assert "Traceback" not in captured.err


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys; from rag import cli; sys.argv = ['rag', '--help']\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'faiss', 'gradio', 'llama_cpp', 'sentence_transformers', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Commands:" in done.stdout
