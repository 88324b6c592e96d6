"""The nouns of the project, as frozen values, and the seams, as protocols.

Knows nothing about files, models, databases or screens. Offsets count Unicode code points of an
article's stored text, `[start, end)`. What is not known yet is None, never absent.
"""

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

SCHEMA_VERSION = 1
REFUSAL = "Not in these articles."
REASONS = {
    "no-passages": "There are no articles to answer from, or none within these limits.",
    "not-in-evidence": "The passages found do not say.",
    "nothing-supported": "Nothing that was written held up against the passages found.",
    "cancelled": "Stopped before a sentence was checked.",
}
"""Why an answer is a refusal: the code in `Answer.reason`, and what people are told."""

Verdict = Literal["supported", "partly", "unsupported"]
Role = Literal["system", "user", "assistant"]
Vectors: TypeAlias = NDArray[np.float32]


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

    @property
    def published(self) -> str | None:
        """The date of its first origin, ISO 8601."""
        return self.origin.published


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of an article's text, as it is embedded and found."""

    article_id: str
    start: int
    end: int


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
class Statement:
    """A sentence of an article in which somebody is quoted or reported, `[start, end)` in code points, and who.

    `speaker` is the longest form of the name that the article gives, without titles; where there is no name,
    the body or role as written. `direct` is True where the sentence holds words in quotation marks.
    """

    start: int
    end: int
    speaker: str
    direct: bool


@dataclass(frozen=True, slots=True)
class Query:
    """The question as searched: standing alone, with its limits and what was understood made explicit.

    `from_` and `to` are the days that the question names: articles of these days are preferred, where `filters` only
    admit theirs. `newest` asks for the newest first. Passages in which one of `speakers` speaks are preferred: all who
    may be meant by the name in the question. `respelled` maps words of the question to what they are taken for
    besides. `undated` articles failed a date filter for want of a date. `language` is that of the question, ISO 639-1,
    None where that is not sure; `note` tells people where the embedder does not know it.
    """

    text: str
    from_: str | None = None
    to: str | None = None
    newest: bool = False
    today: str | None = None
    speakers: tuple[str, ...] = ()
    respelled: tuple[tuple[str, str], ...] = ()
    filters: Filters = ALL
    undated: int | None = None
    language: str | None = None
    note: str | None = None


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

    @property
    def quote(self) -> str:
        """The slice of the article's text."""
        return self.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Citation:
    """The span of an article that supports claim number `claim` (from 0), shown as `[marker]`."""

    marker: int
    claim: int
    article: Article
    start: int
    end: int
    verdict: Verdict | None = None
    speaker: str | None = None

    @property
    def quote(self) -> str:
        """The cited slice of the article's text."""
        return self.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of the answer and the markers of what supports it.

    `missing` tells people what of it the cited sentences lack or contradict; `probability` is how probable it is that
    it follows from them.
    """

    text: str
    verdict: Verdict | None = None
    citations: tuple[int, ...] = ()
    withheld: bool = False
    missing: tuple[str, ...] = ()
    probability: float | None = None

    def marked(self) -> str:
        """Return the sentence with its markers before the closing full stop's space: `… Kabul. [1]`."""
        return " ".join([self.text, "".join(f"[{n}]" for n in self.citations)]).rstrip()


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds since the question was asked, and tokens read and written; None where nothing ran."""

    rewrite_s: float | None = None
    search_s: float | None = None
    first_word_s: float | None = None
    first_checked_s: float | None = None
    total_s: float | None = None
    prompt_tokens: int | None = None
    answer_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Checked claims with their citations, or a refusal with its reason; and how it came about."""

    question: str
    query: Query
    hits: tuple[Hit, ...]
    evidence: tuple[Evidence, ...] = ()
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    refused: bool = False
    reason: str | None = None
    confidence: float | None = None
    timings: Timings = field(default_factory=Timings)
    models: dict[str, str | None] = field(default_factory=dict)
    index_revision: str | None = None
    prompt_sha256: str | None = None

    @property
    def text(self) -> str:
        """The answer as shown: claims that were not withheld, with markers, or the refusal."""
        return REFUSAL if self.refused else " ".join(c.marked() for c in self.claims if not c.withheld)

    def later(self, citation: Citation) -> Article | None:
        """Return the later version of the story that a citation is of, where there is one: see `Hit.later`."""
        return next((hit.later for hit in self.hits if hit.later and hit.article.id == citation.article.id), None)

    def to_json(self) -> dict[str, Any]:
        """Return the answer object of docs/contract.md."""
        return {
            "schema_version": SCHEMA_VERSION,
            "question": self.question,
            "searched": query_to_json(self.query),
            "refused": self.refused,
            "reason": self.reason,
            "confidence": self.confidence,
            "text": self.text,
            "claims": [claim_to_json(c) for c in self.claims],
            "citations": [citation_to_json(c, self.later(c)) for c in self.citations],
            "hits": [hit_to_json(h) for h in self.hits],
            "evidence": [{"article_id": e.article.id, "start": e.start, "end": e.end} for e in self.evidence],
            "timings": asdict(self.timings),
            "models": self.models,
            "index_revision": self.index_revision,
            "prompt_sha256": self.prompt_sha256,
        }


def query_to_json(query: Query) -> dict[str, Any]:
    """Return the `searched` object of docs/contract.md."""
    limits = query.filters
    dated: Filters | Query = limits if limits.from_ or limits.to else query
    return {
        "text": query.text,
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


def version_to_json(article: Article | None) -> dict[str, Any] | None:
    """Return what names another version of a story in docs/contract.md."""
    if article is None:
        return None
    origin = article.origin
    keys = ("source_id", "title", "published", "path")
    return {"article_id": article.id} | {key: getattr(origin, key) for key in keys}


def claim_to_json(claim: Claim) -> dict[str, Any]:
    """Return one entry of `claims` of docs/contract.md."""
    return {
        "text": claim.text,
        "verdict": claim.verdict,
        "citations": list(claim.citations),
        "withheld": claim.withheld,
        "missing": list(claim.missing),
        "probability": claim.probability,
    }


def citation_to_json(citation: Citation, later: Article | None = None) -> dict[str, Any]:
    """Return one entry of `citations` of docs/contract.md."""
    origin = citation.article.origin
    return {
        "marker": citation.marker,
        "claim": citation.claim,
        "article_id": citation.article.id,
        "source_id": origin.source_id,
        "title": origin.title,
        "published": origin.published,
        "source": origin.source,
        "author": origin.author,
        "url": origin.url,
        "path": origin.path,
        "page": origin.page(citation.start),
        "record": origin.record,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "speaker": citation.speaker,
        "verdict": citation.verdict,
        "later_version": version_to_json(later),
    }


@dataclass(frozen=True, slots=True)
class Waiting:
    """Event: so many generations are ahead; whenever that changes, and 0 once it is this one's turn."""

    ahead: int


@dataclass(frozen=True, slots=True)
class Found:
    """Event: the search is done; comes before the first word."""

    query: Query
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """Event: a piece of the running draft, not yet checked; only the page may show it."""

    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """Event: one sentence has been checked; `citations` are those its markers name."""

    claim: Claim
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """Event: the whole answer; always the last."""

    answer: Answer


Event: TypeAlias = Waiting | Found | Draft | Checked | Finished


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation as a language model reads it."""

    role: Role
    content: str


class Cancelled(Protocol):
    """Tells a running generation that nobody waits for it; `threading.Event` fits."""

    def is_set(self) -> bool:
        """Return True once the work should stop."""
        ...


class Embedder(Protocol):
    """Turns texts into unit vectors; `digest` tells two sets of weights apart.

    `languages` are those it knows, as ISO 639-1; None where that is not known, so that nothing is claimed.
    """

    name: str
    digest: str
    languages: frozenset[str] | None

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """How many tokens are read of a text, special tokens included."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 vectors of length 1, shape (len(texts), dimension)."""
        ...

    def tokens(self, text: str) -> list[Span]:
        """Return the span of every token of `text`, special tokens left out, nothing cut off."""
        ...


class Reranker(Protocol):
    """Reads question and passage together, which is slower and sees more than two vectors do."""

    name: str

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        """Return for each passage how probable it is that it answers the question, 0 to 1."""
        ...


class Entailment(Protocol):
    """Reads a claim and what it rests on together, which is slower and sees more than words and vectors do."""

    name: str

    def follows(self, claim: str, premise: str) -> float:
        """Return how probable it is that `claim` follows from `premise`, 0 to 1."""
        ...


class LLM(Protocol):
    """Writes text after a prompt, deterministically."""

    name: str
    context_tokens: int

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        never: str | None = None,
        cancelled: Cancelled | None = None,
    ) -> Iterator[str]:
        """Yield pieces of the answer, one or more tokens each; ends early once `cancelled` is set.

        With `never`, the answer does not begin as this text does.
        """
        ...

    def begins(self, messages: Sequence[Message], text: str, *, cancelled: Cancelled | None = None) -> float:
        """Return how probable it is that the answer begins as `text` does."""
        ...

    def count(self, messages: Sequence[Message]) -> int:
        """Return how many tokens the prompt made of `messages` takes."""
        ...
