"""The tables made of runs, and what the same drafts would have scored unchecked."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks import runs
from rag.evaluation.questions import read_questions
from rag.evaluation.run import Run
from tests.world import World

LINES = [
    {"id": "goggles", "question": "What of the goggles?", "answers": ["green"]},
    {"id": "flood", "question": "Who saw the flood?", "answers": ["divers"]},
]


def test_unchecked_shows_what_the_check_withheld(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(tmp_path, "The goggles were green.", "Nine Welsh divers saw the flood in 1907.")
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES), "utf-8")
    run = Run.create(tmp_path / "run", read_questions(path), world.assistant, name="two")
    run.go_on(world.assistant)
    invented = run.cases[1].prediction["claims"][0]
    assert invented["withheld"]
    monkeypatch.setattr(sys, "argv", ["runs", "containment,token_recall", str(run.folder), "--unchecked"])
    runs.main()
    header, _, checked, unchecked = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in capsys.readouterr().out.splitlines()
    ]
    assert header == ["run", "asked", "containment", "token_recall"]
    assert [cell.split(" ")[0] for cell in checked] == ["run", "2", "0.500", "0.500"]
    assert [cell.split(" ")[0] for cell in unchecked] == ["run,", "2", "1.000", "1.000"]
