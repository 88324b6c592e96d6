"""Rows of the catalogue's tables as values and back, and limits of a search as a condition in SQL.

Knows nothing about connections: it makes and takes what `schema.py` says the tables hold.
"""

import json
from dataclasses import dataclass
from typing import Any

from rag.types import Filters, Origin

PASSES = (
    "(?1 IS NULL OR substr(published, 1, 10) >= ?1) AND (?2 IS NULL OR substr(published, 1, 10) <= ?2) "
    "AND (?3 = '[]' OR source IN (SELECT value FROM json_each(?3))) "
    "AND (?4 = '[]' OR article_id IN (SELECT value FROM json_each(?4)))"
)
"""Whether an origin passes `Filters`, given as `limits`: values 1 to 4 of the statement."""

FACTS = "source_id, published, source, url, author, language, pages"
"""The columns of an origin that its title is followed by."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An article that was here and is not any more."""

    article_id: str
    at: str
    replaced_by: str | None
    by_hand: bool


def origin_row(article_id: str, origin: Origin) -> tuple[Any, ...]:
    """Return the row of an origin, in the order of the table's columns."""
    o = origin
    pages = json.dumps(o.pages, separators=(",", ":")) if o.pages else None
    facts = (o.source_id, o.published, o.source, o.url, o.author, o.language, pages)
    return (o.file or o.path, o.path, o.record or 0, article_id, o.title, *facts)


def origin_of(file: str, path: str, record: int, title: str, *facts: Any) -> Origin:
    """Return the origin of a row, `facts` being as many of `FACTS` as its format has."""
    source_id, published, source, url, author, language, pages = (*facts, *[None] * 7)[:7]
    return Origin(
        path,
        title,
        record or None,
        source_id=source_id,
        published=published,
        source=source,
        url=url,
        author=author,
        language=language,
        pages=tuple(json.loads(pages)) if pages else (),
        file=file if file != path else None,
    )


def limits(filters: Filters) -> tuple[str | None, str | None, str, str]:
    """Return the values of `PASSES`."""
    return filters.from_, filters.to, json.dumps(list(filters.sources)), json.dumps(list(filters.articles))
