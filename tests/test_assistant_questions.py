"""Questions that lean on the conversation, and those that are refused at once."""

from pathlib import Path

import pytest

from rag import Settings
from rag.assistant import check_question
from rag.errors import UsageError
from tests.world import FLOOD, GREEN, WAR, World, earlier

# A conversation


def test_a_question_that_leans_on_the_conversation_is_rewritten_and_searched_so(tmp_path: Path) -> None:
    rewritten = "What were the green goggles of American soldiers?"
    world = World(tmp_path, f"{rewritten}\nI hope this helps.", "The goggles were green.")
    history = [earlier("What of the goggles of American soldiers?", GREEN)]
    answer = world.assistant.ask("What were they?", history=history)
    assert answer.question == "What were they?"
    assert answer.query.text == rewritten
    assert world.embedder.embedded[0] == rewritten
    assert f"Question: {rewritten}" in world.llm.history[1][1].content
    assert answer.timings.rewrite_s is not None


def test_the_rewrite_reads_the_last_question_and_its_answer(tmp_path: Path) -> None:
    world = World(tmp_path, "What were the goggles?", "The goggles were green.")
    history = [earlier("What of the bridge?"), earlier("What of the goggles?", GREEN)]
    world.assistant.ask("What were they?", history=history)
    said = "Question: What of the goggles?\nAnswer: The goggles were green."
    assert world.llm.history[0] == tuple(
        world.prompts.messages("rewrite", question="What were they?", conversation=said)
    )


def test_a_question_that_stands_alone_is_searched_as_it_is(tmp_path: Path) -> None:
    world = World(tmp_path, "Dutch engineers repaired the bridge with steel beams.")
    question = "Which engineers repaired the old bridge?"
    answer = world.assistant.ask(question, history=[earlier("What of the goggles?", GREEN)])
    assert answer.query.text == question
    assert len(world.llm.history) == 1
    assert answer.timings.rewrite_s is None


def test_the_first_question_is_never_rewritten(tmp_path: Path) -> None:
    world = World(tmp_path, "The goggles were green.")
    assert world.assistant.ask("What were they?").query.text == "What were they?"
    assert len(world.llm.history) == 1


@pytest.mark.parametrize("rewrite", ["What did Napoleon say about goggles?", ""])
def test_after_a_rewrite_that_invents_words_or_says_nothing_both_questions_are_searched_for(
    tmp_path: Path, rewrite: str
) -> None:
    world = World(tmp_path, rewrite, "The goggles were green.")
    answer = world.assistant.ask("What were they?", history=[earlier("What of the goggles?", GREEN)])
    assert (answer.query.text, answer.query.after) == ("What were they?", "What of the goggles?")
    assert "What of the goggles? What were they?" in world.embedder.embedded
    assert world.llm.history[1][1].content.endswith("Question: What were they?")


def test_a_question_that_names_nothing_goes_on_though_it_was_rewritten(tmp_path: Path) -> None:
    world = World(tmp_path, "What were the green goggles?", "The goggles were green.")
    query = world.assistant.query("What were they?", history=[earlier("What of the goggles?", GREEN)])
    assert (query.text, query.after) == ("What were the green goggles?", "What of the goggles?")


def test_a_question_that_names_nothing_goes_on_with_the_articles_of_the_last_answer(tmp_path: Path) -> None:
    world = World(tmp_path, "The goggles were green.", "Engineers repaired it.")
    first = world.assistant.ask("Which goggles were left?")
    answer = world.assistant.ask("Who left rifles?", history=[first])
    assert len(world.llm.history) == 2
    assert answer.query.after == "Which goggles were left?"
    assert answer.query.going_on == (first.citations[0].article.id,)
    bare = world.assistant.query("Who left rifles?")
    assert (bare.after, bare.going_on) == (None, ())


def test_after_a_refusal_the_articles_of_the_answer_before_it_are_gone_on_with(tmp_path: Path) -> None:
    world = World(tmp_path, "The goggles were green.")
    first = world.assistant.ask("Which goggles were left?")
    query = world.assistant.query("Who left rifles?", history=[first, earlier("Who fed birds?")])
    assert (query.after, query.going_on) == ("Who fed birds?", (first.citations[0].article.id,))
    text = world.assistant.query("Who left rifles?", history=[earlier("Which goggles were left?", GREEN)])
    assert (text.after, text.going_on) == ("Which goggles were left?", ())


def test_a_question_about_something_else_does_not_go_on(tmp_path: Path) -> None:
    texts = (WAR, FLOOD, "Zanzibar sank in the storm.")
    world = World(tmp_path, "The goggles were green.", texts=texts)
    first = world.assistant.ask("Which goggles were left?")
    assert world.assistant.query("what storm sank zanzibar?", history=[first]).after is None
    assert world.assistant.query("what storm sank mogadishu?", history=[first]).after == "Which goggles were left?"


def test_days_and_spellings_of_the_question_before_hold_on(tmp_path: Path) -> None:
    world = World(tmp_path, "The goggles were green.", "Engineers repaired it.")
    first = world.assistant.ask("Which soldierz left goggles in April 2023?")
    query = world.assistant.query("Who left rifles?", history=[first])
    assert (query.from_, query.to) == ("2023-04-01", "2023-04-30")
    assert query.respelled == first.query.respelled != ()
    other = world.assistant.query("Who left rifles in May?", history=[first])
    assert other.from_ != "2023-04-01"


def test_what_was_cited_is_not_told_again_where_something_else_is_asked_for(tmp_path: Path) -> None:
    world = World(tmp_path, "The goggles were green.", "What else was green?", "The goggles were green.")
    first = world.assistant.ask("What was green?")
    cited = {(c.article.id, c.start) for c in first.citations}
    second = world.assistant.ask("What else was green?", history=[first])
    assert cited
    assert set(second.query.known) == cited
    assert not cited & {(e.article.id, e.start) for e in second.evidence}


# Questions that are refused at once


@pytest.mark.parametrize("question", ["", " \n\t ", "\x00", "\u200b"])
def test_an_empty_question_is_a_usage_error_before_anything_is_done(tmp_path: Path, question: str) -> None:
    world = World(tmp_path)
    for attempt in (world.assistant.stream, world.assistant.ask, world.assistant.search):
        with pytest.raises(UsageError, match="the question is empty"):
            attempt(question)
    assert world.embedder.embedded == []
    assert world.llm.history == []


def test_a_question_that_is_too_long_is_a_usage_error_before_anything_is_done(tmp_path: Path) -> None:
    world = World(tmp_path, question_chars=10)
    for attempt in (world.assistant.stream, world.assistant.ask, world.assistant.search):
        with pytest.raises(UsageError, match="has 11 characters, more than 10"):
            attempt("x" * 11)
    assert world.embedder.embedded == []
    assert world.llm.history == []


def test_a_question_of_just_the_longest_length_is_taken() -> None:
    assert check_question("x" * 10, Settings.load(question_chars=10)) == "x" * 10


def test_a_question_is_normalised_to_one_line() -> None:
    assert check_question(" Cafe\u0301\r\n or  tea? ", Settings.load()) == "Café or tea?"
