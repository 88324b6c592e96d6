"""Searches that are limited, and `rag statements`, from the command line over a toy embedder."""

import json
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.world import write

NEWS = [
    {"title": "Old", "date": "2021-01-01", "source": "Dawn", "text": "Khawaja Asif said the goggles were old."},
    {"title": "New", "date": "2023-04-11", "source": "Voice", "text": "Khawaja Asif said the goggles were new."},
    {"title": "Undated", "text": "The goggles were lost."},
]


@pytest.fixture
def news(run: Run, tmp_path: Path, toy: None) -> Path:
    """Three articles with dates and sources, indexed."""
    file = tmp_path / "news.jsonl"
    file.write_text("\n".join(json.dumps(record) for record in NEWS))
    assert run("index", file).code == 0
    return file


def titles(run: Run, *options: str) -> list[str]:
    """Return the titles that a search for goggles finds."""
    return [hit["title"] for hit in json.loads(run("search", "Goggles?", "--json", *options).out)["hits"]]


@pytest.mark.usefixtures("news")
def test_a_search_is_limited_by_date_source_article_and_collection(run: Run) -> None:
    assert len(titles(run)) == 3
    assert titles(run, "--from", "April 2023") == ["New"]
    assert titles(run, "--to", "2022") == ["Old"]
    assert titles(run, "--source", "dawn", "--source", "voice", "--newest") == ["New", "Old"]
    ids = {hit["title"]: hit["article_id"] for hit in json.loads(run("search", "Goggles?", "--json").out)["hits"]}
    assert titles(run, "--article", ids["Undated"]) == ["Undated"]
    assert run("collect", "mine", ids["Old"], ids["Undated"]).out == "     2  mine\n"
    assert set(titles(run, "--in", "mine")) == {"Old", "Undated"}
    assert {line[10:20].strip() for line in run("collect", "mine").out.splitlines()} == {"2021-01-01", ""}
    assert run("collect", "mine", "--out").out == ""


@pytest.mark.usefixtures("news")
def test_what_was_searched_is_said_on_standard_error(run: Run) -> None:
    assert run("search", "Goggles?", "--from", "2023").err == "searched: only since 2023-01-01 (1 undated left out)\n"
    err = run("search", "What did Khwaja Asif say yesterday?", "--today", "2023-04-12").err
    assert err == ("searched: preferring 2023-04-11 · preferring what Khawaja Asif said · Khwaja also as khawaja\n")
    assert run("search", "Goggles?").err == ""


@pytest.mark.usefixtures("news")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--from", "soon"], "'soon' is no date to begin with"),
        (["--source", "Times"], "no article is from 'Times'"),
        (["--article", "none"], "no article 'none' in this index"),
        (["--in", "none"], "no collection 'none'"),
        (["--today", "soon"], "setting 'today'"),
    ],
)
def test_a_limit_that_means_nothing_is_a_usage_error(run: Run, options: list[str], message: str) -> None:
    outcome = run("search", "Goggles?", *options)
    assert outcome.code == 2
    assert message in outcome.err


# rag statements


@pytest.mark.usefixtures("news")
def test_everything_somebody_said_is_listed_by_date(run: Run) -> None:
    outcome = run("statements", "Asif")
    assert [line.rstrip() for line in outcome.out.splitlines()] == [
        "2021-01-01 · Khawaja Asif",
        "   Khawaja Asif said the goggles were old.",
        "   Old · Dawn",
        "",
        "2023-04-11 · Khawaja Asif",
        "   Khawaja Asif said the goggles were new.",
        "   New · Voice",
        "",
    ]
    assert outcome.err == "2 statements by Khawaja Asif\n"
    assert run("statements").out == "     2  Khawaja Asif\n"


@pytest.mark.usefixtures("news")
def test_statements_are_exported(run: Run) -> None:
    found = json.loads(run("statements", "Asif", "--from", "2023", "--format", "json").out)
    assert [one["quote"] for one in found["statements"]] == ["Khawaja Asif said the goggles were new."]
    rows = run("statements", "Asif", "--about", "new goggles", "--format", "csv").out.splitlines()
    assert rows[0].startswith("published,speaker,quote,direct,title,source")
    assert rows[-1].startswith("2023-04-11,Khawaja Asif,Khawaja Asif said the goggles were new.,False,New,Voice")
    assert run("statements", "Asif", "--format", "markdown").out.startswith("> Khawaja Asif said the goggles were old.")
    assert json.loads(run("statements", "--format", "json").out)["speakers"] == {"Khawaja Asif": 2}


@pytest.mark.usefixtures("news")
def test_nobody_of_a_name_is_a_result(run: Run) -> None:
    outcome = run("statements", "Nobody")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == "no statement by 'Nobody' was found; see who speaks: rag statements\n"


@pytest.mark.usefixtures("toy")
def test_where_limits_leave_undated_articles_out_it_is_said(run: Run, tmp_path: Path) -> None:
    run("index", write(tmp_path / "news", a="Khawaja Asif said rain fell."))
    outcome = run("statements", "Asif", "--from", "2023")
    assert outcome.err.startswith("no statement by 'Asif' was found (1 article without a date left out); see who")


@pytest.mark.usefixtures("news")
@pytest.mark.parametrize(
    "arguments",
    [
        ("statements", "--from", "2020"),
        ("statements", "--format", "csv"),
        ("statements", "Asif", "--about", "!!!"),
        ("collect", "nosuch"),
        ("collect", "nosuch", "--out"),
    ],
)
def test_what_names_nothing_is_a_usage_error(run: Run, arguments: tuple[str, ...]) -> None:
    outcome = run(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("error: ")


@pytest.mark.usefixtures("news")
@pytest.mark.parametrize(
    "arguments",
    [("search", "q", "--in", "\udcff"), ("statements", "\udcff"), ("collect", "\udcff"), ("search", "\udcff")],
)
def test_bytes_that_are_no_text_never_end_in_a_traceback(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).code in {0, 2}


@pytest.mark.usefixtures("news")
def test_a_search_that_finds_nothing_says_so(run: Run) -> None:
    assert "nothing was found within these limits" in run("search", "Goggles?", "--from", "2050").err
