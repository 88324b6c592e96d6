"""What became of a question, in one word: where along the way it went wrong, if it did.

Knows nothing about files or screens.
"""

from typing import Literal, TypeAlias, get_args

from rag.evaluation.cases import Case
from rag.evaluation.metrics import is_right

Outcome: TypeAlias = Literal[
    "right",
    "refused rightly",
    "citation wrong",
    "model wrong",
    "evidence not chosen",
    "retrieval missed",
    "refused wrongly",
    "should have refused",
    "found",
    "not judged",
    "failed",
]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
ABOUT: dict[Outcome, str] = {
    "right": "the answer is right, and cites gold where that is known",
    "refused rightly": "not answerable, and refused",
    "citation wrong": "the answer is right, but none of its citations overlaps gold",
    "model wrong": "a gold sentence was read, and yet the answer is not right",
    "evidence not chosen": "a gold article was found, but none of its gold sentences was read",
    "retrieval missed": "no gold article was among the passages found",
    "refused wrongly": "answerable, a gold sentence was read, and yet it was refused",
    "should have refused": "not answerable, and answered",
    "found": "retrieval only: a gold article was among the passages found, its gold sentence read where that is known",
    "not judged": "nothing is known to judge it by",
    "failed": "it ended in an error",
}


def outcome(case: Case) -> Outcome:
    """Return what became of a case; for a wrong answer, the first step at which it went wrong."""
    question = case.question
    if case.failed:
        return "failed"
    if not case.written:
        return (_lost(case) or "found") if case.gold else "not judged"
    if question.underspecified or question.answerable is None:
        return "not judged"
    if not question.answerable:
        return "refused rightly" if case.refused else "should have refused"
    if case.refused:
        return _lost(case) or "refused wrongly"
    right = is_right(case)
    if right is None:
        return "not judged"
    if not right:
        return _lost(case) or "model wrong"
    if case.spans and not any(map(case.is_gold, case.prediction["citations"])):
        return "citation wrong"
    return "right"


def _lost(case: Case) -> Outcome | None:
    """Tell at which step before the model gold was lost, if it was."""
    if case.gold and {hit["article_id"] for hit in case.prediction["hits"]}.isdisjoint(g.article_id for g in case.gold):
        return "retrieval missed"
    if case.spans and not any(map(case.is_gold, case.prediction["evidence"])):
        return "evidence not chosen"
    return None
