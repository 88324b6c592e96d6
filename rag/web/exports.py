"""Answers as text, Markdown and HTML to take away, with footnotes.

Text of articles stays text in each: escaped in HTML and in Markdown. Knows nothing about the page.
"""

import re
from collections.abc import Callable, Sequence
from html import escape

from rag.types import REASONS, REFUSAL, Answer, Citation, Claim

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~&]|^\s*(?:[-+]|\d+[.)]) )", re.MULTILINE)


def to_text(answers: Sequence[Answer]) -> str:
    """Return plain text: each question, its answer with markers, its sources."""
    return _whole(answers, _text)


def to_markdown(answers: Sequence[Answer]) -> str:
    """Return Markdown with footnotes, numbered through."""
    parts, notes = [], []
    for n, answer in enumerate(answers, start=1):
        parts.append(f"## {_md(answer.question)}\n\n{_md_answer(answer, n)}")
        notes += [
            f"[^{n}-{c.marker}]: {_md(_about(c))}{f' <{url}>' if (url := web_address(c.article.origin.url)) else ''} "
            f"{_md(_quoted(c))}"
            for c in answer.citations
        ]
    return "\n\n".join([*parts, *notes]) + "\n"


def to_html(answers: Sequence[Answer]) -> str:
    """Return a page of its own, without script."""
    body = "".join(
        f"<h2 dir=auto>{escape(answer.question)}</h2>\n<p dir=auto>{_html_answer(answer, n)}</p>\n"
        + _html_notes(answer, n)
        for n, answer in enumerate(answers, start=1)
    )
    title = escape(answers[0].question if answers else "rag")
    return (
        '<!doctype html>\n<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>body{{font:1rem/1.6 system-ui,sans-serif;max-width:42rem;margin:2rem auto;"
        "padding:0 1rem}li,cite{color:#555}q{color:#111}</style></head>\n"
        f"<body>\n{body}</body></html>\n"
    )


FORMS: dict[str, tuple[str, str, Callable[[Sequence[Answer]], str]]] = {
    "txt": ("text/plain", "text", to_text),
    "md": ("text/markdown", "Markdown", to_markdown),
    "html": ("text/html", "HTML", to_html),
}
"""Each form by its file ending: media type, name, and the function that makes it."""


def web_address(url: str | None) -> str | None:
    """Return a URL that may be followed, with what could end it early escaped; None for any but http and https."""
    if not url or not re.match(r"https?://", url, re.IGNORECASE):
        return None
    return re.sub(r"[\s<>\"'`\\]", lambda c: "".join(f"%{byte:02X}" for byte in c[0].encode()), url)


def _whole(answers: Sequence[Answer], one: Callable[[Answer], str]) -> str:
    return "\n\n".join(one(answer) for answer in answers) + "\n"


def _text(answer: Answer) -> str:
    notes = [f"[{c.marker}] {_about(c)}\n    {_quoted(c)}" for c in answer.citations]
    said = f"{REFUSAL} {REASONS[answer.reason or 'not-in-evidence']}" if answer.refused else answer.text
    return "\n\n".join([answer.question, said, *notes])


def _md_answer(answer: Answer, n: int) -> str:
    if answer.refused:
        return f"{REFUSAL} {REASONS[answer.reason or 'not-in-evidence']}"
    said = [
        _md(claim.text) + "".join(f"[^{n}-{marker}]" for marker in claim.citations) + _doubt(claim)
        for claim in answer.shown
    ]
    return " ".join([*said, *map(_md, answer.left_open)])


def _html_answer(answer: Answer, n: int) -> str:
    if answer.refused:
        return escape(f"{REFUSAL} {REASONS[answer.reason or 'not-in-evidence']}")
    said = [
        escape(claim.text)
        + "".join(f'<sup><a href="#n{n}-{marker}">{marker}</a></sup>' for marker in claim.citations)
        + escape(_doubt(claim))
        for claim in answer.shown
    ]
    return " ".join([*said, *map(escape, answer.left_open)])


def _html_notes(answer: Answer, n: int) -> str:
    notes = ""
    for c in answer.citations:
        url = web_address(c.article.origin.url)
        about = f'<a href="{escape(url)}" rel="noreferrer">{escape(_about(c))}</a>' if url else escape(_about(c))
        notes += f'<li id="n{n}-{c.marker}" dir=auto><cite>{about}</cite> <q>{escape(c.quote)}</q></li>\n'
    return f"<ol>\n{notes}</ol>\n" if notes else ""


def _doubt(claim: Claim) -> str:
    return " (partly supported)" if claim.verdict == "partly" else ""


def _about(citation: Citation) -> str:
    origin = citation.article.origin
    return " · ".join(filter(None, [_line(origin.title), origin.source, origin.day]))


def _quoted(citation: Citation) -> str:
    return f"“{_line(citation.quote)}”" if citation.quote else "(what it said is not kept)"


def _line(text: str) -> str:
    return " ".join(text.split())


def _md(text: str) -> str:
    return _MARKDOWN.sub(lambda c: "".join("\\" + x if not x.isalnum() and not x.isspace() else x for x in c[0]), text)
