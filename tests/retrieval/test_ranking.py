"""Features of a passage, against cases worked by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.ranking import FEATURES, WEIGHTS, Words, features, probability, raised

WORDS = Words(
    ("asif", "weapon", "kabul"),
    {"asif": 2.0, "weapon": 1.0, "kabul": 1.0},
    {"asif": "asif", "weapon": "weapon", "kabul": "kabul", "asiff": "asif"},
)


def named(title: str, body: str) -> dict[str, float]:
    """Return the features of a passage by name."""
    row = features(WORDS, titled=WORDS.held(title.split()), body=body.split(), cosine=0.5, share=0.25)
    return dict(zip(FEATURES, row, strict=True))


def test_a_passage_with_all_words_in_a_row_has_all_of_them() -> None:
    row = named("", "asif weapon kabul")
    assert row == {"cosine": 0.5, "words": 0.25, "coverage": 1, "window": 1, "nearness": 1}


def test_coverage_counts_the_title_and_the_window_does_not() -> None:
    row = named("asif", "the weapon")
    assert row["coverage"] == pytest.approx(3 / 4)
    assert row["window"] == pytest.approx(1 / 4)


def test_a_word_counts_once_however_often_it_stands_there() -> None:
    assert named("", "weapon weapon weapon")["coverage"] == pytest.approx(1 / 4)


def test_another_spelling_counts_as_the_word() -> None:
    assert named("", "asiff")["coverage"] == pytest.approx(2 / 4)


def test_words_far_apart_are_not_in_one_window() -> None:
    apart = f"asif {'x ' * 24}weapon"
    close = f"asif {'x ' * 23}weapon"
    assert named("", apart)["window"] == pytest.approx(2 / 4)
    assert named("", close)["window"] == pytest.approx(3 / 4)


def test_nearness_falls_with_the_gap_and_ends() -> None:
    # the pairs (asif, weapon) weigh 3, (weapon, kabul) 2
    assert named("", "weapon asif")["nearness"] == pytest.approx(3 / 5)
    assert named("", "asif x x weapon")["nearness"] == pytest.approx(3 / (1 + math.log(3)) / 5)
    assert named("", f"asif {'x ' * 8}weapon")["nearness"] == 0


def test_a_passage_without_the_words_has_its_cosine() -> None:
    row = named("title", "rain fell")
    assert [row[name] for name in FEATURES] == [0.5, 0.25, 0, 0, 0]


@given(st.lists(st.sampled_from(["asif", "weapon", "kabul", "x"]), max_size=80))
def test_shares_lie_between_0_and_1(body: list[str]) -> None:
    row = features(WORDS, titled=set(), body=body, cosine=0.0, share=0.0)
    assert all(0 <= value <= 1 + 1e-9 for value in row)
    windows = [set(body[i : i + 25]) for i in range(max(1, len(body)))]
    best = max(sum(WORDS.rarity.get(word, 0) for word in window) for window in windows)
    assert row[3] == pytest.approx(best / 4)


def test_no_words_make_no_difference() -> None:
    assert features(Words((), {}, {}), titled=set(), body=["rain"], cosine=0.1, share=0.0) == [0.1, 0.0, 0, 0, 0]


def test_a_probability_rises_with_the_sum() -> None:
    values = probability(np.array([0.0, WEIGHTS.sum() / 2, WEIGHTS.sum()]))
    assert (np.diff(values) > 0).all()
    assert 0 < values[0] < 0.01
    assert 0.95 < values[-1] < 1


def test_a_gain_raises_a_probability_as_it_would_the_sum() -> None:
    assert raised(float(probability(12.0)), 2.0) == pytest.approx(float(probability(14.0)))
    assert raised(1.0, 2.0) == 1
    assert raised(0.3, 0.0) == pytest.approx(0.3)
