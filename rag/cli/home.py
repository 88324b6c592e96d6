"""`rag` alone: what is here, and the two or three things one would do next."""

from contextlib import closing
from pathlib import Path
from typing import Any

from rag.cli.options import load_settings
from rag.cli.printing import open_console, print_json, safe
from rag.wording import count


def home(index_dir: Path | None, *, as_json: bool) -> None:
    """Print what an index holds and what to do next, or how to make one."""
    from rag import models

    settings = load_settings(index_dir=index_dir)
    held = _held(settings.index_dir)
    missing = [
        name for name in (settings.embedder, settings.llm) if not models.is_here(name, models_dir=settings.models_dir)
    ]
    steps = _next(held, settings.index_dir, fetch=bool(missing))
    if as_json:
        print_json({"index": held, "models_missing": missing, "next": [command for command, _ in steps]})
        return
    console = open_console()
    for line, style in _said(held, settings.index_dir):
        console.print(safe(line), style=style, markup=False)
    console.print()
    widest = max(len(command) for command, _ in steps)
    for command, why in steps:
        console.print(f"  {safe(command):{widest}}   ", style="bold", markup=False, end="")
        console.print(why, style="dim", markup=False)
    console.print("\nAll commands: rag --help", style="dim", markup=False)


def _held(folder: Path) -> dict[str, Any] | None:
    from rag.index import Catalogue
    from rag.index.schema import FILE

    if not (folder / FILE).is_file():
        return None
    with closing(Catalogue.open(folder)) as catalogue:
        days = [month for month in catalogue.months() if month]
        newest = next(catalogue.origins(limit=1), None)
        return {
            **catalogue.counts(),
            "from": min(days, default=None),
            "to": max(days, default=None),
            "sources": [source for source in catalogue.sources() if source],
            "collections": list(catalogue.collections()),
            "newest": newest[1].title if newest else None,
            "roots": catalogue.roots(),
        }


def _said(held: dict[str, Any] | None, folder: Path) -> list[tuple[str, str]]:
    if held is None:
        return [(f"No articles yet: there is no index in {str(folder)!r}.", "bold")]
    lines = [(f"{count(held['articles'], 'article')}, {count(held['passages'], 'passage')} in {str(folder)!r}", "bold")]
    if held["from"]:
        lines.append((f"from {held['from']} to {held['to']}", ""))
    for name in ("sources", "collections"):
        if found := held[name]:
            more = f" and {len(found) - 5:,} more" if len(found) > 5 else ""
            lines.append((f"{name}: {', '.join(found[:5])}{more}", ""))
    if held["newest"]:
        lines.append((f"newest: {' '.join(held['newest'].split())}", ""))
    return lines


def _next(held: dict[str, Any] | None, folder: Path, *, fetch: bool) -> list[tuple[str, str]]:
    more = "" if folder == Path("index") else f" --index {folder}"
    steps = [("rag models fetch", "fetch the models, once: 1.2 GB")] if fetch else []
    if not held or not held["articles"]:
        return [
            *steps,
            (f"rag index FOLDER{more}", "read your articles"),
            (f'rag ask "QUESTION"{more}', "then ask"),
        ]
    return [
        *steps,
        (f"rag chat{more}", "ask, and ask on"),
        (f"rag list{more}", "see the articles"),
        (f"rag index{more}", "bring it in step with the files"),
    ]
