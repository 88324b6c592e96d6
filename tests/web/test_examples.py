"""Example questions are made from the articles, and quickly."""

from pathlib import Path

from rag.web.examples import example_questions
from tests.world import World

TEXT = (
    "Defence Minister Anna Berg said the bridge was closed. Defence Minister Anna Berg also named the Delft Works. "
    "The Delft Works repaired it. Otto Lind watched."
)


def test_who_speaks_is_asked_first_then_other_names(tmp_path: Path) -> None:
    reader = World(tmp_path, texts=[TEXT]).index.catalogue
    assert example_questions(reader) == [
        "What did Anna Berg say?",
        "What is said about Delft Works?",
        "What is said about Otto Lind?",
    ]


def test_articles_without_names_give_none(tmp_path: Path) -> None:
    assert example_questions(World(tmp_path, texts=["it rained."]).index.catalogue) == []
