"""The catalogue: articles, where they came from, their passages and vectors, in one SQLite file.

The one source of truth: all else in the index folder is derived from it. Knows nothing about files' formats, models,
FAISS or tantivy. Every change happens inside `transaction()`.
"""

import hashlib
import itertools
import json
import re
import sqlite3
import threading
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import CatalogueError
from rag.index import schema
from rag.index.schema import FILE, Manifest
from rag.index.vectors import Numbers
from rag.types import Article, Origin, Passage, Vectors

_PART = 10_000


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An article that was here and is not any more."""

    article_id: str
    at: str
    replaced_by: str | None
    by_hand: bool


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


class Catalogue:
    """An open catalogue; several threads may read through one, a single one writes."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self._lock = threading.RLock()
        self.path = path

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

    def close(self) -> None:
        """Close the file; nothing uncommitted remains of it."""
        self._db.close()

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

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read inside is of one state, whatever is written meanwhile."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN")
            try:
                yield
            finally:
                self._db.execute("ROLLBACK")

    def shrink_log(self) -> None:
        """Move what was written into the file itself, so that no removed text is left in the log; best effort."""
        with suppress(sqlite3.Error):  # a full disk: what is in the log is kept there
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @property
    def manifest(self) -> Manifest:
        """How this index was made; raises `CatalogueError` where it does not say."""
        try:
            return Manifest(**json.loads(self._meta("manifest")))
        except (ValueError, TypeError) as error:
            raise self._unreadable(error) from error

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
        found = self.find(article_id)
        if found is None:
            raise CatalogueError(f"no article {article_id!r} in this index; see which there are: rag list")
        return found

    def find(self, article_id: str) -> Article | None:
        """Return an article with all its origins, or None where it is not (any more) here."""
        with self.snapshot():
            text = self._one("SELECT text FROM article WHERE id = ?", article_id)
            rows = self._all(
                "SELECT path, title, record, source_id, published, source, url FROM origin "
                "WHERE article_id = ? ORDER BY path, record",
                article_id,
            )
        if text is None or not rows:
            return None
        return Article(article_id, text, tuple(Origin(p, t, r or None, *rest) for p, t, r, *rest in rows))

    def named(self, name: str) -> list[str]:
        """Return the ids of articles by `source_id`, id, path or its last parts; else by the beginning of an id."""
        try:
            name.encode()
        except UnicodeEncodeError:  # no stored text is like that
            return []
        rows = self._all(
            "SELECT article_id FROM origin WHERE source_id = ?1 OR path = ?1 OR substr(path, -length(?2)) = ?2 "
            "UNION SELECT id FROM article WHERE id = ?1 ORDER BY 1",
            name,
            f"/{name}",
        )
        if not rows and re.fullmatch(r"[0-9a-f]{4,31}", name):
            rows = self._all("SELECT id FROM article WHERE id >= ?1 AND id < ?1 || 'g' ORDER BY 1", name)
        return [article_id for (article_id,) in rows]

    def origins(self, *, source: str | None = None, limit: int = -1) -> Iterator[tuple[str, Origin]]:
        """Yield id and first origin of articles, all or `limit`, the newest first, undated ones last."""
        rows = self._all(
            "SELECT article_id, path, title, min(record), source_id, published, source, url FROM origin o "
            "WHERE path = (SELECT min(path) FROM origin WHERE article_id = o.article_id) "
            "AND (?1 IS NULL OR source = ?1) GROUP BY article_id "
            "ORDER BY published DESC NULLS LAST, article_id LIMIT ?2",
            source,
            limit,
        )
        for article_id, path, title, record, *rest in rows:
            yield article_id, Origin(path, title, record or None, *rest)

    def titles(self, limit: int) -> list[tuple[str, str]]:
        """Return id and title of the `limit` newest articles."""
        return [(article_id, origin.title) for article_id, origin in self.origins(limit=limit)]

    def paths(self) -> set[str]:
        """Return the paths that articles came from."""
        return {path for (path,) in self._all("SELECT DISTINCT path FROM origin")}

    def places(self) -> list[tuple[str, str, str | None]]:
        """Return article id, path and `source_id` of every origin, by path and record."""
        return self._all("SELECT article_id, path, source_id FROM origin")

    def months(self) -> dict[str, int]:
        """Return the number of articles published in each month, "" for those without a date."""
        return dict(
            self._all(
                "SELECT substr(coalesce(day, ''), 1, 7) AS month, count(*) FROM "
                "(SELECT min(published) AS day FROM origin GROUP BY article_id) GROUP BY month ORDER BY month"
            )
        )

    def sources(self) -> dict[str, int]:
        """Return the number of articles of each source, the most frequent first, "" for those without one."""
        return dict(
            self._all(
                "SELECT coalesce(source, ''), count(DISTINCT article_id) AS n FROM origin GROUP BY 1 ORDER BY n DESC, 1"
            )
        )

    def withdrawal(self, article_id: str) -> Withdrawal | None:
        """Return when and why an article went; None where it is here, or never was."""
        rows = self._all("SELECT * FROM withdrawn WHERE article_id = ?", article_id)
        return next((Withdrawal(i, at, by, bool(hand)) for i, at, by, hand in rows), None)

    def removed_by_hand(self) -> set[str]:
        """Return the ids of articles that a person removed, so that they are not read again."""
        return {article_id for (article_id,) in self._all("SELECT article_id FROM withdrawn WHERE by_hand")}

    def passages(self) -> list[Passage]:
        """Return all passages, by article id, then start."""
        return [Passage(*row) for row in self._all('SELECT article_id, start, "end" FROM passage ORDER BY 1, 2')]

    def passages_by_number(self, numbers: Sequence[int]) -> dict[int, Passage]:
        """Return those of the passages with these numbers that are here."""
        rows = self._all(
            'SELECT id, article_id, start, "end" FROM passage WHERE id IN (SELECT value FROM json_each(?))',
            json.dumps(list(numbers)),
        )
        return {number: Passage(*rest) for number, *rest in rows}

    def vectors_by_number(self, numbers: Sequence[int]) -> dict[int, Vectors]:
        """Return the vectors of those of the passages with these numbers that are here."""
        rows = self._all(
            "SELECT p.id, data FROM passage p JOIN vector USING (hash) WHERE p.id IN (SELECT value FROM json_each(?))",
            json.dumps(list(numbers)),
        )
        return {number: np.frombuffer(data, "<f2").astype(np.float32) for number, data in rows}

    def numbers(self) -> Numbers:
        """Return the numbers of all passages, sorted."""
        return np.array([number for (number,) in self._all("SELECT id FROM passage ORDER BY id")], np.int64)

    def vectors(self, wanted: Numbers) -> Iterator[tuple[Numbers, Vectors]]:
        """Yield numbers and vectors of some passages, shape (n, dimension), in parts."""
        dimension = self.manifest.dimension
        sql = "SELECT p.id, data FROM passage p JOIN vector USING (hash)"
        for part in self._parts(sql, wanted):
            data = np.frombuffer(b"".join(data for _, data in part), "<f2")
            yield np.array([n for n, _ in part], np.int64), data.reshape(-1, dimension).astype(np.float32)

    def texts(self, wanted: Numbers) -> Iterator[tuple[int, str]]:
        """Yield number and text of some passages, the article's title before it; one article is in memory at a time."""
        sql = 'SELECT p.id, p.article_id, p.start, p."end" FROM passage p'
        held, text, title = "", "", ""
        for part in self._parts(sql, wanted):
            for number, article_id, start, end in part:
                if article_id != held:
                    article = self.article(article_id)
                    held, text, title = article_id, article.text, article.origin.title
                yield number, f"{title}\n{text[start:end]}"

    # Changes, inside a transaction

    def add_root(self, path: str) -> None:
        """Remember a folder or file that was given."""
        self._db.execute("INSERT OR IGNORE INTO root VALUES (?)", (path,))

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
        """Replace what is known to come from `path`."""
        removed = self._all("DELETE FROM origin WHERE path = ? RETURNING *", path)
        added = []
        for article in articles:
            self._db.execute("INSERT OR IGNORE INTO article VALUES (?, ?)", (article.id, article.text))
            o = article.origin
            row = (o.path, o.record or 0, article.id, o.title, o.source_id, o.published, o.source, o.url)
            self._db.execute("INSERT INTO origin VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            added.append(row)
        self._count_origins(added=added, removed=removed)
        before, after = _by_own_name(removed), _by_own_name(added)
        corrected = {old: after[name] for name, old in before.items() if after.get(name, old) != old}
        return Change(frozenset(row[2] for row in added), frozenset(row[2] for row in removed), corrected)

    def drop_orphans(self, article_ids: Iterable[str], corrected: dict[str, str], *, by_hand: bool = False) -> set[str]:
        """Delete those of the articles that no origin is left for, remembering when; return their ids."""
        gone = {i for i in article_ids if self._one("SELECT count(*) FROM origin WHERE article_id = ?", i) == 0}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        for article_id in sorted(gone):
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

    def passage_hashes(self, article_id: str) -> list[bytes]:
        """Return the hashes of an article's passages, in order."""
        return [h for (h,) in self._all("SELECT hash FROM passage WHERE article_id = ? ORDER BY start", article_id)]

    def without_vector(self, hashes: Iterable[bytes]) -> list[bytes]:
        """Return those of `hashes` that no vector is kept for, each once, in order."""
        return [h for h in dict.fromkeys(hashes) if not self._all("SELECT 1 FROM vector WHERE hash = ?", h)]

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

    def drop_unused_vectors(self) -> None:
        """Delete vectors that no passage uses."""
        self._db.execute("DELETE FROM vector WHERE hash NOT IN (SELECT hash FROM passage)")

    def start_over(self, manifest: Manifest) -> None:
        """Drop all passages, to be made in the way of `manifest`."""
        self._db.execute("DELETE FROM passage")
        self._db.execute("UPDATE meta SET value = ? WHERE key = 'manifest'", (json.dumps(asdict(manifest)),))

    def article_ids(self) -> list[str]:
        """Return the ids of all articles, sorted."""
        return [article_id for (article_id,) in self._all("SELECT id FROM article ORDER BY id")]

    def _count_origins(self, *, added: Sequence[tuple[Any, ...]], removed: Sequence[tuple[Any, ...]]) -> None:
        origins = int(self._meta("origins")) + sum(map(row_hash, added)) - sum(map(row_hash, removed))
        self._db.execute("UPDATE meta SET value = ? WHERE key = 'origins'", (str(origins % 2**64),))

    def _meta(self, key: str) -> str:
        value = self._one("SELECT value FROM meta WHERE key = ?", key)
        if not isinstance(value, str):
            raise self._unreadable(f"it has no {key}")
        return value

    def _all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self._db.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                raise self._unreadable(error) from error

    def _unreadable(self, why: object) -> CatalogueError:
        return CatalogueError(
            f"{str(self.path)!r} cannot be read ({why}); see what can be saved: rag doctor --index {self.path.parent}"
        )

    def _one(self, sql: str, *values: object) -> Any:
        rows = self._all(sql, *values)
        return rows[0][0] if rows else None

    def _parts(self, sql: str, wanted: Numbers) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of passages that are wanted, by article id and start, some thousand at a time.

        Many are read in one go through the table; few are looked up, which is slower for each.
        """
        if 2 * len(wanted) > self.counts()["passages"]:
            kept = set(wanted.tolist())
            rows = (row for row in self._db.execute(f"{sql} ORDER BY p.article_id, p.start") if row[0] in kept)
            yield from iter(lambda: list(itertools.islice(rows, _PART)), [])
            return
        for some in np.array_split(wanted, len(wanted) // _PART + 1):
            where = "WHERE p.id IN (SELECT value FROM json_each(?)) ORDER BY p.article_id, p.start"
            if part := self._all(f"{sql} {where}", json.dumps(some.tolist())):
                yield part


def passage_number(passage: Passage, text_hash: bytes) -> int:
    """Return the number of a passage: 63 bits of a hash of all it is, the same wherever and whenever it is made."""
    said = f"{passage.article_id} {passage.start} {passage.end} {text_hash.hex()}"
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8]) >> 1


def row_hash(row: Sequence[object]) -> int:
    """Hash one origin; the state of all is the sum of their hashes, so that order does not matter."""
    return int.from_bytes(hashlib.sha256(json.dumps(list(row)).encode()).digest()[:8])


def _by_own_name(rows: Iterable[Sequence[Any]]) -> dict[str, str]:
    """Return article ids by what their record calls itself, unless several do; else a file of one by its path."""
    named = [(row[4] or row[0], row[2]) for row in rows if row[4] or not row[1]]
    times = Counter(name for name, _ in named)
    return {name: article_id for name, article_id in named if times[name] == 1}
