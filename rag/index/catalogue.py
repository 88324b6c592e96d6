"""The catalogue: articles, where they came from, their passages and vectors, in one SQLite file.

The one source of truth: all else in the index folder is derived from it. Knows nothing about files'
formats, models or FAISS. Every change happens inside `transaction()`.
"""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import CatalogueError
from rag.types import Article, Origin, Passage, Vectors

FORMAT_VERSION = 1
FILE = "catalogue.sqlite"

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE root (path TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE file (path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL)
    STRICT, WITHOUT ROWID;
CREATE TABLE article (id TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE origin (
    path TEXT NOT NULL, record INTEGER NOT NULL, article_id TEXT NOT NULL REFERENCES article ON DELETE CASCADE,
    title TEXT NOT NULL, source_id TEXT, published TEXT, source TEXT, url TEXT,
    PRIMARY KEY (path, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX origin_article ON origin (article_id);
CREATE TABLE vector (hash TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE passage (
    article_id TEXT NOT NULL REFERENCES article ON DELETE CASCADE, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    hash TEXT NOT NULL REFERENCES vector,
    PRIMARY KEY (article_id, start)
) STRICT, WITHOUT ROWID;
CREATE INDEX passage_hash ON passage (hash);
"""


@dataclass(frozen=True, slots=True)
class Manifest:
    """How an index was made; two indexes with equal manifests of the same articles are equal."""

    embedder: str
    embedder_digest: str
    dimension: int
    embed_text_version: int
    passage_tokens: int
    format_version: int = FORMAT_VERSION


class Catalogue:
    """An open catalogue; several threads may read through one, a single one writes."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self._lock = threading.RLock()
        self.path = path

    @classmethod
    def create(cls, folder: Path, manifest: Manifest) -> "Catalogue":
        """Make an empty catalogue in `folder`; raises `CatalogueError` where nothing can be written."""
        path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            db.executescript(f"PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; {_SCHEMA}")
            db.executemany(
                "INSERT INTO meta VALUES (?, ?)",
                [("manifest", json.dumps(asdict(manifest))), ("origins", "0")],
            )
            db.execute("COMMIT")
        except (OSError, sqlite3.Error) as error:
            raise CatalogueError(
                f"cannot write an index to {str(folder)!r} ({error}); choose another folder: rag index --index DIR"
            ) from error
        return cls._configured(db, path)

    @classmethod
    def open(cls, folder: Path, *, writable: bool = False) -> "Catalogue":
        """Open the catalogue in `folder`; raises `CatalogueError` where there is none, or it is damaged."""
        path = folder / FILE
        if not path.is_file():
            raise CatalogueError(f"no index in {str(folder)!r}; build it: rag index PATH --index {folder}")
        mode = "rw" if writable else "ro"
        try:
            db = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode={mode}",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
            return cls._configured(db, path)
        except sqlite3.Error as error:
            raise CatalogueError(
                f"{str(path)!r} cannot be read as an index ({error}); remove that file and build it anew: "
                f"rag index PATH --index {folder}"
            ) from error

    @classmethod
    def _configured(cls, db: sqlite3.Connection, path: Path) -> "Catalogue":
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA busy_timeout = 10000")
        db.execute("PRAGMA secure_delete = ON")  # a withdrawn text leaves no trace in the file
        catalogue = cls(db, path)
        if (version := json.loads(catalogue._meta("manifest"))["format_version"]) != FORMAT_VERSION:
            raise CatalogueError(
                f"{str(path)!r} has format {version!r}, this rag writes {FORMAT_VERSION}; "
                f"remove that file and build it anew: rag index PATH --index {path.parent}"
            )
        return catalogue

    def close(self) -> None:
        """Close the file; nothing uncommitted remains of it."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is changed inside happens at once, or not at all."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @property
    def manifest(self) -> Manifest:
        """How this index was made."""
        return Manifest(**json.loads(self._meta("manifest")))

    @property
    def revision(self) -> str:
        """Names the state: 16 hex digits, the same for the same articles and origins indexed in the same way."""
        state = f"{self._meta('manifest')} {self._meta('origins')}"
        return hashlib.sha256(state.encode()).hexdigest()[:16]

    # What is there

    def counts(self) -> dict[str, int]:
        """Return the number of articles and passages."""
        return {table + "s": self._one(f"SELECT count(*) FROM {table}") for table in ("article", "passage")}  # noqa: S608

    def roots(self) -> list[str]:
        """Return the folders and files that `sync` was given so far."""
        return [path for (path,) in self._all("SELECT path FROM root ORDER BY path")]

    def files(self) -> dict[str, tuple[int, int, str]]:
        """Return size in bytes, time of change in ns and SHA-256 of every file that was read, by path."""
        return {path: (size, mtime, digest) for path, size, mtime, digest in self._all("SELECT * FROM file")}

    def article(self, article_id: str) -> Article:
        """Return an article with all its origins, ordered by path and record; raises `CatalogueError`."""
        text = self._one("SELECT text FROM article WHERE id = ?", article_id)
        if text is None:
            raise CatalogueError(f"no article {article_id!r} in this index")
        rows = self._all(
            "SELECT path, title, record, source_id, published, source, url FROM origin "
            "WHERE article_id = ? ORDER BY path, record",
            article_id,
        )
        return Article(article_id, text, tuple(Origin(p, t, r or None, *rest) for p, t, r, *rest in rows))

    def places(self) -> list[tuple[str, str, str | None]]:
        """Return article id, path and `source_id` of every origin, by path and record."""
        return self._all("SELECT article_id, path, source_id FROM origin")

    def titles(self, limit: int) -> list[tuple[str, str]]:
        """Return id and title of the `limit` newest articles."""
        return self._all(
            "SELECT article_id, title FROM origin GROUP BY article_id "
            "ORDER BY max(published) DESC NULLS LAST, article_id LIMIT ?",
            limit,
        )

    def passages(self) -> list[Passage]:
        """Return all passages in the order of `vectors`: by article id, then start."""
        return [Passage(*row) for row in self._all('SELECT article_id, start, "end" FROM passage')]

    def vectors(self) -> Vectors:
        """Return the vectors of all passages, in their order, shape (passages, dimension)."""
        rows = self._all("SELECT data FROM passage JOIN vector USING (hash) ORDER BY article_id, start")
        joined = b"".join(data for (data,) in rows)
        return np.frombuffer(joined, np.float32).reshape(len(rows), self.manifest.dimension)

    # Changes, inside a transaction

    def add_root(self, path: str) -> None:
        """Remember a folder or file that was given."""
        self._db.execute("INSERT OR IGNORE INTO root VALUES (?)", (path,))

    def put_file(self, path: str, size: int, mtime_ns: int, sha256: str) -> None:
        """Remember what a file looked like when it was read."""
        self._db.execute("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)", (path, size, mtime_ns, sha256))

    def forget_file(self, path: str) -> None:
        """Forget a file that vanished."""
        self._db.execute("DELETE FROM file WHERE path = ?", (path,))

    def replace_origins(self, path: str, articles: Iterable[Article]) -> set[str]:
        """Replace what is known to come from `path`; return the ids of all articles touched by it."""
        removed = self._all("DELETE FROM origin WHERE path = ? RETURNING *", path)
        added = []
        for article in articles:
            self._db.execute("INSERT OR IGNORE INTO article VALUES (?, ?)", (article.id, article.text))
            o = article.origin
            row = (o.path, o.record or 0, article.id, o.title, o.source_id, o.published, o.source, o.url)
            self._db.execute("INSERT INTO origin VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            added.append(row)
        origins = int(self._meta("origins")) + sum(map(_row_hash, added)) - sum(map(_row_hash, removed))
        self._db.execute("UPDATE meta SET value = ? WHERE key = 'origins'", (str(origins % 2**64),))
        return {row[2] for row in [*removed, *added]}

    def drop_orphans(self, article_ids: Iterable[str]) -> set[str]:
        """Delete those of the articles that no origin is left for; return their ids."""
        gone = {i for i in article_ids if self._one("SELECT count(*) FROM origin WHERE article_id = ?", i) == 0}
        self._db.executemany("DELETE FROM article WHERE id = ?", [(i,) for i in sorted(gone)])
        return gone

    def passage_hashes(self, article_id: str) -> list[str]:
        """Return the hashes of an article's passages, in order."""
        return [h for (h,) in self._all("SELECT hash FROM passage WHERE article_id = ? ORDER BY start", article_id)]

    def without_vector(self, hashes: Sequence[str]) -> list[str]:
        """Return those of `hashes` that no vector is kept for, each once, in order."""
        return [h for h in dict.fromkeys(hashes) if self._one("SELECT count(*) FROM vector WHERE hash = ?", h) == 0]

    def put_vectors(self, hashes: Sequence[str], vectors: Vectors) -> None:
        """Keep vectors by the hash of the text embedded."""
        rows = [(h, v.astype(np.float32).tobytes()) for h, v in zip(hashes, vectors, strict=True)]
        self._db.executemany("INSERT OR IGNORE INTO vector VALUES (?, ?)", rows)

    def put_passages(self, passages: Sequence[Passage], hashes: Sequence[str]) -> None:
        """Replace the passages of the article that `passages` belong to."""
        self._db.execute("DELETE FROM passage WHERE article_id = ?", (passages[0].article_id,))
        rows = [(p.article_id, p.start, p.end, h) for p, h in zip(passages, hashes, strict=True)]
        self._db.executemany("INSERT INTO passage VALUES (?, ?, ?, ?)", rows)

    def drop_unused_vectors(self) -> None:
        """Delete vectors that no passage uses."""
        self._db.execute("DELETE FROM vector WHERE hash NOT IN (SELECT hash FROM passage)")

    def start_over(self, manifest: Manifest) -> set[str]:
        """Drop all passages and vectors, to be made in another way; return the ids of all articles."""
        self._db.execute("DELETE FROM passage")
        self._db.execute("DELETE FROM vector")
        self._db.execute("UPDATE meta SET value = ? WHERE key = 'manifest'", (json.dumps(asdict(manifest)),))
        return {article_id for (article_id,) in self._all("SELECT id FROM article")}

    def _meta(self, key: str) -> str:
        value = self._one("SELECT value FROM meta WHERE key = ?", key)
        if not isinstance(value, str):
            raise sqlite3.DatabaseError(f"it has no {key}")
        return value

    def _all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def _one(self, sql: str, *values: object) -> Any:
        rows = self._all(sql, *values)
        return rows[0][0] if rows else None


def _row_hash(row: tuple[object, ...]) -> int:
    """Hash one origin; the state of all is the sum of their hashes, so that order does not matter."""
    return int.from_bytes(hashlib.sha256(json.dumps(row).encode()).digest()[:8])
