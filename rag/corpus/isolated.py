"""Reading files so that none can take the program down: what foreign parsers read is read in a process of its own.

That process is ended when it takes too long or too much memory; the file, or the member of an archive, is skipped, and
what comes after it is read by a new one. Nothing is unpickled: the two speak JSON.
"""

import json
import os
import queue
import signal
import stat
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from rag.corpus.articles import article_id
from rag.corpus.files import special
from rag.corpus.kinds import kind_of
from rag.corpus.limits import Limits, over
from rag.corpus.reading import OWN, read
from rag.corpus.source import Job, Result, Skipped, Source, UnreadableError
from rag.types import Article, Origin

LENGTHS = struct.Struct("<QQ")
"""Before each request: the lengths of its head, JSON, and of the file."""
_MOST_DEATHS = 10
"""Of the reading process on one file; after that many, what is left of it is not read."""

_STARTS = 120
"""Seconds that the process may take to start, on a slow and busy machine."""
_MOST_SKIPPED = 1_000
"""Parts of one file that are each named."""


class DiedError(Exception):
    """The reading process ended, or was ended; the text says why."""


class FileReader:
    """Reads files one after the other; `close()` ends the process that it may have started."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._worker: _Worker | None = None

    def __enter__(self) -> "FileReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the reading process."""
        if self._worker:
            self._worker.end()
            self._worker = None

    def read_file(self, path: Path, *, max_bytes: int, columns: Mapping[str, str] | None = None) -> Iterator[Result]:
        """Yield the articles of one file, each with one origin, and what had to be skipped."""
        try:
            status = path.stat()
            if what := special(status.st_mode) or ("a folder" if stat.S_ISDIR(status.st_mode) else None):
                yield Skipped(str(path), what)
                return
            if status.st_size > max_bytes:
                yield Skipped(str(path), over(f"{status.st_size:,} bytes", max_bytes, "file_bytes"))
                return
            data = path.read_bytes()
        except OSError as error:
            yield Skipped(str(path), f"cannot be read: {error.strerror}")
            return
        yield from self.read(str(path), data, columns=columns)

    def read(self, path: str, data: bytes, *, columns: Mapping[str, str] | None = None) -> Iterator[Result]:
        """Yield the articles of a file of this name and content, each with one origin, and what had to be skipped."""
        source = Source(path, data, Job(path, self.limits, columns or {}))
        skipped = 0
        places: set[tuple[str, int | None]] = set()
        for result in read(source) if _is_ours(source) else self._isolated(source):
            if isinstance(result, Article):
                place = (result.origin.path, result.origin.record)
                if place in places:  # "a.zip/b.txt" may be a member, and one of a member "a.zip"
                    result = Skipped(place[0], "another member of this path came before", place[1])
                elif len(places) >= (limit := self.limits.file_articles):
                    yield Skipped(path, over("has more articles", limit, "file_articles") + "; the rest was left out")
                    break
                places.add(place)
            part = isinstance(result, Skipped) and (result.path, result.record) != (path, None)
            skipped += part
            if not part or skipped <= _MOST_SKIPPED:
                yield result
        if skipped > _MOST_SKIPPED:
            yield Skipped(path, f"{skipped - _MOST_SKIPPED:,} more parts of it were skipped")

    def _isolated(self, source: Source) -> Iterator[Result]:
        """Read in the other process; where it dies in a member of an archive, go on behind that."""
        given: set[tuple[str, int | None, bool]] = set()
        begun, at = 0, source.path
        for deaths in range(_MOST_DEATHS):
            try:
                for answer in self._ask(source, after=begun):
                    if "begun" in answer:
                        begun, at = answer["begun"], answer["path"]
                        continue
                    result = _result(answer)
                    place = result.origin if isinstance(result, Article) else result
                    name = (place.path, place.record, isinstance(result, Article))
                    if not (deaths and name in given):  # what was told before it died is told again
                        given.add(name)
                        yield result
                return
            except DiedError as error:
                self.close()
                if any(path == at for path, _, _ in given):  # that one was read: it died on the way to the next
                    at = source.path
                yield Skipped(at, str(error))
                if not begun:
                    return
                given.add((at, None, False))
                at = source.path
        yield Skipped(source.path, f"was given up after {_MOST_DEATHS} failures; the rest was left out")

    def _ask(self, source: Source, *, after: int) -> Iterator[dict[str, Any]]:
        if self._worker is None:
            self._worker = _Worker(self.limits)
        head = {"file": source.path, "columns": dict(source.job.columns), "after": after, "limits": asdict(self.limits)}
        finished = False
        try:
            yield from self._worker.ask(head, source.data)
            finished = True
        finally:
            if not finished:  # whoever asked stopped listening: answers that are left must not be taken for others
                self.close()


class _Worker:
    def __init__(self, limits: Limits) -> None:
        self._seconds = limits.reader_seconds
        path = os.pathsep.join(filter(None, sys.path))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "rag.corpus.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        self._answers: queue.Queue[bytes] = queue.Queue(maxsize=64)
        assert self._process.stdout  # noqa: S101 - it was asked for
        self._ready = False
        self._listener = threading.Thread(target=_listen, args=(self._process.stdout, self._answers), daemon=True)
        self._listener.start()

    def ask(self, head: dict[str, Any], data: bytes) -> Iterator[dict[str, Any]]:
        """Yield the answers; raises `DiedError` where the process ends, or says nothing for too long."""
        told = json.dumps(head).encode()
        threading.Thread(target=self._tell, args=(LENGTHS.pack(len(told), len(data)), told, data), daemon=True).start()
        while True:
            try:
                answer = self._answers.get(timeout=self._seconds if self._ready else _STARTS)
            except queue.Empty:
                raise DiedError(_too_long(self._seconds)) from None
            if not answer:
                raise DiedError(self._why())
            value: dict[str, Any] = json.loads(answer)
            if value.get("ready"):
                self._ready = True
                continue
            if value.get("done"):
                return
            yield value

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        while self._listener.is_alive():  # it may wait to be heard
            with suppress(queue.Empty):
                self._answers.get(timeout=0.01)
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with suppress(OSError):
                    stream.close()

    def _tell(self, *parts: bytes) -> None:
        """Send a request: in a thread, since a process that hangs does not read it."""
        assert self._process.stdin  # noqa: S101 - it was asked for
        with suppress(OSError, ValueError):  # it died: the listener notices
            for part in parts:
                self._process.stdin.write(part)
            self._process.stdin.flush()

    def _why(self) -> str:
        code = self._process.wait()
        if sys.platform != "win32" and code == -signal.SIGXCPU:  # its own limit, where this one was busy
            return _too_long(self._seconds)
        if code < 0:
            with suppress(ValueError):
                return f"its parser crashed ({signal.Signals(-code).name})"
        return "needs too much memory (RAG_READER_BYTES), or its parser crashed"


def _too_long(seconds: float) -> str:
    return f"takes more than {seconds:g} seconds to read (RAG_READER_SECONDS)"


def _is_ours(source: Source) -> bool:
    """Return whether no foreign parser is needed: for text and JSON lines, and to say that a kind is not known."""
    try:
        return not source.data or kind_of(source.path, source.data, guess=source.guess) in OWN
    except UnreadableError:
        return True


def _listen(stream: IO[bytes], answers: "queue.Queue[bytes]") -> None:
    with suppress(OSError, ValueError):
        for answer in stream:
            answers.put(answer)
    answers.put(b"")


def _result(answer: dict[str, Any]) -> Result:
    if "skipped" in answer:
        return Skipped(**answer["skipped"])
    origin = {**answer["origin"], "pages": tuple(answer["origin"]["pages"])}
    text = answer["text"]
    return Article(article_id(text), text, (Origin(**origin),))
