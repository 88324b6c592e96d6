"""The catalogue's tables, and how a catalogue file is made and opened.

Knows nothing about what the rows mean to a search. Older formats are brought up to date by `rag.index.doctor`.
"""

import json
import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag.errors import CatalogueError

FORMAT_VERSION = 7
"""Also changes whenever `rag.statements`, `rag.languages` or `rag.resemblance` would tell something else of a text."""
FILE = "catalogue.sqlite"
ASIDE = f"{FILE}.damaged"
"""What a repair keeps of a catalogue that was damaged."""
_MAPPED_BYTES = 1 << 30
"""So much of the file is read by memory map, as the derived files are: a search takes a tenth less time."""

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- columns: which of a table's columns holds which field of an article, as JSON
CREATE TABLE root (path TEXT PRIMARY KEY, columns TEXT NOT NULL DEFAULT '{}') STRICT, WITHOUT ROWID;
CREATE TABLE file (path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL)
    STRICT, WITHOUT ROWID;
CREATE TABLE article (id TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
-- file: what is on the disk, where path goes on within an archive; pages: offsets at which they begin, as JSON
CREATE TABLE origin (
    file TEXT NOT NULL, path TEXT NOT NULL, record INTEGER NOT NULL,
    article_id TEXT NOT NULL REFERENCES article ON DELETE CASCADE,
    title TEXT NOT NULL, source_id TEXT, published TEXT, source TEXT, url TEXT, author TEXT, language TEXT, pages TEXT,
    PRIMARY KEY (file, path, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX origin_article ON origin (article_id);
-- data: float16, little endian; crc: CRC-32 of data; hash: of the text that was embedded
CREATE TABLE vector (hash BLOB PRIMARY KEY, data BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;
-- id: a hash of the other columns, so that the same passage always has the same number
CREATE TABLE passage (
    id INTEGER PRIMARY KEY, article_id TEXT NOT NULL REFERENCES article ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, hash BLOB NOT NULL REFERENCES vector,
    UNIQUE (article_id, start)
) STRICT;
CREATE INDEX passage_hash ON passage (hash);
-- who is quoted or reported in which sentence: see rag.statements
CREATE TABLE statement (
    article_id TEXT NOT NULL REFERENCES article ON DELETE CASCADE, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    speaker TEXT NOT NULL, direct INTEGER NOT NULL, PRIMARY KEY (article_id, start)
) STRICT, WITHOUT ROWID;
CREATE INDEX statement_speaker ON statement (speaker);
-- what is told of an article by its text alone: its language, and a sketch to tell copies by (rag.resemblance);
-- number: see rag.index.catalogue.article_number; crc: CRC-32 of both
CREATE TABLE trait (
    number INTEGER PRIMARY KEY, article_id TEXT NOT NULL UNIQUE REFERENCES article ON DELETE CASCADE,
    language TEXT, sketch BLOB NOT NULL, crc INTEGER NOT NULL
) STRICT;
-- where sketches that are alike meet
CREATE TABLE band (key INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (key, number)) STRICT, WITHOUT ROWID;
-- articles that a person put together under a name
CREATE TABLE collection (
    name TEXT NOT NULL, article_id TEXT NOT NULL REFERENCES article ON DELETE CASCADE, PRIMARY KEY (name, article_id)
) STRICT, WITHOUT ROWID;
-- articles that were here: corrected (replaced_by), vanished, or removed by a person, which lasts; never their text
CREATE TABLE withdrawn (article_id TEXT PRIMARY KEY, at TEXT NOT NULL, replaced_by TEXT, by_hand INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;
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


def create(folder: Path, manifest: Manifest) -> None:
    """Make an empty catalogue in `folder`: it is there whole, or not at all. Raises `OSError` or `sqlite3.Error`."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{FILE}.part"
    for path in (part, *(folder / f"{FILE}{suffix}" for suffix in ("-wal", "-shm"))):  # SQLite would replay an old log
        path.unlink(missing_ok=True)
    with closing(sqlite3.connect(part, isolation_level=None)) as db:
        db.executescript(f"BEGIN; {SCHEMA}")
        rows = [("manifest", json.dumps(asdict(manifest))), ("origins", "0")]
        db.executemany("INSERT INTO meta VALUES (?, ?)", rows)
        db.execute("COMMIT")
    part.replace(folder / FILE)


def put_in_place(file: Path, folder: Path) -> None:
    """Make `file`, a closed catalogue, that of `folder`; whoever has the old one open sees that it was replaced.

    The old one's log must be gone before: SQLite would replay it into the new file. Raises `CatalogueError` where
    somebody reads the old one at this moment, so that its log cannot be emptied.
    """
    empty_log(folder)
    with file.open("rb") as whole:
        os.fsync(whole.fileno())
    for suffix in ("-wal", "-shm"):
        (folder / f"{FILE}{suffix}").unlink(missing_ok=True)
    file.replace(folder / FILE)


def forget_damaged(folder: Path) -> None:
    """Delete the catalogue that a repair kept: it holds the texts of articles that went."""
    (folder / ASIDE).unlink(missing_ok=True)


def empty_log(folder: Path) -> None:
    """Move the log of the catalogue in `folder` into its file; raises `CatalogueError` where somebody reads it."""
    if not (folder / FILE).exists():
        return
    with suppress(sqlite3.Error), closing(open_file(folder / FILE, mode="rw")) as db:  # a damaged one has to do without
        [(busy, *_)] = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if busy:
            raise CatalogueError(f"{str(folder / FILE)!r} is being read; stop the chats that use it and try again")


def connect(folder: Path, *, writable: bool = False) -> sqlite3.Connection:
    """Open the catalogue in `folder`; raises `CatalogueError` where there is none, or not of this format."""
    path = folder / FILE
    if not path.is_file():
        raise CatalogueError(f"no index in {str(folder)!r}; build it: rag index PATH --index {folder}")
    try:
        db = open_file(path, mode="rw" if writable else "ro")
        if writable:
            db.execute("PRAGMA journal_mode = WAL")
        version = format_of(db)
    except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
        raise CatalogueError(
            f"{str(path)!r} cannot be read as an index ({error}); see what can be saved: rag doctor --index {folder}"
        ) from error
    if version != FORMAT_VERSION:
        db.close()
        mend = (
            f"bring it up to date: rag doctor --repair --index {folder}"
            if version < FORMAT_VERSION
            else "use the rag that made it, or a newer one"
        )
        raise CatalogueError(f"{str(path)!r} has format {version}, this rag reads {FORMAT_VERSION}; {mend}")
    return db


def open_file(path: Path, *, mode: str) -> sqlite3.Connection:
    """Open an SQLite file for use by several threads; `mode` is "ro" or "rw".

    In a folder that cannot be written to SQLite opens a file with a log only when told that nobody changes it.
    """
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    try:
        db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        db.execute("SELECT 1 FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError:
        if mode != "ro" or os.access(path.parent, os.W_OK):
            raise
        db = sqlite3.connect(f"{uri}&immutable=1", uri=True, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA busy_timeout = 10000")
    db.execute("PRAGMA secure_delete = ON")  # a withdrawn text leaves no trace in the file
    if mode == "ro":
        db.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")
    return db


def format_of(db: sqlite3.Connection) -> int:
    """Return the format version; raises `sqlite3.Error`, `ValueError`, `KeyError` or `TypeError` where it has none."""
    [(manifest,)] = db.execute("SELECT value FROM meta WHERE key = 'manifest'").fetchall()
    version: Any = json.loads(manifest)["format_version"]
    return int(version)
