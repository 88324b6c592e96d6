"""README and CHANGELOG say what is: the commands they show are run, the versions agree."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

import rag
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
COMMANDS = [line.split("   #")[0].split("  #")[0].strip() for block in BLOCKS for line in block.splitlines() if line]
RAG = [command for command in COMMANDS if command.startswith(".venv/bin/rag ")]
PAGE = [command for command in COMMANDS if command.startswith(".venv/bin/python app.py ")]
VENV = Path(sys.prefix)
ENDLESS = (".venv/bin/rag serve", ".venv/bin/rag mcp")
"""They run until they are told to stop; their tests are in tests/server and tests/mcp."""


def test_the_commands_are_those_this_test_knows() -> None:
    assert [command for command in COMMANDS if command not in [*RAG, *PAGE]] == [
        "make chat",
        "make test",
        'make ask Q="What did Asif say about weapons?"',
        "make eval",
    ]


def test_make_help_lists_every_command_that_readme_shows() -> None:
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for target in ("chat", "test", "ask", "eval"):
        assert f"make {target} " in shown


@pytest.mark.parametrize("command", PAGE)
def test_the_page_has_the_options_of_readme(command: str) -> None:
    helped = subprocess.run([sys.executable, "app.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(re.findall(r"--[a-z-]+", command)) <= set(re.findall(r"--[a-z-]+", helped.stdout))


@pytest.mark.model
@pytest.mark.parametrize("command", [command for command in RAG if not command.startswith(ENDLESS)])
def test_a_command_of_readme_works(command: str, tmp_path: Path) -> None:
    for folder in ("seeds", "tests"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    program = str(VENV / "bin" / "rag")
    if " index " not in command:
        subprocess.run([program, "index", "seeds"], cwd=tmp_path, check=True, capture_output=True)
    typed = "What did Asif say about weapons?\n"  # for rag chat
    done = subprocess.run(
        [program, *shlex.split(command.replace("~/articles", "seeds"))[1:]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        input=typed,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.model
@pytest.mark.skipif(VENV.parent != ROOT, reason="make works in the .venv of this folder; these tests run elsewhere")
class TestMake:
    """The commands of the Makefile, as a newcomer types them."""

    def test_make_ask_answers_as_readme_shows(self) -> None:
        question = "What did Asif say about weapons?"
        done = subprocess.run(
            ["make", "--no-print-directory", "ask", f"Q={question}"], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        shown = " ".join(README.split(f'make ask Q="{question}"')[1].split("```")[1].split("\n## ")[0].split())
        assert " ".join(done.stdout.split()).endswith(shown)

    def test_make_chat_serves_the_page_and_says_so(self) -> None:
        command = ["make", "--no-print-directory", "chat", "PORT=7897"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as chat:
            try:
                assert chat.stdout
                started = time.monotonic()
                for line in chat.stdout:
                    if line.startswith("rag is ready: http://127.0.0.1:7897"):
                        break
                    assert time.monotonic() - started < 120
                with urllib.request.urlopen("http://127.0.0.1:7897") as page:
                    assert page.status == 200
            finally:
                os.killpg(chat.pid, signal.SIGTERM)


def test_changelog_and_package_have_the_same_version() -> None:
    versions = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert versions[0] == rag.__version__
