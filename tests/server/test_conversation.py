"""Messages become a question and the answers before it."""

import pytest

from rag.errors import UsageError
from rag.server.conversation import ChatMessage, read
from rag.types import REFUSAL


def messages(*said: str) -> list[ChatMessage]:
    """Return messages of user and assistant in turn."""
    return [ChatMessage(role="assistant" if i % 2 else "user", content=text) for i, text in enumerate(said)]


def test_one_message_is_a_question() -> None:
    assert read(messages("Who?")) == ("Who?", [])


def test_markers_and_sources_are_no_part_of_an_earlier_answer() -> None:
    question, [earlier] = read(messages("Who left?", "He left. [1][2] She stayed. [3]\n\nSources:\n1. x", "Why?"))
    assert question == "Why?"
    assert (earlier.question, earlier.query.text) == ("Who left?", "Who left?")
    assert [claim.text for claim in earlier.claims] == ["He left.", "She stayed."]


def test_an_earlier_refusal_says_nothing() -> None:
    _, [earlier] = read(messages("Who left?", REFUSAL, "Why?"))
    assert (earlier.refused, earlier.claims) == (True, ())


def test_what_was_not_answered_is_no_answer() -> None:
    said = "Soldiers left rifles. [1] Not in these articles: “who paid?”"
    _, history = read(messages("Who left rifles, and who paid?", said, "Why?"))
    assert [claim.text for claim in history[-1].shown] == ["Soldiers left rifles."]


def test_a_question_that_leaned_is_read_with_the_one_before() -> None:
    _, history = read(messages("Who left the rifles?", "Soldiers.", "And when?", "In 2021.", "Why?"))
    assert history[-1].query.sought == "Who left the rifles? And when?"


def test_other_roles_and_unanswered_questions_are_passed_over() -> None:
    said = [ChatMessage(role="system", content="Be brief."), *messages("Who?", "He."), ChatMessage(role="tool")]
    said += [ChatMessage(role="user", content="What?"), ChatMessage(role="user", content="Why?")]
    question, history = read(said)
    assert question == "Why?"
    assert [answer.question for answer in history] == ["Who?"]


def test_a_message_in_parts_is_their_text() -> None:
    parts = ChatMessage.model_validate(
        {"role": "user", "content": [{"type": "text", "text": "Who"}, {"type": "text", "text": "left?"}]}
    )
    assert read([parts])[0] == "Who\nleft?"


def test_a_long_history_is_cut() -> None:
    _, [earlier] = read(messages("x" * 9000, "Word. " * 9000, "Why?"))
    assert len(earlier.question) == 2000
    assert sum(len(claim.text) for claim in earlier.claims) <= 2000


def test_there_must_be_a_question() -> None:
    with pytest.raises(UsageError, match="last message is not from the user"):
        read(messages("Who?", "He."))
