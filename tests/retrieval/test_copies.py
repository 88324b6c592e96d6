"""Passages that say the same in nearly the same words."""

from rag.lexical import terms
from rag.retrieval.copies import adds_nothing, alike, shingles

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


def test_texts_without_terms_are_like_nothing() -> None:
    assert not same("🌧", "雨" * 50)
    assert not same("🌧", STORY)


def copy(one: str, other: str = STORY) -> bool:
    return adds_nothing(terms(one), terms(other))


def test_a_copy_adds_nothing() -> None:
    assert copy(STORY)
    assert copy(STORY.replace("The minister said on Monday that 7,000", "On Monday, the minister said, 7,000"))
    assert copy("The minister said goggles were left behind.")


def test_what_denies_counts_otherwise_or_names_another_is_no_copy() -> None:
    assert not copy(STORY.replace("were left", "were not left"))
    assert not copy(STORY.replace("7,000", "8,000"))
    assert not copy(STORY.replace("August", "April"))
    assert not copy("Lahore 3 Multan 2", "Lahore 2 Multan 3")
    assert not copy("It rose to twelve people.", "It rose to two people.")
    assert not copy(f"{STORY} Nobody had expected that.")
