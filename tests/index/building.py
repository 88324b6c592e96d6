"""What the tests of the index share: files written, built and looked into."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from rag.index import Catalogue, Index, Report, sync
from rag.testing import ToyEmbedder
from rag.types import Passage, Vectors

WORDS = ("goggles", "rifles", "rain")
TABLES = ("article", "origin", "passage", "vector", "file", "root", "meta")


def write(root: Path, **texts: str) -> Path:
    """Write NAME.txt for each text into `root`, and return it."""
    root.mkdir(exist_ok=True)
    for name, text in texts.items():
        (root / f"{name}.txt").write_text(text, encoding="utf-8")
    return root


def build(
    *roots: Path, folder: Path, embedder: ToyEmbedder | None = None, passage_tokens: int = 32, **options: Any
) -> Report:
    """Sync `roots` into `folder` with a toy embedder."""
    toy = embedder or ToyEmbedder(*WORDS)
    return sync(roots, folder, toy, passage_tokens=passage_tokens, max_file_bytes=10_000, **options)


def rows(folder: Path, table: str) -> list[tuple[Any, ...]]:
    """Return all rows of a table, in order."""
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as db:
        return sorted(db.execute(f"SELECT * FROM {table}").fetchall())


def state(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything the catalogue holds."""
    return {table: rows(folder, table) for table in TABLES}


def revision(folder: Path) -> str:
    """Return the revision of the catalogue in `folder`."""
    with closing(Catalogue.open(folder)) as catalogue:
        return catalogue.revision


def found(folder: Path, question: str, *, embedder: ToyEmbedder | None = None) -> list[tuple[Passage, float]]:
    """Open the index anew and return all passages for a question, best first."""
    embedder = embedder or ToyEmbedder(*WORDS)
    return Index.open(folder, embedder).search(embedder.embed([question])[0], 100)


def holding(folder: Path, word: bytes) -> list[str]:
    """Return the files beneath an index folder that hold a word."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if word in path.read_bytes().lower()]


class FailingEmbedder(ToyEmbedder):
    """Has the digest of a toy embedder, but cannot embed."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Fail."""
        raise RuntimeError("out of memory")
