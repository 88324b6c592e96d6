"""Several readers and writers, following changes, a full disk, a folder that may not be written."""

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

from rag.errors import CatalogueError
from rag.index import Catalogue, Index, derived, sync
from rag.index.doctor import examine
from rag.index.lock import only_writer
from rag.index.watch import changes
from rag.testing import ToyEmbedder
from tests.conftest import ROOT
from tests.index.building import rows
from tests.index.upkeep.built import RAIN, WORDS, build, found


def test_a_reader_answers_while_a_writer_is_at_work_and_sees_no_half(articles: Path, folder: Path) -> None:
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


def test_a_reader_mends_what_a_killed_writer_left(folder: Path) -> None:
    with closing(Catalogue.open(folder, writable=True)) as writer, writer.transaction():
        writer.remove_origins_of(RAIN)
        writer.drop_orphans([RAIN], {})
    assert len(found(folder, "rain")) == 3  # two by vector, one by word
    assert examine(folder) == []


def test_a_reader_that_may_not_write_searches_all_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = found(folder, "rain")
    (folder / "manifest.json").unlink()

    def refuse(*_: object, **__: object) -> None:
        raise CatalogueError("read-only")

    monkeypatch.setattr("rag.index.index.only_writer", refuse)
    assert found(folder, "rain") == before


def test_a_second_writer_is_told_who_the_first_is(folder: Path) -> None:
    with only_writer(folder):
        code = f"import pathlib, rag.index.lock as lock\nwith lock.only_writer(pathlib.Path({str(folder)!r})): pass"
        second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert f"another rag is writing to '{folder}' (process {os.getpid()}, since " in second.stderr


def test_a_second_writer_may_wait(folder: Path) -> None:
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
def test_a_full_disk_is_named_and_what_was_there_stays(articles: Path, folder: Path, limit: int) -> None:
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


def test_following_changes(articles: Path, folder: Path) -> None:
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
def test_a_read_only_folder_is_searched_and_not_written(folder: Path, stale: bool) -> None:
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


def test_a_longer_title_is_searchable_whole(tmp_path: Path) -> None:
    file = tmp_path / "news.jsonl"
    long = "Rain and more rain over all the towns along the river, say those who live there, "
    for last in ("zebra", "yak"):
        file.write_text(json.dumps({"text": "It fell.", "title": long + last}))
        build(file, tmp_path / "index")
    with closing(Index.open(tmp_path / "index", ToyEmbedder(*WORDS))) as index:
        assert index.search_words("zebra", 5) == []
        assert len(index.search_words("yak", 5)) == 1


def test_an_index_beneath_its_own_root_does_not_index_itself(articles: Path) -> None:
    for _ in range(2):
        report = build(articles, articles / "index")
    assert (report.articles, report.skipped) == (3, [])


def test_searches_go_on_during_a_rebuild(articles: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_file_over_the_limit_is_read_once_the_limit_is_higher(articles: Path, folder: Path) -> None:
    (articles / "d.txt").write_text("Hail fell on the town. " * 20)
    for limit, count in ((100, 3), (10_000, 4)):
        report = sync([articles], folder, ToyEmbedder(*WORDS), passage_tokens=32, max_file_bytes=limit)
        assert report.articles == count
