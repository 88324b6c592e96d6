"""The command line: reads options, calls the library, prints; the only place that turns errors into exit codes.

Answers go to standard output, progress and errors to standard error. Exit codes: 0 answered or refused,
1 failure, 2 usage.
"""

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from rag.cli import articles, evaluation, models, statements, upkeep
from rag.cli.printing import safe
from rag.errors import RagError, UsageError

app = typer.Typer(
    name="rag",
    help="Answers from your own articles, each sentence checked against the exact place it comes from.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS: dict[str, Callable[..., None]] = {
    "index": articles.index,
    "search": articles.search,
    "ask": articles.ask,
    "statements": statements.statements,
    "list": upkeep.list_articles,
    "show": upkeep.show,
    "stats": upkeep.stats,
    "collect": upkeep.collect,
    "remove": upkeep.remove,
    "doctor": upkeep.doctor,
    "backup": upkeep.backup,
    "restore": upkeep.restore,
}
for name, command in COMMANDS.items():
    app.command(name)(command)
app.add_typer(evaluation.app)
app.add_typer(models.app)


def main() -> None:
    """Run the command line; errors of this package become one line and an exit code."""
    try:
        app()
    except RagError as error:
        typer.echo(f"error: {safe(str(error))}", err=True)
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
