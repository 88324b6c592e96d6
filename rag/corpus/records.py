"""JSON, JSON lines and tables (CSV): one article a record, its facts in fields that are known by their names.

A field may also be mapped: `{"text": "body"}` takes the text from the column "body".
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence

from rag.corpus.articles import article, line
from rag.corpus.encoding import decode
from rag.corpus.source import Result, Skipped, Source, UnreadableError
from rag.dates import parse_date
from rag.types import Origin

NAMES: dict[str, tuple[str, ...]] = {
    "text": ("text", "body", "content", "articletext", "articlebody", "maintext", "fulltext", "article", "story"),
    "title": ("title", "headline", "heading"),
    "date": (
        "date",
        "published",
        "publishedat",
        "publisheddate",
        "publishdate",
        "pubdate",
        "datepublished",
        "datetime",
    ),
    "source": ("source", "publisher", "publication", "outlet", "newspaper", "sitename"),
    "url": ("url", "link", "href", "uri", "permalink"),
    "id": ("id", "guid", "articleid", "sourceid", "docid", "uuid"),
    "author": ("author", "authors", "byline", "creator", "writer"),
    "language": ("language", "lang"),
}
"""The fields of an article, and by which names of columns each is known: in small letters, letters and digits alone."""
_DELIMITERS = ",;\t|"
_LINES = re.compile(r"\s*\{[^\n]*\}[ \t]*\n")
"""How JSON lines begin: with an object on a line of its own."""


def read_jsonl(source: Source) -> Iterator[Result]:
    """Yield an article for each line that is a JSON object with a text."""
    for record, text in enumerate(decode(source.data).split("\n"), start=1):
        if not text.strip():
            continue
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError) as error:
            yield Skipped(source.path, f"not JSON: {error}", record)
            continue
        yield _article(fields if isinstance(fields, dict) else {}, source, record)


def read_json(source: Source) -> Iterator[Result]:
    """Yield an article for each object of a list, or of the list that an object holds; JSON lines are read as such."""
    text = decode(source.data)
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        if not _LINES.match(text):
            raise UnreadableError(f"not JSON: {error}") from error
        yield from read_jsonl(source)
        return
    if isinstance(told, dict) and not column_of("text", list(told), source.job.columns):
        lists = (held for held in told.values() if isinstance(held, list))
        told = next((held for held in lists if any(isinstance(one, dict) for one in held)), told)
    for record, fields in enumerate(told if isinstance(told, list) else [told], start=1):
        yield _article(fields if isinstance(fields, dict) else {}, source, record)


def read_csv(source: Source) -> Iterator[Result]:
    """Yield an article for each row of a table with a line of names at its head; the first row is record 1."""
    text = decode(source.data)
    most = csv.field_size_limit(max(len(text), 1))  # of the whole process: put back below
    try:
        yield from _rows(text, source)
    except csv.Error as error:
        raise UnreadableError(f"not CSV: {error}") from error
    finally:
        csv.field_size_limit(most)


def _rows(text: str, source: Source) -> Iterator[Result]:
    head = text[:100_000]
    widest = max(_DELIMITERS, key=lambda sign: len(next(csv.reader(io.StringIO(head, newline=""), delimiter=sign), [])))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=widest)
    names = next(rows, [])
    if not column_of("text", names, source.job.columns):
        found = ", ".join(repr(name) for name in names[:10])
        raise UnreadableError(f"no column is known to hold the text, of {found}; name it: --columns text=NAME")
    for record, row in enumerate(rows, start=1):
        if row:
            yield _article(dict(zip(names, row, strict=False)), source, record)


def column_of(field: str, names: Sequence[str], columns: Mapping[str, str]) -> str | None:
    """Return the name among `names` that holds a field: as mapped, else the first that it is known by."""
    if field in columns:
        return columns[field] if columns[field] in names else None
    plain = {_plain(name): name for name in reversed(names)}
    return next((plain[known] for known in NAMES[field] if known in plain), None)


def origin_of(
    fields: Mapping[str, object],
    source: Source,
    *,
    record: int | None = None,
    title: str = "",
    published: str | None = None,
) -> Origin:
    """Return where an article came from, by the fields of its record; `title` and `published` where they lack them."""
    names = [name for name in fields if isinstance(name, str)]

    def value(field: str) -> str | None:
        column = column_of(field, names, source.job.columns)
        found = fields[column] if column else None
        if field == "author" and isinstance(found, list):
            found = ", ".join(filter(None, map(line, found)))
        return line(found)

    return Origin(
        path=source.path,
        record=record,
        title=value("title") or title,
        source_id=value("id"),
        published=parse_date(value("date") or "") or published,
        source=value("source"),
        url=value("url"),
        author=value("author"),
        language=value("language"),
        file=source.file,
    )


def _article(fields: dict[str, object], source: Source, record: int) -> Result:
    column = column_of("text", [name for name in fields if isinstance(name, str)], source.job.columns)
    text = fields.get(column) if column else None
    if not isinstance(text, str):
        return Skipped(source.path, f'a record needs a "{source.job.columns.get("text", "text")}" in quotes', record)
    return article(text, origin_of(fields, source, record=record), limits=source.job.limits)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())
