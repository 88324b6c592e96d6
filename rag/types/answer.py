"""The answer: checked claims with their citations, or a refusal; and the object of docs/contract.md made of it."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from rag.types.articles import Article, version_to_json
from rag.types.search import Evidence, Hit, Query, evidence_to_json, hit_to_json, query_to_json

SCHEMA_VERSION = 1
REFUSAL = "Not in these articles."
LEFT_OPEN = f"{REFUSAL.removesuffix('.')}: “"
"""How it is told that a part of a question is not answered."""
REASONS = {
    "no-passages": "There are no articles to answer from, or none within these limits.",
    "not-in-evidence": "The passages found do not say.",
    "nothing-supported": "Nothing that was written held up against the passages found.",
    "cancelled": "Stopped before a sentence was checked.",
}
"""Why an answer is a refusal: the code in `Answer.reason`, and what people are told."""

_MOST_RELATED = 3

Verdict = Literal["supported", "partly", "unsupported"]


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
    unanswered: tuple[str, ...] = ()
    """Of a question in parts those that the articles do not answer, where they answer another."""
    confidence: float | None = None
    timings: Timings = field(default_factory=Timings)
    models: dict[str, str | None] = field(default_factory=dict)
    index_revision: str | None = None
    prompt_sha256: str | None = None

    @property
    def shown(self) -> tuple[Claim, ...]:
        """The claims that were not withheld."""
        return tuple(claim for claim in self.claims if not claim.withheld)

    @property
    def text(self) -> str:
        """The answer as shown: claims that were not withheld, with markers, or the refusal."""
        return REFUSAL if self.refused else " ".join([*(claim.marked() for claim in self.shown), *self.left_open])

    @property
    def left_open(self) -> tuple[str, ...]:
        """What people are told of each part that is not answered."""
        return tuple(f"{LEFT_OPEN}{part}”" for part in self.unanswered)

    @property
    def related(self) -> tuple[Article, ...]:
        """The articles found that are about what was asked, best first, a few at most: what a refusal points to."""
        found = (hit.article for hit in self.hits if hit.is_related)
        return tuple({article.id: article for article in found}.values())[:_MOST_RELATED]

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
            "unanswered": list(self.unanswered),
            "confidence": self.confidence,
            "text": self.text,
            "claims": [claim_to_json(c) for c in self.claims],
            "citations": [citation_to_json(c, self.later(c)) for c in self.citations],
            "hits": [hit_to_json(h) for h in self.hits],
            "evidence": [evidence_to_json(e) for e in self.evidence],
            "timings": asdict(self.timings),
            "models": self.models,
            "index_revision": self.index_revision,
            "prompt_sha256": self.prompt_sha256,
        }


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
