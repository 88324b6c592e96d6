"""Archives (.zip, .tar) and packed files (.gz, .bz2, .xz): their members, read in memory and never written anywhere.

Member paths are names to show, nothing else: whatever they say, no file is made of them.
"""

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import PurePosixPath
from typing import IO, Protocol

from rag.corpus.articles import normalise
from rag.corpus.limits import over
from rag.corpus.source import Job, Result, Skipped, Source, UnreadableError


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


PACKED = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz"}
_OPENERS: dict[str, Callable[[io.BytesIO], _Readable]] = {
    "gz": lambda packed: gzip.GzipFile(fileobj=packed),
    "bz2": bz2.BZ2File,
    "xz": lzma.LZMAFile,  # its dictionary takes as much memory as the file asks for: bounded with the process
}
_SUFFIXES = (".gz", ".bz2", ".xz", ".tgz", ".tbz2", ".tbz", ".txz")
_BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)
_TAR_BLOCK = 512


def read_zip(source: Source) -> Iterator[Result | Source]:
    """Yield the members of a zip file."""
    _check_depth(source)
    try:
        archive = zipfile.ZipFile(io.BytesIO(source.data))
    except _BROKEN as error:
        raise UnreadableError(f"no .zip, or a broken one: {error}") from error
    with archive:
        names: set[str] = set()
        for info in archive.infolist():
            name = _shown(_decoded(info))
            if info.is_dir() or _hidden(name):
                continue
            source.job.count_member()
            if name in names:
                yield Skipped(f"{source.path}/{name}", "a member of this name came before")
            elif info.flag_bits & 1:
                yield Skipped(f"{source.path}/{name}", "locked by a password")
            else:
                names.add(name)
                try:
                    with archive.open(info) as member:
                        yield _member(source, name, member)
                except (*_BROKEN, NotImplementedError, RuntimeError) as error:
                    yield Skipped(f"{source.path}/{name}", f"broken: {error}")


def read_packed(source: Source) -> Iterator[Result | Source]:
    """Yield what is packed in a .gz, .bz2 or .xz file: one file, or the members of a tar archive."""
    _check_depth(source)
    kind = next(kind for magic, kind in PACKED.items() if source.data.startswith(magic))
    stream = _Counted(_OPENERS[kind](io.BytesIO(source.data)), source.job)
    try:
        head = stream.peek(_TAR_BLOCK)
        if is_tar(head):
            yield from _tar_members(source, stream)
            return
        source.job.count_member()
        name = PurePosixPath(source.path).name
        inner = name[: -len(kind) - 1] if name.lower().endswith(_SUFFIXES) else name
        limit = source.job.limits.member_bytes
        data = stream.read(limit + 1)
    except _BROKEN as error:
        raise UnreadableError(f"broken: {error}") from error
    if len(data) > limit:
        raise UnreadableError(over("unpacks to more", limit, "member_bytes"))
    yield source.inside(inner, data)


def read_tar(source: Source) -> Iterator[Result | Source]:
    """Yield the members of a tar archive that is not packed."""
    _check_depth(source)
    try:
        yield from _tar_members(source, _Counted(io.BytesIO(source.data), source.job))
    except _BROKEN as error:
        raise UnreadableError(f"broken: {error}") from error


def is_tar(head: bytes) -> bool:
    """Return whether these bytes begin a tar archive: 512 or more, of a header whose sum is right."""
    if len(head) < _TAR_BLOCK or not head[:_TAR_BLOCK].strip(b"\0"):
        return False
    with suppress(tarfile.HeaderError, ValueError):
        tarfile.TarInfo.frombuf(head[:_TAR_BLOCK], "utf-8", "surrogateescape")
        return True
    return False


def _tar_members(source: Source, stream: "_Counted") -> Iterator[Result | Source]:
    names: set[str] = set()
    with tarfile.open(fileobj=stream, mode="r|", errorlevel=0) as archive:
        for info in archive:
            name = _shown(info.name)
            archive.members = []  # type: ignore[attr-defined]  # it would keep all of them
            if info.isdir() or _hidden(name):
                continue
            source.job.count_member()
            if not info.isreg():
                what = "a link" if info.issym() or info.islnk() else "a device or pipe"
                yield Skipped(f"{source.path}/{name}", f"{what} in an archive, no file")
            elif name in names:
                yield Skipped(f"{source.path}/{name}", "a member of this name came before")
            elif member := archive.extractfile(info):
                names.add(name)
                yield _member(source, name, member)


def _member(source: Source, name: str, member: IO[bytes]) -> Result | Source:
    limit = source.job.limits.member_bytes
    data = member.read(limit + 1)
    if not isinstance(member, tarfile.ExFileObject):  # what a tar archive gives is counted as it is unpacked
        source.job.count(len(data))
    if len(data) > limit:
        return Skipped(f"{source.path}/{name}", over("unpacks to more", limit, "member_bytes"))
    return source.inside(name, data)


def _check_depth(source: Source) -> None:
    if source.depth >= (limit := source.job.limits.archive_depth):
        raise UnreadableError(over(f"archives within archives, {source.depth} deep", limit, "archive_depth"))


def _shown(name: str) -> str:
    """Return a member's name as a path beneath the archive's, whatever it says of roots and folders above."""
    parts = re.split(r"[/\\]", normalise(name).replace("\0", ""))
    return "/".join(part for part in parts if part not in ("", ".", "..") and not re.fullmatch(r"[A-Za-z]:", part))


def _hidden(name: str) -> bool:
    return not name or any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _decoded(info: zipfile.ZipInfo) -> str:
    """Return a member's name; where it does not say how it is written, many programs mean UTF-8."""
    if not info.flag_bits & 0x800:
        with suppress(UnicodeError):
            return info.filename.encode("cp437").decode("utf-8")
    return info.filename


class _Counted(io.RawIOBase):
    """What is unpacked, counted as it is read; raises `FullError` beyond the limit."""

    def __init__(self, stream: _Readable, job: Job) -> None:
        self._stream = stream
        self._job = job
        self._ahead = b""

    def readable(self) -> bool:
        return True

    def peek(self, size: int) -> bytes:
        """Return the first bytes, which will be read again."""
        self._ahead = self.read(size)
        return self._ahead

    def read(self, size: int | None = -1, /) -> bytes:
        """Return as many bytes, fewer at the end alone."""
        size = -1 if size is None else size
        parts = [self._ahead[:size]] if size >= 0 else [self._ahead]
        self._ahead = self._ahead[len(parts[0]) :]
        wanted = size - len(parts[0])
        while size < 0 or wanted > 0:
            part = self._stream.read(1_000_000 if size < 0 else min(wanted, 1_000_000))
            if not part:
                break
            self._job.count(len(part))
            wanted -= len(part)
            parts.append(part)
        return b"".join(parts)
