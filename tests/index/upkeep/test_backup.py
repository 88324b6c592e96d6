"""Backup, and what is restored from one."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rag.errors import CatalogueError
from rag.index import Catalogue
from rag.index.backup import backup, restore
from rag.index.doctor import examine
from tests.index.building import rows
from tests.index.upkeep.built import RAIN, build, found


def test_a_backup_restored_elsewhere_is_the_same_index(tmp_path: Path, folder: Path) -> None:
    backup(folder, tmp_path / "b.rag")
    restore(tmp_path / "b.rag", tmp_path / "other")
    for table in ("article", "origin", "passage", "vector", "file", "root", "meta"):
        assert rows(tmp_path / "other", table) == rows(folder, table)
    assert found(tmp_path / "other", "rain") == found(folder, "rain")
    assert examine(tmp_path / "other") == []


def test_a_backup_is_one_state_while_a_writer_is_at_work(tmp_path: Path, folder: Path) -> None:
    with closing(Catalogue.open(folder, writable=True)) as catalogue, catalogue.transaction():
        catalogue.remove_origins_of(RAIN)
        catalogue.drop_orphans([RAIN], {})
        backup(folder, tmp_path / "b.rag")
    restore(tmp_path / "b.rag", tmp_path / "other")
    assert len(rows(tmp_path / "other", "article")) == 3
    assert examine(tmp_path / "other") == []


def test_restoring_over_an_index_must_be_meant(tmp_path: Path, folder: Path, articles: Path) -> None:
    backup(folder, tmp_path / "b.rag")
    (articles / "a.txt").unlink()
    build(articles, folder)
    with pytest.raises(CatalogueError, match=r"holds an index; .*--force"):
        restore(tmp_path / "b.rag", folder)
    restore(tmp_path / "b.rag", folder, force=True)
    assert len(rows(folder, "article")) == 3
    assert examine(folder) == []


@pytest.mark.parametrize("content", [None, b"", b"garbage" * 99])
def test_what_is_no_backup_is_named_and_the_index_stays(tmp_path: Path, folder: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "b.rag").write_bytes(content)
    with pytest.raises(CatalogueError, match=r"b\.rag"):
        restore(tmp_path / "b.rag", folder, force=True)
    assert examine(folder) == []


def test_a_backup_overwrites_nothing(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "b.rag").write_text("mine")
    for file in (tmp_path / "b.rag", Path()):
        with pytest.raises(CatalogueError, match="is there already"):
            backup(folder, file)
    for name in ("nowhere/b.rag", "b" * 300):
        with pytest.raises(CatalogueError, match="cannot write the backup"):
            backup(folder, tmp_path / name)
    with pytest.raises(CatalogueError, match="no such backup"):
        restore(tmp_path / ("b" * 300), tmp_path / "other")


def test_a_backup_that_was_changed_is_refused(tmp_path: Path, folder: Path) -> None:
    backup(folder, tmp_path / "b.rag")
    with closing(sqlite3.connect(tmp_path / "b.rag")) as db:
        db.execute("UPDATE article SET text = 'Another text.'")
        db.commit()
    with pytest.raises(CatalogueError, match=r"the backup .*b\.rag' is damaged"):
        restore(tmp_path / "b.rag", folder, force=True)
    assert examine(folder) == []
