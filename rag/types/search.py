"""What is searched for and what was found: limits, the question as understood, hits, and the evidence chosen of them.

Knows nothing about answers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rag.types.articles import Article, Origin, Passage, version_to_json

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is limited to. Days are ISO 8601, both included; an article without a date fails a date filter."""

    from_: str | None = None
    to: str | None = None
    sources: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    """Ids; empty: all articles."""

    def __bool__(self) -> bool:
        return self != ALL


ALL = Filters()
"""No limits."""


@dataclass(frozen=True, slots=True)
class Query:
    """The question as searched: standing alone, with its limits and what was understood made explicit.

    `from_` and `to` are the days that the question names: articles of these days are preferred, where `filters` only
    admit theirs. `newest` asks for the newest first. Passages in which one of `speakers` speaks are preferred: all who
    may be meant by the name in the question. What says too little to stand alone is searched `after` the last
    question that did, and passages of the articles it is `going_on` with are preferred. `known` are sentences, by
    article id and start, that are not to be told again. `respelled` maps words of the question to what they are taken
    for besides.
    `undated` articles failed a date filter for want of a date. `language` is that of the question, ISO 639-1, None
    where that is not sure; `note` tells people where the embedder does not know it.
    """

    text: str
    from_: str | None = None
    to: str | None = None
    newest: bool = False
    today: str | None = None
    speakers: tuple[str, ...] = ()
    respelled: tuple[tuple[str, str], ...] = ()
    after: str | None = None
    going_on: tuple[str, ...] = ()
    known: tuple[tuple[str, int], ...] = ()
    filters: Filters = ALL
    undated: int | None = None
    language: str | None = None
    note: str | None = None

    @property
    def sought(self) -> str:
        """The text that passages are sought with."""
        return f"{self.after} {self.text}" if self.after else self.text

    @property
    def spelt(self) -> str:
        """The text with its words as the index has them, those of names with a capital."""
        spelt = dict(self.respelled)

        def other(word: re.Match[str]) -> str:
            found = spelt.get(word[0], word[0])
            return found.capitalize() if word[0][0].isupper() and found.islower() else found

        return _WORD.sub(other, self.text)


_RELATED = 0.15
"""A passage that answers less probably is of an article about something else."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found: how probable it is that it answers, its rank (from 1) in each list, and what became of it.

    `why` tells why it was kept or cut. `copies` are other articles that say the same in nearly the same words;
    `later` is the latest article that tells the same story and says something else or more, or None.
    """

    article: Article
    passage: Passage
    score: float
    ranks: dict[str, int]
    kept: bool
    why: str = ""
    copies: tuple[Article, ...] = ()
    later: Article | None = None

    @property
    def text(self) -> str:
        """The passage's text: always a slice of the article's."""
        return self.article.text[self.passage.start : self.passage.end]

    @property
    def is_related(self) -> bool:
        """Whether its article is about what was asked, as far as relevance tells: see docs/decisions.md."""
        return self.kept and self.score >= _RELATED

    @property
    def also_in(self) -> tuple[Origin, ...]:
        """Where else it stands: the other origins of its article, and its copies'."""
        return (*self.article.origins[1:], *(article.origin for article in self.copies))

    @property
    def also_named(self) -> tuple[str, ...]:
        """What people are told of `also_in`: titles, paths where the title is the same; each once."""
        title = self.article.origin.title
        return tuple(dict.fromkeys(o.path if o.title == title else o.title for o in self.also_in))


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of an article that was chosen to answer from: a sentence, and who speaks in it, if anybody."""

    article: Article
    start: int
    end: int
    speaker: str | None = None
    probability: float | None = None
    """That it is the one sentence which answers, if any of those found does; None where it was not asked."""
    asked: str = ""
    """In an interview the question that it answers."""

    @property
    def quote(self) -> str:
        """The slice of the article's text."""
        return self.article.text[self.start : self.end]


def query_to_json(query: Query) -> dict[str, Any]:
    """Return the `searched` object of docs/contract.md."""
    limits = query.filters
    dated: Filters | Query = limits if limits.from_ or limits.to else query
    return {
        "text": query.text,
        "after": query.after,
        "from": dated.from_,
        "to": dated.to,
        "dates": None if not (dated.from_ or dated.to) else "filter" if dated is limits else "boost",
        "newest": query.newest,
        "today": query.today,
        "sources": list(limits.sources),
        "articles": list(limits.articles),
        "undated": query.undated,
        "speakers": list(query.speakers),
        "respelled": dict(query.respelled),
        "language": query.language,
        "note": query.note,
    }


def evidence_to_json(evidence: Evidence) -> dict[str, Any]:
    """Return one entry of `evidence` of docs/contract.md."""
    return {
        "article_id": evidence.article.id,
        "start": evidence.start,
        "end": evidence.end,
        "text": evidence.quote,
    }


def hit_to_json(hit: Hit) -> dict[str, Any]:
    """Return one entry of `hits` of docs/contract.md."""
    origin = hit.article.origin
    return {
        "article_id": hit.article.id,
        "source_id": origin.source_id,
        "title": origin.title,
        "published": origin.published,
        "author": origin.author,
        "url": origin.url,
        "page": origin.page(hit.passage.start),
        "record": origin.record,
        "start": hit.passage.start,
        "end": hit.passage.end,
        "text": hit.text,
        "score": hit.score,
        "ranks": hit.ranks,
        "kept": hit.kept,
        "why": hit.why,
        "also_in": [origin.path for origin in hit.also_in],
        "later_version": version_to_json(hit.later),
    }


def found_to_json(query: Query, hits: Sequence[Hit]) -> dict[str, Any]:
    """Return what a search found, as docs/contract.md has it, without `schema_version`."""
    return {"searched": query_to_json(query), "hits": [hit_to_json(hit) for hit in hits]}
