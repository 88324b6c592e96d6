"""An index of an older format, brought up to date."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from rag.errors import CatalogueError
from rag.index import Catalogue, sync
from rag.index.doctor import repair
from rag.testing import ToyEmbedder
from tests.index.building import rows
from tests.index.upkeep.built import WORDS, build, change, found, wrong

FORMAT_1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE root (path TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE file (path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL)
    STRICT, WITHOUT ROWID;
CREATE TABLE article (id TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE origin (path TEXT NOT NULL, record INTEGER NOT NULL, article_id TEXT NOT NULL, title TEXT NOT NULL,
    source_id TEXT, published TEXT, source TEXT, url TEXT, PRIMARY KEY (path, record)) STRICT, WITHOUT ROWID;
CREATE TABLE vector (hash TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE passage (article_id TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (article_id, start)) STRICT, WITHOUT ROWID;
"""


def as_format_1(folder: Path) -> None:
    """Write the catalogue of a folder as the first version would have."""
    import hashlib

    from rag.chunking import context_of, embed_text

    embedder = ToyEmbedder(*WORDS)
    with closing(Catalogue.open(folder)) as catalogue:
        manifest = json.loads(catalogue._meta("manifest")) | {"format_version": 1}
        texts = {}
        for passage in catalogue.passages():
            article = catalogue.article(passage.article_id)
            context = context_of(article.origin.title, embedder)
            texts[passage] = embed_text(context, article.text[passage.start : passage.end])
    as_before_formats(folder)
    old = {table: rows(folder, table) for table in ("root", "file", "article", "origin")}
    for path in folder.iterdir():
        if path.is_file():
            path.unlink()
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as db:
        db.executescript(FORMAT_1)
        db.executemany("INSERT INTO meta VALUES (?, ?)", [("manifest", json.dumps(manifest)), ("origins", "0")])
        for table, table_rows in old.items():
            marks = ",".join("?" * len(table_rows[0]))
            db.executemany(f"INSERT INTO {table} VALUES ({marks})", table_rows)
        for passage, text in texts.items():
            digest = hashlib.sha256(text.encode()).hexdigest()
            vector = embedder.embed([text])[0].astype(np.float32).tobytes()
            db.execute("INSERT OR IGNORE INTO vector VALUES (?, ?)", (digest, vector))
            row = (passage.article_id, passage.start, passage.end, digest)
            db.execute("INSERT INTO passage VALUES (?, ?, ?, ?)", row)
        db.commit()


def test_an_older_format_is_brought_up_to_date_without_embedding(articles: Path, folder: Path) -> None:
    tables = ("root", "file", "article", "origin", "passage", "vector")
    before = {table: rows(folder, table) for table in tables}, found(folder, "rain")
    as_format_1(folder)
    with pytest.raises(CatalogueError, match=r"has format 1, this rag reads 7; .* rag doctor --repair"):
        Catalogue.open(folder)
    assert wrong(folder) == ["the catalogue has format 1, this rag writes 7"]
    embedder = ToyEmbedder(*WORDS)
    assert not repair(folder, embedder, passage_tokens=32).index_again
    assert embedder.embedded == []
    assert wrong(folder) == []
    assert ({table: rows(folder, table) for table in tables}, found(folder, "rain")) == before
    report = sync([articles], folder, embedder, passage_tokens=32, max_file_bytes=10_000)
    assert (report.unchanged, report.embedded) == (3, 0)


def as_before_formats(folder: Path) -> None:
    """Leave the columns and tables that there were in formats 2 and 3."""
    facts = "path, record, article_id, title, source_id, published, source, url"
    change(folder, f"CREATE TABLE old AS SELECT {facts} FROM origin")
    change(folder, "DROP TABLE origin")
    change(folder, "ALTER TABLE old RENAME TO origin")
    change(folder, "ALTER TABLE root DROP COLUMN columns")
    change(folder, "DROP TABLE trait")
    change(folder, "DROP TABLE band")


def test_format_3_is_brought_up_to_date_with_all_it_holds(articles: Path, folder: Path) -> None:
    (articles / "long.txt").write_text(" ".join(f"word{i}" for i in range(60)))
    build(articles, folder)
    with closing(Catalogue.open(folder, writable=True)) as catalogue, catalogue.transaction():
        catalogue.put_in_collection("mine", catalogue.article_ids()[:2])
    tables = ("root", "file", "article", "origin", "passage", "vector", "statement", "collection", "trait", "band")
    before = {table: rows(folder, table) for table in tables}
    assert len(before["band"]) == 32
    as_before_formats(folder)
    change(folder, "UPDATE meta SET value = json_set(value, '$.format_version', 3) WHERE key = 'manifest'")
    embedder = ToyEmbedder(*WORDS)
    assert not repair(folder, embedder, passage_tokens=32).index_again
    assert embedder.embedded == []
    assert {table: rows(folder, table) for table in tables} == before
    assert sync([articles], folder, embedder, passage_tokens=32, max_file_bytes=10_000).unchanged == 4


def test_format_2_gets_its_statements_and_keeps_what_was_withdrawn(articles: Path, folder: Path) -> None:
    (articles / "said.txt").write_text("Khawaja Asif said that rain fell.")
    sync([articles], folder, ToyEmbedder(*WORDS), passage_tokens=32, max_file_bytes=10_000)
    (articles / "said.txt").write_text("Khawaja Asif said that rain stopped.")
    sync([articles], folder, ToyEmbedder(*WORDS), passage_tokens=32, max_file_bytes=10_000)
    tables = ("file", "article", "origin", "passage", "vector", "statement", "withdrawn")
    before = {table: rows(folder, table) for table in tables}
    assert before["statement"]
    assert before["withdrawn"]
    change(folder, "DROP TABLE statement")
    change(folder, "DROP TABLE collection")
    as_before_formats(folder)
    change(folder, "UPDATE meta SET value = json_set(value, '$.format_version', 2) WHERE key = 'manifest'")
    embedder = ToyEmbedder(*WORDS)
    repair(folder, embedder, passage_tokens=32)
    assert embedder.embedded == []
    assert {table: rows(folder, table) for table in tables} == before
