"""Files become articles: finding them, reading them, normalising their text.

Knows plain text and JSONL; knows nothing about passages, vectors or the index. A file or record that
cannot be read is reported as `Skipped`, never fatal.
"""

import hashlib
import json
import textwrap
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.chunking import sentences
from rag.dates import parse_date, split_leading_date
from rag.types import Article, Origin

TITLE_CHARS = 110


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, or a record of it (from 1), that gave no article, and why."""

    path: str
    reason: str
    record: int | None = None


def find_files(root: Path) -> list[Path]:
    """Return the files at or beneath `root` in a stable order; hidden ones and links out of it are left out."""
    if root.is_file():
        return [root]
    depth = len(root.parts)
    return sorted(
        path
        for path in root.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.parts[depth:])
        and (not path.is_symlink() or path.resolve().is_relative_to(root.resolve()))
    )


def read_file(path: Path, *, max_bytes: int) -> Iterator[Article | Skipped]:
    """Yield the articles of one file, each with one origin, and what had to be skipped."""
    reader = {".txt": _read_text, ".jsonl": _read_jsonl}.get(path.suffix.lower())
    if reader is None:
        yield Skipped(str(path), f"unknown kind {path.suffix or path.name!r}; known: .txt, .jsonl")
        return
    try:
        if (size := path.stat().st_size) > max_bytes:
            yield Skipped(str(path), f"{size:,} bytes, over the limit of {max_bytes:,} (RAG_FILE_BYTES)")
            return
        data = path.read_bytes()
        if b"\0" in data:
            yield Skipped(str(path), "binary, not text")
            return
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield Skipped(str(path), f"not UTF-8 at byte {error.start:,}; convert it: iconv -f WINDOWS-1252 -t UTF-8")
        return
    except OSError as error:
        yield Skipped(str(path), f"cannot be read: {error.strerror}")
        return
    yield from reader(str(path), text)


def normalise(text: str) -> str:
    r"""Return `text` as it is stored: Unicode NFC, `\n` line ends, no white space around it.

    A lone surrogate, which no file can hold, becomes U+FFFD.
    """
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def article_id(text: str) -> str:
    """Return the id of a normalised text: the first 32 hex digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _read_text(path: str, text: str) -> Iterator[Article | Skipped]:
    published, story = split_leading_date(normalise(text))
    yield _article(story, Origin(path=path, title="", published=published))


def _read_jsonl(path: str, text: str) -> Iterator[Article | Skipped]:
    for record, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Skipped(path, f"not JSON: {error}", record)
            continue
        if not isinstance(fields, dict) or not isinstance(fields.get("text"), str):
            yield Skipped(path, 'a record needs a "text" in quotes', record)
            continue
        origin = Origin(
            path=path,
            record=record,
            title=_field(fields, "title") or "",
            source_id=_field(fields, "id"),
            published=parse_date(_field(fields, "date") or ""),
            source=_field(fields, "source"),
            url=_field(fields, "url"),
        )
        yield _article(fields["text"], origin)


def _field(fields: dict[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return " ".join(normalise(str(value)).split()) or None


def _article(text: str, origin: Origin) -> Article | Skipped:
    text = normalise(text)
    if not text:
        return Skipped(origin.path, "empty", origin.record)
    lead = sentences(text)[0].of(text)
    whole = origin.title or lead
    title = textwrap.shorten(whole, TITLE_CHARS, placeholder=" …")
    if title == "…":  # its first word alone is too long, as where a script writes no spaces
        title = whole[:TITLE_CHARS]
    return Article(
        article_id(text),
        text,
        (
            Origin(
                path=origin.path,
                title=title,
                record=origin.record,
                source_id=origin.source_id,
                published=origin.published,
                source=origin.source,
                url=origin.url,
            ),
        ),
    )
