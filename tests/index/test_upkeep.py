"""Backup, removal by hand, corrections, following changes, several readers and writers, a full disk."""

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from rag.corpus import article_id
from rag.errors import CatalogueError, UsageError
from rag.index import Catalogue, Index, derived, sync
from rag.index.backup import backup, restore
from rag.index.doctor import ASIDE, examine
from rag.index.lock import only_writer
from rag.index.remove import bring_back, remove
from rag.index.sync import Report
from rag.index.watch import changes
from rag.testing import ToyEmbedder
from tests.conftest import ROOT
from tests.index.test_doctor import TEXTS, WORDS, articles, folder, found, rows  # noqa: F401 - fixtures

RAIN = article_id(TEXTS["a"])


def build(articles: Path, folder: Path) -> Report:  # noqa: F811
    return sync([articles], folder, ToyEmbedder(*WORDS), passage_tokens=32, max_file_bytes=10_000)


# Backup


def test_a_backup_restored_elsewhere_is_the_same_index(tmp_path: Path, folder: Path) -> None:  # noqa: F811
    backup(folder, tmp_path / "b.rag")
    restore(tmp_path / "b.rag", tmp_path / "other")
    for table in ("article", "origin", "passage", "vector", "file", "root", "meta"):
        assert rows(tmp_path / "other", table) == rows(folder, table)
    assert found(tmp_path / "other", "rain") == found(folder, "rain")
    assert examine(tmp_path / "other") == []


def test_a_backup_is_one_state_while_a_writer_is_at_work(tmp_path: Path, folder: Path) -> None:  # noqa: F811
    with closing(Catalogue.open(folder, writable=True)) as catalogue, catalogue.transaction():
        catalogue.remove_origins_of(RAIN)
        catalogue.drop_orphans([RAIN], {})
        backup(folder, tmp_path / "b.rag")
    restore(tmp_path / "b.rag", tmp_path / "other")
    assert len(rows(tmp_path / "other", "article")) == 3
    assert examine(tmp_path / "other") == []


def test_restoring_over_an_index_must_be_meant(tmp_path: Path, folder: Path, articles: Path) -> None:  # noqa: F811
    backup(folder, tmp_path / "b.rag")
    (articles / "a.txt").unlink()
    build(articles, folder)
    with pytest.raises(CatalogueError, match=r"holds an index; .*--force"):
        restore(tmp_path / "b.rag", folder)
    restore(tmp_path / "b.rag", folder, force=True)
    assert len(rows(folder, "article")) == 3
    assert examine(folder) == []


@pytest.mark.parametrize("content", [None, b"", b"garbage" * 99])
def test_what_is_no_backup_is_named_and_the_index_stays(tmp_path: Path, folder: Path, content: bytes | None) -> None:  # noqa: F811
    if content is not None:
        (tmp_path / "b.rag").write_bytes(content)
    with pytest.raises(CatalogueError, match=r"b\.rag"):
        restore(tmp_path / "b.rag", folder, force=True)
    assert examine(folder) == []


def test_a_backup_overwrites_nothing(tmp_path: Path, folder: Path) -> None:  # noqa: F811
    (tmp_path / "b.rag").write_text("mine")
    for file in (tmp_path / "b.rag", Path()):
        with pytest.raises(CatalogueError, match="is there already"):
            backup(folder, file)
    for name in ("nowhere/b.rag", "b" * 300):
        with pytest.raises(CatalogueError, match="cannot write the backup"):
            backup(folder, tmp_path / name)
    with pytest.raises(CatalogueError, match="no such backup"):
        restore(tmp_path / ("b" * 300), tmp_path / "other")


# Withdrawn, corrected, removed


def test_a_removed_article_leaves_nothing_behind_and_is_not_read_again(articles: Path, folder: Path) -> None:  # noqa: F811
    [removed] = remove(["a.txt"], folder)
    assert removed.id == RAIN
    assert examine(folder) == []
    assert not any(b"wien" in path.read_bytes().lower() for path in folder.rglob("*") if path.is_file())
    (articles / "a.txt").touch()
    (articles / "d.txt").write_text((articles / "a.txt").read_text())
    report = build(articles, folder)
    assert (report.articles, report.left_out) == (2, 1)
    with closing(Catalogue.open(folder)) as catalogue:
        assert catalogue.withdrawal(RAIN) is not None
        assert catalogue.withdrawal(RAIN).by_hand  # type: ignore[union-attr]


@pytest.mark.parametrize("text", [None, "date 2023-04-11 Rain fell in Bern."])
def test_what_a_repair_kept_goes_with_a_text(articles: Path, folder: Path, text: str | None) -> None:  # noqa: F811
    (folder / ASIDE).write_text("Rain fell in Wien.")
    (articles / "d.txt").write_text("Hail fell.")
    build(articles, folder)
    assert (folder / ASIDE).exists()
    (articles / "a.txt").unlink()
    if text:
        (articles / "a.txt").write_text(text)
    build(articles, folder)
    assert not (folder / ASIDE).exists()


def test_what_was_removed_can_be_brought_back(articles: Path, folder: Path) -> None:  # noqa: F811
    before = found(folder, "rain")
    remove([RAIN], folder)
    bring_back([RAIN[:8]], folder)
    report = build(articles, folder)
    assert (report.articles, report.embedded) == (3, 1)
    assert found(folder, "rain") == before
    with closing(Catalogue.open(folder)) as catalogue:
        assert catalogue.withdrawal(RAIN) is None


@pytest.mark.parametrize("name", ["nothing", "ffff", "%", "_.txt", "txt", ""])
def test_a_name_of_no_article_is_an_error(folder: Path, name: str) -> None:  # noqa: F811
    with pytest.raises(CatalogueError, match="no article"):
        remove([name], folder)
    with pytest.raises(UsageError, match="no removed article"):
        bring_back([name], folder)


def test_a_name_of_several_articles_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "news.jsonl"
    file.write_text('{"text": "Rain fell."}\n{"text": "Snow fell."}')
    build(file, tmp_path / "index")
    with pytest.raises(UsageError, match="is the name of 2 articles"):
        remove(["news.jsonl"], tmp_path / "index")


def test_a_corrected_file_names_what_replaced_it(articles: Path, folder: Path) -> None:  # noqa: F811
    (articles / "a.txt").write_text("Rain fell in Bern.")
    report = build(articles, folder)
    assert (report.new, report.corrected, report.withdrawn) == (0, 1, 0)
    with closing(Catalogue.open(folder)) as catalogue:
        gone = catalogue.withdrawal(RAIN)
    assert gone is not None
    assert gone.replaced_by == article_id("Rain fell in Bern.")
    assert gone.at.endswith("+00:00")
    with pytest.raises(CatalogueError, match="was replaced by"):
        remove([RAIN], folder)


def test_records_are_followed_by_their_own_ids(tmp_path: Path) -> None:
    file, index = tmp_path / "news.jsonl", tmp_path / "index"

    def write(*records: tuple[str | None, str]) -> Report:
        lines = [{"id": i, "text": text} if i else {"text": text} for i, text in records]
        file.write_text("\n".join(map(json.dumps, lines)))
        return build(file, index)

    write(("one", "Rain fell."), ("two", "Snow fell."), (None, "Wind blew."))
    report = write((None, "Hail fell."), ("two", "Snow fell, they say."), ("one", "Rain fell."), (None, "Wind blew."))
    assert (report.new, report.corrected, report.withdrawn, report.embedded) == (1, 1, 0, 2)
    report = write(("two", "Snow fell, they say."), (None, "Wind blew hard."))
    assert (report.new, report.corrected, report.withdrawn) == (1, 0, 3)
    assert examine(index) == []


def test_an_article_that_comes_back_is_not_withdrawn_any_more(articles: Path, folder: Path) -> None:  # noqa: F811
    text = (articles / "a.txt").read_text()
    (articles / "a.txt").unlink()
    assert build(articles, folder).withdrawn == 1
    (articles / "a.txt").write_text(text)
    assert build(articles, folder).new == 1
    with closing(Catalogue.open(folder)) as catalogue:
        assert catalogue.withdrawal(RAIN) is None


# Readers and writers


def test_a_reader_answers_while_a_writer_is_at_work_and_sees_no_half(articles: Path, folder: Path) -> None:  # noqa: F811
    embedder = ToyEmbedder(*WORDS)
    with closing(Index.open(folder, embedder)) as index:
        query, before = embedder.embed(["rain"])[0], index.revision
        with closing(Catalogue.open(folder, writable=True)) as writer, only_writer(folder):
            with writer.transaction():
                writer.remove_origins_of(RAIN)
                writer.drop_orphans([RAIN], {})
                assert len(index.search(query, 9)) == 3, "not committed: not seen"
            hits = index.search(query, 9)
            assert len(hits) == 2, "withdrawn: not found, although what is derived still has it"
            assert RAIN not in {passage.article_id for passage, _ in hits}
            assert index.revision == before
        build(articles, folder)
        index.search(query, 9)
        assert index.revision != before


def test_a_reader_mends_what_a_killed_writer_left(folder: Path) -> None:  # noqa: F811
    with closing(Catalogue.open(folder, writable=True)) as writer, writer.transaction():
        writer.remove_origins_of(RAIN)
        writer.drop_orphans([RAIN], {})
    assert len(found(folder, "rain")) == 3  # two by vector, one by word
    assert examine(folder) == []


def test_a_reader_that_may_not_write_searches_all_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    before = found(folder, "rain")
    (folder / "manifest.json").unlink()

    def refuse(*_: object, **__: object) -> None:
        raise CatalogueError("read-only")

    monkeypatch.setattr("rag.index.index.only_writer", refuse)
    assert found(folder, "rain") == before


def test_a_second_writer_is_told_who_the_first_is(folder: Path) -> None:  # noqa: F811
    with only_writer(folder):
        code = f"import pathlib, rag.index.lock as lock\nwith lock.only_writer(pathlib.Path({str(folder)!r})): pass"
        second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert f"another rag is writing to '{folder}' (process {os.getpid()}, since " in second.stderr


def test_a_second_writer_may_wait(folder: Path) -> None:  # noqa: F811
    held, done = threading.Event(), []

    def first() -> None:
        with only_writer(folder):
            held.set()
            time.sleep(0.2)
            done.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    held.wait()
    with only_writer(folder, wait_s=10):
        done.append("second")
    thread.join()
    assert done == ["first", "second"]


LIMITED = """
import resource, signal, sys
from pathlib import Path
from rag.errors import RagError
from rag.index import sync
from rag.languages import detect
from rag.testing import ToyEmbedder
detect("Regen fiel.")  # its weights are unpacked into a file
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    sync([Path(sys.argv[1])], Path(sys.argv[2]), ToyEmbedder("rain", "snow"), passage_tokens=32, max_file_bytes=10**6)
except RagError as error:
    print(error)
"""


@pytest.mark.parametrize("limit", [0, 50_000, 120_000, 150_000])
def test_a_full_disk_is_named_and_what_was_there_stays(articles: Path, folder: Path, limit: int) -> None:  # noqa: F811
    before = rows(folder, "article")
    for n in range(30):
        (articles / f"more{n}.txt").write_text(f"Number {n}. " + "Rain fell on the town. " * 150)
    command = [sys.executable, "-c", LIMITED, str(articles), str(folder), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(("cannot write", "'")), done.stdout
    assert set(before) <= set(rows(folder, "article"))
    assert [finding for finding in examine(folder) if finding.in_catalogue] == []
    build(articles, folder)
    assert len(rows(folder, "article")) == 33
    assert examine(folder) == []


def test_following_changes(articles: Path, folder: Path) -> None:  # noqa: F811
    stop, seen = threading.Event(), threading.Event()

    def follow() -> None:
        for _ in changes(folder, stop):
            seen.set()

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        for n in range(50):  # the watch takes a moment to begin
            (articles / "d.txt").write_text(f"Hail {n} fell.")
            if seen.wait(0.5):
                break
        assert seen.is_set()
    finally:
        stop.set()
        thread.join()


def test_a_catalogue_in_the_making_is_there_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    replace: Callable[..., object] = Path.replace
    monkeypatch.setattr(Path, "replace", fail)
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text("Rain fell.")
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path / "news", tmp_path / "index")
    monkeypatch.setattr(Path, "replace", replace)
    assert not (tmp_path / "index" / "catalogue.sqlite").exists()
    assert build(tmp_path / "news", tmp_path / "index").articles == 1
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 0
    with closing(sqlite3.connect(tmp_path / "index" / "catalogue.sqlite")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


READ_ONLY = """
import os, sys
from pathlib import Path
import faiss, tantivy
from rag.errors import CatalogueError
from rag.index import Index, sync
from rag.testing import ToyEmbedder
if os.geteuid() == 0:
    os.setuid(65534)  # only now: Python itself may stand where nobody else reads
embedder = ToyEmbedder("rain", "snow")
index = Index.open(Path(sys.argv[1]), embedder)
print(len(index.search(embedder.embed(["rain"])[0], 9)), len(index.search_words("rain", 9)))
try:
    sync([], Path(sys.argv[1]), embedder, passage_tokens=32, max_file_bytes=10**6)
except CatalogueError as error:
    print(error)
"""


@pytest.mark.parametrize("stale", [False, True], ids=["in step", "stale"])
def test_a_read_only_folder_is_searched_and_not_written(folder: Path, stale: bool) -> None:  # noqa: F811
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)  # so that somebody else than root may come here
        shutil.copytree(folder, Path(name) / "index")
        if stale:
            (Path(name) / "index" / "manifest.json").unlink()
        (Path(name) / "index").chmod(0o555)
        command = [sys.executable, "-c", READ_ONLY, f"{name}/index"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        (Path(name) / "index").chmod(0o755)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first == "3 2"
    assert second.startswith(f"cannot write an index to '{name}/index' (Permission denied)")


def test_an_edit_into_another_articles_text_is_counted_as_it_is(articles: Path, folder: Path) -> None:  # noqa: F811
    (articles / "a.txt").write_text((articles / "b.txt").read_text())
    report = build(articles, folder)
    assert (report.new, report.corrected, report.withdrawn, report.articles) == (0, 0, 1, 2)


def test_record_ids_that_repeat_name_no_correction(tmp_path: Path) -> None:
    file = tmp_path / "news.jsonl"
    file.write_text('{"id": "x", "text": "Rain fell."}\n{"id": "x", "text": "Snow fell."}')
    build(file, tmp_path / "index")
    file.write_text('{"id": "x", "text": "Snow fell."}')
    report = build(file, tmp_path / "index")
    assert (report.new, report.corrected, report.withdrawn) == (0, 0, 1)


@pytest.mark.parametrize("name", ["A.TXT", "\udcff", "x" * 60_000, RAIN[:3], "a%"])
def test_a_name_means_just_what_it_says(folder: Path, name: str) -> None:  # noqa: F811
    with pytest.raises(CatalogueError, match="no article"):
        remove([name], folder)


def test_a_longer_title_is_searchable_whole(tmp_path: Path) -> None:
    file = tmp_path / "news.jsonl"
    long = "Rain and more rain over all the towns along the river, say those who live there, "
    for last in ("zebra", "yak"):
        file.write_text(json.dumps({"text": "It fell.", "title": long + last}))
        build(file, tmp_path / "index")
    with closing(Index.open(tmp_path / "index", ToyEmbedder(*WORDS))) as index:
        assert index.search_words("zebra", 5) == []
        assert len(index.search_words("yak", 5)) == 1


def test_an_index_beneath_its_own_root_does_not_index_itself(articles: Path) -> None:  # noqa: F811
    for _ in range(2):
        report = build(articles, articles / "index")
    assert (report.articles, report.skipped) == (3, [])


def test_searches_go_on_during_a_rebuild(articles: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    embedder = ToyEmbedder(*WORDS)
    with closing(Index.open(folder, embedder)) as index:
        seen = []
        update = derived.update

        def updating(where: Path, catalogue: Catalogue) -> derived.Derived:
            seen.append(len(index.search(embedder.embed(["rain"])[0], 9)))
            made = update(where, catalogue)
            seen.append(len(index.search(embedder.embed(["rain"])[0], 9)))
            return made

        monkeypatch.setattr("rag.index.derived.update", updating)
        sync([articles], folder, embedder, passage_tokens=16, max_file_bytes=10_000, rebuild=True)
        assert seen[:2] == [3, 3]
        assert len(index.search(embedder.embed(["rain"])[0], 9)) >= 3


def test_a_file_over_the_limit_is_read_once_the_limit_is_higher(articles: Path, folder: Path) -> None:  # noqa: F811
    (articles / "d.txt").write_text("Hail fell on the town. " * 20)
    for limit, count in ((100, 3), (10_000, 4)):
        report = sync([articles], folder, ToyEmbedder(*WORDS), passage_tokens=32, max_file_bytes=limit)
        assert report.articles == count


def test_a_backup_that_was_changed_is_refused(tmp_path: Path, folder: Path) -> None:  # noqa: F811
    backup(folder, tmp_path / "b.rag")
    with closing(sqlite3.connect(tmp_path / "b.rag")) as db:
        db.execute("UPDATE article SET text = 'Another text.'")
        db.commit()
    with pytest.raises(CatalogueError, match=r"the backup .*b\.rag' is damaged"):
        restore(tmp_path / "b.rag", folder, force=True)
    assert examine(folder) == []
