"""Who said what, and collections, in the catalogue: kept, corrected, withdrawn."""

import json
from pathlib import Path

import pytest

from rag.errors import UsageError
from rag.index import Catalogue, Report, sync
from rag.index.collect import collect
from rag.index.remove import remove
from rag.testing import ToyEmbedder
from rag.types import Filters

EMBEDDER = ToyEmbedder("goggles", "rain")
SAID = "Khawaja Asif said the goggles were left. Rain fell in Kabul."


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


def index(root: Path, *, rebuild: bool = False) -> Report:
    return sync(
        [root], root.parent / "index", EMBEDDER, passage_tokens=32, max_file_bytes=10_000, rebuild=rebuild, prune=True
    )


def catalogue(root: Path) -> Catalogue:
    return Catalogue.open(root.parent / "index")


def quotes(root: Path) -> list[tuple[str, str]]:
    """Return who said what, from the catalogue."""
    opened = catalogue(root)
    found = opened.statements(speakers=opened.speakers())
    return [(s.speaker, opened.article(i).text[s.start : s.end]) for i, s in found]


def test_statements_are_found_when_an_article_is_indexed(root: Path) -> None:
    (root / "a.txt").write_text(SAID)
    index(root)
    assert quotes(root) == [("Khawaja Asif", "Khawaja Asif said the goggles were left.")]
    assert catalogue(root).speakers() == {"Khawaja Asif": 1}


def test_a_rebuild_and_a_new_title_leave_them_as_they_are(root: Path) -> None:
    (root / "a.jsonl").write_text(json.dumps({"text": SAID, "title": "One"}))
    index(root)
    before = quotes(root)
    (root / "a.jsonl").write_text(json.dumps({"text": SAID, "title": "Two"}))
    index(root)
    assert quotes(root) == before
    index(root, rebuild=True)
    assert quotes(root) == before


def test_nothing_is_left_of_an_article_that_went(root: Path) -> None:
    (root / "a.txt").write_text(SAID)
    index(root)
    (root / "a.txt").unlink()
    index(root)
    assert catalogue(root).speakers() == {}


def test_the_speaker_of_a_part_of_an_article(root: Path) -> None:
    (root / "a.txt").write_text(SAID)
    index(root)
    opened = catalogue(root)
    [article_id] = opened.article_ids()
    assert opened.speaker(article_id, 0, 10) == "Khawaja Asif"
    assert opened.speaker(article_id, 41, 60) is None


def test_statements_pass_filters(root: Path) -> None:
    (root / "a.jsonl").write_text(json.dumps({"text": SAID, "date": "2023-04-11"}))
    index(root)
    opened = catalogue(root)
    assert len(opened.statements(speakers=["Khawaja Asif"], filters=Filters(from_="2023-01-01"))) == 1
    assert opened.statements(speakers=["Khawaja Asif"], filters=Filters(to="2022-12-31")) == []
    assert opened.statements(speakers=["Khawaja Asif"], article_ids=["none"]) == []


def test_a_collection_holds_what_was_put_there(root: Path) -> None:
    for name, text in (("a.txt", "Goggles."), ("b.txt", "Rain.")):
        (root / name).write_text(text)
    index(root)
    folder = root.parent / "index"
    collect("weather", ["a.txt", "b.txt"], folder)
    collect("weather", ["a.txt"], folder)
    assert catalogue(root).collections() == {"weather": 2}
    collect("weather", ["a.txt"], folder, out=True)
    assert catalogue(root).collection("weather") == set(catalogue(root).named("b.txt"))
    collect("weather", [], folder, out=True)
    assert catalogue(root).collections() == {}


def test_a_collection_follows_a_correction_and_forgets_what_was_removed(root: Path) -> None:
    (root / "a.txt").write_text("Goggles.")
    index(root)
    folder = root.parent / "index"
    collect("weather", ["a.txt"], folder)
    (root / "a.txt").write_text("Goggles, corrected.")
    index(root)
    assert catalogue(root).collection("weather") == set(catalogue(root).named("a.txt"))
    remove(["a.txt"], folder)
    assert catalogue(root).collections() == {}


def test_a_collection_needs_a_name_and_articles_that_are_here(root: Path) -> None:
    (root / "a.txt").write_text("Goggles.")
    index(root)
    with pytest.raises(UsageError, match="needs a name"):
        collect(" ", ["a.txt"], root.parent / "index")
