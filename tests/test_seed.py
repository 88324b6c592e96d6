"""The seed article, asked with the real models: what must be answered, and what must be declined."""

import pytest

from rag import Answer, Assistant
from rag.types import REFUSAL

pytestmark = pytest.mark.model

WEAPONS = "What did Asif say about weapons?"
ANSWERED = [
    (WEAPONS, ["night vision goggles", "American forces"], "night vision goggles left behind"),
    ("Who left the weapons behind?", ["American forces"], "left behind by the American forces"),
    ("When did the ceasefire end?", ["November 28"], "formally ended the ceasefire on November 28"),
    (
        "How many attacks has the TTP carried out since the ceasefire ended?",
        ["more than 100"],
        "executed more than 100 attacks",
    ),
    ("How many militants fought against NATO?", ["7,000", "8,000"], "between 7,000 to 8,000 of them"),
    ("Who was in the delegation to Kabul?", ["Asif", "Anjum", "Khan", "Nizamani", "Sadiq"], "a Pakistani delegation"),
    ("What did the National Security Committee agree?", ["operation"], "all-out comprehensive operation"),
    ("Why are the protests remarkable?", ["unarmed"], "It is remarkable that people are protesting unarmed"),
    ("When did the Americans withdraw from Afghanistan?", ["August 2021"], "withdrew from Afghanistan in August 2021"),
    ("To whom did Asif give the interview?", ["Voice of America"], "interview with the Voice of America"),
]
DECLINED = [
    "What is the population of Pakistan?",
    "What did Asif say about Brexit?",
    "Who is the president of the United States?",
    "What did the TTP's leader answer?",
]


def assert_cites(answer: Answer, said: list[str], cited: str) -> None:
    """Fail unless the answer says all of `said`, and cites the sentence that holds `cited`, to the character."""
    assert not answer.refused, answer.claims
    for part in said:
        assert part in answer.text
    assert any(cited in citation.quote for citation in answer.citations), [c.quote for c in answer.citations]
    for citation in answer.citations:
        assert citation.quote == citation.article.text[citation.start : citation.end]
        assert f"[{citation.marker}]" in answer.text


@pytest.mark.parametrize(("question", "said", "cited"), ANSWERED, ids=[question for question, *_ in ANSWERED])
def test_a_question_the_article_answers(seed_assistant: Assistant, question: str, said: list[str], cited: str) -> None:
    assert_cites(seed_assistant.ask(question), said, cited)


@pytest.mark.parametrize("question", DECLINED)
def test_a_question_it_does_not_answer(seed_assistant: Assistant, question: str) -> None:
    answer = seed_assistant.ask(question)
    assert answer.refused, answer.text
    assert answer.text == REFUSAL
    assert answer.hits[0].article.origin.title.startswith("Amid a surge")


def test_a_follow_up_uses_the_conversation(seed_assistant: Assistant) -> None:
    first = seed_assistant.ask(WEAPONS)
    answer = seed_assistant.ask("And who left them behind?", history=[first])
    assert answer.query.text != answer.question
    assert_cites(answer, ["American forces"], "left behind by the American forces")


def test_the_same_question_gets_the_same_answer_whatever_was_asked_before(seed_assistant: Assistant) -> None:
    first = seed_assistant.ask(WEAPONS)
    seed_assistant.ask("What is the population of Pakistan?")
    assert seed_assistant.ask(WEAPONS).text == first.text


def test_no_passage_is_cut_off_by_the_embedder(seed_assistant: Assistant) -> None:
    from rag import opening
    from rag.chunking import context_of, embed_text, passages

    embedder = opening.embedder(seed_assistant.settings)
    text = "Pneumonoultramicroscopicsilicovolcanoconiosis, " * 300
    context = context_of(text, embedder)
    for span in passages(text, embedder, context=context, target_tokens=4000):
        assert len(embedder.tokens(embed_text(context, span.of(text)))) + 2 <= embedder.max_tokens
