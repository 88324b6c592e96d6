"""Files become articles: finding them, reading them, normalising their text.

Knows nothing about passages, vectors or the index. A file or record that cannot be read is reported as `Skipped`, never
fatal. A reader for each kind is in a module of its own (`reading.READERS`).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from rag.corpus.articles import article_id, normalise
from rag.corpus.files import find_files, scan, special
from rag.corpus.isolated import FileReader
from rag.corpus.kinds import KNOWN
from rag.corpus.limits import Limits
from rag.corpus.records import NAMES
from rag.corpus.source import PIPED, Result, Skipped

__all__ = [
    "KNOWN",
    "NAMES",
    "PIPED",
    "FileReader",
    "Limits",
    "Result",
    "Skipped",
    "article_id",
    "find_files",
    "normalise",
    "read_file",
    "scan",
    "special",
]


def read_file(
    path: Path, *, max_bytes: int, limits: Limits | None = None, columns: Mapping[str, str] | None = None
) -> Iterator[Result]:
    """Yield the articles of one file, each with one origin, and what had to be skipped."""
    with FileReader(limits) as reader:
        yield from reader.read_file(path, max_bytes=max_bytes, columns=columns)
