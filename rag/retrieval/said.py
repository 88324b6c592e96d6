"""Everything that somebody said: all statements of a speaker, by date, not the best few.

Which sentences are statements, and whose, was found when the articles were indexed: see `rag.statements`.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rag.errors import UsageError
from rag.index import Reader
from rag.interviews import without_label
from rag.lexical import content_terms, terms
from rag.retrieval.speakers import meant
from rag.types import ALL, SCHEMA_VERSION, Article, Embedder, Filters, Statement

_BULLET = re.compile(r"^(\d*)([-+.)])")  # what begins a list
_COLUMNS = (
    *("published", "speaker", "quote", "direct", "title", "source", "url", "path"),
    *("source_id", "article_id", "start", "end"),
)
_ABOUT = 0.35
"""The least cosine of a statement to what it should be about, where it does not hold all of its words."""


@dataclass(frozen=True, slots=True)
class Said:
    """A statement in its article."""

    article: Article
    statement: Statement

    @property
    def quote(self) -> str:
        """The sentence, verbatim."""
        return self.article.text[self.statement.start : self.statement.end]

    @property
    def words(self) -> str:
        """The sentence in one line, without the speaker's name before it."""
        return without_label(self.article.text, self.statement.start, self.statement.end)

    def to_json(self) -> dict[str, Any]:
        """Return the statement with where it stands: one entry of `statements` of docs/contract.md."""
        origin, statement = self.article.origin, self.statement
        return {
            "published": origin.published,
            "speaker": statement.speaker,
            "quote": self.quote,
            "direct": statement.direct,
            "title": origin.title,
            "source": origin.source,
            "url": origin.url,
            "path": origin.path,
            "source_id": origin.source_id,
            "article_id": self.article.id,
            "start": statement.start,
            "end": statement.end,
        }


def said_by(
    name: str, reader: Reader, *, within: Filters = ALL, about: str | None = None, embedder: Embedder | None = None
) -> list[Said]:
    """Return all statements of those whom `name` may mean, the oldest first, undated ones last.

    With `about`, those whose sentence holds all words of it that carry meaning, or is near to it in meaning, by
    `embedder` where one is given; raises `UsageError` where it has no words.
    """
    found = reader.statements(speakers=meant(name, reader.speakers()), filters=within)
    articles = reader.articles({article_id for article_id, _ in found})
    said = [Said(articles[article_id], statement) for article_id, statement in found if article_id in articles]
    if about:
        said = _about(about, said, embedder)
    return sorted(said, key=lambda s: (s.article.origin.published or "9999", s.article.id, s.statement.start))


def to_json(name: str, said: Sequence[Said]) -> dict[str, Any]:
    """Return the object of `rag statements --format json`: see docs/contract.md."""
    return {"schema_version": SCHEMA_VERSION, "name": name, "statements": [one.to_json() for one in said]}


def to_csv(said: Sequence[Said]) -> str:
    """Return a table; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    table = io.StringIO()
    writer = csv.DictWriter(table, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _plain(value) for name, value in one.to_json().items()} for one in said)
    return table.getvalue()


def to_markdown(said: Sequence[Said]) -> str:
    """Return quotations, each with its source beneath; what Markdown would read in them is escaped."""
    parts = []
    for one in said:
        origin = one.article.origin
        about = [one.statement.speaker, origin.published, origin.title, origin.source]
        parts.append(f"> {_escaped(one.words)}\n\n— {_escaped(' · '.join(filter(None, about)))}\n")
    return "\n".join(parts)


def _about(about: str, said: list[Said], embedder: Embedder | None) -> list[Said]:
    if not (words := set(content_terms(about))):
        raise UsageError(f"{about!r} holds no word that a statement could be about; leave --about out, or name one")
    cosines = [0.0] * len(said)
    if embedder and said:
        vectors = embedder.embed([about, *(s.quote for s in said)])
        cosines = (vectors[1:] @ vectors[0]).tolist()
    return [s for s, cosine in zip(said, cosines, strict=True) if words <= set(terms(s.quote)) or cosine >= _ABOUT]


def _plain(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _escaped(text: str) -> str:
    escaped = "".join(f"\\{c}" if c in "\\`*_[]<>#|!~&" else c for c in " ".join(text.split()))
    return _BULLET.sub(r"\1\\\2", escaped)
