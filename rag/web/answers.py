"""An answer as people read it: what was searched, the sources, each sentence with its verdict, the places cited.

The order never changes while it grows: only text beneath moves. Knows nothing about Gradio or models.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.index.rows import Withdrawal
from rag.retrieval import clearer, describe
from rag.types import (
    ALL,
    REASONS,
    REFUSAL,
    Answer,
    Article,
    Checked,
    Citation,
    Claim,
    Filters,
    Found,
    Hit,
    Origin,
    Query,
)
from rag.web.html import button, inline, more, status
from rag.web.judging import REASONS as JUDGED
from rag.web.why import why
from rag.wording import count

_AROUND = 320
"""Characters of the article shown on each side of a cited sentence, at most."""
_HALF_BEFORE, _HALF_AFTER = re.compile(r"^\w{1,30}\b"), re.compile(r"\b\w{1,30}$")
"""Words that such a limit cuts; in scripts without spaces nothing tells where one ends."""
_STRIP = 6
_DATED = 2
"""Beside so many articles there is room for their dates."""
_THUMB = (
    '<svg viewBox="0 0 24 24" width="16" height="16" aria-hidden="true" fill="none" stroke="currentColor" '
    'stroke-width="1.8" stroke-linejoin="round"><path d="M3 10.5h4v10H3zM7 10.5l4.2-8c1.6 0 2.6 1.2 2.3 2.8L12.9 9h6.3'
    'c1.2 0 2.1 1.1 1.8 2.3l-1.8 7.6c-.2.9-1 1.6-2 1.6H7"/></svg>'
)

Gone = Mapping[str, Withdrawal | None]
"""Articles that an answer cites and that are not here any more, by id, with what became of them where it is known."""


@dataclass(frozen=True, slots=True)
class Progress:
    """An answer in the making: what was found, what has been checked, and the draft not yet checked."""

    turn: int
    question: str
    sources: Found | None = None
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    running: str = ""
    ahead: int = 0

    def found(self, event: Found) -> "Progress":
        """Return this with its sources."""
        return replace(self, sources=event)

    def waiting(self, ahead: int) -> "Progress":
        """Return this with the number of answers that are written before it."""
        return replace(self, ahead=ahead)

    def draft(self, text: str) -> "Progress":
        """Return this with more of the draft."""
        return replace(self, running=self.running + text, ahead=0)

    def checked(self, event: Checked) -> "Progress":
        """Return this with one more checked sentence, in place of the draft before it."""
        new = tuple(c for c in event.citations if c not in self.citations)
        return replace(self, claims=(*self.claims, event.claim), citations=self.citations + new, running="", ahead=0)

    def html(self) -> str:
        """Return the message as it stands."""
        ahead = f"{count(self.ahead, 'answer')} before yours …" if self.ahead else ""
        if not self.sources:
            return _message(self.turn, status(ahead or "Searching …"))
        draft = f'<span class="draft">{inline(self.running)}</span>' if self.running.strip() else ""
        text = "".join(_claim(self.turn, claim, self.citations) for claim in self.claims) + draft
        return _message(
            self.turn,
            _searched(self.turn, self.sources.query, self.question),
            _strip(self.sources.hits, self.citations),
            f'<p class="text" dir="auto">{text}</p>' if text else "",
            _places(self.turn, self.citations, self.sources.hits),
            status(ahead or ("Not yet checked …" if draft else "Reading the passages found …")),
        )


def answer(turn: int, answer: Answer, *, judged: str = "", gone: Gone | None = None) -> str:
    """Return a finished answer: its text, then the cited sentences in place, then why, and what can be done with it."""
    parts = [_searched(turn, answer.query, answer.question), _strip(answer.hits, answer.citations), _flag(turn, gone)]
    if answer.refused:
        parts += [
            f'<p class="text refusal">{"Stopped." if answer.reason == "cancelled" else REFUSAL}</p>',
            status(inline(REASONS[answer.reason or "not-in-evidence"])),
            _related(answer),
        ]
    else:
        text = "".join(_claim(turn, claim, answer.citations) for claim in answer.shown)
        parts += [f'<p class="text" dir="auto">{text}</p>', *(status(inline(left)) for left in answer.left_open)]
        parts += [_places(turn, answer.citations, answer.hits)]
    return _message(turn, *parts, _withheld(answer), why(answer), _tools(turn, judged))


def question(turn: int, text: str) -> str:
    """Return a question as a message, with a way to change it."""
    edit = button("Edit", "edit", turn=turn, name=f"Edit question {turn + 1}")
    return f'<div class="question"><h2 dir="auto">{inline(text)}</h2>{edit}</div>'


def failed(turn: int, text: str, asked: str) -> str:
    """Return what went wrong in place of an answer."""
    again = button("Try again", "retry", turn=turn, question=asked)
    return _message(turn, f'<p class="error" role="alert" dir="auto">{inline(text)}</p>', again)


def save() -> str:
    """Return what takes a whole conversation away."""
    kinds = (("md", "Markdown"), ("html", "HTML"))
    take = [button(f"Download as {name}", "export", turn="all", form=form, how="download") for form, name in kinds]
    return more("Save conversation", f'<div class="menu">{"".join(take)}</div>', style="drop-down")


def about(origin: Origin) -> str:
    """Return title, source and date of an article."""
    details = f" · <span>{inline(origin.source)}</span>" if origin.source else ""
    details += f' · <span class="day">{inline(origin.day)}</span>' if origin.day else ""
    return f'<b dir="auto">{inline(origin.title)}</b>{details}'


def source(attributes: str, head: str, body: str, *, also: Sequence[str] = (), later: Article | None = None) -> str:
    """Return a passage in a frame, with what it is above; head and body are HTML."""
    elsewhere = f'<div class="about also">Also in {inline(", ".join(also))}</div>' if also else ""
    if later:
        read = button("Open", "open", article=later.id, name=f"Open {later.origin.title}")
        elsewhere += (
            f'<div class="about later"><span>A later version of this story: {about(later.origin)}</span>{read}</div>'
        )
    return (
        f'<div class="source"{attributes}><div class="about">{head}</div>'
        f'<div class="passage" dir="auto">{body}</div>{elsewhere}</div>'
    )


def _message(turn: int, *parts: str) -> str:
    return f'<div class="answer" data-turn="{turn}">{"".join(parts)}</div>'


def _searched(turn: int, query: Query, asked: str) -> str:
    """Return what was searched for, where that is more than the question, as chips: to be changed, or dropped."""
    chips = []
    if query.text != " ".join(asked.split()):
        chips.append(button(inline(query.text), "search", style="chip", turn=turn, name=f"Change: {query.text}"))
    limits = query.filters
    for kind, one in (
        ("dates", Query("", from_=query.from_, to=query.to, undated=query.undated, filters=_only(query, "dates"))),
        ("sources", Query("", filters=_only(query, "sources"))),
        ("articles", Query("", filters=_only(query, "articles"))),
    ):
        limited = limits.from_ or limits.to if kind == "dates" else getattr(limits, kind)
        for words in describe(one):
            chips.append(button(inline(words), "search", style="chip", turn=turn, name=f"Change: {words}"))
            if limited and words.startswith("only"):
                name = f"Ask again without: {words}"
                chips[-1] += button("×", "drop", style="chip drop", turn=turn, limit=kind, name=name)
    rest = describe(replace(query, from_=None, to=None, filters=ALL))
    chips += [f'<span class="chip">{inline(words)}</span>' for words in rest]
    for who, whole in clearer(query).items():
        name = f"Ask again: {whole}"
        chips.append(button(f"{inline(who)}?", "retry", style="chip", turn=turn, whole=whole, name=name))
    return f'<div class="searched"><span class="status">Searched</span>{"".join(chips)}</div>' if chips else ""


def _only(query: Query, kind: str) -> Filters:
    limits = query.filters
    return replace(
        limits,
        from_=limits.from_ if kind == "dates" else None,
        to=limits.to if kind == "dates" else None,
        sources=limits.sources if kind == "sources" else (),
        articles=limits.articles if kind == "articles" else (),
    )


def _strip(hits: Sequence[Hit], citations: Sequence[Citation]) -> str:
    """Return the articles read that are cited or about it, each once: one line, of the same height throughout."""
    best: dict[str, Hit] = {}
    cited = {citation.article.id for citation in citations}
    for hit in hits:
        if hit.is_related or (hit.kept and hit.article.id in cited):
            best.setdefault(hit.article.id, hit)
    read = list(best.values())
    if not read:
        return ""
    chips = ""
    for hit in read[:_STRIP]:
        markers = [c.marker for c in citations if c.article.id == hit.article.id]
        origin = hit.article.origin
        badge = "".join(f'<span class="number">{marker}</span>' for marker in markers[:3])
        dated = origin.day and len(read) <= _DATED
        date = f'<span class="date">{inline(origin.day or "")}</span>' if dated else ""
        chips += button(
            f'{badge}<span class="title" dir="auto">{inline(origin.title)}</span>{date}',
            "open",
            style="origin",
            article=hit.article.id,
            start=hit.passage.start,
            end=hit.passage.end,
            name=f"Open {origin.title}",
        )
    over = f'<span class="status">and {len(read) - _STRIP}</span>' if len(read) > _STRIP else ""
    return f'<div class="strip" role="group" aria-label="Articles read">{chips}{over}</div>'


def _claim(turn: int, claim: Claim, citations: Sequence[Citation]) -> str:
    """Return a sentence with its markers; a marker opens the article at the cited sentence."""
    cited = {citation.marker: citation for citation in citations}
    markers = "".join(
        button(
            str(n),
            "open",
            style="cite",
            name=f"Source {n}: {citation.article.origin.title}",
            article=citation.article.id,
            start=citation.start,
            end=citation.end,
            source=f"source-{turn}-{n}",
        )
        for n in claim.citations
        if (citation := cited.get(n))
    )
    told = inline("; ".join(["partly supported", *claim.missing]))
    doubt = f' <span class="partly">({told})</span>' if claim.verdict == "partly" else ""
    sources = " ".join(f"source-{turn}-{n}" for n in claim.citations)
    verdict = claim.verdict or "unsupported"
    return f'<span class="claim {verdict}" data-sources="{sources}">{inline(claim.text)}{markers}{doubt}</span> '


def _places(turn: int, citations: Sequence[Citation], hits: Sequence[Hit]) -> str:
    return "".join(_place(turn, citation, hits) for citation in citations)


def _place(turn: int, citation: Citation, hits: Sequence[Hit]) -> str:
    """Return a cited sentence in its passage, marked."""
    text = citation.article.text
    origin = citation.article.origin
    hit = next((hit for hit in hits if _holds(hit, citation)), None)
    start = max(hit.passage.start if hit else 0, citation.start - _AROUND)
    end = min(hit.passage.end if hit else len(text), citation.end + _AROUND)
    before, after = text[start : citation.start].lstrip(), text[citation.end : end].rstrip()
    body = (
        ("… " if start else "")
        + _around(_HALF_BEFORE.sub("", before) if text[start - 1 : start].isalnum() else before)
        + f"<mark>{inline(citation.quote)}</mark>"
        + _around(_HALF_AFTER.sub("", after) if text[end : end + 1].isalnum() else after)
        + (" …" if end < len(text) else "")
    )
    page = f" · page {number}" if (number := origin.page(citation.start)) else ""
    who = f' · <span class="speaker">said by {inline(citation.speaker)}</span>' if citation.speaker else ""
    read = button(
        "Open", "open", article=citation.article.id, start=citation.start, end=citation.end, name=f"Open {origin.title}"
    )
    head = f'<span class="number">{citation.marker}</span><span>{about(origin)}{page}{who}</span>{read}'
    return source(
        f' id="source-{turn}-{citation.marker}"',
        head,
        body if text else "What it said is not kept.",
        also=hit.also_named if hit else (),
        later=hit.later if hit else None,
    )


def _around(text: str) -> str:
    """Return what stands around a cited sentence, its paragraphs without lines between."""
    return inline(re.sub(r"\n\s*\n", "\n", text))


def _flag(turn: int, gone: Gone | None) -> str:
    """Return a warning where an article cited was corrected or withdrawn since."""
    if not gone:
        return ""
    told = []
    for withdrawal in gone.values():
        what = "is not here any more"
        if withdrawal:
            what = "was corrected" if withdrawal.replaced_by else "was withdrawn"
            what += f" on {withdrawal.at[:10]}"
        new = withdrawal.replaced_by if withdrawal else None
        now = button("Read what stands now", "open", article=new) if new else ""
        told.append(f"An article cited here {what}. {now}")
    return f'<p class="flag" role="note">{" ".join(told)} {button("Ask again", "retry", turn=turn)}</p>'


def _related(answer: Answer) -> str:
    if answer.reason == "cancelled" or not answer.related:
        return ""
    listed = "".join(f"<li>{button(about(a.origin), 'open', article=a.id)}</li>" for a in answer.related)
    return f'<div class="related">{status("Related, not an answer:")}<ul>{listed}</ul></div>'


def _withheld(answer: Answer) -> str:
    """Return what was written and not shown, to be shown on request."""
    out = [claim for claim in answer.claims if claim.withheld]
    lines = "".join(
        f'<p dir="auto"><s>{inline(claim.text)}</s> <span class="partly">not supported: '
        f"{inline('; '.join(claim.missing) or 'too far from the sources')}</span></p>"
        for claim in out
    )
    return more(f"{count(len(out), 'sentence')} left out: not supported", lines, style="withheld")


def _tools(turn: int, judged: str) -> str:
    """Return what can be done with an answer."""
    take = [
        button(f"{name} as {form}", "export", turn=turn, form=ending, how=how)
        for how, name, endings in (("copy", "Copy", ("txt", "md")), ("download", "Download", ("md", "html")))
        for ending, form in (("txt", "text"), ("md", "Markdown"), ("html", "HTML"))
        if ending in endings
    ]
    bad = "".join(button(words, "judge", turn=turn, reason=code) for code, words in JUDGED.items() if code != "good")
    told = f"Noted: {JUDGED[judged].lower()}" if judged in JUDGED else ""
    return (
        '<div class="tools">'
        + button("Copy", "export", turn=turn, form="txt", how="copy", name="Copy the answer")
        + more("More", f'<div class="menu">{"".join(take)}</div>', style="drop-down")
        + button("Retry", "retry", turn=turn, name="Ask this question again; later ones are deleted")
        + button(_THUMB, "judge", turn=turn, reason="good", name="Good answer", style="thumb up")
        + more(
            f'<span class="thumb down" role="img" aria-label="Not a good answer">{_THUMB}</span>',
            f'<div class="menu">{bad}</div>',
            style="drop-down",
        )
        + (f'<span class="status" role="status">{told}</span>' if told else "")
        + "</div>"
    )


def _holds(hit: Hit, citation: Citation) -> bool:
    passage = hit.passage
    return passage.article_id == citation.article.id and passage.start <= citation.start < passage.end
