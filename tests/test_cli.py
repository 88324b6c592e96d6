"""The command line over fakes: what is printed where, and the exit codes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import rag
from rag import Assistant, cli
from rag.cli import printing
from rag.testing import ToyEmbedder
from rag.types import Article, Citation, Origin
from tests.conftest import Fake, Run
from tests.world import FLOOD, WAR, WORDS, write

QUESTION = "What of the goggles?"
HELD = "The goggles were green."


def test_a_citation_of_a_paginated_file_tells_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    article = Article("a" * 32, "Rain. Snow.", (Origin("a.pdf", "Weather", pages=(0, 6)),))
    printing._print_citation(printing.open_console(), Citation(1, 0, article, 6, 11))
    assert capsys.readouterr().out.startswith("[1] Weather · page 2\n")


# rag ask


def test_ask_prints_the_answer_then_its_sources(run: Run, fake: Fake) -> None:
    fake("The goggles were green. Soldiers left 40 rifles.", texts=[f"date 2023-04-11 {WAR}"])
    outcome = run("ask", "What of the goggles and rifles?")
    assert [line.rstrip() for line in outcome.out.splitlines()] == [
        "The goggles were green. [1]",
        "Soldiers left 40 rifles. [2]",
        "",
        "[1] The minister said the goggles were green. · 2023-04-11 · said by the minister",
        "    “The minister said the goggles were green.”",
        "[2] The minister said the goggles were green. · 2023-04-11",
        "    “American soldiers left 40 rifles behind.”",
    ]
    assert (outcome.code, outcome.err) == (0, "")


def test_a_sentence_that_is_partly_supported_says_so(run: Run, fake: Fake) -> None:
    fake("American soldiers left crates behind.")
    assert run("ask", "What of the goggles?").out.startswith(
        "American soldiers left crates behind. [1]  (only partly supported; 'crates' is not in the source)\n"
    )


def test_a_part_that_is_not_answered_is_told_behind_what_is(run: Run, fake: Fake) -> None:
    fake("American soldiers left 40 rifles behind.", "NOT FOUND")
    out = run("ask", "Which rifles did American soldiers leave? And which birds did American soldiers feed?").out
    assert out.startswith(
        "American soldiers left 40 rifles behind. [1]\n"
        "Not in these articles: “which birds did American soldiers feed?”\n\n[1] "
    )


def test_what_is_unsupported_is_shown_on_request_and_marked(run: Run, fake: Fake) -> None:
    fake("The goggles were green. Soldiers left 90 rifles.")
    out = run("ask", "What of the goggles?", "--keep-unsupported").out
    assert "Soldiers left 90 rifles.\nunsupported: number '90' is not in the source" in out


def test_without_a_language_model_a_sentence_answers_and_it_is_said(
    run: Run, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake("The goggles were red.", extractive=True)
    monkeypatch.setattr("rag.models.is_here", lambda name, **_: not name.startswith("qwen"))
    outcome = run("ask", "What of the goggles?")
    assert outcome.out.startswith("The minister said the goggles were green. [1]")
    assert "fetch one: rag models fetch qwen2.5-coder-1.5b-instruct" in outcome.err


def test_an_extractive_answer_is_a_sentence_of_the_articles(run: Run, fake: Fake) -> None:
    fake("The goggles were red.", extractive=True)
    assert run("ask", "What of the goggles?", "--extractive").out.startswith(
        "The minister said the goggles were green. [1]"
    )


def test_what_was_withheld_is_not_printed(run: Run, fake: Fake) -> None:
    fake("Soldiers left 90 rifles. The goggles were green.")
    assert "90" not in run("ask", QUESTION).out


def test_a_refusal_names_the_nearest_article_and_is_no_failure(run: Run, fake: Fake) -> None:
    fake("NOT FOUND", "NOT FOUND", texts=[f"date 2023-04-11 {WAR}", FLOOD])
    outcome = run("ask", QUESTION)
    assert [line.rstrip() for line in outcome.out.splitlines()] == [
        "Not in these articles.",
        "The passages found do not say.",
        "",
        "Related, not an answer:",
        "  The minister said the goggles were green. · 2023-04-11",
    ]
    assert (outcome.code, outcome.err) == (0, "")


def test_ask_json_is_the_answer_object(run: Run, fake: Fake) -> None:
    world = fake(HELD, HELD)
    outcome = run("ask", QUESTION, "--json")
    printed, expected = json.loads(outcome.out), world.assistant.ask(QUESTION).to_json()
    assert printed.pop("timings").keys() == expected.pop("timings").keys()
    assert printed == expected
    assert outcome.code == 0


def test_a_refusal_in_json_is_no_failure(run: Run, fake: Fake) -> None:
    fake("NOT FOUND", "NOT FOUND")
    outcome = run("ask", QUESTION, "--json")
    assert (outcome.code, json.loads(outcome.out)["reason"]) == (0, "not-in-evidence")


# rag search


def test_search_prints_the_passages_best_first(run: Run, fake: Fake) -> None:
    fake(texts=[FLOOD, f"date 2023-04-11 {WAR}"])
    outcome = run("search", "Goggles?")
    first, about, text, _, second, *_ = (line.rstrip() for line in outcome.out.splitlines())
    assert first == "1. The minister said the goggles were green."
    assert about.startswith("   2023-04-11 · relevance 0.")
    assert about.endswith(" · #1 by meaning · #1 by words")
    assert text == f"   {WAR}"
    assert second == "2. The old bridge was damaged by the flood."
    assert (outcome.code, outcome.err) == (0, "")


def test_search_prints_no_more_than_k_passages(run: Run, fake: Fake) -> None:
    fake()
    assert "2. " not in run("search", "Goggles?", "-k", "1").out


def test_search_json_has_what_was_searched_and_the_hits(run: Run, fake: Fake) -> None:
    fake()
    found = json.loads(run("search", "  Goggles?", "-k", "1", "--json").out)
    assert found.keys() == {"schema_version", "searched", "hits"}
    assert found["searched"]["text"] == "Goggles?"
    assert [hit["text"] for hit in found["hits"]] == [WAR]


# rag index


@pytest.mark.usefixtures("toy")
def test_index_says_what_it_did(run: Run, tmp_path: Path) -> None:
    news = write(tmp_path / "news", a="Rain fell.", b="Snow fell.")
    outcome = run("index", news)
    assert outcome.out == "files: 2 added\narticles: 2 new\nindex index: 2 articles, 2 passages, 2 newly embedded\n"
    assert (outcome.code, outcome.err.strip()) == (0, "")


def test_index_says_once_what_the_embedder_does_not_know(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = ToyEmbedder(*WORDS, languages=frozenset({"en"}))
    monkeypatch.setattr("rag.opening.embedder", lambda *_, **__: embedder)
    german = ["Der Regen fiel in den Bergen, und die Bauern warten.", "Die Waffenruhe endete am Montag um Mitternacht."]
    news = write(tmp_path / "news", a=german[0], b="Rain fell in the hills all day.", c=german[1])
    outcome = run("index", news)
    assert outcome.err.strip() == (
        "2 of 3 articles are in German, which toy does not know; words carry the search there; "
        "choose a multilingual embedder: rag index --rebuild --embedder NAME|PATH"
    )
    assert run("index").err.strip() == ""
    found = run("search", "Wann endete die Waffenruhe?")
    assert "the question is in German, which toy does not know: words carry the search" in found.err
    assert found.out.startswith("1. Die Waffenruhe endete")
    searched = json.loads(run("search", "Wann endete die Waffenruhe?", "--json").out)["searched"]
    assert searched["language"] == "de"
    assert searched["note"].startswith("the question is in German")
    assert "language de" in run("show", "c.txt").out
    stats = json.loads(run("stats", "--json").out)
    assert stats["languages"] == {"de": 2, "en": 1}


@pytest.mark.usefixtures("toy")
def test_index_without_paths_syncs_those_given_before(run: Run, tmp_path: Path) -> None:
    run("index", write(tmp_path / "news", a="Rain fell.", b="Snow fell."))
    write(tmp_path / "news", a="Rain stopped at last.", c="Hail fell.")
    (tmp_path / "news" / "b.txt").unlink()
    assert run("index").out.startswith("files: 1 added, 1 changed, 1 removed\n")


@pytest.mark.usefixtures("toy")
def test_index_goes_where_it_is_told(run: Run, tmp_path: Path) -> None:
    run("index", write(tmp_path / "news", a="Rain fell."), "--index", tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / "catalogue.sqlite").is_file()


@pytest.mark.usefixtures("toy")
def test_skipped_files_and_records_are_reported_on_standard_error(run: Run, tmp_path: Path) -> None:
    news = write(tmp_path / "news", a="Rain fell.")
    (news / "b.png").write_bytes(b"png")
    (news / "c.jsonl").write_text('{"text": "Snow fell."}\n{"text": 5}\n')
    outcome = run("index", news)
    assert f"skipped {news / 'b.png'}: unknown kind '.png'" in outcome.err
    assert f"skipped {news / 'c.jsonl'}, record 2: a record needs" in outcome.err
    assert "skipped" not in outcome.out
    assert outcome.code == 0


@pytest.mark.usefixtures("toy")
def test_a_folder_that_was_emptied_is_reported_with_the_command_that_removes_it(run: Run, tmp_path: Path) -> None:
    news = write(tmp_path / "news", a="Rain fell.")
    run("index", news)
    (news / "a.txt").unlink()
    outcome = run("index", news)
    assert f"remove them: rag index {news} --prune" in outcome.err
    assert "1 article," in outcome.out
    assert "0 articles" in run("index", news, "--prune").out


@pytest.mark.usefixtures("toy")
def test_another_embedder_is_refused_until_rebuild(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("index", write(tmp_path / "news", a="Rain fell."))
    monkeypatch.setattr("rag.opening.embedder", lambda *_, **__: ToyEmbedder("rain"))
    refused = run("index")
    assert (refused.code, refused.out) == (1, "")
    assert "rag index --rebuild" in refused.err
    assert run("index", "--rebuild").out.endswith("1 newly embedded\n")


# What articles hold is text, on every screen

ESCAPES = "The goggles \x1b[2J\x9b2J\x07 were [red]green[/red]."


def has_control_characters(text: str) -> bool:
    """Tell whether anything in a text could steer a terminal."""
    return any(not c.isprintable() and c != "\n" for c in text)


@pytest.mark.parametrize("arguments", [("search",), ("search", "--json"), ("ask",), ("ask", "--json")], ids=" ".join)
@pytest.mark.parametrize("draft", [HELD, "NOT FOUND", "The goggles \x1b[2J\x9b2J were green."])
def test_control_characters_of_an_article_never_reach_the_terminal(
    run: Run, fake: Fake, arguments: tuple[str, ...], draft: str
) -> None:
    fake(draft, texts=[ESCAPES])
    outcome = run(*arguments, QUESTION)
    assert "[2J" in outcome.out
    assert not has_control_characters(outcome.out + outcome.err)


def test_json_loses_no_control_character(run: Run, fake: Fake) -> None:
    fake(texts=[ESCAPES])
    assert json.loads(run("search", QUESTION, "--json").out)["hits"][0]["text"] == ESCAPES


def test_markup_in_an_article_is_printed_as_it_is(run: Run, fake: Fake) -> None:
    fake(texts=[ESCAPES])
    assert "were [red]green[/red]." in run("search", QUESTION).out


@pytest.mark.usefixtures("toy")
def test_control_characters_of_a_file_name_never_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    news = write(tmp_path / "news", a="Rain fell.")
    try:
        (news / "x\x1b[2J.png").write_bytes(b"png")
    except OSError:
        pytest.skip("this file system holds no such name")
    outcome = run("index", news)
    assert "x\ufffd[2J.png" in outcome.err
    assert not has_control_characters(outcome.out + outcome.err)


def test_control_characters_of_an_error_never_reach_the_terminal(run: Run) -> None:
    outcome = run("index", "--index", "x\x9b2J")
    assert outcome.code == 1
    assert "x\ufffd2J" in outcome.err
    assert not has_control_characters(outcome.err)


# Errors


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["ask", " "], 2, "the question is empty"),
        (["search", " "], 2, "the question is empty"),
        (["ask", "a" * 10_001], 2, "has 10,001 characters, more than 10,000"),
        (["search", "a" * 10_001], 2, "has 10,001 characters, more than 10,000"),
        (["ask", "Why?"], 1, "rag models fetch"),
        (["ask", "Why?", "--index", "nowhere", "--llm", "nothing"], 2, "no model and no file 'nothing'"),
        (["index", "nowhere"], 1, "no such file or folder: 'nowhere'"),
        (["index", "."], 1, "no files in '.'"),
        (["index"], 1, "nothing to index"),
        (["models", "path", "nothing"], 2, "no model 'nothing'"),
        (["models", "verify"], 2, "rag models fetch"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_on_standard_error(
    run: Run, arguments: list[str], code: int, message: str
) -> None:
    outcome = run(*arguments)
    assert (outcome.code, outcome.out) == (code, "")
    [line] = outcome.err.strip().splitlines()
    assert line.startswith("error: ")
    assert message in line


@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_wrong_question_is_found_out_before_anything_is_loaded(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    loads: list[object] = []
    monkeypatch.setattr(Assistant, "load", lambda *given, **_: loads.append(given))
    assert run(command, " ").code == 2
    assert loads == []


@pytest.mark.usefixtures("toy")
def test_a_wrong_setting_is_a_usage_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_PASSAGES", "0")
    outcome = run("ask", "Why?")
    assert outcome.code == 2
    assert outcome.err.startswith("error: setting 'passages' must be a whole number from 1 to 50, got '0'")


def test_a_wrong_index_is_a_failure(run: Run, tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "catalogue.sqlite").write_bytes(b"garbage" * 100)
    outcome = run("index")
    assert outcome.code == 1
    assert "cannot be read as an index" in outcome.err


# Options, as typer reads them


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["search", "Why?", "-k", "0"],
        ["search", "Why?", "-k", "many"],
        ["ask", "Why?", "--nothing"],
        ["nothing"],
    ],
    ids=" ".join,
)
def test_a_wrong_option_is_a_usage_error(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli.app, arguments)
    assert result.exit_code == 2
    assert "Usage: rag" in result.output


def test_the_version_is_that_of_the_package() -> None:
    result = CliRunner().invoke(cli.app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"rag {rag.__version__}\n")


def test_help_names_every_command() -> None:
    result = CliRunner().invoke(cli.app, ["--help"])
    assert result.exit_code == 0
    for command in [
        "ask",
        "backup",
        "collect",
        "doctor",
        "eval",
        "index",
        "list",
        "models",
        "remove",
        "restore",
        "search",
        "show",
        "statements",
        "stats",
    ]:
        assert f"\n  {command} " in result.output


def test_the_models_are_listed_with_those_that_are_here(run: Run, tmp_path: Path) -> None:
    listed = json.loads(run("models", "list", "--json").out)
    assert listed["models_dir"] == str(tmp_path / "models")
    assert {model["role"] for model in listed["models"] if model["default"]} == {"embedder", "llm"}
    assert not any(model["here"] for model in listed["models"])


def test_the_models_are_listed_for_people(run: Run, tmp_path: Path) -> None:
    outcome = run("models", "list")
    assert "all-minilm-l6-v2  (default)" in outcome.out
    assert f"kept in {tmp_path / 'models'}" in outcome.out
