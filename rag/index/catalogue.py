"""The catalogue: articles, where they came from, their passages and vectors, in one SQLite file.

The one source of truth: all else in the index folder is derived from it. What can be asked of it is in
`rag.index.reader`; every change happens inside `transaction()`. Knows nothing about files' formats, models, FAISS or
tantivy.
"""

import hashlib
import json
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag.errors import CatalogueError
from rag.index import schema
from rag.index.reader import Reader
from rag.index.rows import origin_row
from rag.index.schema import FILE, Manifest
from rag.resemblance import bands
from rag.types import Article, Passage, Statement, Vectors


@dataclass(frozen=True, slots=True)
class Change:
    """What became of the articles of one file: their ids."""

    added: frozenset[str]
    removed: frozenset[str]
    corrected: dict[str, str]
    """Old id to new, for what goes by the same record id or path."""

    @property
    def touched(self) -> set[str]:
        """All articles whose origins changed."""
        return {*self.added, *self.removed}


class Catalogue(Reader):
    """An open catalogue; several threads may read through one, a single one writes."""

    @classmethod
    def create(cls, folder: Path, manifest: Manifest) -> "Catalogue":
        """Make an empty catalogue in `folder`; raises `CatalogueError` where nothing can be written."""
        try:
            schema.create(folder, manifest)
        except (OSError, sqlite3.Error) as error:
            raise CatalogueError(
                f"cannot write an index to {str(folder)!r} ({error}); choose another folder: rag index --index DIR"
            ) from error
        return cls.open(folder, writable=True)

    @classmethod
    def open(cls, folder: Path, *, writable: bool = False) -> "Catalogue":
        """Open the catalogue in `folder`; raises `CatalogueError` where there is none, or it is damaged."""
        return cls(schema.connect(folder, writable=writable), folder / FILE)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is changed inside happens at once, or not at all; raises `CatalogueError` where that fails."""
        with self._lock:
            if self._db.in_transaction:  # part of the one around it
                yield
                return
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield
                except BaseException:
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                    raise
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise CatalogueError(
                    f"cannot write to {str(self.path)!r} ({error}); what was reported as done is kept: "
                    f"free space or mend the disk, look: rag doctor --index {self.path.parent}, then index again"
                ) from error

    def shrink_log(self) -> None:
        """Move what was written into the file itself, so that no removed text is left in the log; best effort."""
        with suppress(sqlite3.Error):  # a full disk: what is in the log is kept there
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def add_root(self, path: str, columns: Mapping[str, str] | None = None) -> None:
        """Remember a folder or file that was given, and which columns of tables in it hold what, where that is said."""
        self._db.execute("INSERT OR IGNORE INTO root (path) VALUES (?)", (path,))
        if columns is not None:
            said = json.dumps(dict(columns), sort_keys=True)
            self._db.execute("UPDATE root SET columns = ? WHERE path = ?", (said, path))

    def put_file(self, path: str, size: int, mtime_ns: int, sha256: str) -> None:
        """Remember what a file looked like when it was read."""
        self._db.execute("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)", (path, size, mtime_ns, sha256))

    def forget_file(self, path: str) -> None:
        """Forget a file that vanished, or that is to be read again."""
        self._db.execute("DELETE FROM file WHERE path = ?", (path,))

    def forget_files(self) -> None:
        """Forget all files, so that the next sync reads them again; texts that are here are not embedded again."""
        self._db.execute("DELETE FROM file")

    def replace_origins(self, path: str, articles: Iterable[Article]) -> Change:
        """Replace what is known to come from the file `path`, members of an archive included."""
        removed = self._all("DELETE FROM origin WHERE file = ? RETURNING *", path)
        added = []
        for article in articles:
            self._db.execute("INSERT OR IGNORE INTO article VALUES (?, ?)", (article.id, article.text))
            row = origin_row(article.id, article.origin)
            self._db.execute("INSERT INTO origin VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            added.append(row)
        self._count_origins(added=added, removed=removed)
        before, after = _by_own_name(removed), _by_own_name(added)
        corrected = {old: after[name] for name, old in before.items() if after.get(name, old) != old}
        return Change(frozenset(row[3] for row in added), frozenset(row[3] for row in removed), corrected)

    def drop_orphans(self, article_ids: Iterable[str], corrected: dict[str, str], *, by_hand: bool = False) -> set[str]:
        """Delete those of the articles that no origin is left for, remembering when; return their ids."""
        gone = {i for i in article_ids if self._one("SELECT count(*) FROM origin WHERE article_id = ?", i) == 0}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        for article_id in sorted(gone):
            if successor := corrected.get(article_id):  # what takes its place stands in the same collections
                self._db.execute(
                    "INSERT OR IGNORE INTO collection SELECT name, ? FROM collection WHERE article_id = ?",
                    (successor, article_id),
                )
            self._drop_bands(article_id)
            self._db.execute("DELETE FROM article WHERE id = ?", (article_id,))
            row = (article_id, now, corrected.get(article_id), by_hand)
            self._db.execute("INSERT OR REPLACE INTO withdrawn VALUES (?, ?, ?, ?)", row)
        return gone

    def put_withdrawals(self, rows: Iterable[Sequence[object]]) -> None:
        """Take over what another catalogue knows of withdrawn articles."""
        self._db.executemany("INSERT OR IGNORE INTO withdrawn VALUES (?, ?, ?, ?)", rows)

    def forget_withdrawals(self, article_ids: Iterable[str]) -> None:
        """Forget that articles were withdrawn: they are here again, or may be."""
        self._db.executemany("DELETE FROM withdrawn WHERE article_id = ?", [(i,) for i in article_ids])

    def remove_origins_of(self, article_id: str) -> list[str]:
        """Delete every origin of an article; return the paths."""
        removed = self._all("DELETE FROM origin WHERE article_id = ? RETURNING *", article_id)
        self._count_origins(added=[], removed=removed)
        return [row[0] for row in removed]

    def put_vectors(self, hashes: Sequence[bytes], vectors: Vectors) -> None:
        """Keep vectors, in half precision, by the hash of the text embedded and the embedder."""
        data = [v.astype("<f2").tobytes() for v in vectors]
        rows = [(h, d, zlib.crc32(d)) for h, d in zip(hashes, data, strict=True)]
        self._db.executemany("INSERT OR REPLACE INTO vector VALUES (?, ?, ?)", rows)

    def put_passages(self, passages: Sequence[Passage], hashes: Sequence[bytes]) -> None:
        """Replace the passages of the article that `passages` belong to."""
        self._db.execute("DELETE FROM passage WHERE article_id = ?", (passages[0].article_id,))
        rows = [(passage_number(p, h), p.article_id, p.start, p.end, h) for p, h in zip(passages, hashes, strict=True)]
        self._db.executemany("INSERT INTO passage VALUES (?, ?, ?, ?, ?)", rows)

    def put_statements(self, article_id: str, found: Iterable[Statement]) -> None:
        """Replace what is known of who said what in an article."""
        self._db.execute("DELETE FROM statement WHERE article_id = ?", (article_id,))
        rows = [(article_id, s.start, s.end, s.speaker, s.direct) for s in found]
        self._db.executemany("INSERT INTO statement VALUES (?, ?, ?, ?, ?)", rows)

    def put_trait(self, article_id: str, *, language: str | None, sketch: bytes) -> None:
        """Replace what is told of an article by its text alone."""
        self._drop_bands(article_id)
        number = article_number(article_id)
        row = (number, article_id, language, sketch, trait_crc(language, sketch))
        self._db.execute("INSERT OR REPLACE INTO trait VALUES (?, ?, ?, ?, ?)", row)
        self._db.executemany("INSERT INTO band VALUES (?, ?)", [(key, number) for key in bands(sketch)])

    def _drop_bands(self, article_id: str) -> None:
        for number, sketch in self._all("SELECT number, sketch FROM trait WHERE article_id = ?", article_id):
            keys = [(key, number) for key in bands(sketch)]
            self._db.executemany("DELETE FROM band WHERE key = ? AND number = ?", keys)

    def put_in_collection(self, name: str, article_ids: Iterable[str]) -> None:
        """Add articles to a collection, which is made where it is not there yet."""
        self._db.executemany("INSERT OR IGNORE INTO collection VALUES (?, ?)", [(name, i) for i in article_ids])

    def take_out_of_collection(self, name: str, article_ids: Iterable[str]) -> None:
        """Take articles out of a collection; one without articles is none."""
        self._db.executemany(
            "DELETE FROM collection WHERE name = ? AND article_id = ?", [(name, i) for i in article_ids]
        )

    def drop_unused_vectors(self) -> None:
        """Delete vectors that no passage uses."""
        self._db.execute("DELETE FROM vector WHERE hash NOT IN (SELECT hash FROM passage)")

    def start_over(self, manifest: Manifest) -> None:
        """Drop all passages, to be made in the way of `manifest`."""
        self._db.execute("DELETE FROM passage")
        self._db.execute("UPDATE meta SET value = ? WHERE key = 'manifest'", (json.dumps(asdict(manifest)),))

    def _count_origins(self, *, added: Sequence[tuple[Any, ...]], removed: Sequence[tuple[Any, ...]]) -> None:
        origins = int(self._meta("origins")) + sum(map(row_hash, added)) - sum(map(row_hash, removed))
        self._db.execute("UPDATE meta SET value = ? WHERE key = 'origins'", (str(origins % 2**64),))


def passage_number(passage: Passage, text_hash: bytes) -> int:
    """Return the number of a passage: 63 bits of a hash of all it is, the same wherever and whenever it is made."""
    said = f"{passage.article_id} {passage.start} {passage.end} {text_hash.hex()}"
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8]) >> 1


def article_number(article_id: str) -> int:
    """Return the number of an article: the first 63 bits of its id."""
    return int(article_id[:16], 16) >> 1


def trait_crc(language: str | None, sketch: bytes) -> int:
    """Return the checksum of what is told of an article by its text alone."""
    return zlib.crc32(sketch, zlib.crc32((language or "").encode()))


def row_hash(row: Sequence[object]) -> int:
    """Hash one origin; the state of all is the sum of their hashes, so that order does not matter."""
    return int.from_bytes(hashlib.sha256(json.dumps(list(row)).encode()).digest()[:8])


def _by_own_name(rows: Iterable[Sequence[Any]]) -> dict[str, str]:
    """Return article ids by what their record calls itself, unless several do; else a file of one by its path."""
    named = [(row[5] or row[1], row[3]) for row in rows if row[5] or not row[2]]
    times = Counter(name for name, _ in named)
    return {name: article_id for name, article_id in named if times[name] == 1}
