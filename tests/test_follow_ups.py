"""Which questions lean on the conversation before them, and what is searched for then."""

from dataclasses import replace

import pytest

from rag.follow_ups import (
    asks_for_more,
    begun_with,
    conversation,
    goes_on,
    leans,
    points_back,
    recalled,
    standing_alone,
)
from rag.types import Answer, Claim, Query
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
def test_a_question_with_words_made_up_does_not_stand_alone(written: str) -> None:
    history = [*HISTORY[:-1], earlier("What of the goggles?", INVENTED, GREEN)]
    assert standing_alone(written, "Were they?", history) is None


def test_a_question_that_lost_its_own_words_or_is_left_as_it_was_does_not_stand_alone() -> None:
    question = "and what did tom watson say of them?"
    assert standing_alone("What of the goggles?", question, HISTORY) is None
    assert standing_alone(f"{question}?", question, HISTORY) is None
    kept = "What did tom watson say of the goggles?"
    assert standing_alone(kept, question, HISTORY) == kept


@pytest.mark.parametrize(
    "question",
    [
        "How many people died?",
        "What caused the fire?",
        "Who was arrested on Monday?",
        "why?",
        "What did she say?",
        "and in Germany?",
    ],
)
def test_a_question_that_says_too_little_goes_on_with_the_conversation(question: str) -> None:
    assert goes_on(question, HISTORY)
    assert not goes_on(question, [])


@pytest.mark.parametrize(
    "question",
    [
        "How many people died in Jakarta?",
        "How many people died in the 2018 fire?",
        "Brexit: what happened?",
        "Who leads the U.S.?",
        "which reality show was hana kimura on",
        "Who repaired the steel bridge over the river?",
    ],
)
def test_a_question_that_names_something_or_says_much_does_not_go_on(question: str) -> None:
    assert not goes_on(question, HISTORY)


def test_a_part_points_back_where_it_says_he_or_names_nothing() -> None:
    assert points_back("how many votes did he get in Texas?")
    assert points_back("which office had the winner held until then?")
    assert not points_back("who governs Texas?")
    assert not points_back("who won in 2019?")


@pytest.mark.parametrize("question", ["What else did he say?", "Anything more about rifles?", "Tell me more"])
def test_what_else_there_is_is_asked_for(question: str) -> None:
    assert asks_for_more(question)
    assert not asks_for_more("Did more than ten engineers say so?")


def test_what_a_conversation_is_about_does_not_grow_with_it() -> None:
    history = [earlier("What of the goggles?", GREEN)]
    for _ in range(5):
        history.append(replace(earlier("And they?", INVENTED), query=Query("And they?", after=begun_with(history))))
    assert history[-1].query.sought == "What of the goggles? And they?"
    assert conversation(history).startswith("Question: What of the goggles? And they?\n")


def test_a_rewriting_asks_what_was_asked() -> None:
    history = [earlier("Who is Mia Berg?", Claim("Mia Berg leads the villa trust.", "supported"))]
    written = "Who did Mia Berg say about the villa?"
    assert (
        standing_alone(written, "What did she say about the villa?", history)
        == "What did Mia Berg say about the villa?"
    )
    assert standing_alone(written, "And what did she say about the villa?", history) == (
        "What did Mia Berg say about the villa?"
    )
    assert standing_alone(written, "And about the villa?", history) == written
    assert standing_alone(written, "What about the villa?", history) == written


def test_he_is_nobody_who_was_she() -> None:
    def asked(question: str, searched: str) -> Answer:
        return replace(
            earlier(question, Claim("Mia Berg and Rod Lind spoke of prison.", "supported")), query=Query(searched)
        )

    history = [
        asked("And his lawyer?", "Who is Rod Lind's lawyer?"),
        asked("What did she say about prison?", "What did Mia Berg say about prison?"),
    ]
    written, question = "How long was Mia Berg in prison?", "How long was he in prison?"
    assert standing_alone(written, question, history) == "How long was Rod Lind in prison?"
    assert standing_alone(written, question, history[1:]) is None, "it is not known who"
    assert standing_alone(written, "How long was she in prison?", history) == written
    assert standing_alone(written, "How long was he in prison with her?", history) == written
    lawyer = "What did Rod Lind's lawyer say of prison?"
    assert standing_alone(lawyer, "What did she say of prison?", history[:1]) == lawyer, "the lawyer is meant"
    owner = standing_alone("Who is Mia Berg's lawyer?", "Who is his lawyer?", [*history, history[0]])
    assert owner == "Who is Rod Lind's lawyer?"


def test_an_answer_is_recalled_from_its_text() -> None:
    first = recalled("What of the goggles?", "They were green. So were the rifles.", [])
    second = recalled("Were they?", "", [first])
    assert [claim.text for claim in first.shown] == ["They were green.", "So were the rifles."]
    assert (first.query.sought, first.refused) == ("What of the goggles?", False)
    assert (second.query.sought, second.refused) == ("What of the goggles? Were they?", True)
