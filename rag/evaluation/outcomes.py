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
    "model wrong": "what answers it was read, as far as is known, and yet the answer is not right",
    "evidence not chosen": "a gold article was found, but none of the sentences that answer was read",
    "retrieval missed": "no gold article was among the passages found",
    "refused wrongly": "answerable, what answers it was read, as far as is known, and yet it was refused",
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
    quoted = bool(case.gold) and all(gold.start is not None for gold in case.gold)
    if quoted and not any(map(case.is_gold, case.prediction["citations"])):
        return "citation wrong"
    return "right"


def _lost(case: Case) -> Outcome | None:
    """Tell at which step before the model gold was lost, if it was."""
    hits = {hit["article_id"] for hit in case.prediction["hits"]}
    found = [gold for gold in case.gold if gold.article_id in hits]
    if case.gold and not found:
        return "retrieval missed"
    quoted = bool(found) and all(gold.start is not None for gold in found)
    if quoted and not any(map(case.is_gold, case.prediction["evidence"])):
        return "evidence not chosen"
    return None
