"""A backup of an index: one file, taken while it is in use, restored anywhere.

It holds the catalogue alone, since all else is derived from it. Knows nothing about screens.
"""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from rag.errors import CatalogueError
from rag.index import derived, schema
from rag.index.catalogue import Catalogue
from rag.index.doctor import wrong_rows
from rag.index.lock import only_writer
from rag.index.schema import FILE, FORMAT_VERSION


def backup(folder: Path, file: Path) -> None:
    """Write the state of the index in `folder` to a new file; raises `CatalogueError`."""
    Catalogue.open(folder).close()
    part = file.parent / f".{file.name}.part"
    try:
        if file.exists():
            raise CatalogueError(f"{str(file)!r} is there already; name another file: rag backup FILE")
        _copy(folder / FILE, part)
        part.replace(file)
    except (OSError, sqlite3.Error, UnicodeEncodeError) as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise CatalogueError(
            f"cannot write the backup {str(file)!r} ({error}); name another file, or look whether the index is sound: "
            f"rag doctor --index {folder}"
        ) from error


def restore(file: Path, folder: Path, *, force: bool = False) -> None:
    """Make the index in `folder` the one of a backup; raises `CatalogueError`, and then leaves what was there."""
    if not os.path.isfile(file):  # noqa: PTH113 - a name that is too long is none, no error
        raise CatalogueError(f"no such backup: {str(file)!r}; name one that rag backup made")
    if (folder / FILE).exists() and not force:
        raise CatalogueError(f"{str(folder)!r} holds an index; restore elsewhere: --index DIR, or over it: --force")
    try:
        with closing(schema.open_file(file, mode="ro")) as db:
            version, sound = schema.format_of(db), db.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if sound == "ok" and version == FORMAT_VERSION:
                sound = next(wrong_rows(db), "ok")
    except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
        raise CatalogueError(f"{str(file)!r} is no backup of an index ({error}); name one of rag backup") from error
    if sound != "ok":
        raise CatalogueError(f"the backup {str(file)!r} is damaged ({sound}); name another one")
    if version > FORMAT_VERSION:
        raise CatalogueError(f"{str(file)!r} has format {version}, this rag reads {FORMAT_VERSION}; use a newer rag")
    with only_writer(folder):
        part = folder / f".{FILE}.part"
        try:
            derived.clear(folder, keep=None)
            _copy(file, part)
            schema.put_in_place(part, folder)
        except (OSError, sqlite3.Error) as error:
            raise CatalogueError(f"cannot restore to {str(folder)!r} ({error}); choose another: --index DIR") from error
        if version == FORMAT_VERSION:
            with closing(Catalogue.open(folder, writable=True)) as catalogue:
                derived.update(folder, catalogue)


def _copy(file: Path, part: Path) -> None:
    """Copy one state of a catalogue, its log included, whatever is written meanwhile."""
    part.unlink(missing_ok=True)
    with closing(schema.open_file(file, mode="ro")) as db:
        db.execute("VACUUM INTO ?", (str(part),))
    with part.open("rb") as whole:
        os.fsync(whole.fileno())
