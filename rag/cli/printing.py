"""What commands print: answers to standard output, progress and remarks to standard error.

Text of articles is printed as text: no markup, no control characters.
"""

import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from rag.cli.common import VERBOSITY, is_coloured
from rag.wording import count

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from rag.corpus import Skipped
    from rag.index import Report
    from rag.types import Answer, Article, Citation, Claim, Event, Hit, Query


_SKIPPED = 20
"""So many files that were skipped are all named."""
_OF_A_REASON = 3


_MARKER = "bold cyan"
_NARROWEST = 20
"""Columns that text beside a marker has at least."""
_UNWRAPPED = 100_000
"""Columns of what is no terminal: a file or a program gets whole lines."""


def open_console(*, stderr: bool = False) -> "Console":
    """Return a console for standard output, or for standard error."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else _UNWRAPPED
    plain: dict[str, Any] = {} if is_coloured(stream) else {"color_system": None}
    return Console(stderr=stderr, highlight=False, width=width, **plain)


def note(text: str) -> None:
    """Print a remark to standard error, unless --quiet."""
    if VERBOSITY.get() >= 0:
        typer.echo(safe(text), err=True)


def detail(text: str) -> None:
    """Print to standard error how something came about, with --verbose."""
    if VERBOSITY.get() > 0:
        say(open_console(stderr=True), text, "dim")


def print_error(text: str) -> None:
    """Print to standard error what went wrong."""
    red = typer.style("error:", fg="red", bold=True) if is_coloured(sys.stderr) else "error:"
    typer.echo(f"{red} {safe(text)}", err=True)


def safe(text: str) -> str:
    """Return `text` without what could steer a terminal: control characters, and those that turn its direction."""
    return "".join("\ufffd" if _steers(c) else c for c in text)


def _steers(character: str) -> bool:
    if character.isprintable() or character in "\n\t":
        return False
    return (
        unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
        or character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )


def print_json(value: dict[str, Any], *, line: bool = False) -> None:
    """Print one JSON object with its `schema_version`; what could steer a terminal stands as an escape."""
    from rag.types import SCHEMA_VERSION

    text = json.dumps({"schema_version": SCHEMA_VERSION} | value, ensure_ascii=False, indent=None if line else 2)
    typer.echo(re.sub(r"[\x7f-\x9f\ud800-\udfff]", lambda c: f"\\u{ord(c[0]):04x}", text))


def print_table(table: "Table") -> None:
    """Print a table, without the spaces that would fill its last column."""
    console = open_console()
    with console.capture() as drawn:
        console.print(table)
    for line in drawn.get().splitlines():
        typer.echo(line.rstrip())


def say(console: "Console", text: str, style: str | None = None, *, indent: int = 0) -> None:
    """Print `text` as text, wrapped to the terminal."""
    from rich.text import Text

    for row in Text(safe(text), style or "").wrap(console, max(console.width - indent, _NARROWEST)):
        row.rstrip()
        console.print(Text.assemble(" " * indent, row), soft_wrap=True)


def print_searched(query: "Query", question: str) -> None:
    """Print what was searched for to standard error, where it is more than the question as it was typed."""
    from rag.retrieval import describe

    parts = [*([query.text] if query.text != " ".join(question.split()) else []), *describe(query)]
    if parts and VERBOSITY.get() >= 0:
        say(open_console(stderr=True), f"searched: {' · '.join(parts)}", "dim")


def print_hits(hits: "list[Hit]") -> None:
    """Print the passages found, best first, each story once."""
    from rich.text import Text

    console = open_console()
    for rank, hit in enumerate((hit for hit in hits if hit.kept), start=1):
        origin = hit.article.origin
        about = [origin.day, origin.source, f"relevance {hit.score:.2f}", *_ranks(hit)]
        lines = [
            Text(" ".join(safe(origin.title).split()), "bold"),
            Text(safe(" · ".join(filter(None, about))), "dim"),
            Text(" ".join(safe(hit.text).split())),
        ]
        if hit.also_in:
            lines.append(Text(safe(f"also in {', '.join(hit.also_named)}"), "dim"))
        _print_beside(console, f"{rank}.", lines)
        _print_later(console, hit.later, indent=len(str(rank)) + 2)
        console.print()


def _print_later(console: "Console", later: "Article | None", *, indent: int) -> None:
    if later:
        about = [later.origin.title, later.origin.day, f"rag show {later.id[:8]}"]
        say(console, f"a later version of this story: {' · '.join(filter(None, about))}", "yellow", indent=indent)


def _ranks(hit: "Hit") -> list[str]:
    names = {"dense": "by meaning", "words": "by words"}
    return [f"#{rank} {names[name]}" for name, rank in hit.ranks.items()]


def print_answer(events: "Iterator[Event]", question: str, *, keep_unsupported: bool = False) -> "Answer":
    """Print each sentence once it is checked, then the sources; or the refusal and what is nearest. Return it whole.

    With `keep_unsupported`, what was written and withheld follows, struck and with what is wrong.
    """
    from rag.types import REFUSAL, Checked, Finished, Found

    console = open_console()
    with spinner("searching") as waiting:
        for event in events:
            if isinstance(event, Found):
                waiting.stop()
                print_searched(event.query, question)
                waiting.show("reading the passages found")
            elif isinstance(event, Checked):
                waiting.stop()
                _print_claim(console, event.claim)
                waiting.show("writing on")
            elif isinstance(event, Finished):
                waiting.stop()
                answer = event.answer
                if answer.refused:
                    if answer.reason != "cancelled":
                        say(console, REFUSAL)
                    _print_related(console, answer)
                else:
                    for left in answer.left_open:
                        say(console, left, "dim")
                    console.print()
                    for citation in answer.citations:
                        _print_citation(console, citation)
                        _print_later(console, answer.later(citation), indent=4)
                if keep_unsupported:
                    for claim in answer.claims:
                        if claim.withheld:
                            say(console, claim.text, "strike")
                            say(
                                console, f"unsupported: {'; '.join(claim.missing) or 'too far from the sources'}", "dim"
                            )
    return answer


def how(answer: "Answer") -> str:
    """Return in one line how an answer came about: models, times, tokens, confidence."""
    t = answer.timings
    parts = [f"{role} {name}" for role, name in answer.models.items() if name]
    stamps = {"found": t.search_s, "first word": t.first_word_s, "first sentence": t.first_checked_s, "all": t.total_s}
    parts += [f"{label} after {seconds:.2f} s" for label, seconds in stamps.items() if seconds is not None]
    if t.prompt_tokens is not None:
        parts.append(f"{t.prompt_tokens:,} tokens read, {t.answer_tokens or 0:,} written")
    if answer.confidence is not None:
        parts.append(f"confidence {answer.confidence:.2f}")
    return " · ".join(parts)


def partly(claim: "Claim") -> str:
    """Return what people are told of a claim that is only partly supported."""
    return "; ".join(["only partly supported", *claim.missing])


def _print_related(console: "Console", answer: "Answer") -> None:
    from rag.types import REASONS

    say(console, REASONS[answer.reason or "not-in-evidence"], "dim")
    if answer.related and answer.reason != "cancelled":
        console.print()
        say(console, "Related, not an answer:", "dim")
        for origin in (article.origin for article in answer.related):
            say(console, " · ".join(filter(None, [origin.title, origin.day])), "dim", indent=2)


def _print_claim(console: "Console", claim: "Claim") -> None:
    from rich.text import Text

    shown = Text(safe(claim.text))
    shown.append("".join(f" [{n}]" if i == 0 else f"[{n}]" for i, n in enumerate(claim.citations)), _MARKER)
    if claim.verdict == "partly":
        shown.append(f"  ({safe(partly(claim))})", "yellow")
    console.print(shown)


def _print_citation(console: "Console", citation: "Citation") -> None:
    origin = citation.article.origin
    speaker = f"said by {citation.speaker}" if citation.speaker else None
    place = f"page {page}" if (page := origin.page(citation.start)) else None
    about = " · ".join(filter(None, [origin.title, origin.source, origin.day, place, speaker]))
    print_source(console, f"[{citation.marker}]", about, citation.quote)


def print_source(console: "Console", marker: str, about: str, quote: str | None = None) -> None:
    """Print a source beside its marker: what it is, and what it says, where that is given."""
    from rich.text import Text

    lines = [Text(" ".join(safe(about).split()), "dim")]
    if quote is not None:
        lines.append(Text(f"“{' '.join(safe(quote).split())}”", "italic"))
    _print_beside(console, marker, lines)


def _print_beside(console: "Console", marker: str, lines: "Iterable[Text]") -> None:
    """Print lines to the right of a marker, wrapped to the terminal, nothing behind them."""
    from rich.text import Text

    indent = len(marker) + 1
    start: tuple[str, str] = (f"{marker} ", _MARKER)
    for line in lines:
        for row in line.wrap(console, max(console.width - indent, _NARROWEST)):
            shown = Text.assemble(start, row)
            shown.rstrip()
            console.print(shown, soft_wrap=True)
            start = (" " * indent, "")


def _print_skipped(skipped: "Sequence[Skipped]", *, every: bool) -> None:
    """Print what was skipped, each by itself; where that is much, by reason, the first of each named."""
    groups: dict[str, list[Skipped]] = {}
    for one in skipped:  # what differs in a number or a name alone is one reason
        groups.setdefault(re.sub(r"\d[\d,.]*|'[^']*'|: .*", "", one.reason), []).append(one)
    for group in groups.values():
        named = group if every or len(skipped) <= _SKIPPED else group[:_OF_A_REASON]
        for one in named:
            record = f", record {one.record}" if one.record else ""
            note(_one_line(f"skipped {one.path}{record}: {one.reason}"))
        if more := len(group) - len(named):
            note("   " + _one_line(f"and {more:,} more like it: {group[0].reason}"))
    if len(skipped) > _SKIPPED and not every:
        note(f"skipped {len(skipped):,} in all; each by name: rag index -v")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def print_report(report: "Report", folder: Path, *, embedder: str) -> None:
    """Print what a sync did: what was skipped to standard error, the counts to standard output."""
    _print_skipped(report.skipped, every=VERBOSITY.get() > 0)
    for root in report.kept_missing:
        note(f"{root} vanished or is empty: its articles were kept; remove them: rag index {root} --prune")
    counts = {name: getattr(report, name) for name in ("added", "changed", "removed", "unchanged")}
    files = ", ".join(f"{n:,} {name}" for name, n in counts.items() if n) or "none"
    typer.echo(f"files: {files}")
    counts = {name: getattr(report, name) for name in ("new", "corrected", "withdrawn")}
    if articles := ", ".join(f"{n:,} {name}" for name, n in counts.items() if n):
        typer.echo(f"articles: {articles}")
    if report.left_out:
        are = "was" if report.left_out == 1 else "were"
        note(f"{count(report.left_out, 'article')} {are} removed by hand and left out")
    held = f"{count(report.articles, 'article')}, {count(report.passages, 'passage')}"
    typer.echo(f"index {folder}: {held}, {report.embedded:,} newly embedded")
    if report.foreign and report.embedded:
        note(_foreign(report, embedder))


def _foreign(report: "Report", embedder: str) -> str:
    from rag.languages import name

    parts = [f"{n:,} in {name(language)}" for language, n in report.foreign.items()]
    several = "are" if sum(report.foreign.values()) > 1 else "is"
    first = parts[0].replace(" in ", f" of {count(report.articles, 'article')} {several} in ", 1)
    return (
        f"{', '.join([first, *parts[1:]])}, which {embedder} does not know; words carry the search there; "
        "choose a multilingual embedder: rag index --rebuild --embedder NAME|PATH"
    )


@contextmanager
def progress_bar(unit: str) -> Iterator[Any]:
    """Show a bar on standard error; the value is a function of label, done and total."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
    ]
    console = open_console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not _progresses(console)) as bar:
        task = bar.add_task("loading", total=None)
        yield lambda label, done, total: bar.update(task, description=label, completed=done, total=total)


class Waiting:
    """A spinner on standard error, where that is a terminal, unless --quiet."""

    def __init__(self) -> None:
        self._console = open_console(stderr=True)
        self._status: Any = None

    def show(self, text: str) -> None:
        """Spin, with a text beside it."""
        self.stop()
        if _progresses(self._console):
            self._status = self._console.status(text)
            self._status.start()

    def stop(self) -> None:
        """Take it away, so that something can be printed."""
        if self._status:
            self._status.stop()
            self._status = None


@contextmanager
def spinner(text: str) -> Iterator[Waiting]:
    """Show a spinner while the block runs; the value stops it early, or shows another text."""
    waiting = Waiting()
    waiting.show(text)
    try:
        yield waiting
    finally:
        waiting.stop()


def _progresses(console: "Console") -> bool:
    return console.is_terminal and VERBOSITY.get() >= 0
