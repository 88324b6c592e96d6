"""Example questions are made from the articles, and quickly."""

from pathlib import Path

from rag.web.examples import example_questions
from tests.world import World

TEXT = (
    "Defence Minister Anna Berg said the bridge was closed. Defence Minister Anna Berg also named the Delft Works. "
    "The Delft Works repaired it. Otto Lind watched."
)


def test_people_who_speak_are_asked_about_first_then_other_names(tmp_path: Path) -> None:
    reader = World(tmp_path, texts=[TEXT]).index.catalogue
    assert example_questions(reader) == [
        "What did Anna Berg say?",
        "What is known about Delft Works?",
        "What is known about Otto Lind?",
    ]


def test_the_second_one_asks_who_somebody_is(tmp_path: Path) -> None:
    text = "Minister Anna Berg said it was closed. Minister Anna Berg left. Red Hats said so. Mayor Eli Roth said no."
    reader = World(tmp_path, texts=[text]).index.catalogue
    assert example_questions(reader, most=2) == ["What did Anna Berg say?", "Who is Eli Roth?"]


def test_articles_without_names_give_none(tmp_path: Path) -> None:
    assert example_questions(World(tmp_path, texts=["it rained."]).index.catalogue) == []
