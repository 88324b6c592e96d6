"""Questions that ask nothing particular of somebody or something."""

import pytest

from rag.retrieval import is_broad
from rag.types import Article, Evidence, Origin, Query

TEXT = "Rain fell, said Kay Ivey of Alabama. Who is responsible, and the best player, is not known."
SAID = Evidence(Article("id", TEXT, (Origin(path="a.txt", title="News"),)), 0, len(TEXT), "Khawaja Asif")


def broad(question: str, *, speakers: tuple[str, ...] = ()) -> bool:
    return is_broad(Query(question, speakers=speakers), [SAID])


@pytest.mark.parametrize(
    "question",
    [
        "Who is Kay Ivey?",
        "who is kay ivey",
        "And who was Navalny?",
        "Who's Wanda Vázquez Garced?",
        "Who was Ludwig van der Berg?",
        "Who are the White Helmets?",
        "Who was the Wagner Group?",
        "Who is “Kay Ivey”?",
        "Who was Kay ivey?",
        "What is WHO?",
        "What is fracking?",
        "What is machine learning?",
        "What exactly is a king?",
        "Describe Gdansk",
        "What do you know about Gdansk?",
        "What is AfCFTA?",
        "What is K2-18b?",
        "What was the Battle of Ball's Bluff?",
        "What is the oVert project?",
        "What is bone marrow?",
        "What is an irrigation tank?",
        "Tell me about the cotton gin",
        "Summarise the trial",
        "Give me a short summary of the Gdansk project",
        "Please tell me something about Gdansk.",
        "What is known about Crew Dragon?",
        "What do the articles say about Easter Island?",
        "Anything on Johnson & Johnson?",
        "Brodie Lee",
        "What happened in Lac-Mégantic?",
        "What happened to Adamowicz?",
    ],
)
def test_it_names_something_and_asks_nothing_particular_of_it(question: str) -> None:
    assert broad(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who is Kay Ivey's husband?",
        "Who was Trump's Vice President?",
        "Who is Trump suing?",
        "Who is the King of Spain?",
        "Who is Kay Ivey married to?",
        "What is the capital of France?",
        "What is the death toll?",
        "What is Trump doing?",
        "What was William Johnson's Sioux name?",
        "What is Crew Dragon used for?",
        "Asif weapons",
        "Dutch engineers",
        "Prince Harry And Meghan Markle Announce Their Engagement",
        "Who is he?",
        "What is it?",
        "What is this about?",
        "What happened?",
        "What happened on Monday?",
        "What happened to the offenders?",
        "What is happening?",
        "WHO IS SUING TRUMP?",
        "Did Trump Lose?",
        "Why?",
        "10",
        "Who is President of France?",
        "Who is Boeing CEO?",
        "Who is responsible?",
        "Who is best player?",
        "Who was shot?",
        "What is the US population?",
        "What is death toll?",
        "What is the COVID toll?",
        "What is the GDP of France?",
        "Give me the date of the Battle of Hastings",
        "What is 5% of 300?",
        "What is",
        "- - -",
        "?",
        "",
    ],
)
def test_anything_more_is_particular(question: str) -> None:
    assert not broad(question)


@pytest.mark.parametrize(
    ("question", "speakers", "expected"),
    [
        ("What did Asif say?", ("Khawaja Asif",), True),
        ("What does Khawaja Asif think?", ("Khawaja Asif",), True),
        ("What are Asif's views?", ("Khawaja Asif",), True),
        ("What did Asif say about weapons?", ("Khawaja Asif",), False),
        ("What did Asif not say?", ("Khawaja Asif",), False),
        ("How much did Asif say?", ("Khawaja Asif",), False),
        ("Who was it, according to Asif?", ("Khawaja Asif",), False),
        ("What did Lind say?", ("Eva Lind",), False),
        ("What did Lind say?", (), False),
    ],
)
def test_somebodys_words_are_asked_for_broadly_where_some_are_read(
    question: str, speakers: tuple[str, ...], *, expected: bool
) -> None:
    assert broad(question, speakers=speakers) is expected
