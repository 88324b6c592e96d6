"""Whose words answer a question for somebody's words."""

from dataclasses import replace

import pytest

from rag.citations import Checker
from rag.citations.speakers import said_by_another
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
    checks = Checker("What did they say?", spoken(text, speaker), ToyEmbedder(), asked_of=(asked,))
    checked, _ = checks.check(claim)
    assert checked.withheld is bool(checked.missing)
    return "; ".join(checked.missing)


@pytest.mark.parametrize("asked", ["Hans Meyer", "Meyer", "Mr Meyer"])
def test_their_own_words_answer(asked: str) -> None:
    assert answers(PEOPLE, "Hans Meyer", asked) == ""


@pytest.mark.parametrize("asked", ["Eva Lind", "Lind", "Mayor Eva Lind"])
def test_what_somebody_else_says_is_no_answer_and_it_is_told_who_says_it(asked: str) -> None:
    assert answers(PEOPLE, "Hans Meyer", asked) == "somebody else says it: Hans Meyer"


UNTITLED = "Eva Lind came. Lind left early. Meyer said the dam would hold."


@pytest.mark.parametrize(
    "text", [UNTITLED, UNTITLED.replace("Lind left", "President Lind left").replace("Eva Lind", "She")]
)
def test_people_are_called_by_a_title_or_by_a_whole_name_and_the_last_one(text: str) -> None:
    assert answers(text, "Hans Meyer", "Lind") == "somebody else says it: Hans Meyer"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Oxfam met Hans Meyer, its head. Oxfam grew.", "Oxfam"),
        ("On Monday Oxfam grew. In May Oxfam fell. When Oxfam fell, all fell. Oxfam waits.", "Oxfam"),
        ("General Motors grew. Motors are made.", "General Motors"),
        ("The House Republicans met. Republicans lost.", "Republicans"),
        ("Eva Lind Foundation grew. Lind Foundation waits. Eva Lind.", "Lind"),
        ("Eva Lind came.", "Eva Lind"),
        ("Western Zealand waits. It rained in Zealand. Zealand fell.", "Zealand"),
        ("President US. The US waits. Eva US. US talks.", "US"),
        (PEOPLE, "engineers"),
        (PEOPLE, "friends of Eva Lind"),
        (PEOPLE, "doctors treating Lind"),
        (PEOPLE, "Eva Lund"),
    ],
)
def test_who_is_no_person_of_the_article_may_speak_through_others(text: str, asked: str) -> None:
    assert answers(f"{text} {SAID}", "Hans Meyer", asked) == ""


@pytest.mark.parametrize(
    "said",
    [
        "Meyer and Lind said the dam would hold.",
        "Lind and Meyer said the dam would hold.",
        "According to Meyer, Lind later said the dam would hold.",
        "Meyer agreed that the dam would hold, said Mayor Lind.",
    ],
)
def test_another_of_those_who_speak_in_a_sentence_may_say_it(said: str) -> None:
    assert answers(f"{UNTITLED} {said}", "Hans Meyer", "Lind", said) == ""


def test_what_is_said_to_somebody_is_not_said_by_them() -> None:
    said = "Meyer accused Lind of leaving the dam."
    assert answers(f"{UNTITLED} {said}", "Hans Meyer", "Lind", said) == "somebody else says it: Hans Meyer"


@pytest.mark.parametrize("speaker", [None, "police", "Reuters", "White House", "the mayor"])
def test_what_no_other_person_says_may_answer(speaker: str | None) -> None:
    assert answers(PEOPLE, speaker, "Eva Lind") == ""


def test_one_of_those_asked_about_is_enough() -> None:
    checks = Checker("What?", spoken(PEOPLE, "Hans Meyer"), ToyEmbedder(), asked_of=("Lind", "Meyer"))
    assert not checks.check(SAID)[0].withheld


def test_a_second_sentence_in_which_they_speak_is_enough() -> None:
    *_, first = spoken(PEOPLE, "Hans Meyer")
    second = replace(first, start=0, end=30, speaker="Eva Lind")
    assert said_by_another(["Lind"], [first, second]) is None
    assert said_by_another(["Lind"], [first]) == "somebody else says it: Hans Meyer"


def test_nothing_that_somebody_else_says_is_quoted() -> None:
    sources = spoken(PEOPLE, "Hans Meyer")
    assert list(Checker("What?", sources, ToyEmbedder(), asked_of=("Lind",)).quote(sources[-1])) == []
    assert len(list(Checker("What?", sources, ToyEmbedder(), asked_of=("Meyer",)).quote(sources[-1]))) == 1
