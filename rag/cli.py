"""The command line: reads options, calls the library, prints; the only place that turns errors into exit codes.

Answers go to standard output, progress and errors to standard error. Exit codes: 0 answered or refused,
1 failure, 2 usage. Text of articles is printed as text: no markup, no control characters.
"""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.errors import RagError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from rag.index import Report
    from rag.settings import Settings
    from rag.types import Answer, Citation, Event, Hit

app = typer.Typer(
    name="rag",
    help="Answers from your own articles, each sentence checked against the exact place it comes from.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
models_app = typer.Typer(
    name="models", help="The models: which there are, fetch them, check them.", no_args_is_help=True
)
app.add_typer(models_app)

IndexOption = Annotated[
    Path | None, typer.Option("--index", metavar="DIR", help="Folder of the index.  [default: index]")
]
EmbedderOption = Annotated[
    str | None,
    typer.Option(
        "--embedder", metavar="NAME|PATH", help="A name of `rag models list`, or a sentence-transformers folder."
    ),
]
LLMOption = Annotated[
    str | None, typer.Option("--llm", metavar="NAME|PATH", help="A name of `rag models list`, or a GGUF file.")
]
JSONOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, described in docs/contract.md.")]
NamesArgument = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Models; none: the default ones.")]


def main() -> None:
    """Run the command line; errors of this package become one line and an exit code."""
    try:
        app()
    except RagError as error:
        typer.echo(f"error: {_safe(str(error))}", err=True)
        sys.exit(2 if isinstance(error, UsageError) else 1)


def _version(wanted: bool) -> None:  # noqa: FBT001 - the signature of a typer callback
    if wanted:
        import rag

        typer.echo(f"rag {rag.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[  # noqa: FBT002 - typer reads options from the signature
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def index(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Folders or files of articles; none: those given before."),
    ] = None,
    *,
    index_dir: IndexOption = None,
    embedder: EmbedderOption = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Embed all articles anew, with another embedder for instance.")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove articles even where a whole folder vanished or is empty.")
    ] = False,
) -> None:
    """Bring the index in step with the articles beneath each PATH."""
    from rag.assistant import load_embedder
    from rag.index import check_roots, sync

    settings = _settings(index_dir=index_dir, embedder=embedder)
    check_roots(paths or [], settings.index_dir)
    with _progress("files") as progress:
        report = sync(
            paths or [],
            settings.index_dir,
            load_embedder(settings),
            passage_tokens=settings.passage_tokens,
            max_file_bytes=settings.file_bytes,
            rebuild=rebuild,
            prune=prune,
            progress=lambda done, total: progress("indexing", done, total),
        )
    _print_report(report, settings.index_dir)


@app.command()
def search(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What to look for.")],
    *,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many passages.")] = 5,
    index_dir: IndexOption = None,
    embedder: EmbedderOption = None,
    as_json: JSONOption = False,
) -> None:
    """Find the passages nearest to a question; no language model is used."""
    from rag.assistant import Assistant, check_question
    from rag.types import SCHEMA_VERSION, Query, hit_to_json, query_to_json

    settings = _settings(index_dir=index_dir, embedder=embedder)
    query = Query(check_question(question, settings))
    hits = Assistant.load(settings, with_llm=False).search(question, k=k)
    if as_json:
        found = [hit_to_json(hit) for hit in hits]
        _print_json({"schema_version": SCHEMA_VERSION, "searched": query_to_json(query), "hits": found})
    else:
        _print_hits(hits)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What you want to know.")],
    *,
    index_dir: IndexOption = None,
    llm: LLMOption = None,
    embedder: EmbedderOption = None,
    as_json: JSONOption = False,
) -> None:
    """Answer a question from the articles, with a citation for each sentence."""
    from rag.assistant import Assistant, check_question

    settings = _settings(index_dir=index_dir, embedder=embedder, llm=llm)
    check_question(question, settings)
    with _status("loading the models"):
        assistant = Assistant.load(settings)
    if as_json:
        _print_json(assistant.ask(question).to_json())
    else:
        _print_answer(assistant.stream(question))


@models_app.command("list")
def models_list(*, as_json: JSONOption = False) -> None:
    """List the models this rag knows, and which of them are here."""
    from rag import models

    folder = _settings().models_dir
    rows: list[dict[str, Any]] = [
        {
            "name": m.name,
            "role": m.role,
            "bytes": m.bytes,
            "licence": m.licence,
            "here": not m.missing(folder),
            "default": m.default,
        }
        for m in models.registry().values()
    ]
    if as_json:
        _print_json({"models_dir": str(folder), "models": rows})
        return
    from rich.table import Table

    table = Table("model", "role", "size", "licence", "here", box=None, pad_edge=False)
    for row in rows:
        mark = "  (default)" if row["default"] else ""
        here = "yes" if row["here"] else "no"
        table.add_row(row["name"] + mark, row["role"], f"{row['bytes'] / 1e6:,.0f} MB", row["licence"], here)
    console = _console()
    console.print(table)
    console.print(f"\nkept in {folder}", style="dim", markup=False, highlight=False, soft_wrap=True)


@models_app.command("fetch")
def models_fetch(names: NamesArgument = None) -> None:
    """Fetch models and verify them; goes on where an earlier fetch was interrupted."""
    from rag import models

    folder = _settings().models_dir
    for model in _named(names):
        if not model.missing(folder):
            typer.echo(f"{model.name}: already here", err=True)
            continue
        with _progress("MB") as progress:
            models.fetch(
                model,
                models_dir=folder,
                progress=lambda done, total: progress(f"fetching {model.name}", done // 10**6, total // 10**6),  # noqa: B023
            )
        typer.echo(f"{model.name}: fetched and verified", err=True)


@models_app.command("verify")
def models_verify(names: NamesArgument = None) -> None:
    """Read models whole and compare their SHA-256; without names, all that are here."""
    from rag import models

    folder = _settings().models_dir
    chosen = _named(names) if names else [m for m in models.registry().values() if not m.missing(folder)]
    if not chosen:
        raise UsageError(f"no model in {str(folder)!r} yet; fetch the default ones: rag models fetch")
    wrong = 0
    for model in chosen:
        bad = models.verify(model, models_dir=folder)
        wrong += bool(bad)
        mend = f"missing or wrong: {', '.join(bad)}; remove it and fetch it again: rag models fetch {model.name}"
        typer.echo(f"{model.name}: {mend if bad else 'right'}")
    if wrong:
        raise typer.Exit(1)


@models_app.command("path")
def models_path(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Print where a model is kept."""
    from rag import models

    typer.echo(models.get(name).path(_settings().models_dir))


def _named(names: list[str] | None) -> list[Any]:
    from rag import models

    return [models.get(name) for name in names] if names else [m for m in models.registry().values() if m.default]


def _settings(**values: Any) -> "Settings":
    from rag.settings import Settings

    return Settings.load(**values)


# Printing


def _console(*, stderr: bool = False) -> "Console":
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def _safe(text: str) -> str:
    """Return `text` without control characters, which could steer a terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


def _print_json(value: dict[str, Any]) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    typer.echo(re.sub(r"[\x7f-\x9f\ud800-\udfff]", lambda c: f"\\u{ord(c[0]):04x}", text))


def _say(console: "Console", text: str, style: str | None = None, *, indent: int = 0) -> None:
    from rich.padding import Padding
    from rich.text import Text

    console.print(Padding(Text(_safe(text), style=style or ""), (0, 0, 0, indent), expand=False))


def _print_hits(hits: "list[Hit]") -> None:
    console = _console()
    for rank, hit in enumerate(hits, start=1):
        origin = hit.article.origin
        _say(console, f"{rank}. {origin.title}", "bold")
        _say(
            console,
            " · ".join(filter(None, [origin.published, origin.source, f"score {hit.score:.2f}"])),
            "dim",
            indent=3,
        )
        _say(console, " ".join(hit.text.split()), indent=3)
        console.print()


def _print_answer(events: "Iterator[Event]") -> None:
    """Print each sentence once it is checked, then the sources; or the refusal and what is nearest."""
    from rag.types import REFUSAL, Checked, Finished, Found

    console = _console()
    status = _status("reading the passages found")
    with status as stop:
        for event in events:
            if isinstance(event, Found):
                continue
            if isinstance(event, Checked):
                stop()
                doubt = "  (only partly supported)" if event.claim.verdict == "partly" else ""
                _say(console, event.claim.marked() + doubt)
            elif isinstance(event, Finished):
                stop()
                answer = event.answer
                if answer.refused:
                    _say(console, REFUSAL)
                    _print_related(console, answer)
                else:
                    console.print()
                    for citation in answer.citations:
                        _print_citation(console, citation)


def _print_related(console: "Console", answer: "Answer") -> None:
    from rag.types import REASONS

    _say(console, REASONS[answer.reason or "not-in-evidence"], "dim")
    if answer.hits:
        origin = answer.hits[0].article.origin
        console.print()
        _say(
            console,
            "Related, not an answer: " + " · ".join(filter(None, [origin.title, origin.published])),
            "dim",
        )


def _print_citation(console: "Console", citation: "Citation") -> None:
    origin = citation.article.origin
    about = " · ".join(filter(None, [origin.title, origin.source, origin.published]))
    _say(console, f"[{citation.marker}] {about}", "dim")
    _say(console, f"“{' '.join(citation.quote.split())}”", "italic", indent=4)


def _print_report(report: "Report", folder: Path) -> None:
    for skipped in report.skipped:
        record = f", record {skipped.record}" if skipped.record else ""
        typer.echo(_safe(f"skipped {skipped.path}{record}: {skipped.reason}"), err=True)
    for root in report.kept_missing:
        typer.echo(
            _safe(f"{root} vanished or is empty: its articles were kept; remove them: rag index {root} --prune"),
            err=True,
        )
    counts = {name: getattr(report, name) for name in ("added", "changed", "removed", "unchanged")}
    files = ", ".join(f"{n:,} {name}" for name, n in counts.items() if n) or "none"
    typer.echo(f"files: {files}")
    typer.echo(
        f"index {folder}: {report.articles:,} articles, {report.passages:,} passages, "
        f"{report.embedded:,} newly embedded"
    )


@contextmanager
def _progress(unit: str) -> Iterator[Any]:
    """Show a bar on standard error; the value is a function of label, done and total."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
    ]
    with Progress(*columns, console=_console(stderr=True), transient=True) as bar:
        task = bar.add_task("loading", total=None)
        yield lambda label, done, total: bar.update(task, description=label, completed=done, total=total)


@contextmanager
def _status(text: str) -> Iterator[Any]:
    """Show a spinner on standard error; the value stops it early."""
    status = _console(stderr=True).status(text)
    status.start()
    try:
        yield status.stop
    finally:
        status.stop()
