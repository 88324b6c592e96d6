"""The command line: reads options, calls the library, prints; the only place that turns errors into exit codes.

Answers go to standard output, progress, remarks and errors to standard error. Exit codes: 0 answered or refused,
1 failure, 2 usage, 130 after Ctrl-C.
"""

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from rag.cli import articles, chat, config, evaluation, home, models, server, statements, upkeep
from rag.cli.common import CONFIG, INTERRUPTED, VERBOSITY, Group, finish, with_options
from rag.cli.examples import EXAMPLES
from rag.cli.options import IndexOption, JSONOption
from rag.cli.printing import print_error
from rag.errors import RagError, UsageError

SECTIONS = {
    "Ask": ("ask", "chat", "search", "statements"),
    "Articles": ("index", "list", "show", "stats", "collect", "remove"),
    "Upkeep": ("doctor", "backup", "restore"),
    "Set-up": ("models", "config"),
    "Quality": ("eval",),
    "Serve": ("serve", "mcp"),
}


class _Root(Group):
    examples = EXAMPLES["rag"]
    sections = SECTIONS


app = typer.Typer(
    name="rag",
    help="Answers from your own articles, each sentence checked against the exact place it comes from.",
    cls=_Root,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS: dict[str, Callable[..., None]] = {
    "ask": articles.ask,
    "chat": chat.chat,
    "search": articles.search,
    "statements": statements.statements,
    "index": articles.index,
    "list": upkeep.list_articles,
    "show": upkeep.show,
    "stats": upkeep.stats,
    "collect": upkeep.collect,
    "remove": upkeep.remove,
    "doctor": upkeep.doctor,
    "backup": upkeep.backup,
    "restore": upkeep.restore,
    "serve": server.serve,
    "mcp": server.mcp,
}
for name, command in COMMANDS.items():
    app.command(name)(command)
for group in (models.app, config.app, evaluation.app):
    app.add_typer(group)
finish(app, EXAMPLES)


def main() -> None:
    """Run the command line; what goes wrong becomes one line and an exit code."""
    VERBOSITY.set(0)
    CONFIG.set(None)
    try:
        app()
    except RagError as error:
        print_error(str(error))
        _causes(error)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:  # a fault of ours: people get a line, whoever mends it the rest
        if VERBOSITY.get() > 0:
            raise
        print_error(f"{type(error).__name__}: {error}; this is a fault of rag itself; with --verbose it says where")
        sys.exit(1)


def _causes(error: BaseException) -> None:
    from rag.cli.printing import detail

    if cause := error.__cause__:
        detail(f"because of {type(cause).__name__}: {cause}")
        _causes(cause)


def _version(wanted: bool) -> None:  # noqa: FBT001 - the signature of a typer callback
    if wanted:
        import rag

        typer.echo(f"rag {rag.__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
@with_options
def _options(
    ctx: typer.Context,
    *,
    index_dir: IndexOption = None,
    as_json: JSONOption = False,
    version: Annotated[  # noqa: ARG001 - its callback prints it
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    if ctx.invoked_subcommand is None:
        home.home(index_dir, as_json=as_json)
    elif index_dir or as_json:
        given = "--json" if as_json else "--index"
        raise UsageError(f"{given} belongs after the command: rag {ctx.invoked_subcommand} … {given}")
