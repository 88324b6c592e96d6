"""The sources of an answer, numbered, and an article opened at one of them. Knows nothing about conversations."""

from typing import TYPE_CHECKING

from rag.cli.printing import open_console, print_source, safe, say

if TYPE_CHECKING:
    from rag.types import Answer, Article, Citation, Hit

_AROUND = 600
"""So many characters are shown before a cited sentence, and as many after it."""
_MARKED = "bold black on yellow"


def sources_of(answer: "Answer") -> "list[Citation | Hit]":
    """Return the citations by marker, then the passages found in articles that are not cited."""
    cited = {citation.article.id for citation in answer.citations}
    return [*answer.citations, *(hit for hit in answer.hits if hit.kept and hit.article.id not in cited)]


def print_sources(answer: "Answer") -> None:
    """Print what an answer rests on, and what else was found, each with the number that opens it."""
    from rag.types import Citation

    console = open_console()
    sources = sources_of(answer)
    for number, source in enumerate(sources, start=1):
        quote = source.quote if isinstance(source, Citation) else None
        print_source(console, f"[{number}]" if quote else f" {number} ", _about(source.article), quote)
    if not sources:
        say(console, "nothing was found", "dim")
    console.print()


def print_opened(source: "Citation | Hit") -> None:
    """Print an article around a cited sentence, or a passage, which is highlighted."""
    from rich.text import Text

    from rag.types import Citation, Span

    console = open_console()
    article = source.article
    span = Span(source.start, source.end) if isinstance(source, Citation) else source.passage
    start, end = _around(article.text, span.start, span.end)
    console.print()
    say(console, article.title, "bold")
    say(console, " · ".join(filter(None, [_dated(article), article.origin.path, f"id {article.id[:8]}"])), "dim")
    console.print()
    before, marked, after = (
        safe(article.text[a:b]) for a, b in ((start, span.start), (span.start, span.end), (span.end, end))
    )
    if console.color_system is None:
        marked = f">>> {marked} <<<"
    shown = Text("… " if start else "").append(before).append(marked, _MARKED).append(after)
    console.print(shown.append(" …" if end < len(article.text) else ""))
    console.print()


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of what is shown: `_AROUND` characters more on both sides, at white space."""
    first, last = max(0, start - _AROUND), min(len(text), end + _AROUND)
    if first and (space := text.find(" ", first, start)) != -1:
        first = space + 1
    if last < len(text) and (space := text.rfind(" ", end, last)) != -1:
        last = space
    return first, last


def _about(article: "Article") -> str:
    return " · ".join(filter(None, [article.title, _dated(article)]))


def _dated(article: "Article") -> str:
    return " · ".join(filter(None, [article.origin.source, article.origin.day]))
