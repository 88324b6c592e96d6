"""`rag config`: every setting, its value and where that comes from; `rag config init` writes a rag.toml."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rag.cli.common import CONFIG, VERBOSITY, Group
from rag.cli.options import EmbedderOption, IndexOption, JSONOption, LLMOption
from rag.cli.printing import note, open_console, print_json, print_table, safe, say

app = typer.Typer(name="config", help="Show the settings and where their values come from.", cls=Group)


@app.callback(invoke_without_command=True)
def config(
    ctx: typer.Context,
    *,
    index_dir: IndexOption = None,
    llm: LLMOption = None,
    embedder: EmbedderOption = None,
    as_json: JSONOption = False,
) -> None:
    """Show every setting: its value, and where that comes from (--verbose: what it is and takes)."""
    if ctx.invoked_subcommand:
        return
    from rag.configuration import explain
    from rag.settings import config_file

    settings = explain(config=CONFIG.get(), index_dir=index_dir, llm=llm, embedder=embedder)
    file = config_file(CONFIG.get())
    if as_json:
        print_json({"file": str(file) if file else None, "settings": [asdict(setting) for setting in settings]})
        return
    from rich.table import Table
    from rich.text import Text

    table = Table("setting", "from", "value", box=None, pad_edge=False, header_style="bold")
    for setting in settings:
        style = "dim" if setting.source == "default" else ""
        value = "" if setting.value is None else str(setting.value)
        value = value.lower() if isinstance(setting.value, bool) else value
        table.add_row(setting.name, Text(safe(setting.source), style), Text(safe(value), overflow="fold"))
        if VERBOSITY.get() > 0:
            table.add_row("", Text(setting.variable, "dim"), Text(f"{setting.about} Takes {setting.allowed}.", "dim"))
    print_table(table)
    console = open_console()
    console.print()
    say(console, f"read: {file}" if file else "no rag.toml is read; write one: rag config init", "dim")


@app.command()
def init(
    file: Annotated[Path, typer.Argument(metavar="[FILE]", help="Where to write it.")] = Path("rag.toml"),
    *,
    as_json: JSONOption = False,
) -> None:
    """Write a rag.toml in which every setting stands as a comment; an existing file is not overwritten."""
    from rag.configuration import write_template

    write_template(file)
    if as_json:
        print_json({"file": str(file)})
    else:
        typer.echo(safe(str(file)))
        note("every setting stands in it as a comment; take away the # of those to change")
