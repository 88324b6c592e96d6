"""Which questions lean on the conversation before them, and what is searched for then."""

from dataclasses import replace

import pytest

from rag.follow_ups import conversation, leans, standing_alone
from rag.types import Claim, Query
from tests.world import GREEN, earlier

INVENTED = Claim("Soldiers wore pink goggles.", "unsupported", withheld=True)
HISTORY = [earlier(f"What of {what}?", GREEN) for what in ("rain", "the bridge", "rifles", "the goggles")]


@pytest.mark.parametrize(
    "question",
    [
        "And the bridge over the river?",
        "What about steel beams from Holland?",
        "Why?",
        "Where was that?",
        "Who repaired it with beams?",
        "What did he say about weapons?",
        "Which beams did the others bring?",
        "No, the beams made of steel.",
        "I mean who paid the engineers for the beams?",
        "I'm asking which engineers brought steel beams.",
        "Dutch engineers",
    ],
)
def test_a_question_that_needs_the_conversation_leans(question: str) -> None:
    assert leans(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who repaired the old bridge?",
        "What did Asif say about his weapons?",
        "Which soldiers left rifles behind?",
        "Did Asif mention weapons?",
        "Norwegian engineers brought which steel beams?",
        "Okinawa's governor said what about weapons?",
        "No country signed which treaty in Geneva?",
        "Tell me about Dutch engineers",
        "Wer reparierte die Brücke?",
        "weapons left behind by American soldiers",
        "When did it burn in “Álvaro Street”?",
    ],
)
def test_a_question_that_can_be_understood_alone_does_not_lean(question: str) -> None:
    assert not leans(question)


def test_the_last_question_and_the_beginning_of_its_answer_are_the_conversation() -> None:
    history = [*HISTORY, earlier("And the soldiers?", INVENTED, GREEN)]
    assert conversation(history) == "Question: And the soldiers?\nAnswer: The goggles were green."
    long = earlier("And the rain?", Claim("It fell. " * 100, "supported"))
    assert conversation([long]).count("fell") == 30


def test_what_is_written_is_searched_for_if_its_words_were_said() -> None:
    assert standing_alone(" Were the goggles green?\nYes.", "Were they?", HISTORY) == "Were the goggles green?"


@pytest.mark.parametrize(
    "written",
    [
        "What did Napoleon say about goggles?",
        "Were rifles green?",
        "What was the answer to the question?",
        "Were the goggles pink?",
        "",
        " \n",
    ],
)
def test_where_words_were_made_up_both_questions_are_searched_for(written: str) -> None:
    history = [*HISTORY[:-1], earlier("What of the goggles?", INVENTED, GREEN)]
    assert standing_alone(written, "Were they?", history) == "What of the goggles? Were they?"


def test_where_the_questions_own_words_were_lost_both_are_searched_for() -> None:
    question = "and what did tom watson say of them?"
    assert standing_alone("What of the goggles?", question, HISTORY) == f"What of the goggles? {question}"
    kept = "What did tom watson say of the goggles?"
    assert standing_alone(kept, question, HISTORY) == kept


def test_what_is_searched_for_does_not_grow_with_the_conversation() -> None:
    history = [earlier("What of the goggles?", GREEN)]
    for _ in range(5):
        text = standing_alone("Napoleon's?", "And they?", history)
        history.append(replace(earlier("And they?", INVENTED), query=Query(text)))
    assert text == "What of the goggles? And they?"
