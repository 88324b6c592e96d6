"""The chat in the browser: `python app.py`, then http://127.0.0.1:7860."""

import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from rag.errors import RagError, UsageError


def chat(
    *,
    index: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the index.  [default: index]")] = None,
    llm: Annotated[str | None, typer.Option(metavar="NAME|PATH", help="Language model.")] = None,
    embedder: Annotated[str | None, typer.Option(metavar="NAME|PATH", help="Embedder.")] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; other machines reach it only if you change this.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 7860,
) -> None:
    """Serve the chat on this machine."""
    from rag import Assistant, Settings

    typer.echo("loading the models …", err=True)
    assistant = Assistant.load(Settings.load(index_dir=index, llm=llm, embedder=embedder))
    from rag import web

    address = web.serve(web.build(assistant), host=host, port=port)
    typer.echo(f"rag is ready: {address}  (Ctrl-C stops it)")
    assistant.warm_up()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)


if __name__ == "__main__":
    try:
        typer.run(chat)
    except RagError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(2 if isinstance(error, UsageError) else 1)
