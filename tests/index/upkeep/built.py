"""What the tests of upkeep share: three articles, and what is done to their index and read off it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from rag.corpus import article_id
from rag.index import Index, Report, sync
from rag.index.doctor import Repair, examine, repair
from rag.testing import ToyEmbedder

WORDS = ("rain", "snow")
TEXTS = {"a": "Rain fell in Wien.", "b": "Snow fell. It stayed.", "c": "Rain and snow fell."}
RAIN = article_id(TEXTS["a"])


def build(articles: Path, folder: Path) -> Report:
    """Sync the articles into the folder."""
    return sync([articles], folder, ToyEmbedder(*WORDS), passage_tokens=32, max_file_bytes=10_000)


def mend(folder: Path) -> Repair:
    """Repair the index."""
    return repair(folder, ToyEmbedder(*WORDS), passage_tokens=32)


def wrong(folder: Path) -> list[str]:
    """Return what is found wrong."""
    return [finding.what for finding in examine(folder)]


def found(folder: Path, word: str) -> list[tuple[str, int]]:
    """Return the passages found for a word, by vector, then by word."""
    embedder = ToyEmbedder(*WORDS)
    with closing(Index.open(folder, embedder)) as index:
        vectors = index.search(embedder.embed([word])[0], 9)
        return [(p.article_id, p.start) for p, _ in [*vectors, *index.search_words(word, 9)]]


def change(folder: Path, sql: str, *values: object) -> None:
    """Change a row behind rag's back, as a flipped bit would."""
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as db:
        db.execute(sql, values)
        db.commit()
