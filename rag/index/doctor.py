"""What is wrong with an index, and mending it.

Every text must hash to its id, every origin count in the sum, every passage to its number, every vector to its
checksum; what is derived must be as it was written. The one way to mend a catalogue, damaged or of an older format, is
to make a new one of all that is sound in it. Knows nothing about screens.
"""

import hashlib
import json
import shutil
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from rag.corpus import article_id
from rag.errors import CatalogueError
from rag.index import derived, schema
from rag.index.catalogue import Catalogue, article_number, passage_number, row_hash, trait_crc
from rag.index.lock import only_writer
from rag.index.rows import origin_of
from rag.index.schema import FILE, FORMAT_VERSION, Manifest
from rag.index.settle import Settler, manifest_of
from rag.resemblance import bands
from rag.types import Article, Embedder, Origin, Passage, Vectors

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, in words, and whether it is the catalogue that has it."""

    what: str
    in_catalogue: bool


@dataclass(frozen=True, slots=True)
class Repair:
    """What was mended, the titles of articles whose text could not be saved, and whether to read their files again."""

    findings: tuple[Finding, ...]
    lost: tuple[str, ...] = ()
    index_again: bool = False


def examine(folder: Path) -> list[Finding]:
    """Read the whole index and return what is wrong with it; raises `CatalogueError` where there is none at all."""
    _check_is_here(folder)
    found = [Finding(what, in_catalogue=True) for what in _wrong_catalogue(folder)]
    return found or [Finding(what, in_catalogue=False) for what in _wrong_derived(folder)]


def repair(folder: Path, embedder: Embedder, *, passage_tokens: int) -> Repair:
    """Mend what `examine` finds; raises `CatalogueError` where another process writes, or nothing can be written.

    A catalogue that was damaged is kept beside the new one, as `catalogue.sqlite.damaged`.
    """
    _check_is_here(folder)  # before a folder is made for the lock
    with only_writer(folder):
        findings = examine(folder)
        if not findings:
            return Repair(())
        done = Repair(())
        if any(finding.in_catalogue for finding in findings):
            try:
                done = _remake(folder, embedder, passage_tokens)
            except OSError as error:
                raise CatalogueError(
                    f"cannot mend {str(folder)!r} ({error.strerror or error}); what was there is kept: "
                    f"free space, then again: rag doctor --repair --index {folder}"
                ) from error
        derived.clear(folder, keep=None)
        (folder / derived.MANIFEST).unlink(missing_ok=True)
        with closing(Catalogue.open(folder, writable=True)) as catalogue:
            derived.update(folder, catalogue)
            catalogue.shrink_log()
    return replace(done, findings=tuple(findings))


# Looking


def _check_is_here(folder: Path) -> None:
    if not (folder / FILE).is_file():
        raise CatalogueError(f"no index in {str(folder)!r}; build it: rag index PATH --index {folder}")


def _wrong_catalogue(folder: Path) -> Iterator[str]:
    try:
        with closing(schema.open_file(folder / FILE, mode="ro")) as db:
            db.execute("BEGIN")  # one state, whatever is written meanwhile
            version = schema.format_of(db)
            if version > FORMAT_VERSION:
                raise CatalogueError(f"{str(folder / FILE)!r} has format {version}; use the rag that made it")
            if version < FORMAT_VERSION:
                yield f"the catalogue has format {version}, this rag writes {FORMAT_VERSION}"
                return
            problems = [row[0] for row in db.execute("PRAGMA integrity_check(3)")]
            if problems != ["ok"]:
                yield f"the catalogue's file is damaged: {'; '.join(problems)}"
                return
            yield from wrong_rows(db)
    except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
        yield f"the catalogue cannot be read: {error}"


def wrong_rows(db: sqlite3.Connection) -> Iterator[str]:
    """Yield what is wrong with the rows of an open catalogue of this format; one text is in memory at a time."""
    lengths, wrong = {}, []
    for article, text in db.execute("SELECT id, text FROM article"):
        lengths[article] = len(text)
        if article_id(text) != article:
            wrong.append(article)
    yield from _some("text", "under a wrong id", wrong)
    total = sum(row_hash(row) for row in db.execute("SELECT * FROM origin")) % 2**64
    [(origins,)] = db.execute("SELECT value FROM meta WHERE key = 'origins'").fetchall()
    if str(total) != origins:
        yield "titles, dates or other facts of articles are not as they were written"
    without = "SELECT id FROM article WHERE id NOT IN (SELECT article_id FROM {})"
    for table in ("origin", "passage", "trait"):
        yield from _some("article", f"without {table}", [i for (i,) in db.execute(without.format(table))])
    wrong = [
        f"{article}:{start}"
        for number, article, start, end, text_hash in db.execute("SELECT * FROM passage")
        if passage_number(Passage(article, start, end), text_hash) != number or end > lengths.get(article, 0)
    ]
    yield from _some("passage", "not as written", wrong)
    wrong = [
        f"{article}:{start}"
        for article, start, end in db.execute('SELECT article_id, start, "end" FROM statement')
        if not 0 <= start < end <= lengths.get(article, 0)
    ]
    yield from _some("statement", "not as written", wrong)
    yield from _wrong_traits(db)
    manifest = json.loads(db.execute("SELECT value FROM meta WHERE key = 'manifest'").fetchone()[0])
    dimension = Manifest(**manifest).dimension
    vectors = db.execute("SELECT hash, data, crc FROM vector")
    damaged = [h.hex() for h, data, crc in vectors if zlib.crc32(data) != crc or len(data) != 2 * dimension]
    yield from _some("vector", "not as written", damaged)
    missing = "SELECT article_id FROM passage WHERE hash NOT IN (SELECT hash FROM vector)"
    yield from _some("passage", "without vector", [i for (i,) in db.execute(missing)])


def _wrong_traits(db: sqlite3.Connection) -> Iterator[str]:
    wrong, expected = [], 0
    for number, article, language, sketch, crc in db.execute("SELECT * FROM trait"):
        if (number, crc) != (article_number(article), trait_crc(language, sketch)):
            wrong.append(article)
        expected += sum(key * number for key in bands(sketch))
    yield from _some("article", "with a language or sketch not as written", wrong)
    if expected != sum(key * number for key, number in db.execute("SELECT key, number FROM band")):
        yield "what tells copies from other articles is not as it was written"


def _wrong_derived(folder: Path) -> Iterator[str]:
    with closing(Catalogue.open(folder)) as catalogue:
        try:
            revision = derived.read_manifest(folder)["revision"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            yield "the search index is missing, or was not finished"
            return
        if damaged := derived.damaged(folder):
            yield f"files of the search index are damaged or missing: {', '.join(damaged[:_SHOWN])}"
        elif revision != catalogue.revision:
            yield "the search index belongs to an earlier state of the articles"
        elif (found := derived.load(folder, revision)) is None:
            yield "the search index cannot be opened"
        elif not np.array_equal(found.vectors.numbers(), catalogue.numbers()):
            yield "the search index does not hold the passages of the catalogue"


def _some(noun: str, wrong: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"{len(names):,} {noun}{'s' if len(names) > 1 else ''} {wrong}: {', '.join(names[:_SHOWN])}"


# Mending


def _remake(folder: Path, embedder: Embedder, passage_tokens: int) -> Repair:
    """Make a new catalogue of what is sound in the old one."""
    try:
        with closing(schema.open_file(folder / FILE, mode="ro")) as db:
            old = _Readable(db)
            new_folder = folder / ".repair"
            shutil.rmtree(new_folder, ignore_errors=True)
            if old.manifest.get("embedder_digest", embedder.digest) != embedder.digest:
                raise CatalogueError(
                    f"the index in {str(folder)!r} was made with embedder {old.manifest.get('embedder')!r}, this is "
                    f"{embedder.name!r}; name that one: rag doctor --repair --embedder NAME --index {folder}"
                )
            passage_tokens = old.manifest.get("passage_tokens", passage_tokens)
            with closing(Catalogue.create(new_folder, manifest_of(embedder, passage_tokens))) as new:
                lost = old.carry_over(new, embedder)
                new.shrink_log()
    except sqlite3.Error as error:
        raise CatalogueError(
            f"nothing can be saved of {str(folder / FILE)!r} ({error}); restore a backup: rag restore FILE --index "
            f"{folder}, or remove that file and index again: rag index PATH --index {folder}"
        ) from error
    if old.damaged:
        schema.empty_log(folder)
        shutil.copyfile(folder / FILE, folder / schema.ASIDE)
    schema.put_in_place(new_folder / FILE, folder)
    shutil.rmtree(new_folder)
    return Repair((), tuple(lost), old.damaged)


class _Readable:
    """What can be read of a catalogue of any format up to this one, sound or not."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.damaged = False
        self.manifest: dict[str, Any] = {}
        with suppress(ValueError, KeyError, TypeError, IndexError):
            self.manifest = json.loads(self._rows("SELECT value FROM meta WHERE key = 'manifest'")[0][0])
        self._format = self.manifest.get("format_version", FORMAT_VERSION)

    def carry_over(self, new: Catalogue, embedder: Embedder) -> list[str]:
        texts = {i: text for i, text in self._rows("SELECT id, text FROM article") if _is_text(i, text)}
        vectors = self._vectors(embedder)
        settler = Settler(new, embedder, lambda h, text: vectors.get(self._key(h, text)))
        by_path: dict[str, list[Article]] = {}
        lost = []
        every = "*" if self._format > 3 else "path, *"  # before archives, an origin's path was its file
        rows = self._rows(f"SELECT {every} FROM origin ORDER BY path, record")  # noqa: S608 - one of two constants
        for file, path, record, i, title, *facts in rows:
            if i in texts:
                origin = self._origin(file, path, record, title, *facts)
                by_path.setdefault(file, []).append(Article(i, texts[i], (origin,)))
            else:
                lost.append(str(title))
        files = self._rows("SELECT * FROM file")
        with new.transaction():
            for root, *columns in self._rows("SELECT * FROM root"):
                new.add_root(root, json.loads(columns[0]) if columns else None)
            for path, articles in by_path.items():
                new.replace_origins(path, articles)
        settler.prepare([article for articles in by_path.values() for article in articles])
        with new.transaction():
            settler.settle(new.article_ids())
            new.drop_unused_vectors()
            self._remembered(new)
            self.damaged |= bool(lost) or self._format == FORMAT_VERSION
            if not self.damaged:
                for path, size, mtime_ns, sha256 in files:
                    new.put_file(path, size, mtime_ns, sha256)
        return lost

    def _origin(self, *row: Any) -> Origin:
        """Return the origin of a row; where its pages are damaged, they are not known."""
        try:
            return origin_of(*row)
        except (ValueError, TypeError):
            self.damaged = True
            return origin_of(*row[:-1])

    def _remembered(self, new: Catalogue) -> None:
        if self._format > 1:
            new.put_withdrawals(self._rows("SELECT * FROM withdrawn"))
        if self._format > 2:
            here = set(new.article_ids())
            for name, article_id in self._rows("SELECT name, article_id FROM collection"):
                if article_id in here:
                    new.put_in_collection(name, [article_id])

    def _vectors(self, embedder: Embedder) -> dict[object, Vectors]:
        """Return the sound vectors by the hash they are kept under, if they are this embedder's."""
        if self.manifest.get("embedder_digest") != embedder.digest:
            return {}
        if self._format == 1:
            rows = self._rows("SELECT hash, data FROM vector")
            return {h: np.frombuffer(d, "<f4") for h, d in rows if len(d) == 4 * embedder.dimension}
        rows = self._rows("SELECT hash, data, crc FROM vector")
        sound = ((h, d) for h, d, crc in rows if zlib.crc32(d) == crc and len(d) == 2 * embedder.dimension)
        return {h: np.frombuffer(d, "<f2").astype(np.float32) for h, d in sound}

    def _key(self, text_hash: bytes, text: str) -> object:
        return hashlib.sha256(text.encode()).hexdigest() if self._format == 1 else text_hash

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows that can be read, up to the first that cannot."""
        rows = []
        try:
            for row in self._db.execute(sql):
                rows.append(row)
        except sqlite3.Error:
            self.damaged = True
        return rows


def _is_text(given: object, text: object) -> bool:
    return isinstance(text, str) and article_id(text) == given
