"""Passages that say the same in nearly the same words."""

from rag.lexical import terms
from rag.retrieval.copies import alike, numbers, shingles

STORY = (
    "The minister said on Monday that 7,000 goggles were left behind by the army when it left the country in August."
)


def same(one: str, other: str) -> bool:
    return alike(shingles(terms(one)), shingles(terms(other)))


def test_a_text_is_like_itself_and_like_a_longer_one_that_holds_it() -> None:
    assert same(STORY, STORY)
    assert same(STORY, f"{STORY} Nobody had expected that, and nobody was told where they went afterwards.")


def test_a_small_edit_leaves_it_alike() -> None:
    assert same(STORY, STORY.replace("on Monday", "late on Monday"))


def test_the_same_words_in_another_order_are_not_alike() -> None:
    assert not same(STORY, " ".join(reversed(STORY.split())))


def test_texts_too_short_for_a_run_are_alike_only_if_equal() -> None:
    assert same("Rain fell", "rain fell")
    assert not same("Rain fell", "Snow fell")


def test_numbers_tell_versions_apart() -> None:
    assert numbers(terms(STORY)) == {"7", "000"}
    assert numbers(terms("none")) == frozenset()
