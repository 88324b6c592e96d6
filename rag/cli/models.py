"""`rag models`: which models there are, fetch them, check them."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import typer

from rag.cli.common import Group
from rag.cli.complete import models as model_names
from rag.cli.options import JSONOption, load_settings
from rag.cli.printing import note, open_console, print_json, print_table, progress_bar, spinner
from rag.errors import UsageError

app = typer.Typer(name="models", help="List, fetch and check the models.", cls=Group, no_args_is_help=True)

NamesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME]...", help="Models; none: the default ones.", autocompletion=model_names()),
]


@app.command("list")
def models_list(*, as_json: JSONOption = False) -> None:
    """List the models this rag knows, and which of them are here."""
    from rag import models

    folder = load_settings().models_dir
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
        print_json({"models_dir": str(folder), "models": rows})
        return
    from rich.table import Table

    table = Table("model", "role", "size", "licence", "here", box=None, pad_edge=False)
    for row in rows:
        mark = "  (default)" if row["default"] else ""
        here = "yes" if row["here"] else "no"
        table.add_row(row["name"] + mark, row["role"], f"{row['bytes'] / 1e6:,.0f} MB", row["licence"], here)
    print_table(table)
    open_console().print(f"\nkept in {folder}", style="dim", markup=False, highlight=False, soft_wrap=True)


@app.command("fetch")
def models_fetch(names: NamesArgument = None, *, as_json: JSONOption = False) -> None:
    """Fetch models and verify them; goes on where an earlier fetch was interrupted."""
    from rag import models, opening

    settings = load_settings()
    folder = settings.models_dir
    tell: Callable[[str], None] = note if as_json else typer.echo
    done = []
    for model in _named(names):
        fetched = bool(model.missing(folder))
        done.append({"name": model.name, "fetched": fetched, "path": str(model.path(folder))})
        if not fetched:
            tell(f"{model.name}: already here")
            continue
        with progress_bar("MB") as progress:
            models.fetch(
                model,
                models_dir=folder,
                progress=partial(_tell, progress, f"fetching {model.name}"),
            )
        tell(f"{model.name}: fetched and verified")
        if model.role == "embedder":
            with spinner("compiling it for this processor"):
                _ = opening.embedder(settings.model_copy(update={"embedder": model.name})).dimension  # loads it
    if as_json:
        print_json({"models_dir": str(folder), "models": done})


@app.command("verify")
def models_verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Models; none: all that are here.", autocompletion=model_names()),
    ] = None,
    *,
    as_json: JSONOption = False,
) -> None:
    """Read models whole and compare their SHA-256."""
    from rag import models

    folder = load_settings().models_dir
    chosen = _named(names) if names else [m for m in models.registry().values() if not m.missing(folder)]
    if not chosen:
        raise UsageError(f"no model in {str(folder)!r} yet; fetch the default ones: rag models fetch")
    verified = {}
    for model in chosen:
        bad = verified[model.name] = models.verify(model, models_dir=folder)
        if not as_json:
            mend = f"missing or wrong: {', '.join(bad)}; remove it and fetch it again: rag models fetch {model.name}"
            typer.echo(f"{model.name}: {mend if bad else 'right'}")
    if as_json:
        found = [{"name": name, "right": not bad, "wrong": bad} for name, bad in verified.items()]
        print_json({"models_dir": str(folder), "models": found})
    if any(verified.values()):
        raise typer.Exit(1)


@app.command("path")
def models_path(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A name of `rag models list`.", autocompletion=model_names())
    ],
    *,
    as_json: JSONOption = False,
) -> None:
    """Print where a model is kept."""
    from rag import models

    path = models.get(name).path(load_settings().models_dir)
    if as_json:
        print_json({"name": name, "path": str(path)})
    else:
        typer.echo(path)


def _tell(progress: Callable[[str, int, int], None], label: str, done: int, total: int) -> None:
    progress(label, done // 10**6, total // 10**6)


def _named(names: list[str] | None) -> list[Any]:
    from rag import models

    return [models.get(name) for name in names] if names else [m for m in models.registry().values() if m.default]
