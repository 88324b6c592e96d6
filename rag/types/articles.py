"""What is read and stored: articles, where they came from, and parts of them.

Knows nothing about questions. Offsets count Unicode code points of an article's stored text, `[start, end)`.
"""

import bisect
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Span:
    """Code points `[start, end)` of a text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the slice of `text` that this span names."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an article came from; `published` is ISO 8601, `record` counts from 1 within its file.

    `pages` are the offsets at which the pages of a paginated file begin in the text, the first being 0. `file` is the
    file on disk where `path` goes on within an archive. `language` is what the file itself declares.
    """

    path: str
    title: str
    record: int | None = None
    source_id: str | None = None
    published: str | None = None
    source: str | None = None
    url: str | None = None
    author: str | None = None
    language: str | None = None
    pages: tuple[int, ...] = ()
    file: str | None = None

    @property
    def day(self) -> str | None:
        """The day of publication, without the time, as people read it."""
        return self.published[:10] if self.published else None

    def page(self, offset: int) -> int | None:
        """Return the page, from 1, on which this offset of the text stands; None where there are no pages."""
        return bisect.bisect_right(self.pages, offset) or None


@dataclass(frozen=True, slots=True)
class Article:
    """One document: its id is a hash of its text alone; every place it was found is an origin."""

    id: str
    text: str = field(repr=False)
    origins: tuple[Origin, ...]

    @property
    def origin(self) -> Origin:
        """The first origin, whose title, date and path speak for the article."""
        return self.origins[0]

    @property
    def title(self) -> str:
        """The title of its first origin."""
        return self.origin.title


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of an article's text, as it is embedded and found."""

    article_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an article in which somebody is quoted or reported, `[start, end)` in code points, and who.

    `speaker` is the longest form of the name that the article gives, without titles; where there is no name,
    the body or role as written. `direct` is True where the sentence holds words in quotation marks.
    """

    start: int
    end: int
    speaker: str
    direct: bool


def version_to_json(article: Article | None) -> dict[str, Any] | None:
    """Return what names another version of a story in docs/contract.md."""
    if article is None:
        return None
    origin = article.origin
    keys = ("source_id", "title", "published", "path")
    return {"article_id": article.id} | {key: getattr(origin, key) for key in keys}
