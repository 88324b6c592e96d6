"""Reading bytes as a file of some name, in this process, so that a failure shows where it is."""

from collections.abc import Mapping

from rag.corpus import Limits, Skipped
from rag.corpus.reading import read
from rag.corpus.source import Job, Source
from rag.types import Article


def read_bytes(
    name: str, data: bytes, *, limits: Limits | None = None, columns: Mapping[str, str] | None = None
) -> list[Article | Skipped]:
    """Return what reading a file of this name and content gives."""
    return list(read(Source(name, data, Job(name, limits or Limits(), columns or {}))))


def article(name: str, data: bytes, **options: object) -> Article:
    """Return the one article of a file."""
    [found] = read_bytes(name, data, **options)  # type: ignore[arg-type]
    assert isinstance(found, Article), found
    return found


def reason(name: str, data: bytes, **options: object) -> str:
    """Return why a file gives nothing."""
    [found] = read_bytes(name, data, **options)  # type: ignore[arg-type]
    assert isinstance(found, Skipped), found
    return found.reason
