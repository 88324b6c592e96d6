"""Web pages as they were saved: the story without what stands around it, and when it was published.

The only module that imports trafilatura, which chooses the main text; what it finds is laid out by `markup`.
"""

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from rag.corpus.articles import article, line
from rag.corpus.encoding import decode
from rag.corpus.markup import parse, text_of
from rag.corpus.source import Result, Source, UnreadableError
from rag.dates import parse_date
from rag.types import Origin

if TYPE_CHECKING:
    from lxml.etree import _Element

_CHARSET = re.compile(rb"<meta[^>]{1,300}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"^\s*<\?xml[^>]{1,100}?encoding\s*=\s*[\"']([\w:.-]{2,40})")
_PUBLISHED = (
    "//meta[@property='article:published_time' or @name='article:published_time']/@content",
    "//*[@itemprop='datePublished']/@content",
    "//*[@itemprop='datePublished']/@datetime",
    "//meta[@name='date' or @name='pubdate' or @name='publishdate' or @name='dc.date' or @name='DC.date.issued'"
    " or @name='parsely-pub-date' or @name='sailthru.date' or @name='dcterms.date']/@content",
)
_LAID_OUT = frozenset({"graphic"})
_JSON_LD_CHARS = 1_000_000


def read_html(source: Source) -> Iterator[Result]:
    """Yield the one article of a page; raises `UnreadableError` where it holds no text."""
    from trafilatura import bare_extraction

    html = decode(source.data, declared=charset(source.data))
    tree = parse(html)
    if tree is None:
        raise UnreadableError("no text in it")
    found: Any = bare_extraction(
        html,
        with_metadata=True,
        include_comments=False,
        date_extraction_params={"original_date": True, "extensive_search": False},
    )
    text = text_of(found.body, unseen=_LAID_OUT) if found is not None and found.body is not None else ""
    text = text or text_of(tree)  # a few words, or no page of news
    if not text.strip():
        raise UnreadableError("no text in it: it may be made by scripts, or nested too deep")
    title = (found.title if found else None) or _first(tree, "//title/text()")
    origin = Origin(
        path=source.path,
        title=line(title) or "",
        published=_published(tree) or parse_date((found.date if found else None) or ""),
        source=line(found.sitename or found.hostname) if found else None,
        url=line(found.url) if found else _first(tree, "//link[@rel='canonical']/@href"),
        author=line(found.author) if found else _first(tree, "//meta[@name='author']/@content"),
        language=_first(tree, "/html/@lang | /html/@xml:lang"),
        file=source.file,
    )
    yield article(text, origin, limits=source.job.limits)


def charset(data: bytes) -> str | None:
    """Return the encoding that a page or an XML file says it is in."""
    head = data[:4096]
    match = _XML_ENCODING.search(head) or _CHARSET.search(head)
    return match[1].decode("ascii", "replace") if match else None


def _first(tree: "_Element", path: str) -> str | None:
    try:
        found = tree.xpath(path, namespaces={"xml": "http://www.w3.org/XML/1998/namespace"})
    except Exception:  # lxml's own errors are of many kinds
        return None
    return line(str(found[0])) if isinstance(found, list) and found else None


def _published(tree: "_Element") -> str | None:
    """Return the moment that the page gives in a field made for it; trafilatura knows the day alone."""
    scripts = tree.xpath("//script[@type='application/ld+json']/text()")
    given = chain((_first(tree, path) for path in _PUBLISHED), *(_in_json_ld(str(one)) for one in list(scripts)[:20]))
    return next(filter(None, (parse_date(text) for text in given if text)), None)


def _in_json_ld(text: str) -> Iterator[str]:
    if len(text) > _JSON_LD_CHARS:
        return
    try:
        left: list[Any] = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    while left:
        value = left.pop()
        if isinstance(value, list):
            left += value
        elif isinstance(value, dict):
            if isinstance(day := value.get("datePublished"), str):
                yield day
            left += [v for v in value.values() if isinstance(v, dict | list)]
