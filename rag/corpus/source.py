"""What a reader is given and what it may give back. Knows no format."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from rag.corpus.limits import Limits, over
from rag.types import Article

_REASON_CHARS = 300
PIPED = "stdin:"
"""What the path of something begins with that lies in no file."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, a member of an archive or a record of it (from 1) that gave no article, or not all of it, and why."""

    path: str
    reason: str
    record: int | None = None


class UnreadableError(Exception):
    """Why a source gives nothing; becomes a `Skipped`. Never leaves this package."""


def unread(error: Exception, kind: str) -> str:
    """Return why something of a kind gives nothing: a parser may fail in any way on what was made to break it."""
    if isinstance(error, UnreadableError):
        return str(error)
    if isinstance(error, MemoryError):
        return "needs too much memory (RAG_READER_BYTES)"
    told = " ".join(f"{type(error).__name__}: {error}".split())[:_REASON_CHARS]
    return f"cannot be read as {kind}: {told}"


class FullError(UnreadableError):
    """A limit of the whole file is reached: what is left of it is not read."""


@dataclass(slots=True)
class Job:
    """The reading of one file with everything packed in it: its limits, and what they have let through so far."""

    file: str
    limits: Limits = field(default_factory=Limits)
    columns: Mapping[str, str] = field(default_factory=dict)
    """Which column holds a field, where it is not one that is known by its name: `{"text": "body"}`."""
    members: int = 0
    unpacked: int = 0

    def count(self, size: int) -> None:
        """Count bytes that were unpacked; raises `FullError`."""
        self.unpacked += size
        if self.unpacked > (limit := self.limits.archive_bytes):
            raise FullError(over("unpacks to more", limit, "archive_bytes") + "; the rest was left out")

    def count_member(self) -> None:
        """Count a member; raises `FullError`."""
        self.members += 1
        if self.members > (limit := self.limits.archive_members):
            raise FullError(over("has more members", limit, "archive_members") + "; the rest was left out")


@dataclass(frozen=True, slots=True)
class Source:
    """Bytes to read articles from: a file, or a member of one, whose path goes on beneath the file's."""

    path: str
    data: bytes = field(repr=False)
    job: Job = field(repr=False)
    depth: int = 0

    @property
    def file(self) -> str | None:
        """The file on disk, where `path` is not that."""
        return self.job.file if self.path != self.job.file else None

    @property
    def guess(self) -> bool:
        """Whether a text of no known kind is read as plain text: what comes through a pipe has no suffix."""
        return self.path.startswith(PIPED)

    def inside(self, name: str, data: bytes) -> "Source":
        """Return a member of this source."""
        return Source(f"{self.path}/{name}", data, self.job, self.depth + 1)


Result: TypeAlias = Article | Skipped
Reader: TypeAlias = Callable[[Source], Iterator[Article | Skipped | Source]]
"""Yields articles, what had to be skipped, and members to be read in their turn; raises `UnreadableError`."""
