"""Two runs of the same questions, compared pair by pair.

Knows nothing about screens. Times are shown but never called better or worse: they depend on the machine.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rag.errors import UsageError
from rag.evaluation.metrics import METRICS
from rag.evaluation.outcomes import Outcome, outcome
from rag.evaluation.run import Run
from rag.evaluation.statistics import Difference, holm
from rag.evaluation.statistics import compare as difference

SURE = 0.05


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

    A difference is sure when its 95 % interval leaves zero out and its p-value, corrected for how many metrics differ
    (Holm 1979), is below 0.05.
    """
    check_comparable(a, b)
    cases_b = {case.question.id: case for case in b.cases}
    asked = [(case, cases_b[case.question.id]) for case in a.cases if case.question.id in cases_b]
    same = [(x, y) for x, y in asked if x.question == y.question]
    pairs = [(x, y) for x, y in same if not (x.failed or y.failed)]
    ours, theirs = [x for x, _ in pairs], [y for _, y in pairs]
    differences = {m.name: difference(m, m.rows(ours), m.rows(theirs), seed=a.about["seed"]) for m in METRICS}
    better, worse = _sure(differences)
    outcomes = [(outcome(x), outcome(y)) for x, y in same]
    changed = (
        Change(case.question.id, case.question.question, before, after)
        for (case, _), (before, after) in zip(same, outcomes, strict=True)
        if before != after
    )
    counts = {
        "are in one run only": len(a.cases) + len(b.cases) - 2 * len(asked),
        "are not the same in both": len(asked) - len(same),
        "failed in one of them": len(same) - len(pairs),
    }
    notes = [*_notes(a, b), *(f"{n:,} questions {why} and left out" for why, n in counts.items() if n)]
    if other := sum(list(x.gold) != list(y.gold) for x, y in pairs):
        notes.append(f"{other:,} questions have other gold in B: its index is another")
    return Comparison(differences, better, worse, tuple(changed), tuple(notes))


def check_comparable(a: Run, b: Run) -> None:
    """Raise `UsageError` where two runs have no question in common, asked or still to be asked."""
    if not set(a.questions) & set(b.questions):
        raise UsageError(
            f"{str(a.folder)!r} and {str(b.folder)!r} have no question in common; compare runs of one question file"
        )


def _sure(differences: Mapping[str, Difference]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which metrics are surely better and which surely worse."""
    judged = [metric for metric in METRICS if metric.better and metric.group != "speed"]
    p_values = {m.name: d.p for m in judged if (d := differences[m.name]).difference and d.p is not None}
    corrected = holm(p_values)
    better: list[str] = []
    worse: list[str] = []
    for metric in judged:
        d = differences[metric.name]
        if corrected.get(metric.name, 1) < SURE and d.low is not None and d.high is not None and d.low * d.high > 0:
            (better if (d.low > 0) == (metric.better == "higher") else worse).append(metric.name)
    return tuple(better), tuple(worse)


def _notes(a: Run, b: Run) -> list[str]:
    """Say what else differs between the runs than what they predicted."""
    names = "questions_sha256 models index_revision prompt_sha256 settings retrieval_only rag_version"
    return [
        f"{name}: {a.about.get(name)!r} in A, {b.about.get(name)!r} in B"
        for name in names.split()
        if a.about.get(name) != b.about.get(name)
    ]
