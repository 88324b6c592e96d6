"""Options that several commands share, and the settings made of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.common import CONFIG, VERBOSITY
from rag.cli.complete import articles, collections, models, sources

if TYPE_CHECKING:
    from rag.settings import Settings

IndexOption = Annotated[
    Path | None, typer.Option("--index", metavar="DIR", help="Folder of the index.  [default: index]")
]
EmbedderOption = Annotated[
    str | None,
    typer.Option(
        "--embedder",
        metavar="NAME|PATH|URL",
        help="A name of `rag models list`, a sentence-transformers folder, or a server: http://host:port/v1#model.",
        autocompletion=models("embedder"),
    ),
]
LLMOption = Annotated[
    str | None,
    typer.Option(
        "--llm",
        metavar="NAME|PATH|URL",
        help="A name of `rag models list`, a GGUF file, or a server: http://host:port/v1#model.",
        autocompletion=models("llm"),
    ),
]
FromOption = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="DATE", help="Only articles of this day or later: 2023-04-11, April 2023, last week."
    ),
]
ToOption = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Only articles of this day or earlier.")]
SourceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--source", metavar="NAME", help="Only articles from this source; may be repeated.", autocompletion=sources
    ),
]
ArticleOption = Annotated[
    list[str] | None,
    typer.Option(
        "--article",
        metavar="ARTICLE",
        help="Only this article: id, record id or path; may be repeated.",
        autocompletion=articles,
    ),
]
CollectionOption = Annotated[
    str | None,
    typer.Option(
        "--in", metavar="NAME", help="Only articles of this collection: see rag collect.", autocompletion=collections
    ),
]
TodayOption = Annotated[
    str | None, typer.Option("--today", metavar="DAY", help='The day that "last week" is counted from.')
]
ExtractiveOption = Annotated[
    bool | None,
    typer.Option("--extractive", help="Answer with a sentence of the articles; needs no language model."),
]
KeepOption = Annotated[
    bool, typer.Option("--keep-unsupported", help="Also show sentences that are not supported, struck and marked.")
]
JSONOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, described in docs/cli.md.")]


def load_settings(**values: Any) -> "Settings":
    """Return the settings, `values` that were given above `RAG_*` and rag.toml; raises `UsageError`."""
    from rag.settings import Settings

    settings = Settings.load(config=CONFIG.get(), **values)
    if VERBOSITY.get() > 0:
        from rag.cli.printing import detail

        sources = Settings.sources(config=CONFIG.get(), **values).items()
        for name, source in sources:
            if source != "default":
                detail(f"{name} = {getattr(settings, name)} ({source})")
    return settings
