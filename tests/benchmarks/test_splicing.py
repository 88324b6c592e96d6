"""Passages read beforehand and joined, with the real model."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks import splicing
from rag import Assistant

pytestmark = pytest.mark.model


def test_a_question_is_answered_both_ways(
    seed_assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {"question": "When did the ceasefire end?", "answers": ["November 28"], "answerable": True}
    (tmp_path / "q.jsonl").write_text(json.dumps(asked))
    index = str(seed_assistant.settings.index_dir)
    monkeypatch.setattr(sys, "argv", ["splicing", index, str(tmp_path / "q.jsonl"), "--questions", "1"])
    splicing.main()
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert [row[0] for row in rows[1:]] == ["| read whole", "| joined"]
    assert [row[2] for row in rows[1:]] == ["1.000", "1.000"]
