"""What a catalogue can be asked: articles, origins, passages, vectors, and how it was made.

Changes nothing. Knows nothing about models, FAISS or tantivy.
"""

import hashlib
import itertools
import json
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import CatalogueError, UsageError
from rag.index.rows import FACTS, PASSES, Withdrawal, limits, origin_of
from rag.index.schema import Manifest
from rag.index.vectors import Numbers
from rag.resemblance import bands
from rag.types import ALL, Article, Filters, Origin, Passage, Statement, Vectors

_PART = 10_000
_ID = re.compile(r"[0-9a-f]{8,32}")
"""An id, or as much of its beginning as is shown."""


class Reader:
    """An open catalogue, for several threads; `snapshot()` makes several questions one."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self._lock = threading.RLock()
        self.path = path

    def close(self) -> None:
        """Close the file; nothing uncommitted remains of it."""
        self._db.close()

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
        state = " ".join(self._metas("manifest", "origins"))
        return hashlib.sha256(state.encode()).hexdigest()[:16]

    def counts(self) -> dict[str, int]:
        """Return the number of articles and passages."""
        articles, passages = self._one("SELECT count(*) FROM article"), self._one("SELECT count(*) FROM passage")
        return {"articles": articles, "passages": passages}

    def roots(self) -> list[str]:
        """Return the folders and files that `sync` was given so far."""
        return list(self.columns())

    def columns(self) -> dict[str, dict[str, str]]:
        """Return of every root, by path, which columns of tables in it hold which field, where that was said."""
        return {path: json.loads(said) for path, said in self._all("SELECT path, columns FROM root ORDER BY path")}

    def files(self) -> dict[str, tuple[int, int, str]]:
        """Return size in bytes, time of change in ns and SHA-256 of every file that was read, by path."""
        return {path: (size, mtime, digest) for path, size, mtime, digest in self._all("SELECT * FROM file")}

    def article(self, article_id: str) -> Article:
        """Return an article with all its origins, ordered by path and record; raises `UsageError`."""
        found = self.find(article_id)
        if found is None:
            raise UsageError(f"no article {article_id!r} in this index; see which there are: rag list")
        return found

    def find(self, article_id: str) -> Article | None:
        """Return an article with all its origins, or None where it is not (any more) here."""
        return self.articles([article_id]).get(article_id)

    def articles(self, article_ids: Iterable[str]) -> dict[str, Article]:
        """Return those of some articles that are here, by id, each with its origins in the order of path and record."""
        wanted = json.dumps(list(article_ids))
        with self.snapshot():
            texts = dict(self._all("SELECT id, text FROM article WHERE id IN (SELECT value FROM json_each(?))", wanted))
            rows = self._all(
                f"SELECT article_id, file, path, record, title, {FACTS} FROM origin "  # noqa: S608 - a constant
                "WHERE article_id IN (SELECT value FROM json_each(?)) ORDER BY path, record",
                wanted,
            )
        origins: dict[str, list[Origin]] = {}
        for article_id, *row in rows:
            origins.setdefault(article_id, []).append(origin_of(*row))
        return {i: Article(i, texts[i], tuple(found)) for i, found in origins.items() if i in texts}

    def named(self, name: str) -> list[str]:
        """Return the ids of articles by `source_id`, id, path or its last parts; else by the beginning of an id."""
        rows = self._all(
            "SELECT article_id FROM origin WHERE source_id = ?1 OR path = ?1 OR substr(path, -length(?2)) = ?2 "
            "UNION SELECT id FROM article WHERE id = ?1 ORDER BY 1",
            name,
            f"/{name}",
        )
        if not rows and re.fullmatch(r"[0-9a-f]{4,31}", name):
            rows = self._all("SELECT id FROM article WHERE id >= ?1 AND id < ?1 || 'g' ORDER BY 1", name)
        return [article_id for (article_id,) in rows]

    def origins(self, *, filters: Filters = ALL, limit: int = -1, offset: int = 0) -> Iterator[tuple[str, Origin]]:
        """Yield id and first origin of articles that pass, all or `limit`, the newest first, undated ones last."""
        rows = self._all(
            f"SELECT article_id, file, path, min(record), title, {FACTS} FROM origin o "  # noqa: S608 - a constant
            "WHERE path = (SELECT min(path) FROM origin WHERE article_id = o.article_id) "
            f"AND article_id IN (SELECT article_id FROM origin WHERE {PASSES}) GROUP BY article_id "
            "ORDER BY coalesce(datetime(published), published) DESC NULLS LAST, article_id LIMIT ?5 OFFSET ?6",
            *limits(filters),
            limit,
            offset,
        )
        for article_id, *row in rows:
            yield article_id, origin_of(*row)

    def passing(self, filters: Filters) -> int:
        """Return the number of articles that pass."""
        sql = f"SELECT count(DISTINCT article_id) FROM origin WHERE {PASSES}"  # noqa: S608 - PASSES is a constant
        return int(self._one(sql, *limits(filters)))

    def titles(self, limit: int) -> list[tuple[str, str]]:
        """Return id and title of the `limit` newest articles."""
        return [(article_id, origin.title) for article_id, origin in self.origins(limit=limit)]

    def beginning(self, start: str, *, limit: int) -> list[tuple[str, str]]:
        """Return id and title of up to `limit` articles whose id begins so; without a beginning, of the newest."""
        if not start:
            return self.titles(limit)
        return self._all(
            "SELECT article_id, min(title) FROM origin WHERE article_id >= ?1 AND substr(article_id, 1, ?2) = ?1 "
            "GROUP BY article_id ORDER BY article_id LIMIT ?3",
            start,
            len(start),
            limit,
        )

    def paths(self) -> set[str]:
        """Return the paths of the files that articles came from."""
        return {path for (path,) in self._all("SELECT DISTINCT file FROM origin")}

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

    def speakers(self) -> dict[str, int]:
        """Return who speaks in the articles, with the number of statements of each, the most frequent first."""
        return dict(self._all("SELECT speaker, count(*) AS n FROM statement GROUP BY speaker ORDER BY n DESC, speaker"))

    def statements(
        self, *, speakers: Iterable[str], article_ids: Iterable[str] | None = None, filters: Filters = ALL
    ) -> list[tuple[str, Statement]]:
        """Return all statements of some speakers, each with its article's id, in the order of these and of start."""
        rows = self._all(
            'SELECT article_id, start, "end", speaker, direct FROM statement '  # noqa: S608 - PASSES is a constant
            "WHERE speaker IN (SELECT value FROM json_each(?5)) "
            "AND (?6 IS NULL OR article_id IN (SELECT value FROM json_each(?6))) "
            f"AND article_id IN (SELECT article_id FROM origin WHERE {PASSES}) ORDER BY 1, 2",
            *limits(filters),
            json.dumps(list(speakers)),
            None if article_ids is None else json.dumps(list(article_ids)),
        )
        return [(i, Statement(start, end, speaker, bool(direct))) for i, start, end, speaker, direct in rows]

    def speaker(self, article_id: str, start: int, end: int) -> str | None:
        """Return who speaks in a part of an article; the first, where several do."""
        name: str | None = self._one(
            'SELECT speaker FROM statement WHERE article_id = ? AND start < ? AND "end" > ? ORDER BY start LIMIT 1',
            article_id,
            end,
            start,
        )
        return name

    def languages(self) -> dict[str | None, int]:
        """Return the number of articles in each language (ISO 639-1; None: not sure), the most frequent first."""
        return dict(self._all("SELECT language, count(*) AS n FROM trait GROUP BY language ORDER BY n DESC, language"))

    def languages_of(self, article_ids: Iterable[str]) -> dict[str, str | None]:
        """Return the languages of some articles, by id."""
        sql = "SELECT article_id, language FROM trait WHERE article_id IN (SELECT value FROM json_each(?))"
        return dict(self._all(sql, json.dumps(list(article_ids))))

    def sketches(self, article_ids: Iterable[str]) -> dict[str, bytes]:
        """Return the sketches of some articles, by id."""
        sql = "SELECT article_id, sketch FROM trait WHERE article_id IN (SELECT value FROM json_each(?))"
        return dict(self._all(sql, json.dumps(list(article_ids))))

    def meeting(self, sketch: bytes, *, most: int) -> dict[str, bytes]:
        """Return the sketches of articles that may be like one, by id, sorted: the `most` that meet it most often."""
        return dict(
            self._all(
                "SELECT article_id, sketch FROM trait WHERE number IN (SELECT number FROM band "
                "WHERE key IN (SELECT value FROM json_each(?)) GROUP BY number ORDER BY count(*) DESC, number LIMIT ?) "
                "ORDER BY article_id",
                json.dumps(bands(sketch)),
                most,
            )
        )

    def meetings(self) -> Iterator[tuple[int, int]]:
        """Yield key and number of every place where articles may meet, those of one key together."""
        yield from self._db.execute("SELECT key, number FROM band ORDER BY key, number")

    def sketches_by_number(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """Return the sketches of the articles with these numbers."""
        sql = "SELECT number, sketch FROM trait WHERE number IN (SELECT value FROM json_each(?))"
        return dict(self._all(sql, json.dumps(list(numbers))))

    def collections(self) -> dict[str, int]:
        """Return the names of the collections, with the number of articles of each."""
        return dict(self._all("SELECT name, count(*) FROM collection GROUP BY name ORDER BY name"))

    def collection(self, name: str) -> set[str]:
        """Return the ids of the articles of a collection; raises `UsageError` where there is none of this name."""
        found = {i for (i,) in self._all("SELECT article_id FROM collection WHERE name = ?", name)}
        if not found:
            known = ", ".join(self.collections()) or "none yet"
            raise UsageError(f"no collection {name!r}; there are: {known}; make one: rag collect NAME ARTICLE")
        return found

    def withdrawal(self, article_id: str) -> Withdrawal | None:
        """Return when and why an article of an id, or of its beginning, went; None where it is here, or never was."""
        if not _ID.fullmatch(article_id):
            return None
        rows = self._all("SELECT * FROM withdrawn WHERE article_id GLOB ? LIMIT 1", f"{article_id}*")
        return next((Withdrawal(i, at, by, bool(hand)) for i, at, by, hand in rows), None)

    def removed_by_hand(self) -> set[str]:
        """Return the ids of articles that a person removed, so that they are not read again."""
        return {article_id for (article_id,) in self._all("SELECT article_id FROM withdrawn WHERE by_hand")}

    def passages_within(self, filters: Filters) -> Numbers:
        """Return the numbers of the passages whose articles pass, sorted."""
        passing = f"SELECT article_id FROM origin WHERE {PASSES}"  # noqa: S608 - a constant
        return self._numbers(f"WHERE article_id IN ({passing})", *limits(filters))

    def undated(self, filters: Filters) -> int:
        """Return how many articles have no date, of those that would pass if dates did not matter."""
        sql = (
            "SELECT count(DISTINCT article_id) FROM origin "  # noqa: S608 - PASSES is a constant
            f"WHERE {PASSES} AND article_id NOT IN (SELECT article_id FROM origin WHERE published IS NOT NULL)"
        )
        return int(self._one(sql, *limits(replace(filters, from_=None, to=None))))

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
        return self._numbers("")

    def numbers_of(self, article_id: str) -> Numbers:
        """Return the numbers of an article's passages, sorted."""
        return self._numbers("WHERE article_id = ?", article_id)

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

    def passage_hashes(self, article_id: str) -> list[bytes]:
        """Return the hashes of an article's passages, in order."""
        return [h for (h,) in self._all("SELECT hash FROM passage WHERE article_id = ? ORDER BY start", article_id)]

    def without_vector(self, hashes: Iterable[bytes]) -> list[bytes]:
        """Return those of `hashes` that no vector is kept for, each once, in order."""
        return [h for h in dict.fromkeys(hashes) if not self._all("SELECT 1 FROM vector WHERE hash = ?", h)]

    def article_ids(self) -> list[str]:
        """Return the ids of all articles, sorted."""
        return [article_id for (article_id,) in self._all("SELECT id FROM article ORDER BY id")]

    def _meta(self, key: str) -> str:
        return self._metas(key)[0]

    def _metas(self, *keys: str) -> list[str]:
        """Return the values of some keys, in one statement: a search asks for the revision again and again."""
        sql = "SELECT key, value FROM meta WHERE key IN (SELECT value FROM json_each(?))"
        found = dict(self._all(sql, json.dumps(keys)))
        if missing := [key for key in keys if not isinstance(found.get(key), str)]:
            raise self._unreadable(f"it has no {missing[0]}")
        return [found[key] for key in keys]

    def _numbers(self, which: str, *values: object) -> Numbers:
        rows = self._all(f"SELECT id FROM passage {which} ORDER BY id", *values)  # noqa: S608 - constants
        return np.array([number for (number,) in rows], np.int64)

    def _all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self._db.execute(sql, values).fetchall()
            except UnicodeEncodeError:  # a lone surrogate: nothing stored is like that
                return []
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
