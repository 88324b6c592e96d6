"""One writer for an index folder, and who it is.

Knows nothing about what is written. The lock is the operating system's: it ends with its process, however that ends.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import CatalogueError

_LOCK = ".lock"
_WHO = ".writer.json"


@contextmanager
def only_writer(folder: Path, *, wait_s: float = 0) -> Iterator[None]:
    """Hold the index folder for writing; raises `CatalogueError` where another process does, and names it."""
    lock = FileLock(folder / _LOCK)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=wait_s)
        (folder / _WHO).write_text(json.dumps({"process": os.getpid(), "since": time.strftime("%H:%M:%S")}))
    except Timeout as error:
        raise CatalogueError(
            f"another rag is writing to {str(folder)!r}{_who(folder)}; try again when it is done"
        ) from error
    except OSError as error:
        lock.release()
        raise CatalogueError(
            f"cannot write an index to {str(folder)!r} ({error.strerror}); "
            "choose another folder: rag index PATH --index DIR"
        ) from error
    try:
        yield
    finally:
        (folder / _WHO).unlink(missing_ok=True)
        lock.release()


def _who(folder: Path) -> str:
    try:
        who = json.loads((folder / _WHO).read_text())
        return f" (process {who['process']}, since {who['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
