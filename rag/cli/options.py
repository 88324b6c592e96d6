"""Options that several commands share, and the settings made of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rag.settings import Settings

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


def load_settings(**values: Any) -> "Settings":
    """Return the settings, those of `values` that were given above `RAG_*`; raises `UsageError`."""
    from rag.settings import Settings

    return Settings.load(**values)
