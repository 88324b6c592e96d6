"""What all commands have: how much is said, --config, JSON, examples, completion, exit codes."""

import json
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from rag import Assistant, cli
from rag.cli.common import interrupt_sets
from rag.cli.examples import EXAMPLES
from rag.testing import ToyEmbedder
from tests import cli_reference
from tests.conftest import Fake, Run, offline_environment
from tests.test_cli_limits import news  # noqa: F401 - a fixture
from tests.world import World, write

HELD = "The goggles were green."


def commands(group: Any = None, path: str = "rag") -> Iterator[tuple[str, Any]]:
    """Yield every command by its path, groups included."""
    group = group or typer.main.get_command(cli.app)
    yield path, group
    for name, command in getattr(group, "commands", {}).items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


ALL = dict(commands())
SERVING = {"rag serve", "rag mcp"}
"""Commands that speak a protocol of their own."""


def options(command: Any) -> set[str]:
    """Return the names of a command's options."""
    return {name for param in command.params for name in param.opts}


@pytest.mark.parametrize("path", ALL)
def test_every_command_takes_the_common_options_and_has_help(path: str) -> None:
    if path in {"rag models", "rag eval"}:
        return  # they only hold others
    assert {"--config", "--quiet", "-q", "--verbose", "-v"} <= options(ALL[path])
    assert "--json" in options(ALL[path]) or path in SERVING
    assert ALL[path].help
    assert all(param.help for param in ALL[path].params if param.name != "help")


@pytest.mark.parametrize("path", ALL)
def test_every_command_shows_examples_that_it_would_take(path: str) -> None:
    shown = CliRunner().invoke(cli.app, [*path.split()[1:], "--help"]).output
    assert EXAMPLES[path]
    for example in EXAMPLES[path]:
        assert f"\n  {example}" in shown
        rest = re.split(r" [|<>] ", example)[0]
        words = [word for word in shlex.split(rest) if "=" not in word or word.startswith("hit@")]
        ALL["rag"].make_context("rag", words[1:])  # a wrong command
        command, arguments = ALL["rag"], words[1:]
        while arguments and arguments[0] in getattr(command, "commands", {}):
            command, arguments = command.commands[arguments[0]], arguments[1:]
        command.make_context(command.name, arguments)  # a wrong option or argument is a UsageError


def test_the_list_of_commands_does_not_end_a_sentence_within_a_name() -> None:
    assert "init  Write a rag.toml in which every setting" in CliRunner().invoke(cli.app, ["config", "--help"]).output


def test_examples_are_of_commands_that_there_are() -> None:
    assert EXAMPLES.keys() <= ALL.keys()


# --quiet, --verbose, --config


def test_quiet_says_nothing_but_the_answer(run: Run, fake: Fake) -> None:
    fake(HELD)
    question = "What is the latest of the goggles?"
    assert run("ask", question).err == "searched: newest first\n"
    for arguments in (["-q", "ask", question], ["ask", question, "--quiet"]):
        fake(HELD)
        outcome = run(*arguments)
        assert outcome.err == ""
        assert outcome.out.startswith("The goggles were green. [1]\n")


def test_quiet_still_says_what_is_wrong(run: Run) -> None:
    assert run("list", "-q").err.startswith("error: no index in 'index'")


def test_verbose_says_how_it_came_about(run: Run, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(HELD)
    monkeypatch.setenv("RAG_PASSAGES", "5")
    err = run("ask", "What of the goggles?", "-v").err
    assert "passages = 5 (RAG_PASSAGES)" in err
    assert re.search(r"embedder toy · llm scripted · found after \d\.\d\d s · .* tokens read, 4 written", err)


def test_verbose_says_what_an_error_comes_from(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rag.toml").write_text("passages = ")
    assert "because of " not in run("list").err
    assert "because of TOMLDecodeError: Invalid value" in run("list", "-v").err


def test_quiet_and_verbose_together_are_a_usage_error(run: Run) -> None:
    assert run("list", "-q", "-v").code == 2


@pytest.mark.parametrize("place", ["before", "after"])
def test_config_names_the_settings_to_read(run: Run, tmp_path: Path, place: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.toml").write_text('index_dir = "there"')
    config = ["--config", "a/x.toml"]
    outcome = run(*config, "list") if place == "before" else run("list", *config)
    assert outcome.err.startswith("error: no index in 'a/there'")
    assert run("list").err.startswith("error: no index in 'index'")


# rag config


def test_config_shows_each_value_and_where_it_comes_from(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rag.toml").write_text('passages = 7\nllm = "\x1b[2J[red]"'.replace("\x1b", "\\u001b"))
    monkeypatch.setenv("RAG_THREADS", "2")
    out = run("config", "--index", "here").out
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line.strip()}
    assert rows["passages"] == ["rag.toml", "7"]
    assert rows["threads"] == ["RAG_THREADS", "2"]
    assert rows["index_dir"] == ["the", "option", "here"]
    assert rows["extractive"] == ["default", "false"]
    assert rows["llm"] == ["rag.toml", "\ufffd[2J[red]"]
    assert "Takes a whole number from 1 to 50." in run("config", "-v").out
    found = json.loads(run("config", "--json").out)
    assert found["file"] == "rag.toml"
    assert {s["name"]: s["source"] for s in found["settings"]}["threads"] == "RAG_THREADS"


def test_config_init_writes_a_file_and_never_over_one(run: Run, tmp_path: Path) -> None:
    assert run("config", "init").out == "rag.toml\n"
    assert run("config").code == 0
    assert run("config", "init").code == 2
    assert json.loads(run("config", "init", "b.toml", "--json").out)["file"] == "b.toml"


# rag alone


def test_rag_alone_in_a_fresh_folder_says_how_to_begin(run: Run) -> None:
    outcome = run()
    assert outcome.out.startswith("No articles yet: there is no index in 'index'.\n")
    for step in ("rag models fetch", "rag index FOLDER", 'rag ask "QUESTION"'):
        assert f"\n  {step} " in outcome.out
    assert (outcome.code, outcome.err) == (0, "")


@pytest.mark.usefixtures("news")
def test_rag_alone_with_an_index_says_what_it_holds(run: Run) -> None:
    out = run().out
    assert out.startswith(
        "3 articles, 3 passages in 'index'\nfrom 2021-01 to 2023-04\nsources: Dawn, Voice\nnewest: New"
    )
    assert "\n  rag chat " in out
    found = json.loads(run("--json").out)
    assert found["index"]["articles"] == 3
    assert found["next"] == ["rag models fetch", "rag chat", "rag list", "rag index"]


@pytest.mark.parametrize("option", [["--json"], ["--index", "x"]])
def test_an_option_before_a_command_is_not_ignored(run: Run, option: list[str]) -> None:
    outcome = run(*option, "list")
    assert outcome.code == 2
    assert f"{option[0]} belongs after the command" in outcome.err


# --json


@pytest.mark.usefixtures("news")
@pytest.mark.parametrize(
    "arguments",
    [
        "index",
        "list",
        "show ID",
        "stats",
        "collect",
        "collect mine ID",
        "remove ID",
        "doctor",
        "backup b.rag",
        "models list",
        "models path all-minilm-l6-v2",
        "config",
        "config init",
    ],
)
def test_json_is_one_object_with_its_version_and_the_keys_of_the_reference(run: Run, arguments: str) -> None:
    article_id = json.loads(run("list", "--json").out)["articles"][0]["article_id"]
    outcome = run(*arguments.replace("ID", article_id).split(), "--json")
    found = json.loads(outcome.out)
    assert outcome.code == 0
    assert found.pop("schema_version") == 1
    path = max((path for path in ALL if f"rag {arguments} ".startswith(f"{path} ")), key=len)
    assert found.keys() == cli_reference.keys(path)


def test_json_of_rag_alone_has_the_keys_of_the_reference(run: Run) -> None:
    assert json.loads(run("--json").out).keys() == {"schema_version", *cli_reference.keys("rag")}


def test_every_command_with_json_is_in_the_reference_and_this_is_not_stale() -> None:
    described = cli_reference.OBJECTS.keys() | cli_reference.ELSEWHERE.keys()
    assert described == {path for path, command in ALL.items() if "--json" in options(command)}
    assert cli_reference.FILE.read_text("utf-8") == cli_reference.reference(), "write it anew: make docs"


@pytest.mark.usefixtures("news")
def test_json_of_a_collection_a_restore_and_what_is_brought_back(run: Run) -> None:
    article_id = json.loads(run("list", "--json").out)["articles"][0]["article_id"]
    run("collect", "mine", article_id)
    assert json.loads(run("collect", "mine", "--json").out)["articles"][0]["article_id"] == article_id
    run("backup", "b.rag")
    assert json.loads(run("restore", "b.rag", "--index", "other", "--json").out)["articles"] == 3
    run("remove", article_id)
    assert json.loads(run("remove", "--undo", article_id, "--json").out)["brought_back"] == [article_id]


# list


@pytest.mark.usefixtures("news")
def test_list_is_limited_as_searches_are(run: Run) -> None:
    def titles(*limits: str) -> list[str]:
        return [article["title"] for article in json.loads(run("list", "--json", *limits).out)["articles"]]

    assert titles() == ["New", "Old", "Undated"]
    assert titles("--source", "DAWN") == ["Old"]
    assert titles("--from", "2023") == ["New"]
    assert run("list", "--source", "Times").code == 2
    assert "the newest 1, of 2 in all" in run("list", "-n", "1", "--from", "2020").out


@pytest.mark.usefixtures("toy")
def test_what_is_newest_is_told_by_the_hour_whatever_its_zone(run: Run, tmp_path: Path) -> None:
    dates = {"late": "2023-04-11T23:00:00-05:00", "next day": "2023-04-12T01:00:00+00:00", "day": "2023-04-11"}
    records = [{"title": t, "date": date, "text": f"The goggles were {t}."} for t, date in dates.items()]
    (tmp_path / "news.jsonl").write_text("\n".join(map(json.dumps, records)))
    run("index", "news.jsonl")
    listed = json.loads(run("list", "--json").out)["articles"]
    assert [article["title"] for article in listed] == ["late", "next day", "day"]
    found = json.loads(run("search", "Goggles?", "--newest", "--json").out)["hits"]
    assert [hit["title"] for hit in found] == ["late", "next day", "day"]


# Completion


def completed(*words: str) -> list[str]:
    """Return what a shell is told to complete the last of some words with."""
    environment = {
        "_RAG_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(["rag", *words]),
        "COMP_CWORD": str(len(words)),
    }
    result = CliRunner().invoke(cli.app, [], prog_name="rag", env=environment)
    return result.output.split()


@pytest.mark.usefixtures("news")
def test_a_shell_completes_names_of_the_index(run: Run) -> None:
    article_id = json.loads(run("list", "--json").out)["articles"][0]["article_id"]
    run("collect", "mine", article_id)
    assert completed("search", "x", "--source", "Da") == ["Dawn"]
    assert completed("search", "x", "--in", "m") == ["mine"]
    assert completed("collect", "m") == ["mine"]
    assert completed("show", article_id[:4]) == [article_id[:8]]
    assert len(completed("show", "")) == 3
    assert completed("ask", "x", "--llm", "qwen2.5-coder-1") == ["qwen2.5-coder-1.5b-instruct"]
    assert completed("statements", "Kha") == ["Khawaja", "Asif"]
    assert "chat" in completed("ch")


def test_without_an_index_nothing_is_completed_and_nothing_said(run: Run) -> None:
    run("list")
    assert completed("search", "x", "--source", "Da") == []


# How it ends


@pytest.mark.usefixtures("toy")
def test_ctrl_c_while_indexing_ends_with_130_and_the_index_is_sound(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "news", a="Rain fell.")
    run("index", folder)
    write(folder, b="Snow fell.")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ToyEmbedder, "embed", interrupted)
    outcome = run("index")
    assert (outcome.code, outcome.out) == (130, "")
    assert outcome.err.strip() == "stopped; what was done so far is kept, and the same command goes on"
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rag.opening.embedder", lambda *_, **__: ToyEmbedder("rain"))
    assert json.loads(run("list", "--json").out)["total"] == 1


def test_a_fault_of_rag_itself_is_one_line_and_with_verbose_says_where(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("no\x1b[2J")

    monkeypatch.setattr(Assistant, "load", broken)
    outcome = run("search", "x")
    assert outcome.code == 1
    assert outcome.err == (
        "error: ZeroDivisionError: no\ufffd[2J; this is a fault of rag itself; with --verbose it says where\n"
    )
    monkeypatch.setattr(sys, "argv", ["rag", "search", "x", "-v"])
    with pytest.raises(ZeroDivisionError):
        cli.main()


@pytest.mark.parametrize("arguments", [["--help"], ["models", "list"], ["models", "list", "--json"], ["config", "-v"]])
def test_a_reader_that_goes_away_is_met_with_silence(arguments: list[str], tmp_path: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m rag {shlex.join(arguments)} | true"
    done = subprocess.run(command, shell=True, cwd=tmp_path, env=offline_environment(), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_no_terminal_gets_neither_colours_nor_broken_lines(tmp_path: Path) -> None:
    environment = offline_environment(TERM="xterm-256color")
    del environment["NO_COLOR"], environment["COLUMNS"]
    (tmp_path / "rag.toml").write_text(f'llm = "{"x" * 300}"')
    command = [sys.executable, "-m", "rag", "config"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert "x" * 300 in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_ctrl_c_sets_what_it_is_told_and_is_an_interrupt_when_pressed_again() -> None:
    stopped, before = threading.Event(), signal.getsignal(signal.SIGINT)
    with interrupt_sets(stopped):
        signal.raise_signal(signal.SIGINT)
        assert stopped.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_ctrl_c_stops_an_answer_with_130(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: tuple[str, ...]
) -> None:
    world = World(tmp_path, "NOT FOUND")
    begins = world.llm.begins

    def interrupted(*given: Any, **named: Any) -> float:
        signal.raise_signal(signal.SIGINT)
        return begins(*given, **named)

    monkeypatch.setattr(world.llm, "begins", interrupted)
    monkeypatch.setattr("rag.cli.articles.load_assistant", lambda *_, **__: world.assistant)
    outcome = run("ask", "What of the goggles?", *form)
    assert outcome.code == 130
    assert outcome.out == ("" if form else "Stopped before a sentence was checked.\n")
    assert outcome.err.lower().count("stopped") == bool(form)  # once in all
