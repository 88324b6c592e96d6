"""Articles that state the same with another number or date are both shown, in the order of their dates."""

from dataclasses import replace

import pytest

from rag.chunking import sentences
from rag.citations import Checker
from rag.citations.disagreement import differing, takes_back
from rag.citations.facts import facts
from rag.testing import ToyEmbedder
from rag.types import Article, Evidence, Origin

CITED = "The flood in Herat killed 40 people and damaged the old bridge."


def evidence(text: str, published: str | None = None) -> Evidence:
    """Return the first sentence of an article of its own."""
    article = Article(text, text, (Origin(path="a.txt", title="News", published=published),))
    [span, *_] = sentences(text)
    return Evidence(article, span.start, span.end)


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        ("The flood in Herat killed 55 people and damaged the old bridge.", True),
        ("The flood in Herat killed fifty-five people and damaged an old bridge, he said.", True),
        ("The flood in Herat killed forty people and damaged the old bridge.", False),
        ("The flood in Kabul killed 55 people and damaged the old bridge.", False),
        ("The flood in Herat in May killed 55 people and damaged the old bridge.", False),
        ("The flood in Herat killed people and damaged the old bridge.", False),
        ("Herat lies 55 kilometres from the old bridge.", False),
        ("In Herat 55 engineers repaired what was left of the mosque.", False),
    ],
)
def test_another_number_for_the_same(other: str, *, differs: bool) -> None:
    found = differing(facts("The flood killed 40 people."), evidence(CITED), [evidence(other)])
    assert bool(found) == differs


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        ("The ceasefire with the northern council ended on December 2.", True),
        ("The ceasefire with the northern council ended in December.", True),
        ("The ceasefire with the northern council ended on November 28.", False),
        ("The ceasefire with the northern council ended on a cold day.", False),
        ("On December 2 the council spoke of a ceasefire that ended badly and too soon.", False),
        ("The ceasefire with the northern union ended on December 2.", False),
    ],
)
def test_another_date_for_the_same(other: str, *, differs: bool) -> None:
    cited = evidence("The ceasefire with the northern council ended on November 28.")
    found = differing(facts("The ceasefire ended on November 28."), cited, [evidence(other)])
    assert bool(found) == differs


@pytest.mark.parametrize(
    ("cited", "other", "differs"),
    [
        ("The council passed a budget of 88 million pounds for 2023.", "a budget of 92 million pounds for 2024", False),
        ("The council passed a budget of 88 million pounds for 2023.", "a budget of 92 million pounds for 2023", True),
        ("The council passed a budget in the old hall in 2023.", "a budget in the old hall in 2024", True),
    ],
)
def test_another_number_of_another_year_is_none_for_the_same(cited: str, other: str, *, differs: bool) -> None:
    found = differing(facts(cited), evidence(cited), [evidence(f"The council passed {other}.")])
    assert bool(found) == differs


def test_a_claim_that_does_not_take_the_number_is_not_disagreed_with() -> None:
    other = evidence("The flood in Herat killed 55 people and damaged the old bridge.")
    assert differing(facts("The flood damaged the old bridge."), evidence(CITED), [other]) == []


@pytest.mark.parametrize(
    ("title", "sentence", "taken"),
    [
        ("News", "An earlier version of this article said that 55 people died.", True),
        ("News", "In an article on May 2 we wrote that 55 people died.", True),
        ("News", "We wrongly reported that 55 people died.", True),
        ("Correction: the flood", "The article also said that 55 people died.", True),
        ("The flood, corrected", "We wrote that 55 people died.", True),
        ("News", "The article also said that 55 people died.", False),
        ("Correction: the flood", "In fact 40 people died.", False),
        ("News", "We wrongly assumed that they had died.", False),
    ],
)
def test_what_was_reported_wrongly_is_taken_back(title: str, sentence: str, *, taken: bool) -> None:
    one = evidence(sentence)
    one = replace(one, article=replace(one.article, origins=(Origin(path="a.txt", title=title),)))
    assert takes_back(one) == taken


def test_what_is_taken_back_is_no_disagreement() -> None:
    other = evidence("We wrongly reported that the flood in Herat killed 55 people and damaged the old bridge.")
    assert differing(facts("The flood killed 40 people."), evidence(CITED), [other]) == []


def test_both_are_shown_the_later_one_last() -> None:
    first, second, third = (
        evidence(CITED.replace("40", number), f"2023-04-1{i}") for i, number in enumerate(("40", "55", "61"))
    )
    checks = Checker("How many?", [second], ToyEmbedder(), elsewhere=[third, second, first])
    claims = [claim for claim, _ in checks.check_all("The flood killed 55 people.")]
    assert [claim.marked() for claim in claims] == [
        f"An article of 2023-04-10 says: “{first.quote}” [1]",
        "The flood killed 55 people. [2]",
        f"An article of 2023-04-12 says: “{third.quote}” [3]",
    ]
    assert [citation.quote for citation in checks.citations] == [first.quote, second.quote, third.quote]


def test_a_sentence_that_is_quoted_is_disagreed_with_too() -> None:
    first, second = (evidence(CITED.replace("40", n), f"2023-04-1{i}") for i, n in enumerate(("40", "55")))
    checks = Checker("How many?", [first], ToyEmbedder(), elsewhere=[first, second])
    assert [claim.marked() for claim, _ in checks.quote(first)] == [
        f"{first.quote} [1]",
        f"An article of 2023-04-11 says: “{second.quote}” [2]",
    ]


def test_what_is_withheld_is_not_disagreed_with() -> None:
    checks = Checker("How many?", [evidence(CITED)], ToyEmbedder(), elsewhere=[evidence(CITED.replace("40", "55"))])
    [(claim, citations)] = checks.check_all("The flood killed 70 people.")
    assert (claim.withheld, citations) == (True, ())
