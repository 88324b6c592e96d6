"""`rag chat`: piped in over fakes, and in a terminal of its own."""

import io
import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.cli.chat import _warm_up
from rag.errors import ModelError
from tests.conftest import ROOT, Fake, Outcome, Run
from tests.world import World

GOGGLES = "What of the goggles?"
HELD = "The goggles were green."
Chat = Callable[..., Outcome]


@pytest.fixture
def chat(run: Run, monkeypatch: pytest.MonkeyPatch) -> Chat:
    """Run `rag chat` with lines that are piped in."""

    def chat(*lines: str, options: tuple[str, ...] = ()) -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        return run("chat", *options)

    return chat


def test_each_line_is_answered_as_ask_answers(chat: Chat, fake: Fake, run: Run) -> None:
    fake(HELD, HELD)
    outcome = chat(GOGGLES, "")
    [question, *answer] = outcome.out.splitlines()
    assert question == f"› {GOGGLES}"
    assert "\n".join(answer).strip() == run("ask", GOGGLES).out.strip()
    assert (outcome.code, outcome.err) == (0, "")


def test_ctrl_c_ends_questions_that_are_piped_in(chat: Chat, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    world = fake(HELD, HELD)
    begins = world.llm.begins

    def interrupted(*given: Any, **named: Any) -> float:
        signal.raise_signal(signal.SIGINT)
        return float(begins(*given, **named))

    monkeypatch.setattr(world.llm, "begins", interrupted)
    outcome = chat(GOGGLES, GOGGLES)
    assert (outcome.code, outcome.out.count("›")) == (130, 1)


def test_what_was_asked_before_is_understood_until_new(chat: Chat, fake: Fake) -> None:
    fake(HELD, "What colour had the goggles?", HELD, HELD)
    outcome = chat(GOGGLES, "What colour had they?", "/new", "What colour had they?")
    searched = "searched: What colour had the goggles? · going on from “What of the goggles?”"
    assert outcome.err.splitlines() == [searched, "a new conversation"]


def test_sources_are_numbered_and_open_at_the_cited_sentence(chat: Chat, fake: Fake) -> None:
    fake(HELD)
    outcome = chat(GOGGLES, "/sources", "/open 1", "/open 2")
    sources = outcome.out
    assert "\n[1] The minister said the goggles were green. " in sources
    assert "\n 2  The old bridge was damaged by the flood." in sources
    assert ">>> The minister said the goggles were green. <<< American soldiers left 40 rifles behind." in sources
    assert ">>> The old bridge was damaged by the flood." in sources
    assert outcome.code == 0


def test_a_long_article_is_opened_around_the_place(chat: Chat, fake: Fake) -> None:
    fake(HELD, texts=[f"{'Rain fell. ' * 200}The goggles were green. {'Snow fell. ' * 200}"])
    opened = chat(GOGGLES, "/open 1").out.split(" · id ")[1]
    assert opened.splitlines()[2].startswith("… ")
    assert opened.rstrip().endswith(" …")
    assert ">>> The goggles were green. <<<" in " ".join(opened.split())
    assert 1200 < len(opened) < 1400


def test_a_refusal_opens_what_was_found(chat: Chat, fake: Fake) -> None:
    fake("NOT FOUND", "NOT FOUND")
    assert ">>> The minister said" in chat(GOGGLES, "/open 1").out


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("/opne 1", "there is no '/opne'; did you mean /open"),
        ("/zzz", "there is no '/zzz'; see /help"),
        ("/nosuch", "there is no '/nosuch'; see /help"),
        ("/open 9", "no source '9'; there are: 1 to 2; see /sources"),
        ("/open ²", "no source '²'"),
        ("/from soon", "'soon' is no date to begin with"),
        ("/source Nobody", "no article is from 'Nobody'"),
        ("/in nowhere", "no collection 'nowhere'"),
        ("a" * 10_001, "the question has 10,001 characters"),
    ],
)
def test_what_is_wrong_is_said_and_the_conversation_goes_on(chat: Chat, fake: Fake, line: str, message: str) -> None:
    fake(HELD, "Soldiers left 40 rifles.")
    outcome = chat(GOGGLES, line, "What did American soldiers leave behind?")
    assert "The goggles were green. [1]" in outcome.out
    assert "Soldiers left 40 rifles. [1]" in outcome.out
    assert f"error: {message}" in outcome.err
    assert outcome.code == 1


@pytest.mark.parametrize("line", ["/sources", "/open 1"])
def test_before_a_question_there_are_no_sources(chat: Chat, fake: Fake, line: str) -> None:
    fake()
    assert "error: nothing has been answered yet" in chat(line).err


def test_limits_are_set_shown_and_lifted(chat: Chat, fake: Fake) -> None:
    fake(HELD, texts=["date 2023-04-11 The goggles were green.", "The goggles were red."])
    outcome = chat("/from April 2023", "/to 2023-05", "/new", "/from", "/to", options=("--from", "2022"))
    assert outcome.err.splitlines() == [
        "only since 2023-04-01 (1 undated left out)",
        "only 2023-04-01 to 2023-05-31 (1 undated left out)",
        "a new conversation, only 2023-04-01 to 2023-05-31 (1 undated left out)",
        "only until 2023-05-31 (1 undated left out)",
        "searching all articles",
    ]
    assert chat("/from 2024", GOGGLES).out.count("Not in these articles.") == 1


def test_quit_leaves_what_follows_unanswered(chat: Chat, fake: Fake) -> None:
    fake()
    assert chat("/quit", GOGGLES) == Outcome(0, "", "")


def test_help_names_every_command(chat: Chat, fake: Fake) -> None:
    fake()
    out = chat("/help").out
    for command in ["/sources", "/open", "/from", "/to", "/source", "/in", "/new", "/help", "/quit"]:
        assert f"{command} " in out


def test_json_is_an_answer_a_line(chat: Chat, fake: Fake) -> None:
    fake(HELD)
    outcome = chat(GOGGLES, "/in nowhere", options=("--json",))
    first, second = map(json.loads, outcome.out.splitlines())
    assert first["text"] == "The goggles were green. [1]"
    assert first["schema_version"] == second["schema_version"] == 1
    assert second["question"] == "/in nowhere"
    assert second["error"].startswith("no collection")


def test_a_control_character_never_reaches_the_terminal(chat: Chat, fake: Fake) -> None:
    fake("NOT FOUND", HELD, texts=["The goggles \x1b[2J\x9b2J\x07 were [red]green[/red]."])
    outcome = chat("Goggles \x1b[2J?", "/sources", "/open 1", "/\x1b[2J")
    assert not any(not c.isprintable() and c != "\n" for c in outcome.out + outcome.err)
    assert "[red]green[/red]" in outcome.out


def test_what_goes_wrong_while_warming_up_is_left_to_the_first_question(tmp_path: Path) -> None:
    world = World(tmp_path)

    def fail(*_: object, **__: object) -> str:
        raise ModelError("the model server does not answer")

    world.assistant.write = fail  # type: ignore[method-assign]
    _warm_up(world.assistant)
    with pytest.raises(ModelError):
        world.assistant.warm_up()


# In a terminal

PROGRAM = """
import sys, tempfile
from pathlib import Path
from rag import Assistant, cli
from rag.cli.chat import _warm_up
from rag.errors import ModelError
from tests.world import World
from rag.testing import ScriptedLLM
from tests.world import World

class Slow(ScriptedLLM):
    "Writes a sentence, and then nothing until it is cancelled."

    def stream(self, messages, *, max_tokens, never=None, cancelled=None):
        yield "The goggles were green. "
        if "wait" in messages[-1].content:
            yield "And"
            assert cancelled.wait(20)

world = World(Path(tempfile.mkdtemp()))
world.assistant._llm = Slow()
Assistant.load = lambda *_, **__: world.assistant
import rag.models
rag.models.is_here = lambda *_, **__: True
sys.argv = ["rag", "chat", *sys.argv[1:]]
cli.main()
"""


_PATIENCE = 10


class Terminal:
    """A program in a terminal: what is typed, and what is shown."""

    def __init__(self, home: Path, *options: str) -> None:
        self._ours, theirs = pty.openpty()
        environment = os.environ | {"PYTHONPATH": str(ROOT), "HOME": str(home), "TERM": "xterm", "COLUMNS": "80"}
        environment.pop("XDG_STATE_HOME", None)
        self.program = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *options],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment | {"NO_COLOR": "1"},
            cwd=home,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(theirs)
        self._read = b""
        self._seen = 0

    @property
    def shown(self) -> str:
        """All that was shown so far."""
        return self._read.decode(errors="replace")

    def wait_for(self, text: str, *, again: str | None = None) -> None:
        """Read on until a text is shown; the test fails after 30 s without news.

        `again` is typed whenever nothing comes: Python's readline misses a Ctrl-C that comes between two of its waits.
        """
        silent = 0
        while (place := self._read.find(text.encode(), self._seen)) < 0:
            ready, _, _ = select.select([self._ours], [], [], 3 if again else 30)
            if again and not ready and silent < _PATIENCE:
                silent += 1
                self.type(again)
                continue
            assert ready, self.shown
            self._read += os.read(self._ours, 10_000)
        self._seen = place + len(text.encode())

    def type(self, keys: str) -> None:
        """Type keys."""
        os.write(self._ours, keys.encode())

    def end(self) -> int:
        """Return the exit code, once it ended."""
        code = self.program.wait(30)
        os.close(self._ours)
        return code


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a job in the background ignores it


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """`rag chat` in a terminal, over fakes."""
    terminal = Terminal(tmp_path)
    yield terminal
    terminal.program.kill()
    terminal.program.wait()


def test_ctrl_c_stops_the_answer_and_ctrl_d_leaves(terminal: Terminal, tmp_path: Path) -> None:
    terminal.wait_for("› ")
    terminal.type("What of the goggles? wait\n")
    terminal.wait_for("The goggles were green. [1]")
    terminal.type("\x03")
    terminal.wait_for("stopped; what was checked before is shown")
    terminal.wait_for("› ")
    terminal.type("half a line")
    terminal.wait_for("half a line")
    terminal.type("\x03")
    terminal.wait_for("› ", again="\x03")
    terminal.type("/so\ts\n")
    terminal.wait_for("[1] The minister said the goggles were green.")
    terminal.wait_for("› ")
    terminal.type("\x04")
    assert terminal.end() == 0
    assert "Traceback" not in terminal.shown
    history = tmp_path / ".local" / "state" / "rag" / "history"
    assert history.read_text().splitlines() == ["What of the goggles? wait", "/sources"]
    assert history.stat().st_mode & 0o777 == 0o600


def test_without_history_nothing_is_kept(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "--no-history")
    terminal.wait_for("› ")
    terminal.type("/help\n")
    terminal.wait_for("/quit ")
    terminal.type("/quit\n")
    assert terminal.end() == 0
    assert not (tmp_path / ".local").exists()
