"""The best article is read on in beyond the passages that were found."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from rag.index import sync
from rag.retrieval import retriever
from rag.types import Evidence, Query
from tests.retrieval.conftest import Build

QUERY = Query("Goggles?")
FILLING = " ".join(["and"] * 30)
LONG = f"Goggles, goggles {FILLING}.\n\nHe sank {FILLING}.\n\nHe rose {FILLING}."


def read(build: Build, *articles: str, k: int = 1) -> list[str]:
    """Return the first two words of all sentences that are chosen from `k` passages."""
    found = build(*articles)
    return firsts(found.evidence(QUERY, found.search(QUERY, k=k), max_tokens=1000, enough=1.0))


def firsts(evidence: Sequence[Evidence]) -> list[str]:
    """Return the first two words of each sentence."""
    return [" ".join(one.quote.split()[:2]) for one in evidence]


def test_the_best_article_is_read_on_in(build: Build) -> None:
    assert sorted(read(build, LONG, "Rain fell.")) == ["Goggles, goggles", "He rose", "He sank"]


def test_what_was_found_is_read_once(build: Build) -> None:
    assert sorted(read(build, LONG, "Rain fell.", k=9)) == ["Goggles, goggles", "He rose", "He sank", "Rain fell."]


@pytest.mark.parametrize("most", [1, 2])
def test_so_much_of_it_and_no_more(build: Build, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(retriever, "_READ_ON", most)
    assert len(read(build, LONG)) == most  # the nearest is the one that was found


def test_an_article_that_was_withdrawn_meanwhile_is_not_read_on_in(build: Build, tmp_path: Path) -> None:
    found = build(LONG)
    hits = found.search(QUERY, k=1)
    (tmp_path / "articles" / "0.jsonl").unlink()
    sync([], tmp_path / "index", found._embedder, passage_tokens=32, max_file_bytes=10_000, prune=True)
    assert firsts(found.evidence(QUERY, hits, max_tokens=1000, enough=1.0)) == ["Goggles, goggles"]
