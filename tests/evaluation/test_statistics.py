"""Intervals and paired tests: what they must hold, and against known results."""

import numpy as np
import pytest
from scipy import stats

from rag.evaluation.metrics import BY_NAME
from rag.evaluation.statistics import Difference, Value, compare, holm, measure

HIT, P50, F1 = BY_NAME["hit@1"], BY_NAME["total_s_p50"], BY_NAME["refusal_f1"]
RNG = np.random.default_rng(3)
COINS = [(float(x), 1.0) for x in RNG.integers(0, 2, 200)]


def test_the_interval_of_a_share_is_near_the_textbook_one() -> None:
    value = measure(HIT, COINS, seed=0)
    wilson = stats.binomtest(int(sum(x for x, _ in COINS)), 200).proportion_ci(method="wilson")
    assert value.value == sum(x for x, _ in COINS) / 200
    assert value.low == pytest.approx(wilson.low, abs=0.02)
    assert value.high == pytest.approx(wilson.high, abs=0.02)
    assert value.n == 200


def test_the_same_seed_gives_the_same_interval() -> None:
    assert measure(HIT, COINS, seed=1) == measure(HIT, COINS, seed=1)
    assert measure(HIT, COINS, seed=1) != measure(HIT, COINS, seed=2)


def test_without_cases_a_metric_is_not_applicable_and_says_why() -> None:
    assert measure(HIT, [None, None], seed=0) == Value(None, None, None, 0, HIT.needs)
    assert measure(BY_NAME["refusal_precision"], [(0, 0)], seed=0).value is None


def test_one_case_has_no_interval() -> None:
    assert measure(HIT, [(1, 1), None], seed=0) == Value(1, None, None, 1)


def test_n_is_the_number_of_cases_that_are_divided_by() -> None:
    assert measure(BY_NAME["refusal_precision"], [(1, 1), (0, 0), (0, 1), None], seed=0).n == 2
    assert measure(P50, [(1,), (2,), None], seed=0).n == 2


def test_a_clear_difference_is_told_from_none() -> None:
    worse, better = [(0.0, 1.0)] * 30 + COINS, [(1.0, 1.0)] * 30 + COINS
    found = compare(HIT, worse, better, seed=0)
    assert found.difference == pytest.approx(30 / 230)
    assert found.low is not None
    assert found.low > 0
    assert found.p is not None
    assert found.p < 0.01
    same = compare(HIT, worse, worse, seed=0)
    assert (same.difference, same.low, same.high, same.p) == (0, 0, 0, 1)


def test_the_p_value_is_that_of_the_exact_sign_test() -> None:
    a, b = [(0.0, 1.0)] * 6, [(1.0, 1.0)] * 6
    assert compare(HIT, a, b, seed=0).p == pytest.approx(stats.binomtest(6, 6).pvalue)


def test_swapping_the_runs_turns_the_sign() -> None:
    other = [(float(x), 1.0) for x in RNG.integers(0, 2, 200)]
    there, back = compare(HIT, COINS, other, seed=0), compare(HIT, other, COINS, seed=0)
    assert there.difference == pytest.approx(-(back.difference or 0))
    assert there.low == pytest.approx(-(back.high or 0))


def test_ratios_of_sums_are_compared_as_such() -> None:
    a, b = [(0, 1), (2, 2), (0, 0)], [(2, 2), (2, 2), (0, 1)]
    found = compare(F1, a, b, seed=0)
    assert found.a == pytest.approx(2 / 3)
    assert found.b == pytest.approx(4 / 5)


def test_a_case_that_one_run_lacks_counts_nothing_in_a_ratio_and_is_left_out_of_times() -> None:
    cited = BY_NAME["citation_precision"]
    assert compare(cited, [(1, 1), (1, 1)], [(0, 1), None], seed=0).b == 0
    times = compare(P50, [(1,), (5,), (3,)], [(2,), None, (4,)], seed=0)
    assert (times.a, times.b, times.n) == (2, 3, 2)


def test_nothing_in_common_is_no_difference() -> None:
    assert compare(HIT, [None], [None], seed=0) == Difference(None, None, None, None, None, None, 0)


def test_a_mean_over_questions_leaves_out_what_applies_in_one_run_only() -> None:
    found = compare(HIT, [(1, 1), (0, 1)], [(1, 1), None], seed=0)
    assert (found.difference, found.n) == (0, 1)


def test_holm_by_hand() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.9}) == pytest.approx(
        {"a": 0.04, "c": 0.09, "b": 0.09, "d": 0.9}
    )
    assert holm({}) == {}
