"""`rag serve`: the server that programs ask, and the page beside it; `rag mcp`: tools for other programs' models."""

from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.options import EmbedderOption, ExtractiveOption, IndexOption, LLMOption, TodayOption, load_settings
from rag.cli.printing import note, spinner
from rag.errors import UsageError

if TYPE_CHECKING:
    from rag.settings import Settings


def serve(
    *,
    host: Annotated[
        str, typer.Option(help="Address to listen on; other machines reach it only if you change this.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8080,
    with_page: Annotated[bool, typer.Option("--page/--no-page", help="Serve the page in the browser too.")] = True,
    anyone: Annotated[
        bool, typer.Option("--anyone", help="Let whoever reaches another address ask without a token.")
    ] = False,
    index_dir: IndexOption = None,
    llm: LLMOption = None,
    embedder: EmbedderOption = None,
    extractive: ExtractiveOption = None,
    today: TodayOption = None,
) -> None:
    """Serve answers over HTTP, as OpenAI's clients ask for them, and the page: docs/api.md."""
    settings = load_settings(index_dir=index_dir, llm=llm, embedder=embedder, extractive=extractive, today=today)
    from rag.assistant import Assistant
    from rag.server import build, hosts_for, listen
    from rag.server import serve as run

    _check_token(settings, host, anyone=anyone)
    with listen(host, port) as listening:
        with spinner("loading the models"):
            assistant = Assistant.load(settings)
            app = build(assistant, hosts=hosts_for(host, settings.server_hosts), with_page=with_page)
            assistant.warm_up()
        shown = f"[{host}]" if ":" in host else host
        run(app, listening, ready=lambda: typer.echo(f"rag is ready: http://{shown}:{port}  (Ctrl-C stops it)"))
    note("stopped")


def mcp(
    *,
    index_dir: IndexOption = None,
    llm: LLMOption = None,
    embedder: EmbedderOption = None,
    extractive: ExtractiveOption = None,
    today: TodayOption = None,
) -> None:
    """Give the articles to another program's model as tools, by the Model Context Protocol over stdin and stdout."""
    settings = load_settings(index_dir=index_dir, llm=llm, embedder=embedder, extractive=extractive, today=today)
    from rag.assistant import Assistant
    from rag.mcp import build

    assistant = Assistant.load(settings)
    note("rag speaks MCP on standard input and output; it ends with its input")
    build(assistant).run()


def _check_token(settings: "Settings", host: str, *, anyone: bool) -> None:
    from rag.server import is_this_machine

    if not (settings.server_token or anyone or is_this_machine(host)):
        raise UsageError(
            f"whoever reaches {host!r} could ask without a token; set one: RAG_SERVER_TOKEN=SECRET, or say --anyone"
        )
