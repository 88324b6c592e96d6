"""The index knows how it was made."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rag.chunking import EMBED_TEXT_VERSION
from rag.errors import CatalogueError
from rag.index import Catalogue, Index
from rag.lexical import WORDS_VERSION
from rag.testing import ToyEmbedder
from tests.index.building import build, found, revision, state


def test_opening_with_another_embedder_names_the_command_that_mends_it(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    with pytest.raises(CatalogueError, match="rag index --rebuild"):
        Index.open(folder, ToyEmbedder("other", "words", "here"))


def test_syncing_with_another_embedder_names_the_command_that_mends_it(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    with pytest.raises(CatalogueError, match="rag index --rebuild"):
        build(root, folder=folder, embedder=ToyEmbedder("other", "words", "here"))


def test_another_passage_size_names_the_command_that_mends_it(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    with pytest.raises(CatalogueError, match=r"passage_tokens 32, now it is 16.*rag index --rebuild"):
        build(root, folder=folder, passage_tokens=16)


def test_a_rebuild_with_another_embedder_is_searched_with_it(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    before = revision(folder)
    other = ToyEmbedder("old")
    report = build(root, folder=folder, embedder=other, rebuild=True)
    assert (report.unchanged, report.embedded) == (2, 2)
    assert revision(folder) != before
    best, _ = found(folder, "old", embedder=other)[0]
    with closing(Catalogue.open(folder)) as catalogue:
        assert catalogue.article(best.article_id).text == "The rifles are old."


def test_a_rebuild_in_the_same_way_gives_the_same_revision(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    before = state(folder)
    assert build(root, folder=folder, rebuild=True).embedded == 2
    assert state(folder) == before


def test_a_newer_format_is_an_error_whatever_its_manifest_holds(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as db:
        newer = json.dumps({"format_version": 99, "what": "nobody knows yet"})
        db.execute("UPDATE meta SET value = ? WHERE key = 'manifest'", (newer,))
        db.commit()
    with pytest.raises(CatalogueError, match="has format 99, this rag reads 7; use the rag that made it"):
        Catalogue.open(folder)


def test_the_manifest_says_how_the_index_was_made(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    files = manifest.pop("files")
    assert f"vectors-{revision(folder)}.faiss" in files
    assert all(file.keys() == {"bytes", "sha256"} for file in files.values())
    assert manifest == {
        "format_version": 7,
        "embedder": "toy",
        "embedder_digest": "toy:goggles,rifles,rain",
        "dimension": 4,
        "embed_text_version": EMBED_TEXT_VERSION,
        "passage_tokens": 32,
        "revision": revision(folder),
        "words_version": WORDS_VERSION,
        "articles": 2,
        "passages": 2,
    }
