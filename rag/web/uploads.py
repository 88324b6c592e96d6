"""Articles that a reader brings: kept in `uploads/` of the index folder, one of its roots, and indexed at once.

They live with the index, so that removing its folder removes them. Knows nothing about screens.
"""

import hashlib
import json
import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from rag.assistant import Assistant
from rag.corpus import Limits, normalise, read_file
from rag.corpus.kinds import SUFFIXES
from rag.dates import parse_date
from rag.errors import CorpusError, UsageError
from rag.index import Report, sync
from rag.index.remove import bring_back, remove
from rag.index.sync import UPLOADS, Progress
from rag.types import Article

KINDS = tuple(SUFFIXES)
MOST_BYTES = 20_000_000
"""The largest file taken through the page."""
_NAME_CHARS = 80
_HASH_DIGITS = 8
_TITLE_CHARS = 40


def add_files(files: Sequence[Path], assistant: Assistant, *, progress: Progress) -> Report:
    """Keep files under their names, each in place of one brought before, and index them. Raises a `RagError`.

    What a person removed before is taken in again: to bring it is to want it back.
    """
    folder = _folder(assistant)
    for file in files:
        if file.suffix.lower() not in KINDS:
            raise UsageError(f"{file.name!r} is of a kind that is not read; bring {', '.join(KINDS)}")
        if (size := file.stat().st_size) > MOST_BYTES:
            raise UsageError(f"{file.name!r} has {size:,} bytes, more than {MOST_BYTES:,}; index it: rag index PATH")
    kept: dict[Path, Path] = {}
    for file in files:
        to = folder / _safe(file.name)
        if to in kept:  # of another folder: its bytes tell the two apart
            to = to.with_stem(f"{to.stem} {_digest(file.read_bytes())}")
        kept[to] = file
    for to, file in kept.items():
        part = to.with_name(f".{to.name}.part")
        shutil.copyfile(file, part)
        part.replace(to)
    return _index(list(kept), assistant, progress=progress)


def add_text(text: str, assistant: Assistant, *, title: str, date: str, progress: Progress) -> Report:
    """Keep pasted text in a file of its own and index it; raises `UsageError` for no text or a wrong date."""
    if not (text := normalise(text)):
        raise UsageError("there is no text yet; paste an article first")
    if len(text.encode()) > MOST_BYTES:
        raise UsageError(f"the text is longer than {MOST_BYTES:,} bytes; save it as a file, then: rag index PATH")
    published = parse_date(date)
    if date.strip() and not published:
        raise UsageError(f"{date!r} is no date; write it so: 2023-04-11")
    title = " ".join(normalise(title).split())
    record = {"title": title, "date": published, "text": text}
    to = _folder(assistant) / f"{_safe(title or text[:_TITLE_CHARS])} {time.time_ns()}.jsonl"
    to.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return _index([to], assistant, progress=progress)


def take_out(article_ids: Sequence[str], assistant: Assistant) -> list[Article]:
    """Remove articles for good; their uploaded files go too, where nothing else that is here stands in them."""
    gone = remove(article_ids, assistant.settings.index_dir)
    folder = assistant.settings.index_dir.resolve() / UPLOADS
    here = assistant.index.catalogue.paths()
    for path in {origin.file or origin.path for article in gone for origin in article.origins} - here:
        if Path(path).is_relative_to(folder):
            Path(path).unlink(missing_ok=True)
    return gone


def _index(kept: Sequence[Path], assistant: Assistant, *, progress: Progress) -> Report:
    settings = assistant.settings
    catalogue = assistant.index.catalogue
    ids = {
        article.id
        for path in kept
        for article in read_file(path, max_bytes=settings.file_bytes, limits=Limits.of(settings))
        if isinstance(article, Article)
    }
    if again := sorted(ids & catalogue.removed_by_hand()):
        bring_back(again, settings.index_dir)
    report = sync(
        [_folder(assistant)],
        settings.index_dir,
        assistant.embedder,
        passage_tokens=catalogue.manifest.passage_tokens,
        max_file_bytes=settings.file_bytes,
        limits=Limits.of(settings),
        progress=progress,
    )
    if not ids:
        why = report.skipped[0].reason if report.skipped else "it holds no text"
        for path in kept:
            path.unlink(missing_ok=True)
        raise CorpusError(f"no article was found in {kept[0].name!r}: {why}")
    return report


def _folder(assistant: Assistant) -> Path:
    folder = assistant.settings.index_dir.resolve() / UPLOADS
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _safe(name: str) -> str:
    """Return a file name that is one: no folder, no leading dot, nothing that a screen would not show.

    Where more than a folder went, a hash of the whole tells it from others that are cut to the same.
    """
    path = Path(name.replace("\\", "/").replace("\0", ""))
    stem = re.sub(r"[^\w .()-]+", " ", path.stem)[:_NAME_CHARS].strip(" .") or "article"
    if stem != path.stem:
        stem = f"{stem[: _NAME_CHARS - _HASH_DIGITS - 1]} {_digest(name.encode('utf-8', 'surrogatepass'))}"
    return stem + path.suffix.lower() if path.suffix.lower() in KINDS else stem


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_HASH_DIGITS]
