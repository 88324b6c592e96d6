"""One file becomes articles, whatever kind it is, members of archives in their turn."""

from collections.abc import Callable, Iterator

from rag.corpus import archives, docx, feeds, html, mail, pdf, plain, records
from rag.corpus.kinds import kind_of
from rag.corpus.source import FullError, Reader, Result, Skipped, Source, UnreadableError, unread

READERS: dict[str, Reader] = {
    "text": plain.read_text,
    "markdown": plain.read_markdown,
    "html": html.read_html,
    "pdf": pdf.read_pdf,
    "docx": docx.read_docx,
    "jsonl": records.read_jsonl,
    "json": records.read_json,
    "csv": records.read_csv,
    "eml": mail.read_eml,
    "mbox": mail.read_mbox,
    "feed": feeds.read_feed,
    "zip": archives.read_zip,
    "tar": archives.read_tar,
    "packed": archives.read_packed,
}
OWN = frozenset({"text", "jsonl", "json"})
"""Kinds that nothing but the standard library and a few lines of our own read, in time linear in their size."""

Begin = Callable[[str], bool]
"""Called with the path of each member before it is read; False leaves it out."""


def read(source: Source, *, begin: Begin = lambda _path: True) -> Iterator[Result]:
    """Yield the articles of a source and of all that is packed in it, and what had to be skipped; never fails."""
    try:
        yield from _read(source, begin)
    except FullError as error:
        yield Skipped(source.path, str(error))


def _read(source: Source, begin: Begin) -> Iterator[Result]:
    kind = "file"
    try:
        if not source.data:
            raise UnreadableError("empty")
        kind = kind_of(source.path, source.data, guess=source.guess)
        for result in READERS[kind](source):
            if not isinstance(result, Source):
                yield result
            elif begin(result.path):
                yield from _read(result, begin)
    except FullError:
        raise
    except Exception as error:
        yield Skipped(source.path, unread(error, kind))
