"""The table: a row for each measure, a column for each system, ratios to the first one's in brackets.

Knows nothing about how the results came about; gold documents and reference answers are compared here.
"""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.peers.runner import Phase
from rag.evaluation.questions import Question
from rag.evaluation.text_scores import containment, normalised_tokens

_SHORT = 10
"""A reference answer of so many words may be expected to stand in an answer word for word."""
_REASON = 160


@dataclass(slots=True)
class Run:
    """What became of one system: the results of its phases, or why there are none."""

    system: str
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A measure of one phase: its value for a run, None where it does not apply."""

    name: str
    phase: Phase
    value: Callable[[dict[str, Any], Sequence[Question]], float | None]
    digits: int = 0
    compared: bool = True


def table(runs: Sequence[Run], asked: Mapping[Phase, Sequence[Question]]) -> str:
    """Return the Markdown, the questions being those that each phase measured; the first run is what ratios are to."""
    lines = [_line("", *(run.system for run in runs)), "|---" * (len(runs) + 1) + "|"]
    for row in ROWS:
        values = [
            row.value(run.results[row.phase], asked[row.phase]) if row.phase in run.results else None for run in runs
        ]
        lines.append(_line(row.name, *_cells(row, values)))
    if any(run.failure for run in runs):
        lines.append(_line("failed", *(_escaped(run.failure or "–") for run in runs)))
    return "\n".join(lines)


def versions(runs: Sequence[Run]) -> Iterator[str]:
    """Yield a line for each system that ran."""
    for run in runs:
        for result in list(run.results.values())[:1]:
            yield f"{run.system}: " + ", ".join(f"{name} {version}" for name, version in result["versions"].items())


def _cells(row: Row, values: Sequence[float | None]) -> Iterator[str]:
    base = values[0] if row.compared else None
    for n, value in enumerate(values):
        if value is None:
            yield "–"
        elif n and base:
            yield f"{value:,.{row.digits}f} ({_ratio(value / base)})"
        else:
            yield f"{value:,.{row.digits}f}"


def _ratio(value: float) -> str:
    return f"{value:.{2 if value < 1 else 1 if value < 10 else 0}f}"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())[:_REASON]


def _search_ms(share: float) -> Callable[[dict[str, Any], Sequence[Question]], float]:
    return lambda result, _: float(
        np.quantile([1000 * found["s"] for found in result["found"]], share, method="inverted_cdf")
    )


def _hit(result: dict[str, Any], questions: Sequence[Question]) -> float:
    """Return for how many a gold document is the article of a hit."""
    return statistics.fmean(
        bool({source.doc_id for source in question.evidence} & {i for hit in found["hits"] for i in hit})
        for found, question in zip(result["found"], questions, strict=True)
    )


def _contained(result: dict[str, Any], questions: Sequence[Question]) -> float | None:
    """Return in how many answers a reference stands, among the questions that have short ones."""
    scores = []
    for said, question in zip(result["answers"], questions, strict=True):
        if short := [text for text in question.answers if len(normalised_tokens(text)) <= _SHORT]:
            scores.append(containment(said["text"], short))
    return statistics.fmean(scores) if scores else None


def _median(name: str) -> Callable[[dict[str, Any], Sequence[Question]], float | None]:
    def median(result: dict[str, Any], _: Sequence[Question]) -> float | None:
        values = [said[name] for said in result["answers"] if said[name] is not None]
        return statistics.median(values) if values else None

    return median


def _refused(result: dict[str, Any], _: Sequence[Question]) -> float | None:
    told = [said["refused"] for said in result["answers"] if said["refused"] is not None]
    return sum(told) if told else None


ROWS = (
    Row("build, articles/s", "build", lambda r, _: r["articles"] / r["build_s"], digits=1),
    Row("build, whole process, s", "build", lambda r, _: r["total_s"], digits=1),
    Row("peak memory while building, MB", "build", lambda r, _: r["peak_mb"]),
    Row("index on disk, MB", "build", lambda r, _: r["index_bytes"] / 1e6, digits=2),
    Row("open, to the first hit, s", "search", lambda r, _: r["open_s"], digits=1),
    Row("search p50, ms", "search", _search_ms(0.5), digits=1),
    Row("search p95, ms", "search", _search_ms(0.95), digits=1),
    Row("hit@10", "search", _hit, digits=3, compared=False),
    Row("peak memory while searching, MB", "search", lambda r, _: r["peak_mb"]),
    Row("first word, s", "answer", _median("first_word_s"), digits=1),
    Row("first checked sentence, s", "answer", _median("first_checked_s"), digits=1),
    Row("whole answer, s", "answer", _median("total_s"), digits=1),
    Row("reference answer contained", "answer", _contained, digits=2, compared=False),
    Row("refused", "answer", _refused, compared=False),
    Row("tokens read", "answer", _median("read")),
    Row("tokens written", "answer", _median("written")),
    Row("peak memory while answering, MB", "answer", lambda r, _: r["peak_mb"]),
)
