"""Copies and versions of a story: what counts as said, what as something else, and which is later."""

import pytest

from rag.corpus import article_id
from rag.retrieval.versions import is_later, tells
from rag.types import Article, Origin, Span

STORY = (
    "The minister told parliament on Monday that 12 people died when the bridge at Lund fell. "
    "Rescuers searched the river through the night and found no survivors. "
    "The company that built the bridge did not answer questions. "
    "Prime Minister Astrid Holm said the government accepted the findings of the inquiry."
)


def article(text: str, published: str | None = None) -> Article:
    return Article(article_id(text), text, (Origin("a.txt", "A bridge fell", published=published),))


def told(text: str, by: str = STORY) -> bool:
    return tells(article(by), article(text), Span(0, len(text)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("through the night", "all night long"),
        ("12 people died", "twelve people died"),
        ("fell. Rescuers", "fell.\n\nRescuers"),
        ("The minister told", "LUND, Sweden, May 2 (Agency) — The minister told"),
        ("The minister told", "LUND (Agency) - The minister told"),
        ("Rescuers searched the river through the night and found no survivors. ", ""),
        ("survivors. The company", "survivors, the company"),
    ],
)
def test_a_copy_says_nothing_else(old: str, new: str) -> None:
    assert old in STORY
    assert told(STORY.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("12 people", "19 people"),
        ("on Monday", "on Tuesday"),
        ("Lund", "Malmo"),
        ("Astrid Holm", "Astrid Berg"),
        ("did not answer", "did answer"),
        ("accepted", "rejected"),
        ("survivors.", "survivors. The bridge had been inspected in spring."),
    ],
)
def test_what_counts_denies_or_names_otherwise_or_adds_is_something_else(old: str, new: str) -> None:
    assert old in STORY
    assert not told(STORY.replace(old, new))


def test_numbers_of_neighbouring_sentences_do_not_count_for_each_other() -> None:
    assert not told("Holm said that 7 people died.", by="Holm said that 5 people died. And 7 people were hurt there.")


def test_a_span_is_judged_alone() -> None:
    longer = f"{STORY} Divers went home."
    assert tells(article(STORY), article(longer), Span(0, len(STORY)))
    assert not tells(article(STORY), article(longer), Span(len(STORY), len(longer)))


@pytest.mark.parametrize(
    ("one", "other", "later"),
    [
        ("2023-04-12", "2023-04-11", True),
        ("2023-04-11", "2023-04-11", False),
        ("2023-04-11T10:00:00", "2023-04-11T09:00:00", True),
        ("2023-04-11T10:00:00+05:00", "2023-04-11T09:00:00+01:00", False),
        ("2023-04-11T10:00:00+05:00", "2023-04-11T09:00:00", False),
        ("2023-04-11T10:00:00", "2023-04-11", False),
        (None, "2023-04-11", False),
        ("2023-04-11", None, False),
    ],
)
def test_later_is_known_to_be_later(one: str | None, other: str | None, later: bool) -> None:
    assert is_later(article("Rain.", one), article("Snow.", other)) is later
