"""Which questions are made of several."""

import pytest

from rag.retrieval.parts import parts


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "Who won the mayoral election, and how many votes did she get?",
            ["Who won the mayoral election?", "how many votes did she get?"],
        ),
        ("Who repaired the bridge? And when did it open?", ["Who repaired the bridge?", "when did it open?"]),
        ("Is the bridge open again? Who repaired it?", ["Is the bridge open again?", "Who repaired it?"]),
        (
            "What illness had he when he died, and where did he live?",
            ["What illness had he when he died?", "where did he live?"],
        ),
        (
            "Where did the fire break out, and up to what hour did it burn, and who was hurt?",
            ["Where did the fire break out?", "up to what hour did it burn?", "who was hurt?"],
        ),
    ],
)
def test_a_question_is_cut_where_another_begins(question: str, asked: list[str]) -> None:
    assert parts(question) == asked


@pytest.mark.parametrize(
    "question",
    [
        "When and where was the bridge built?",
        "Who won the mayoral election, and by how much?",
        "Who won, and how many votes did she get?",
        "What did the report say about who set the fire and how they escaped?",
        "What do the articles tell of walls and how Mexico paid?",
        "Who led the research on brain injuries and was criticized by the league?",
        "What did Lind and Asif say about weapons?",
        "I read of a fire in Rome. Who was arrested?",
        "Who is Kay Ivey and what did she say about schools?",
        "Who wrote the best-selling book and was born in Ghana?",
        "Which team lost the final and can still qualify?",
        "Which hospital was bombed and is now closed?",
        "Who left the army and has written a book about it?",
        "Which actor played James Bond and did all stunts himself?",
        "What is the difference between what Biden said and what Trump said?",
        "What did police say about how many people died and why buildings collapsed?",
        "Did the report explain what went wrong and who was to blame?",
        "How many Russian soldiers and how many Ukrainian civilians died?",
        "Which two players and which coach were fined?",
        'Who wrote the song "What is love and who needs it"?',
        "Tell me about the flood and when it came",
        "Who set the first fire? Who saw the first fire? Who put the fire out? Who paid for the fire?",
    ],
)
def test_what_is_one_question_stays_one(question: str) -> None:
    assert parts(question) == [question]
