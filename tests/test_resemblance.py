"""Sketches: what they estimate is what exact sets of word pairs have in common, whatever else is there."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.lexical import terms
from rag.resemblance import BANDS, SIZE, bands, one_story, resemblance, sketch

WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in "bdgkmnprt"]


def story(seed: int, n: int = 200) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=n))


def exact(one: str, other: str) -> float:
    sets = [{*zip(terms(text), terms(text)[1:], strict=False)} for text in (one, other)]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def test_the_estimate_is_that_of_exact_sets() -> None:
    wrong = []
    for seed in range(40):
        words = story(seed).split()
        rng = random.Random(seed)
        edited = " ".join(rng.choice(WORDS) if rng.random() < seed / 80 else word for word in words)
        other = " ".join(words)
        wrong.append(resemblance(sketch(other), [sketch(edited)])[0] - exact(other, edited))
    assert abs(np.mean(wrong)) < 0.02
    assert np.max(np.abs(wrong)) < 0.11  # three and a half standard errors


def test_a_sketch_is_of_the_words_alone_and_always_the_same() -> None:
    text = (
        "The minister said “rain fell” in Kabul on Monday, and that 7,000 people had left the city before it did. " * 2
    )
    typed = text.replace("“", '"').replace("”", '"').replace(" ", "\u00a0\n").upper()
    assert sketch(text) == sketch(typed)
    assert len(sketch(text)) == SIZE
    assert sketch(text)[:4].hex() == "cc071dbd"  # kept in catalogues: another value needs another format version


def test_a_short_text_is_like_nothing_not_even_itself() -> None:
    assert sketch("Rain fell in Wien.") == b""
    assert bands(b"") == []
    assert one_story(b"", [b"", sketch(story(1))]) == [False, False]
    assert one_story(sketch(story(1)), [b"", sketch(story(1)), sketch(story(2))]) == [False, True, False]
    assert one_story(sketch(story(1)), []) == []


def test_texts_that_are_alike_meet() -> None:
    mine = bands(sketch(story(1)))
    assert len(mine) == BANDS == len(set(mine))
    assert all(0 <= band < 2**29 for band in mine)
    assert {*mine} & {*bands(sketch(f"Another lead. {story(1)}"))}
    assert not {*mine} & {*bands(sketch(story(2)))}


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (story(1), True),
        (story(1)[: len(story(1)) // 2], True),
        (f"{story(1)} {story(2, 80)}", True),
        (story(2), False),
        (f"{story(2)} {story(1, 40)}", False),
    ],
)
def test_one_story(other: str, same: bool) -> None:
    assert one_story(sketch(story(1)), [sketch(other)]) == [same]


@given(st.text(max_size=300))
def test_any_text_has_a_sketch(text: str) -> None:
    assert len(sketch(text)) in (0, SIZE)


def test_memory_does_not_grow_with_the_text() -> None:
    long = story(5, 30_000)
    assert one_story(sketch(long), [sketch(long + story(6, 1000))]) == [True]
