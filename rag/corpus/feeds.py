"""News feeds (RSS, Atom, RDF): an article for each entry. The only module that imports feedparser.

feedparser is given bytes, never a name, since it would open or fetch that.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

from rag.corpus.articles import article, line
from rag.corpus.markup import text_of_html
from rag.corpus.source import Result, Source, UnreadableError
from rag.dates import parse_date
from rag.types import Origin

_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)


def read_feed(source: Source) -> Iterator[Result]:
    """Yield an article for each entry, the first being record 1; raises `UnreadableError` where there is no feed."""
    import feedparser

    if _ENTITY.search(source.data.partition(b"<item")[0].partition(b"<entry")[0]):
        raise UnreadableError("defines XML entities, which no feed needs; they are not expanded")
    feed = feedparser.parse(io.BytesIO(source.data), sanitize_html=False, resolve_relative_uris=False)
    if not feed.version and not feed.entries:
        raise UnreadableError("XML, but no feed of articles (RSS or Atom)")
    if not feed.entries:
        raise UnreadableError("a feed without entries")
    about = feed.feed
    for record, entry in enumerate(feed.entries, start=1):
        content = next((c for c in entry.get("content", []) if c.get("value")), None)
        summary = entry.get("summary_detail") or {}
        chosen: dict[str, Any] = content or summary
        language = (content or {}).get("language") or summary.get("language") or about.get("language")
        origin = Origin(
            path=source.path,
            record=record,
            title=text_of_html(entry.get("title", "")),
            source_id=line(entry.get("id")),
            published=_moment(entry),
            source=line(text_of_html(about.get("title", ""))),
            url=line(entry.get("link")),
            author=line(entry.get("author")) or line(about.get("author")),
            language=line(language),
            file=source.file,
        )
        text = chosen.get("value") or ""
        plain = chosen.get("type") == "text/plain" and "<" not in text
        yield article(text if plain else text_of_html(text), origin, limits=source.job.limits)


def _moment(entry: Any) -> str | None:
    """Return when an entry was published, with the zone it gives; feedparser's own form of it where that is odd."""
    for name in ("published", "created", "updated"):
        given, parsed = entry.get(name), entry.get(f"{name}_parsed")
        if given and (found := parse_date(given)):
            return found
        if parsed:
            year, month, day, hour, minute, second, *_ = parsed
            return parse_date(f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+00:00")
    return None
