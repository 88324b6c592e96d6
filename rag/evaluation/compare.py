"""Two runs of the same questions, compared pair by pair.

Knows nothing about screens. Times are shown but never called better or worse: they depend on the machine.
"""

from dataclasses import asdict, dataclass
from typing import Any

from rag.errors import UsageError
from rag.evaluation.metrics import METRICS
from rag.evaluation.outcomes import Outcome, outcome
from rag.evaluation.run import Run
from rag.evaluation.statistics import Difference
from rag.evaluation.statistics import compare as difference


@dataclass(frozen=True, slots=True)
class Change:
    """A question of which another thing became."""

    id: str
    question: str
    a: Outcome
    b: Outcome


@dataclass(frozen=True, slots=True)
class Comparison:
    """Differences B - A by metric, which of them are sure, and the questions that changed."""

    differences: dict[str, Difference]
    better: tuple[str, ...]
    worse: tuple[str, ...]
    changed: tuple[Change, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return this as JSON has it."""
        return asdict(self)


def compare(a: Run, b: Run) -> Comparison:
    """Compare what both runs have done; raises `UsageError` where they have no question in common.

    A difference is sure when its 95 % interval leaves zero out. Among some thirty metrics one or two are so by chance.
    """
    cases_b = {case.question.id: case for case in b.cases}
    pairs = [
        (case, cases_b[case.question.id])
        for case in a.cases
        if case.question.id in cases_b and case.question.question == cases_b[case.question.id].question.question
    ]
    if not pairs:
        raise UsageError(
            f"{str(a.folder)!r} and {str(b.folder)!r} have no question in common; compare runs of one question file"
        )
    ours, theirs = [x for x, _ in pairs], [y for _, y in pairs]
    differences = {m.name: difference(m, m.rows(ours), m.rows(theirs), seed=a.about["seed"]) for m in METRICS}
    sure: dict[bool, list[str]] = {True: [], False: []}
    for metric in METRICS:
        d = differences[metric.name]
        if metric.better is None or metric.group == "speed" or d.low is None or d.high is None:
            continue
        if d.low > 0 or d.high < 0:
            sure[(d.low > 0) == (metric.better == "higher")].append(metric.name)
    outcomes = [(outcome(x), outcome(y)) for x, y in pairs]
    changed = (
        Change(case.question.id, case.question.question, before, after)
        for case, (before, after) in zip(ours, outcomes, strict=True)
        if before != after
    )
    return Comparison(
        differences, tuple(sure[True]), tuple(sure[False]), tuple(changed), tuple(_notes(a, b, len(pairs)))
    )


def _notes(a: Run, b: Run, common: int) -> list[str]:
    """Say what else differs between the runs than what they predicted."""
    notes = [
        f"{name}: {a.about.get(name)!r} in A, {b.about.get(name)!r} in B"
        for name in ("models", "index_revision", "prompt_sha256", "settings", "retrieval_only", "rag_version")
        if a.about.get(name) != b.about.get(name)
    ]
    alone = len(a.cases) + len(b.cases) - 2 * common
    return [*notes, *([f"{alone:,} questions are in one run only and left out"] if alone else [])]
