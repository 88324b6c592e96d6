"""Everything somebody said."""

import csv
import io
import json
from collections.abc import Sequence

import numpy as np

from rag.retrieval.said import said_by, to_csv, to_json, to_markdown
from rag.testing import ToyEmbedder
from rag.types import Filters, Vectors
from tests.retrieval.conftest import Build

LATER = {
    "title": "Later",
    "date": "2023-04-12",
    "source": "Dawn",
    "text": 'Khawaja Asif said the goggles were left behind. "=Rain fell," he said. Nothing else happened.',
}
EARLIER = {"title": "Earlier", "date": "2021-01-01", "text": "Khawaja Asif said that rain fell."}
UNDATED = {"title": "Undated", "text": "Imran Khan said that *nothing* was left."}


class Weather(ToyEmbedder):
    """Knows what has to do with rain."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        wet = [any(word in text.casefold() for word in ("rain", "drizzle")) for text in texts]
        return np.array([[1, 0] if one else [0, 1] for one in wet], np.float32)


def test_all_statements_come_by_date_word_for_word(build: Build) -> None:
    said = said_by("Asif", build(LATER, EARLIER, UNDATED)._index.catalogue)
    assert [s.quote for s in said] == [
        "Khawaja Asif said that rain fell.",
        "Khawaja Asif said the goggles were left behind.",
        '"=Rain fell," he said.',
    ]
    assert {s.statement.speaker for s in said} == {"Khawaja Asif"}
    assert [s.statement.direct for s in said] == [False, False, True]


def test_statements_are_limited_to_what_they_are_about(build: Build) -> None:
    reader = build(LATER, EARLIER, UNDATED)._index.catalogue
    assert [s.quote for s in said_by("Asif", reader, about="goggles")] == [
        "Khawaja Asif said the goggles were left behind."
    ]
    assert [s.quote for s in said_by("Asif", reader, about="drizzle", embedder=Weather())] == [
        "Khawaja Asif said that rain fell.",
        '"=Rain fell," he said.',
    ]
    assert said_by("Asif", reader, about="snow") == []


def test_statements_are_limited_by_date_and_source(build: Build) -> None:
    reader = build(LATER, EARLIER, UNDATED)._index.catalogue
    assert len(said_by("Asif", reader, within=Filters(to="2021-12-31"))) == 1
    assert len(said_by("Asif", reader, within=Filters(sources=("Dawn",)))) == 2
    assert said_by("Khan", reader, within=Filters(from_="2000-01-01")) == []


def test_a_name_that_nobody_has_gives_nothing(build: Build) -> None:
    assert said_by("Nobody", build(LATER)._index.catalogue) == []


def test_json_says_where_each_stands(build: Build) -> None:
    reader = build(LATER)._index.catalogue
    written = json.loads(json.dumps(to_json("Asif", said_by("Asif", reader))))
    first = written["statements"][0]
    text = reader.article(first["article_id"]).text
    assert text[first["start"] : first["end"]] == first["quote"]
    assert (first["published"], first["source"], first["title"]) == ("2023-04-12", "Dawn", "Later")


def test_csv_gives_no_spreadsheet_a_formula(build: Build) -> None:
    hostile = {"title": "=1+1", "text": "Khawaja Asif said rain fell."}
    [row] = csv.DictReader(io.StringIO(to_csv(said_by("Asif", build(hostile)._index.catalogue))))
    assert row["title"] == "'=1+1"
    assert row["quote"] == "Khawaja Asif said rain fell."


def test_what_is_said_in_an_interview_is_shown_without_the_name_before_it(build: Build) -> None:
    text = "Q: And the rain?\n\nAnn Poe: It fell for days.\n\nQ: And then?\n\nAP: It stopped on Monday."
    said = said_by("Poe", build({"title": "Asked", "text": text})._index.catalogue)
    assert [(s.statement.speaker, s.words) for s in said] == [
        ("Ann Poe", "It fell for days."),
        ("Ann Poe", "It stopped on Monday."),
    ]
    assert said[0].quote == said[0].to_json()["quote"] == "Ann Poe: It fell for days."
    assert "> It fell for days." in to_markdown(said)


def test_markdown_reads_nothing_in_a_quotation(build: Build) -> None:
    assert to_markdown(said_by("Khan", build(UNDATED)._index.catalogue)) == (
        "> Imran Khan said that \\*nothing\\* was left.\n\n— Imran Khan · Undated\n"
    )
