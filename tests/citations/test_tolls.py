"""A later toll of the same story is told beside an earlier one."""

import pytest

from rag.chunking import sentences
from rag.citations import Checker
from rag.citations.facts import facts
from rag.citations.tolls import later_toll
from rag.testing import ToyEmbedder
from rag.types import Article, Evidence, Origin

FIRST = "At least four people died and nine were injured in the fire at the Brindle mill in Caster Vale."
QUESTION = "How many people died in the mill fire?"


def told(text: str, published: str | None, *, title: str = "Mill fire") -> list[Evidence]:
    """Return the sentences of an article on the fire at the Brindle mill in Caster Vale."""
    article = Article(text, text, (Origin(path="a.txt", title=title, published=published),))
    return [Evidence(article, span.start, span.end) for span in sentences(text)]


def later(sentence: str, *, question: str = QUESTION, published: str = "2025-06-19", place: str = "Caster Vale") -> str:
    """Return the later toll that an article of this sentence, on the Brindle mill fire, has; "" where it has none."""
    [cited] = told(FIRST, "2025-06-15")
    others = told(f"{sentence} The fire at the Brindle mill in {place} is out.", published)
    toll = later_toll(facts(question), facts("Four people died."), cited, [cited, *others])
    return toll.quote if toll else ""


@pytest.mark.parametrize(
    "sentence",
    [
        "The number of dead is nine.",
        "The toll of the fire rose to nine on Monday.",
        "The fire killed nine people.",
        "The right number is eight dead, not four.",
        "So far 12 bodies have been found.",
    ],
)
def test_another_number_of_the_dead_is_a_later_toll(sentence: str) -> None:
    assert later(sentence) == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "The number of dead is four.",
        "The fire was put out after nine hours by 22 engines.",
        "The number of injured is nine.",
        "The fire of 1903 killed nine people.",
        "An earlier version of this article said that the fire killed nine people.",
        "Nine people died on the roads.",
        "Mill fire",
    ],
)
def test_what_counts_something_else_is_none(sentence: str) -> None:
    assert later(sentence) == ""


def test_a_headline_tells_a_toll_where_nothing_beneath_it_does() -> None:
    [cited] = told(FIRST, "2025-06-15")
    headline, rest = "Mill fire deaths reach nine", "The fire at the Brindle mill in Caster Vale is out."
    for more in ("", " The number of dead is nine."):
        others = told(f"{headline}\n{rest}{more}", "2025-06-19", title=headline)
        toll = later_toll(facts(QUESTION), facts("Four people died."), cited, others)
        assert toll
        assert toll.quote == (more.strip() or headline)


def test_a_headline_with_another_number_beside_deaths_tells_no_toll() -> None:
    [cited] = told(FIRST, "2025-06-15")
    for headline in (
        "Mill fire deaths: 40 things we know",
        "Mill fire: nine dead remembered",
        "Mill fire deaths: two held",
    ):
        others = told(f"{headline}\nThe fire at the Brindle mill in Caster Vale is out.", "2025-06-19", title=headline)
        assert later_toll(facts(QUESTION), facts("Four people died."), cited, others) is None


@pytest.mark.parametrize(
    "question",
    ["What is the latest death toll?", "How many people perished?", "How many people died?", "And how many dead?"],
)
def test_a_question_that_names_no_story_asks_of_the_one_it_is_answered_from(question: str) -> None:
    assert later("The number of dead is nine.", question=question) == "The number of dead is nine."


def test_who_asks_for_no_number_and_names_no_story_asks_for_no_toll() -> None:
    assert not later("The number of dead is nine.", question="Did anyone die?")


def test_an_article_of_the_last_days_of_all_time_has_none() -> None:
    [cited] = told(FIRST, "9999-12-15")
    assert later_toll(facts(QUESTION), facts("Four people died."), cited, [cited]) is None


def test_an_earlier_article_or_one_of_another_story_has_no_later_toll() -> None:
    sentence = "The number of dead is nine."
    assert later(sentence, published="2025-06-14") == ""
    assert later(sentence, published="2025-08-01") == "", "weeks after it is another story"
    assert later(sentence, question="How many people died in the mine?") == ""
    assert later(sentence, question="How many engines came to the mill fire?") == ""
    [cited] = told(FIRST, "2025-06-15")
    strange = told(f"{sentence} A fire at a mill in Herat is out.", "2025-06-19", title="Fire at a mill")
    assert later_toll(facts(QUESTION), facts("Four died."), cited, strange) is None
    undated = told(FIRST, None)
    assert later_toll(facts(QUESTION), facts("Four died."), undated[0], told(sentence, "2025-06-19")) is None


def test_the_last_one_is_told_behind_the_first() -> None:
    [first] = told(FIRST, "2025-06-15")
    second = told("The number of dead is nine. The Brindle mill in Caster Vale is closed after the fire.", "2025-06-16")
    third = told(
        '"The number of dead is eight." The Brindle mill in Caster Vale is closed after the fire.', "2025-06-19"
    )
    checks = Checker(QUESTION, [first], ToyEmbedder(), elsewhere=[first, *second, *third])
    claims = [claim for claim, _ in checks.check_all("At least four people died in the fire at the Brindle mill.")]
    assert [claim.marked() for claim in claims] == [
        "At least four people died in the fire at the Brindle mill. [1]",
        'An article of 2025-06-19 says: "The number of dead is eight." [2]',
    ]
