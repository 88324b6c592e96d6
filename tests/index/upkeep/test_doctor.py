"""Damage of every kind: found, named, mended."""

import json
import shutil
import sqlite3
import weakref
from contextlib import closing
from pathlib import Path

import pytest

from rag.corpus import article_id
from rag.errors import CatalogueError
from rag.index import Catalogue, Index
from rag.index.doctor import Repair, examine, repair, wrong_rows
from rag.index.lock import only_writer
from rag.index.schema import ASIDE
from rag.testing import ToyEmbedder
from tests.index.building import rows
from tests.index.upkeep.built import TEXTS, WORDS, build, change, found, mend, wrong


def test_a_sound_index_is_left_alone(folder: Path) -> None:
    files = [path for path in folder.rglob("*.*") if path.is_file() and not path.name.endswith(("-shm", "-wal"))]
    before = {path: path.read_bytes() for path in files}
    assert wrong(folder) == []
    assert mend(folder) == Repair(())
    assert {path: path.read_bytes() for path in files} == before


def test_without_an_index_there_is_nothing_to_examine(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no index in"):
        examine(tmp_path)
    with pytest.raises(CatalogueError, match="no index in"):
        mend(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_what_is_written_meanwhile_is_no_damage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_and_write(text: str) -> str:
        change(folder, CHANGES["start"][0])
        monkeypatch.undo()
        return article_id(text)

    monkeypatch.setattr("rag.index.doctor.article_id", read_and_write)
    assert not any(finding.in_catalogue for finding in examine(folder))
    assert wrong(folder)[0].startswith(CHANGES["start"][1])


def test_a_repair_does_not_look_while_another_writes(folder: Path) -> None:
    with only_writer(folder), pytest.raises(CatalogueError, match="another rag is writing"):
        mend(folder)


def test_one_text_is_in_memory_at_a_time(folder: Path) -> None:
    held: weakref.WeakSet[Text] = weakref.WeakSet()
    most = 0

    def read(data: bytes) -> str:
        nonlocal most
        text = Text(data.decode())
        if text in TEXTS.values():
            held.add(text)
            most = max(most, len(held))
        return text

    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as db:
        db.text_factory = read
        assert list(wrong_rows(db)) == []
    assert 1 <= most <= 2  # the one before is held until the next is there


class Text(str):
    """A text of which can be told whether it is still held."""

    __slots__ = ("__weakref__",)


CHANGES = {
    "text": ("UPDATE article SET text = replace(text, 'Wien', 'Bern')", "1 text under a wrong id"),
    "title": ("UPDATE origin SET title = 'Another' WHERE record = 0", "titles, dates or other facts"),
    "date": ("UPDATE origin SET published = '2024-04-11'", "titles, dates or other facts"),
    "start": ("UPDATE passage SET start = start + 1", "3 passages not as written"),
    "end": ('UPDATE passage SET "end" = "end" - 1', "3 passages not as written"),
    "vector": ("UPDATE vector SET data = zeroblob(length(data))", "3 vectors not as written"),
    "passage": ("DELETE FROM passage WHERE rowid = (SELECT min(rowid) FROM passage)", "1 article without passage"),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_changed_row_is_found_and_mended(articles: Path, folder: Path, kind: str) -> None:
    tables = ("article", "origin", "passage", "vector")
    before = {table: rows(folder, table) for table in tables}, found(folder, "rain")
    change(folder, CHANGES[kind][0])
    assert wrong(folder)[0].startswith(CHANGES[kind][1])
    done = mend(folder)
    assert done.index_again
    assert done.lost == (("Rain fell in Wien.",) if kind == "text" else ())
    assert wrong(folder) == []
    build(articles, folder)
    assert ({table: rows(folder, table) for table in tables}, found(folder, "rain")) == before


@pytest.mark.parametrize("name", ["vectors-*", "words-*/*.idx", "words-*/*.term", "words-*/meta.json"])
@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
def test_a_flipped_bit_in_a_derived_file_is_found_and_mended(folder: Path, name: str, at: float) -> None:
    before = found(folder, "snow")
    path = next(folder.glob(name))
    data = bytearray(path.read_bytes())
    data[int(at * len(data))] ^= 8
    path.unlink()  # it may be mapped into memory still
    path.write_bytes(data)
    [what] = wrong(folder)
    assert what == f"files of the search index are damaged or missing: {path.relative_to(folder)}"
    assert not mend(folder).index_again
    assert wrong(folder) == []
    assert found(folder, "snow") == before


def test_a_search_index_of_other_passages_is_found(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as db:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("DELETE FROM withdrawn")
        db.commit()
    (folder / "manifest.json").unlink()
    assert wrong(folder) == ["the search index is missing, or was not finished"]
    mend(folder)
    assert wrong(folder) == []


@pytest.mark.parametrize("kept", [100, 4096, 20_000])
def test_a_catalogue_that_is_mostly_gone_is_named_with_what_mends_it(folder: Path, kept: int) -> None:
    path = folder / "catalogue.sqlite"
    path.write_bytes(path.read_bytes()[:kept])
    assert wrong(folder)[0].startswith(("the catalogue's file is damaged", "the catalogue cannot be read"))
    try:
        mend(folder)
        assert wrong(folder) == []
    except CatalogueError as error:
        assert "restore a backup: rag restore FILE" in str(error)  # noqa: PT017 - one or the other


def test_a_damaged_page_costs_what_stands_on_it_and_no_more(tmp_path: Path) -> None:
    articles = tmp_path / "many"
    articles.mkdir()
    for n in range(300):
        (articles / f"{n}.txt").write_text(f"Rain number {n} fell. " + "Snow came after it. " * 20)
    folder = tmp_path / "index"
    build(articles, folder)
    before = rows(folder, "article")
    path = folder / "catalogue.sqlite"
    data = bytearray(path.read_bytes())
    spot = data.index(b"Rain number 150 fell") // 4096 * 4096
    data[spot : spot + 200] = bytes(200)
    path.write_bytes(data)
    assert wrong(folder)
    done = mend(folder)
    assert (folder / ASIDE).read_bytes() == bytes(data)
    assert wrong(folder) == []
    assert done.index_again
    assert set(rows(folder, "article")) < set(before)
    build(articles, folder)
    assert rows(folder, "article") == before


def test_a_statement_beyond_its_text_is_found(folder: Path) -> None:
    [(article_id, *_), *_] = rows(folder, "article")
    change(folder, f"INSERT INTO statement VALUES ('{article_id}', 0, 99999, 'Nobody', 0)")
    assert wrong(folder) == [f"1 statement not as written: {article_id}:0"]


def test_a_repair_keeps_collections(articles: Path, folder: Path) -> None:
    with closing(Catalogue.open(folder, writable=True)) as catalogue, catalogue.transaction():
        catalogue.put_in_collection("mine", catalogue.article_ids()[:2])
    before = rows(folder, "collection")
    change(folder, "UPDATE vector SET crc = crc + 1 WHERE rowid = 1")
    repair(folder, ToyEmbedder(*WORDS), passage_tokens=32)
    assert rows(folder, "collection") == before


def test_a_newer_format_is_left_alone(folder: Path) -> None:
    change(folder, "UPDATE meta SET value = json_set(value, '$.format_version', 99) WHERE key = 'manifest'")
    with pytest.raises(CatalogueError, match="has format 99; use the rag that made it"):
        mend(folder)


def test_a_repair_that_was_killed_brings_nothing_back(articles: Path, folder: Path) -> None:
    (folder / ".repair").mkdir()
    (folder / ".repair" / "catalogue.sqlite-wal").write_bytes(b"an old log")
    change(folder, CHANGES["vector"][0])
    mend(folder)
    assert wrong(folder) == []
    assert not (folder / ".repair").exists()


def test_a_log_without_its_catalogue_is_not_replayed(articles: Path, folder: Path) -> None:
    with closing(Catalogue.open(folder, writable=True)) as catalogue:
        with catalogue.transaction():
            catalogue.add_root("/somewhere/else")
        shutil.copy(folder / "catalogue.sqlite-wal", folder / "kept")
    shutil.move(folder / "kept", folder / "catalogue.sqlite-wal")
    (folder / "catalogue.sqlite").unlink()
    build(articles, folder)
    assert ("/somewhere/else",) not in rows(folder, "root")


def test_a_repair_does_not_change_the_embedder(folder: Path) -> None:
    change(folder, CHANGES["vector"][0])
    with pytest.raises(CatalogueError, match="was made with embedder 'toy', this is 'toy'"):
        repair(folder, ToyEmbedder("other", "words"), passage_tokens=32)


def test_damage_is_not_taken_over_by_the_next_sync(articles: Path, folder: Path) -> None:
    path = next(folder.glob("vectors-*"))
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[:100] + bytes(len(data) - 120) + data[-20:])
    (articles / "d.txt").write_text("Hail fell.")
    build(articles, folder)
    assert wrong(folder) == []
    embedder = ToyEmbedder(*WORDS)
    with closing(Index.open(folder, embedder)) as index:
        assert index.search(embedder.embed(["rain"])[0], 1)[0][1] > 0.4


def test_files_that_vanished_are_removed_also_after_a_repair(articles: Path, folder: Path) -> None:
    change(folder, CHANGES["vector"][0])
    assert mend(folder).index_again
    (articles / "b.txt").unlink()
    (articles / "c.txt").write_text("")
    build(articles, folder)
    assert [text for _, text in rows(folder, "article")] == [TEXTS["a"]]


def test_an_open_reader_sees_a_repaired_index(articles: Path, folder: Path) -> None:
    embedder = ToyEmbedder(*WORDS)
    with closing(Index.open(folder, embedder)) as index:
        change(folder, CHANGES["vector"][0])
        mend(folder)
        (articles / "a.txt").unlink()
        build(articles, folder)
        assert len(index.search(embedder.embed(["rain"])[0], 9)) == 2


def test_what_else_is_in_the_folder_is_left_alone(articles: Path, folder: Path) -> None:
    for name in ("words-en.txt", "vectors_mine.faiss", ".x.part"):
        (folder / name).write_text("mine")
    (articles / "d.txt").write_text("Hail fell.")
    build(articles, folder)
    assert {path.name for path in folder.iterdir()} >= {"words-en.txt", "vectors_mine.faiss", ".x.part"}


@pytest.mark.parametrize("text", ["{}", "[]", '{"revision": "x", "files": []}', '{"revision": 7}', "null"])
def test_any_manifest_is_found_wrong_or_made_anew(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text)
    assert wrong(folder)
    assert found(folder, "rain")
    assert wrong(folder) == []


UNSAID = [
    "DELETE FROM meta",
    "DELETE FROM meta WHERE key = 'origins'",
    "UPDATE meta SET value = json_set(value, '$.odd', 1) WHERE key = 'manifest'",
]


@pytest.mark.parametrize("sql", UNSAID)
def test_a_catalogue_that_does_not_say_how_it_was_made_is_named_and_mended(folder: Path, sql: str) -> None:
    change(folder, sql)
    with pytest.raises(CatalogueError, match="rag doctor"):
        Index.open(folder, ToyEmbedder(*WORDS))
    assert wrong(folder)
    mend(folder)
    assert wrong(folder) == []
    assert len(rows(folder, "article")) == 3


def test_words_that_were_indexed_in_another_way_are_indexed_anew(
    articles: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name for path in folder.glob("words-*/*.term")}
    monkeypatch.setattr("rag.index.derived.WORDS_VERSION", 99)
    assert wrong(folder) == ["the search index cannot be opened"]
    assert found(folder, "snow")  # opening makes them anew
    assert json.loads((folder / "manifest.json").read_text())["words_version"] == 99
    assert {path.name for path in folder.glob("words-*/*.term")} != before
    assert wrong(folder) == []
