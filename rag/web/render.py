"""Answers as HTML. All text is escaped; each message is one line, so that no Markdown is read in it.

Knows nothing about Gradio or models.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

from rag.retrieval import describe
from rag.retrieval.said import Said
from rag.types import REASONS, REFUSAL, Answer, Article, Checked, Citation, Claim, Found, Hit, Origin, Query

_AROUND = 320
"""Characters of the article shown on each side of a cited sentence, at most."""

_NAMED = 5
_LISTED = 200


@dataclass(frozen=True, slots=True)
class Progress:
    """An answer in the making: what was found, what has been checked, and the draft not yet checked."""

    turn: int
    question: str
    sources: Found | None = None
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    running: str = ""

    def found(self, event: Found) -> "Progress":
        """Return this with its sources."""
        return replace(self, sources=event)

    def draft(self, text: str) -> "Progress":
        """Return this with more of the draft."""
        return replace(self, running=self.running + text)

    def checked(self, event: Checked) -> "Progress":
        """Return this with one more checked sentence, in place of the draft before it."""
        new = tuple(c for c in event.citations if c not in self.citations)
        return replace(self, claims=(*self.claims, event.claim), citations=self.citations + new, running="")

    def html(self) -> str:
        """Return the message as it stands."""
        if not self.sources:
            return _message('<p class="status">Searching …</p>')
        draft = f'<span class="draft">{_inline(self.running)}</span>' if self.running.strip() else ""
        text = "".join(_claim(self.turn, claim) for claim in self.claims) + draft
        status = "Not yet checked …" if draft else "Reading the passages found …"
        return _message(
            _searched(self.sources.query, self.question),
            f'<p class="text">{text}</p>' if text else "",
            f'<p class="status">{status}</p>',
            _sources(self.turn, self.citations, self.sources.hits, opened=not self.citations),
        )


def answer(turn: int, answer: Answer) -> str:
    """Return a finished answer: its text, then its sources, each with the cited sentence marked in place."""
    searched = _searched(answer.query, answer.question)
    if answer.refused:
        reason = REASONS[answer.reason or "not-in-evidence"]
        nearest = (
            f'<p class="status">Related, not an answer: {_about(answer.hits[0].article.origin)}</p>'
            if answer.hits
            else ""
        )
        return _message(
            searched,
            f'<p class="text refusal">{escape(REFUSAL)}</p><p class="status">{escape(reason)}</p>',
            nearest,
            _sources(turn, (), answer.hits),
        )
    text = "".join(_claim(turn, claim) for claim in answer.claims if not claim.withheld)
    withheld = sum(claim.withheld for claim in answer.claims)
    note = (
        f"{withheld} {'sentence was' if withheld == 1 else 'sentences were'} left out: not supported."
        if withheld
        else ""
    )
    return _message(
        searched,
        f'<p class="text">{text}</p>',
        f'<p class="status">{note}</p>' if note else "",
        _sources(turn, answer.citations, answer.hits),
    )


def question(text: str) -> str:
    """Return a question as a message."""
    return f'<div class="question" dir="auto">{_inline(text)}</div>'


def error(text: str) -> str:
    """Return an error as a message."""
    return _message(f'<p class="text error" role="alert">{_inline(text)}</p>')


def welcome(articles: int, passages: int) -> str:
    """Return what stands where the conversation will be."""
    what = f"{articles:,} article{'s' * (articles != 1)} · {passages:,} passages"
    return (
        '<div class="welcome"><h1>Ask your articles</h1>'
        "<p>Each sentence of an answer is checked against the place it comes from.</p>"
        f'<p class="status">{what} · on this machine only</p></div>'
    )


def statements(name: str, said: Sequence[Said]) -> str:
    """Return everything somebody said, by date, or that nothing was found."""
    if not said:
        return _message(f'<p class="status">No statement by {_inline(name)} was found.</p>')
    names = list(dict.fromkeys(one.statement.speaker for one in said))
    head = f"{len(said):,} statement{'s' * (len(said) > 1)} by {', '.join(names[:_NAMED])}"
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return _message(
        f'<p class="status">{_inline(head + more)}</p>',
        *(_source("", s.article.origin, _inline(s.quote), speaker=s.statement.speaker) for s in said[:_LISTED]),
        f'<p class="status">The first {_LISTED:,} are shown; all are in the files.</p>' if len(said) > _LISTED else "",
    )


def footer() -> str:
    """Return the line beneath the page."""
    return "<p>Answers can be wrong: open the citation and read.</p>"


def _message(*parts: str) -> str:
    return f'<div class="answer" dir="auto">{"".join(parts)}</div>'


def _searched(query: Query, asked: str) -> str:
    """Return what was searched for, where that is more than the question; a rewritten one can be edited."""
    parts = [escape(part) for part in describe(query)]
    if query.text != " ".join(asked.split()):
        text = f'<span class="text-searched">{_inline(query.text)}</span>'
        parts.insert(0, f'{text} <a class="edit" href="#question" role="button">Edit</a>')
    return f'<p class="status searched">Searched: {" · ".join(parts)}</p>' if parts else ""


def _claim(turn: int, claim: Claim) -> str:
    links = "".join(
        f'<a class="cite" href="#source-{turn}-{n}" aria-label="Source {n}">{n}</a>' for n in claim.citations
    )
    told = escape("; ".join(["partly supported", *claim.missing]))
    doubt = f' <span class="partly">{told}</span>' if claim.verdict == "partly" else ""
    return f'<span class="claim">{_inline(claim.text)}{links}</span>{doubt} '


def _sources(turn: int, citations: tuple[Citation, ...], hits: tuple[Hit, ...], *, opened: bool = False) -> str:
    cited = "".join(_citation(turn, citation, hits) for citation in citations)
    rest = [hit for hit in hits if hit.kept and not any(_holds(hit, citation) for citation in citations)]
    if not rest:
        return cited
    title = f"{len(rest)} {'more ' if citations else ''}passage{'s' * (len(rest) != 1)} read"
    body = "".join(
        _source("", hit.article.origin, _inline(hit.text), also=hit.also_named, later=hit.later) for hit in rest
    )
    return f"{cited}<details{' open' if opened else ''}><summary>{title}</summary>{body}</details>"


def _citation(turn: int, citation: Citation, hits: tuple[Hit, ...]) -> str:
    text = citation.article.text
    hit = next((hit for hit in hits if _holds(hit, citation)), None)
    start = max(hit.passage.start if hit else 0, citation.start - _AROUND)
    end = min(hit.passage.end if hit else len(text), citation.end + _AROUND)
    body = (
        ("… " if start else "")
        + _inline(text[start : citation.start])
        + f"<mark>{_inline(citation.quote)}</mark>"
        + _inline(text[citation.end : end])
        + (" …" if end < len(text) else "")
    )
    return _source(
        f' id="source-{turn}-{citation.marker}"',
        citation.article.origin,
        body,
        number=citation.marker,
        speaker=citation.speaker,
        also=hit.also_named if hit else (),
        later=hit.later if hit else None,
    )


def _source(
    attributes: str,
    origin: Origin,
    body: str,
    *,
    number: int | None = None,
    speaker: str | None = None,
    also: Sequence[str] = (),
    later: Article | None = None,
) -> str:
    badge = f'<span class="number">{number}</span>' if number else ""
    who = f' · <span class="speaker">{_inline(speaker)} speaks</span>' if speaker else ""
    elsewhere = f'<div class="about also">Also in {escape(", ".join(also))}</div>' if also else ""
    if later:
        elsewhere += f'<div class="about later">A later version of this story: {_about(later.origin)}</div>'
    return (
        f'<div class="source"{attributes}><div class="about">{badge}<span>{_about(origin)}{who}</span></div>'
        f'<div class="passage" dir="auto">{body}</div>{elsewhere}</div>'
    )


def _about(origin: Origin) -> str:
    details = "".join(f" · {escape(part)}" for part in (origin.source, origin.published) if part)
    return f"<b>{_inline(origin.title)}</b>{details}"


def _holds(hit: Hit, citation: Citation) -> bool:
    passage = hit.passage
    return passage.article_id == citation.article.id and passage.start <= citation.start < passage.end


def _inline(text: str) -> str:
    """Return `text` escaped, with line ends as <br>: white space around it is kept as one space."""
    return escape(text).replace("\n", "<br>")
