"""From a question to a query, and from limits as people give them to filters."""

from datetime import date

import pytest

from rag.errors import UsageError
from rag.index.collect import collect
from rag.retrieval import clearer, describe, filters, read
from rag.types import ALL, Filters, Query
from tests.retrieval.conftest import Build

TODAY = date(2023, 4, 20)
NEWS = {"title": "News", "date": "2023-04-11", "source": "Dawn", "text": "Khawaja Asif said the goggles were left."}
OLD = {"title": "Old", "date": "2021-01-01", "source": "Voice of America", "text": "Asif Zardari said that rain fell."}
BARE = {"title": "Bare", "text": "Rifles."}


def query(build: Build, text: str, limits: Filters = ALL) -> Query:
    return read(text, build(NEWS, OLD, BARE)._index, filters=limits, today=TODAY)


def test_a_plain_question_is_searched_as_it_stands(build: Build) -> None:
    assert query(build, "Who left the goggles?") == Query("Who left the goggles?", today="2023-04-20", language="en")


def test_days_in_a_question_are_preferred(build: Build) -> None:
    found = query(build, "What happened last week?")
    assert (found.from_, found.to, found.filters) == ("2023-04-10", "2023-04-16", ALL)
    assert describe(found) == ["preferring 2023-04-10 to 2023-04-16"]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("What happened on June 16?", ("2022-06-16", "2022-06-16")),
        ("What happened in April?", ("2023-04-01", "2023-04-30")),
        ("What happened in May 2025?", ("2025-05-01", "2025-05-31")),
        ("What happened yesterday?", ("2026-11-30", "2026-11-30")),
        ("What happened last year?", ("2025-01-01", "2025-12-31")),
        ("What happened since March?", ("2023-03-01", None)),
    ],
)
def test_a_date_without_its_year_is_the_last_that_articles_are_of(
    build: Build, text: str, days: tuple[str, str | None]
) -> None:
    found = read(text, build(NEWS, OLD, BARE)._index, filters=ALL, today=date(2026, 12, 1))
    assert (found.from_, found.to) == days


def test_what_a_question_goes_on_from_is_told() -> None:
    assert describe(Query("And then?", after="Who left?", newest=True)) == ["going on from “Who left?”", "newest first"]


def test_the_latest_is_asked_for(build: Build) -> None:
    found = query(build, "What is the latest on goggles?")
    assert found.newest
    assert "newest first" in describe(found)


def test_all_who_may_be_meant_are_preferred(build: Build) -> None:
    found = query(build, "What did Asif say?")
    assert set(found.speakers) == {"Khawaja Asif", "Asif Zardari"}
    assert describe(found)[0].startswith("preferring what any of ")
    assert clearer(found) == {
        "Khawaja Asif": "What did Khawaja Asif say?",
        "Asif Zardari": "What did Asif Zardari say?",
    }


def test_there_is_nothing_to_choose_where_one_is_meant_or_too_many_are() -> None:
    assert clearer(Query("What did Asif say?", speakers=("Khawaja Asif", "asif"))) == {}
    assert clearer(Query("What did Asif or Bo say?", speakers=("Khawaja Asif", "Bo Li"))) == {}
    assert clearer(Query("What did Asif say?", speakers=tuple(f"{first} Asif" for first in "ABCDEF"))) == {}
    assert clearer(Query("What of the goggles?")) == {}


def test_a_misspelt_name_is_read_as_the_one_that_is_here(build: Build) -> None:
    found = query(build, "What of Khwaja?")
    assert found.respelled == (("Khwaja", "khawaja"),)
    assert describe(found) == ["Khwaja also as khawaja"]


def test_an_english_word_is_not_taken_for_a_misspelt_one_unless_it_is_a_name(build: Build) -> None:
    index = build({"title": "Works", "text": "The Anythink works of Olsen burned. He severed seven pipes."})._index
    found = read("Severance? Did anything burn? Did anythinc? What did Olson sever?", index, filters=ALL, today=TODAY)
    assert [typed for typed, _ in found.respelled] == ["anythinc", "Olson"]


def test_what_fails_a_date_filter_for_want_of_a_date_is_counted(build: Build) -> None:
    found = query(build, "Rifles?", Filters(from_="2023-01-01"))
    assert found.undated == 1
    assert describe(found) == ["only since 2023-01-01 (1 undated left out)"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ALL),
        ({"from_": "2023-04-11"}, Filters(from_="2023-04-11")),
        ({"from_": "April 2023", "to": "April 2023"}, Filters(from_="2023-04-01", to="2023-04-30")),
        ({"from_": "2023"}, Filters(from_="2023-01-01")),
        ({"from_": "2023-04", "to": " 2023-04 "}, Filters(from_="2023-04-01", to="2023-04-30")),
        ({"to": "2023-04-11T10:00:00+02:00"}, Filters(to="2023-04-11")),
        ({"to": "yesterday"}, Filters(to="2023-04-19")),
        ({"from_": "last week"}, Filters(from_="2023-04-10")),
        ({"sources": ["dawn", "VOICE OF AMERICA"]}, Filters(sources=("Dawn", "Voice of America"))),
        ({"from_": "", "to": None}, ALL),
    ],
)
def test_limits_as_people_give_them(build: Build, given: dict[str, object], expected: Filters) -> None:
    reader = build(NEWS, OLD, BARE)._index.catalogue
    assert filters(reader, today=TODAY, **given) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"from_": "soon"}, "'soon' is no date to begin with"),
        ({"to": "2023-02-30"}, "'2023-02-30' is no date to end with"),
        ({"from_": "2023-05-01", "to": "2023-04-01"}, "nothing lies between 2023-05-01 and 2023-04-01"),
        ({"sources": ["Times"]}, "no article is from 'Times'; the sources here: Dawn, Voice of America"),
        ({"articles": ["nothing"]}, "no article 'nothing' in this index"),
        ({"collection": "none"}, "no collection 'none'; there are: none yet"),
    ],
)
def test_limits_that_mean_nothing_say_so(build: Build, given: dict[str, object], message: str) -> None:
    reader = build(NEWS, OLD, BARE)._index.catalogue
    with pytest.raises(UsageError, match=message):
        filters(reader, today=TODAY, **given)  # type: ignore[arg-type]


def test_a_source_is_all_its_spellings(build: Build) -> None:
    reader = build(NEWS, NEWS | {"text": "Rain.", "source": "DAWN"})._index.catalogue
    assert set(filters(reader, today=TODAY, sources=["Dawn"]).sources) == {"Dawn", "DAWN"}


def test_days_in_a_question_are_told_beside_a_filter(build: Build) -> None:
    found = query(build, "What happened last week?", Filters(from_="2020-01-01"))
    assert describe(found) == ["only since 2020-01-01 (1 undated left out)", "preferring 2023-04-10 to 2023-04-16"]


def test_articles_are_named_by_path_or_id(build: Build) -> None:
    reader = build(NEWS, OLD, BARE)._index.catalogue
    [article_id] = reader.named("0.jsonl")
    by_path, by_id = (filters(reader, today=TODAY, articles=[name]) for name in ("0.jsonl", article_id[:8]))
    assert by_path == by_id == Filters(articles=(article_id,))


def test_what_was_searched_is_told_in_words() -> None:
    names = ("A A", "B B", "C C", "D D", "E E", "F F", "G G")
    limits = Filters(to="2023-04-11", sources=("Dawn", "Voice"), articles=("a" * 32, "b" * 32))
    assert describe(Query("Q?", from_="2023-01-01", to="2023-01-01", speakers=names, filters=limits)) == [
        "only until 2023-04-11",
        "preferring 2023-01-01",
        "only from Dawn, Voice",
        "only in 2 chosen articles",
        "preferring what any of A A, B B, C C, D D, E E and 2 more said",
    ]


def test_a_collection_is_searched_and_meets_chosen_articles(build: Build) -> None:
    catalogue = build(NEWS, OLD, BARE)._index.catalogue
    collect("old", ["1.jsonl"], catalogue.path.parent)
    [old] = catalogue.named("1.jsonl")
    assert filters(catalogue, today=TODAY, collection="old") == Filters(articles=(old,))
    assert filters(catalogue, today=TODAY, collection="old", articles=["1.jsonl", "0.jsonl"]).articles == (old,)
    with pytest.raises(UsageError, match="none of the articles named is in the collection 'old'"):
        filters(catalogue, today=TODAY, collection="old", articles=["0.jsonl"])
