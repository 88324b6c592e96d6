"""How sure a number is: bootstrap intervals, and paired comparisons of two runs. All by scipy, the seed fixed.

Knows nothing about what the numbers mean.
"""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from rag.evaluation.metrics import Metric, Row, estimate, ratio

RESAMPLES = 2000
CONFIDENCE = 0.95
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Value:
    """A metric over `n` cases with its 95 % interval; without cases it is None and `reason` says why."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric in run B minus the same in run A over `n` questions of both, its 95 % interval and p-value."""

    a: float | None
    b: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    n: int


def measure(metric: Metric, rows: Sequence[Row | None], *, seed: int) -> Value:
    """Return the metric with a percentile bootstrap interval (Efron 1979) over its cases."""
    applicable = np.array([row for row in rows if row is not None], float)
    value = estimate(metric, rows)
    if value is None:
        return Value(None, None, None, 0, metric.needs)
    low, high = _interval([applicable], metric.estimate, seed)
    return Value(value, low, high, _counted(metric, applicable))


def compare(metric: Metric, a: Sequence[Row | None], b: Sequence[Row | None], *, seed: int) -> Difference:
    """Return the paired difference of two runs' rows for the same questions, in the same order.

    The interval is a paired percentile bootstrap, the p-value a two-sided permutation test that swaps the two
    runs question by question.
    """
    nothing = (0.0, 0.0) if metric.depends_on_answer else None  # what a case counts to which it applies in one run only
    both_rows = ((x or nothing, y or nothing) for x, y in zip(a, b, strict=True) if x or y)
    pairs = [(x, y) for x, y in both_rows if x and y]
    value_a, value_b = estimate(metric, [x for x, _ in pairs]), estimate(metric, [y for _, y in pairs])
    if value_a is None or value_b is None:
        return Difference(value_a, value_b, None, None, None, None, len(pairs))
    rows_a, rows_b = (np.array(side, float) for side in zip(*pairs, strict=True))
    low, high = _interval([rows_a, rows_b], lambda a, b: metric.estimate(b) - metric.estimate(a), seed)
    both = np.concatenate([rows_a, rows_b])
    p = None
    if len(pairs) > 1:
        test = stats.permutation_test(
            (np.arange(len(pairs)), np.arange(len(pairs), 2 * len(pairs))),
            lambda x, y, axis: metric.estimate(both[y]) - metric.estimate(both[x]),  # noqa: ARG005
            permutation_type="samples",
            n_resamples=RESAMPLES,
            batch=_BATCH,
            vectorized=True,
            axis=-1,
            rng=np.random.default_rng(seed),
        )
        p = _finite(test.pvalue)
    return Difference(value_a, value_b, value_b - value_a, low, high, p, len(pairs))


def _counted(metric: Metric, rows: NDArray[Any]) -> int:
    """Return how many cases a metric is computed from: for a ratio those that add to what is divided by."""
    return int(np.count_nonzero(rows[:, 1])) if metric.estimate is ratio else len(rows)


def _interval(sides: Sequence[NDArray[Any]], statistic: Any, seed: int) -> tuple[float | None, float | None]:
    n = len(sides[0])
    if n < 2:
        return None, None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)  # the interval is taken below, from what is finite
        resampled = stats.bootstrap(
            (np.arange(n),),
            lambda ids, axis: statistic(*(side[ids] for side in sides)),  # noqa: ARG005
            n_resamples=RESAMPLES,
            batch=_BATCH,
            vectorized=True,
            axis=-1,
            method="percentile",
            confidence_level=CONFIDENCE,
            rng=np.random.default_rng(seed),
        ).bootstrap_distribution
    resampled = resampled[np.isfinite(resampled)]
    if not len(resampled):
        return None, None
    low, high = np.quantile(resampled, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return p-values corrected for how many there are (Holm 1979)."""
    corrected: dict[str, float] = {}
    least = 0.0
    for rank, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        least = max(least, min(1.0, p * (len(p_values) - rank)))
        corrected[name] = least
    return corrected


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
