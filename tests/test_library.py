"""docs/library.md says what is: each of its examples is run as it stands."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from rag import Settings
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "library.md").read_text("utf-8")
SECTIONS = {
    heading: re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    for heading, text in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}
PROPOSED = """\
from rag import Assistant, Settings

assistant = Assistant.load(Settings())                 # opens index/, prompts/ and the models
answer = assistant.ask("What did Asif say about weapons?")
print(answer.text)                                     # "… advanced weapons, such as night vision goggles … [1]"
for citation in answer.citations:
    print(citation.marker, citation.article.title, citation.quote)
for event in assistant.stream("And who left them behind?", history=[answer]):
    print(event)                                       # sources first, then text, then verdicts
hits = assistant.search("night vision goggles", k=5)   # retrieval alone, no LLM
"""
"""The ten lines that the whole interface was made for."""


def run(heading: str) -> None:
    """Run the examples of a section, one after the other."""
    names: dict[str, object] = {}
    for example in SECTIONS[heading]:
        exec(compile(example, f"docs/library.md, {heading}", "exec"), names)


@pytest.fixture
def seeds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder with seeds/, which is the current one."""
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_sections_are_those_that_are_run() -> None:
    assert [heading for heading, examples in SECTIONS.items() if examples] == [
        "Ask",
        "Settings",
        "Index",
        "Limits, and streaming",
        "Without models",
    ]
    assert re.sub(" +#", " #", SECTIONS["Ask"][0]) == re.sub(" +#", " #", PROPOSED)


@pytest.mark.parametrize("heading", ["Settings", "Without models"])
@pytest.mark.usefixtures("seeds")
def test_an_example_that_needs_no_models_runs(heading: str) -> None:
    run(heading)


@pytest.mark.model
@pytest.mark.usefixtures("seeds")
def test_an_example_indexes(capsys: pytest.CaptureFixture[str]) -> None:
    run("Index")
    assert capsys.readouterr().out == "1 0 0 1\n"


@pytest.mark.model
@pytest.mark.parametrize("heading", ["Ask", "Limits, and streaming"])
def test_an_example_asks(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    seed_settings: Settings,
    tmp_path: Path,
    heading: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "index").symlink_to(seed_settings.index_dir)
    run(heading)
    assert "night vision goggles left behind by the American forces" in capsys.readouterr().out


@pytest.mark.setup
def test_the_types_of_the_examples_hold(tmp_path: Path) -> None:
    for heading, examples in SECTIONS.items():
        (tmp_path / f"{re.sub(r'[^a-z]+', '_', heading.lower())}.py").write_text("\n".join(examples))
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(ROOT / "pyproject.toml"), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_an_event_is_short_when_it_is_printed(tmp_path: Path) -> None:
    from tests.world import FLOOD, World

    events = list(World(tmp_path, "The goggles were green.").assistant.stream("What of the goggles?"))
    assert FLOOD not in str(events)
