"""Two runs of the same questions over fakes."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from rag.errors import UsageError
from rag.evaluation.compare import compare
from rag.evaluation.questions import read_questions
from rag.evaluation.run import Run
from tests.world import World

GOGGLES = "The goggles were green."
MANY = [{"id": str(i), "question": f"What of the goggles, number {i}?", "answers": ["green"]} for i in range(12)]


@pytest.fixture
def ran(tmp_path: Path, questions: Callable[..., Path]) -> Callable[..., Run]:
    """Run some questions with what the language model writes to each."""

    def run(name: str, *said: str, lines: Sequence[Mapping[str, Any]] = MANY) -> Run:
        world = World(tmp_path, *said)
        path = questions(*lines, name=f"{name}.jsonl")
        made = Run.create(tmp_path / name, read_questions(path), world.assistant, name=path.name)
        made.go_on(world.assistant)
        return made

    return run


def test_a_surely_worse_run_is_told_with_the_questions_that_changed(ran: Callable[..., Run]) -> None:
    good, bad = ran("good", *[GOGGLES] * 12), ran("bad", *[GOGGLES] * 3, *["NOT FOUND"] * 9)
    found = compare(good, bad)
    assert "containment" in found.worse
    assert found.differences["containment"].difference == pytest.approx(-0.75)
    assert {(change.a, change.b) for change in found.changed} == {("right", "refused wrongly")}
    assert len(found.changed) == 9
    back = compare(bad, good)
    assert "containment" in back.better
    assert not back.worse


def test_the_same_run_is_neither(ran: Callable[..., Run]) -> None:
    good = ran("good", *[GOGGLES] * 12)
    found = compare(good, Run.load(good.folder))
    assert (found.better, found.worse, found.changed, found.notes) == ((), (), (), ())
    assert found.to_json()["differences"]["containment"]["difference"] == 0


def test_only_common_questions_count_and_what_else_differs_is_said(ran: Callable[..., Run]) -> None:
    a, b = ran("a", *[GOGGLES] * 12), ran("b", *[GOGGLES] * 8, lines=MANY[4:])
    b.about["models"] = {"embedder": "toy", "llm": "other"}
    found = compare(a, b)
    assert found.differences["containment"].n == 8
    assert found.notes[0].startswith("questions_sha256: ")
    assert found.notes[1].startswith(
        "models: {'embedder': 'toy', 'llm': 'scripted', 'reranker': None, 'nli': None} in A,"
    )
    assert found.notes[-1] == "4 questions are in one run only and left out"


def test_times_are_never_called_worse(ran: Callable[..., Run]) -> None:
    a, b = ran("a", *[GOGGLES] * 12), ran("b", *[GOGGLES] * 12)
    for case in b.cases:
        case.prediction["timings"]["total_s"] = 99.0
    found = compare(a, b)
    assert (found.differences["total_s_p50"].low or 0) > 90
    assert found.worse == ()


def test_runs_of_other_questions_are_not_compared(ran: Callable[..., Run]) -> None:
    other = [{"id": "0", "question": "Another one?"}]
    with pytest.raises(UsageError, match="no question in common"):
        compare(ran("a", *[GOGGLES] * 12), ran("b", GOGGLES, lines=other))


def test_a_question_that_failed_in_one_run_counts_in_neither(ran: Callable[..., Run]) -> None:
    a, b = ran("a", *[GOGGLES] * 6, *["NOT FOUND"] * 6), ran("b", *[GOGGLES] * 6, *["NOT FOUND"] * 6)
    for question_id in ("1", "2", "3"):
        b._predictions[question_id] = {"error": "it broke"}
    found = compare(a, b)
    assert found.differences["containment"].difference == 0
    assert found.differences["containment"].n == 9
    assert "3 questions failed in one of them and left out" in found.notes
    assert {change.b for change in found.changed} == {"failed"}


def test_a_few_changes_are_not_sure(ran: Callable[..., Run]) -> None:
    found = compare(ran("a", *[GOGGLES] * 12), ran("b", *[GOGGLES] * 9, *["NOT FOUND"] * 3))
    assert (found.differences["containment"].high or 0) <= 0
    assert (found.better, found.worse) == ((), ())


def test_other_references_make_another_question(ran: Callable[..., Run]) -> None:
    other = [MANY[0], *({**line, "answers": ["red"]} for line in MANY[1:])]
    found = compare(ran("a", *[GOGGLES] * 12), ran("b", *[GOGGLES] * 12, lines=other))
    assert found.differences["containment"].n == 1
    assert "11 questions are not the same in both and left out" in found.notes
