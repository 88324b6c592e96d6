"""The seed questions: what the file holds, and how the real models do on them."""

from pathlib import Path

import pytest

from rag import Assistant
from rag.evaluation.questions import read_questions
from rag.evaluation.run import Run
from tests.conftest import ROOT

SEED = ROOT / "tests" / "data" / "seed-questions.jsonl"


def test_the_file_is_whole() -> None:
    found = read_questions(SEED)
    assert (found.problems, found.notes) == ([], [])
    assert len(found.questions) >= 40
    assert sum(not question.answerable for question in found.questions) >= len(found.questions) / 3
    assert sum(bool(question.history) for question in found.questions) >= 5
    assert all(question.answers and question.evidence for question in found.questions if question.answerable)


@pytest.mark.model
def test_the_real_models_on_the_seed_questions(seed_assistant: Assistant, tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", read_questions(SEED), seed_assistant, name=SEED.name, limit=24)
    assert run.about["notes"] == []  # every document and every quote is in the index
    run.go_on(seed_assistant)
    metrics = run.finish()["metrics"]
    least = {"hit@1": 1.0, "evidence_hit": 0.85, "containment": 0.6, "citation_precision": 0.9, "refusal_recall": 0.7}
    assert {name: metrics[name]["value"] for name, limit in least.items() if metrics[name]["value"] < limit} == {}
