"""The chat in the browser: `python app.py`, then http://127.0.0.1:7860."""

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from rag.errors import RagError, UsageError

_OFTEN = 0.0002
"""Seconds after which a thread lets others run while both page and models load: at the usual 0.005 each message of the
language model's library waits for so much of the page's code."""


def chat(
    *,
    index: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the index.  [default: index]")] = None,
    llm: Annotated[str | None, typer.Option(metavar="NAME|PATH", help="Language model.")] = None,
    embedder: Annotated[str | None, typer.Option(metavar="NAME|PATH", help="Embedder.")] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; other machines reach it only if you change this.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 7860,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of past conversations.  [default: the user's data folder]"),
    ] = None,
    anyone: Annotated[
        bool, typer.Option("--anyone", help="Let whoever reaches another address read, add and remove articles.")
    ] = False,
    login: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Ask for a name and a password of this file.")
    ] = None,
    add_login: Annotated[
        str | None, typer.Option(metavar="NAME", help="Add a name to that file, with a password typed in; then stop.")
    ] = None,
) -> None:
    """Serve the chat on this machine."""
    if add_login is not None:
        add(add_login, login)
        return
    from rag import Settings
    from rag.cli.articles import load_for_page
    from rag.server import is_this_machine

    with in_turns(), ThreadPoolExecutor(1) as meanwhile:
        page = meanwhile.submit(import_module, "rag.web")  # takes as long as the models
        logins = page.result().Logins.read(login) if login else None
        if not (logins or anyone or is_this_machine(host)):
            raise UsageError(
                f"whoever reaches {host!r} could read and remove articles; ask for names: --login FILE, or say --anyone"
            )
        assistant = load_for_page(Settings.load(index_dir=index, llm=llm, embedder=embedder))
        web = page.result()
        warm = meanwhile.submit(assistant.warm_up)
        blocks = web.build(assistant, data_dir=data)
        warm.result()
    address = web.serve(blocks, host=host, port=port, logins=logins)
    typer.echo(f"rag is ready: {address}  (Ctrl-C stops it)")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)


@contextmanager
def in_turns() -> Iterator[None]:
    """Let the threads of Python change so often that none waits long for another's."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_OFTEN)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def add(name: str, file: Path | None) -> None:
    """Add a name to the file of logins, with a password typed in twice."""
    from rag.web.login import add as put

    if file is None:
        raise UsageError("name the file of logins too: python app.py --login FILE --add-login NAME")
    put(name, typer.prompt("Password", hide_input=True, confirmation_prompt=True), file)
    typer.echo(f"{name} can log in: python app.py --login {file}")


if __name__ == "__main__":
    try:
        typer.run(chat)
    except RagError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(2 if isinstance(error, UsageError) else 1)
