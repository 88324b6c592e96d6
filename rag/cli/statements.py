"""`rag statements`: everything that somebody said, to read or to take elsewhere."""

from collections.abc import Sequence
from contextlib import closing
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.complete import speakers
from rag.cli.options import (
    ArticleOption,
    CollectionOption,
    EmbedderOption,
    FromOption,
    IndexOption,
    JSONOption,
    SourceOption,
    TodayOption,
    ToOption,
    load_settings,
)
from rag.cli.printing import note, open_console, print_json, safe, say
from rag.wording import count

if TYPE_CHECKING:
    from rag.retrieval.said import Said

_SHOWN = 10


class Form(StrEnum):
    """What the statements are printed as."""

    text = "text"
    csv = "csv"
    json = "json"
    markdown = "markdown"


def statements(
    speaker: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Who spoke; none: list who speaks.", autocompletion=speakers)
    ] = None,
    *,
    about: Annotated[str | None, typer.Option("--about", metavar="TEXT", help="Only what was said about this.")] = None,
    from_: FromOption = None,
    to: ToOption = None,
    source: SourceOption = None,
    article: ArticleOption = None,
    collection: CollectionOption = None,
    form: Annotated[Form, typer.Option("--format", help="How to print them.")] = Form.text,
    today: TodayOption = None,
    index_dir: IndexOption = None,
    embedder: EmbedderOption = None,
    as_json: JSONOption = False,
) -> None:
    """List everything somebody said: by date, word for word, each statement with its source."""
    from rag.errors import UsageError
    from rag.index import Catalogue
    from rag.retrieval import filters
    from rag.retrieval.said import said_by, to_csv, to_json, to_markdown

    form = Form.json if as_json else form
    limits = (about, from_, to, source, article, collection)
    if speaker is None and (any(limits) or form in {Form.csv, Form.markdown}):
        raise UsageError('whose statements? name the speaker: rag statements "Asif"; who speaks: rag statements')
    settings = load_settings(index_dir=index_dir, embedder=embedder, today=today)
    with closing(Catalogue.open(settings.index_dir)) as catalogue:
        if speaker is None:
            _print_speakers(catalogue.speakers(), form)
            return
        within = filters(
            catalogue,
            today=settings.day,
            from_=from_,
            to=to,
            sources=source,
            articles=article,
            collection=collection,
        )
        model = None
        if about:
            from rag import opening

            model = opening.embedder(settings)
        said = said_by(speaker, catalogue, within=within, about=about, embedder=model)
        undated = catalogue.undated(within) if from_ or to else 0
    if form is Form.json:
        print_json(to_json(speaker, said))
    elif form is Form.csv:
        typer.echo(safe(to_csv(said)), nl=False)
    elif form is Form.markdown:
        typer.echo(safe(to_markdown(said)), nl=False)
    elif said:
        _print(said)
    else:
        left_out = f" ({count(undated, 'article')} without a date left out)" if undated else ""
        topic = f" about {about!r}" if about else ""
        note(f"no statement by {speaker!r}{topic} was found{left_out}; see who speaks: rag statements")


def _print(said: Sequence["Said"]) -> None:
    console = open_console()
    for one in said:
        origin = one.article.origin
        say(console, " · ".join(filter(None, [origin.day, one.statement.speaker])), "bold")
        say(console, one.words, indent=3)
        say(console, " · ".join(filter(None, [origin.title, origin.source])), "dim", indent=3)
        console.print()
    names = sorted({one.statement.speaker for one in said})
    note(f"{count(len(said), 'statement')} by {', '.join(names[:_SHOWN])}")


def _print_speakers(speakers: dict[str, int], form: Form) -> None:
    if form is Form.json:
        print_json({"speakers": speakers})
        return
    for name, n in speakers.items():
        typer.echo(safe(f"{n:>6,}  {name}"))
