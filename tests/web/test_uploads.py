"""Articles that a reader brings: kept with the index, answerable at once, removable."""

import re
from pathlib import Path

import pytest

from rag.errors import CorpusError, UsageError
from rag.index import sync
from rag.web import uploads
from tests import files
from tests.world import WORDS, World


def quiet(done: float, total: int) -> None:
    """Take progress."""


def write(folder: Path, name: str, text: str) -> Path:
    """Make a file as Gradio would: in a folder of its own."""
    folder = folder / "gradio"
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text)
    return path


def test_a_file_is_kept_with_the_index_and_answers_at_once(tmp_path: Path) -> None:
    world = World(tmp_path, "The steel came from Delft.")
    told: list[float] = []
    file = write(tmp_path, "delft.txt", "date 2023-04-11 The steel of the bridge came from Delft.")
    report = uploads.add_files([file], world.assistant, progress=lambda done, total: told.append(done))
    assert (report.new, report.articles) == (1, 3)
    assert told
    assert (tmp_path / "index" / "uploads" / "delft.txt").is_file()
    answer = world.assistant.ask("Where did the steel come from?")
    assert answer.citations[0].quote == "The steel of the bridge came from Delft."


def test_an_archive_of_web_pages_is_read_and_goes_whole_with_its_articles(tmp_path: Path) -> None:
    world = World(tmp_path)
    file = write(tmp_path, "week.zip", "")
    file.write_bytes(files.zipped({"one.html": files.page().encode(), "two.txt": b"The steel came from Delft."}))
    report = uploads.add_files([file], world.assistant, progress=quiet)
    assert (report.new, report.skipped) == (2, [])
    kept = tmp_path / "index" / "uploads" / "week.zip"
    first, second = (i for i, path, _ in world.index.catalogue.places() if "week.zip" in path)
    uploads.take_out([first], world.assistant)
    assert kept.is_file()
    uploads.take_out([second], world.assistant)
    assert not kept.exists()


def test_pasted_text_has_its_title_and_date(tmp_path: Path) -> None:
    world = World(tmp_path)
    uploads.add_text(" Rain fell in Delft. \r\n", world.assistant, title=" The\nRain ", date="11 April 2023",
                     progress=quiet)  # fmt: skip
    [(article_id, origin)] = [one for one in world.index.catalogue.origins() if one[1].title == "The Rain"]
    assert origin.published == "2023-04-11"
    assert world.index.catalogue.article(article_id).text == "Rain fell in Delft."


def test_other_roots_and_a_sync_of_all_leave_uploads_alone(tmp_path: Path) -> None:
    world = World(tmp_path)
    uploads.add_text("Rain fell in Delft.", world.assistant, title="", date="", progress=quiet)
    report = sync([], tmp_path / "index", world.embedder, passage_tokens=32, max_file_bytes=10_000)
    assert (report.articles, report.removed) == (3, 0)


def test_a_file_of_the_same_name_is_a_correction(tmp_path: Path) -> None:
    world = World(tmp_path)
    for text in ("The bridge has 3 arches.", "The bridge has 4 arches."):
        report = uploads.add_files([write(tmp_path, "bridge.txt", text)], world.assistant, progress=quiet)
    assert (report.corrected, report.articles) == (1, 3)


def test_removal_takes_the_uploaded_file_too_and_bringing_it_again_brings_it_back(tmp_path: Path) -> None:
    world = World(tmp_path)
    file = write(tmp_path, "delft.txt", "Rain fell in Delft.")
    uploads.add_files([file], world.assistant, progress=quiet)
    [gone_id] = world.index.catalogue.named("delft.txt")
    assert [article.id for article in uploads.take_out([gone_id], world.assistant)] == [gone_id]
    assert not (tmp_path / "index" / "uploads" / "delft.txt").exists()
    assert uploads.add_files([file], world.assistant, progress=quiet).articles == 3


def test_removal_leaves_files_of_other_folders(tmp_path: Path) -> None:
    world = World(tmp_path)
    [article_id] = world.index.catalogue.named("0.txt")
    uploads.take_out([article_id], world.assistant)
    assert (tmp_path / "articles" / "0.txt").is_file()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../evil.txt", "evil.txt"),
        ("..\\evil.TXT", "evil.txt"),
        (".hidden.txt", "hidden HASH.txt"),
        ("a<b>\n.txt", "a b HASH.txt"),
        ("данные 2.txt", "данные 2.txt"),
        (".txt", "txt HASH"),
        ("x" * 80 + ".txt", "x" * 80 + ".txt"),
        ("x" * 300 + ".txt", "x" * 71 + " HASH.txt"),
        ("\ud800.txt", "article HASH.txt"),
    ],
)
def test_a_name_cannot_lead_elsewhere(name: str, kept: str) -> None:
    assert re.fullmatch(re.escape(kept).replace("HASH", "[0-9a-f]{8}"), uploads._safe(name))


@pytest.mark.parametrize(("one", "other"), [("a<b", "a>b"), ("rain", ".rain"), ("x" * 100 + "1", "x" * 100 + "2")])
def test_files_of_other_names_do_not_replace_each_other(tmp_path: Path, one: str, other: str) -> None:
    world = World(tmp_path)
    found = [write(tmp_path, f"{one}.txt", "Rain fell in Delft."), write(tmp_path, f"{other}.txt", "Snow fell.")]
    assert uploads.add_files(found, world.assistant, progress=quiet).new == 2


def test_files_of_one_name_brought_together_are_both_kept(tmp_path: Path) -> None:
    world = World(tmp_path)
    (tmp_path / "monday").mkdir()
    (tmp_path / "tuesday").mkdir()
    brought = [write(tmp_path / "monday", "page.txt", "The steel came from Delft."),
               write(tmp_path / "tuesday", "page.txt", "The mayor thanked the engineers.")]  # fmt: skip
    assert uploads.add_files(brought, world.assistant, progress=quiet).new == 2
    assert uploads.add_files(brought, world.assistant, progress=quiet).new == 0


def test_what_is_no_article_is_refused_and_not_kept(tmp_path: Path) -> None:
    world = World(tmp_path)
    with pytest.raises(UsageError, match=r"'x\.exe' is of a kind"):
        uploads.add_files([write(tmp_path, "x.exe", "MZ")], world.assistant, progress=quiet)
    with pytest.raises(CorpusError, match=r"'x\.txt'"):
        uploads.add_files([write(tmp_path, "x.txt", " \n ")], world.assistant, progress=quiet)
    with pytest.raises(CorpusError, match=r"not JSON"):
        uploads.add_files([write(tmp_path, "x.jsonl", "{")], world.assistant, progress=quiet)
    with pytest.raises(UsageError, match="no text yet"):
        uploads.add_text(" ", world.assistant, title="T", date="", progress=quiet)
    with pytest.raises(UsageError, match="'soon' is no date"):
        uploads.add_text("Rain.", world.assistant, title="T", date="soon", progress=quiet)
    folder = tmp_path / "index" / "uploads"
    assert not folder.exists() or list(folder.iterdir()) == []
    assert world.index.catalogue.counts()["articles"] == 2


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    world = World(tmp_path, words=WORDS)
    with pytest.raises(UsageError, match="more than 10"):
        uploads.add_files([write(tmp_path, "x.txt", "Rain fell in Delft.")], world.assistant, progress=quiet)
    with pytest.raises(UsageError, match="longer than 10"):
        uploads.add_text("Rain fell in Delft.", world.assistant, title="", date="", progress=quiet)
