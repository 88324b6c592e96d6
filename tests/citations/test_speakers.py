"""Whose words answer a question for somebody's words."""

from dataclasses import replace

import pytest

from rag.citations import Checker
from rag.testing import ToyEmbedder
from rag.types import Evidence
from tests.citations.sources import evidence

PEOPLE = "Mayor Eva Lind met Hans Meyer. Meyer left early. Meyer said the dam would hold."
SAID = "Meyer said the dam would hold."


def spoken(text: str, speaker: str | None) -> list[Evidence]:
    """Return the sentences of an article, in the last of which somebody speaks."""
    *before, last = evidence(text)
    return [*before, replace(last, speaker=speaker)]


def answers(text: str, speaker: str | None, asked: str, claim: str = SAID) -> str:
    """Return what is wrong with a claim as an answer to what `asked` says; "" where it is shown."""
    checks = Checker("What did they say?", spoken(text, speaker), ToyEmbedder(), speakers=(asked,))
    checked, _ = checks.check(claim)
    assert checked.withheld is bool(checked.missing)
    return "; ".join(checked.missing)


@pytest.mark.parametrize("asked", ["Hans Meyer", "Meyer", "Mr Meyer"])
def test_their_own_words_answer(asked: str) -> None:
    assert answers(PEOPLE, "Hans Meyer", asked) == ""


@pytest.mark.parametrize("asked", ["Eva Lind", "Lind", "Mayor Eva Lind"])
def test_what_somebody_else_says_is_no_answer_and_it_is_told_who_says_it(asked: str) -> None:
    assert answers(PEOPLE, "Hans Meyer", asked) == "somebody else says it: Hans Meyer"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Oxfam met Hans Meyer, its head. Oxfam grew. Meyer said the dam would hold.", "Oxfam"),
        ("The Lind Group met Hans Meyer. Lind fell. Meyer said the dam would hold.", "Lind Group"),
        ("New Zealand waits. It rained in Zealand. Meyer said the dam would hold.", "New Zealand"),
        ("The US waits. President US. US talks. Meyer said the dam would hold.", "US"),
        (PEOPLE, "engineers"),
        (PEOPLE, "Eva Lund"),
    ],
)
def test_who_is_no_person_of_the_article_may_speak_through_others(text: str, asked: str) -> None:
    assert answers(text, "Hans Meyer", asked) == ""


@pytest.mark.parametrize("speaker", [None, "police"])
def test_what_nobody_in_particular_says_may_answer(speaker: str | None) -> None:
    assert answers(PEOPLE, speaker, "Eva Lind") == ""


def test_one_of_those_asked_about_is_enough() -> None:
    checks = Checker("What?", spoken(PEOPLE, "Hans Meyer"), ToyEmbedder(), speakers=("Lind", "Meyer"))
    assert not checks.check(SAID)[0].withheld


def test_nothing_that_somebody_else_says_is_quoted() -> None:
    sources = spoken(PEOPLE, "Hans Meyer")
    assert list(Checker("What?", sources, ToyEmbedder(), speakers=("Lind",)).quote(sources[-1])) == []
    assert len(list(Checker("What?", sources, ToyEmbedder(), speakers=("Meyer",)).quote(sources[-1]))) == 1
