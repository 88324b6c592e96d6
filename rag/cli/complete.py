"""What a shell may complete: collections, sources, articles, people and models. Silent where there are none."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rag.index import Catalogue

Completion = Callable[[typer.Context, str], Iterator[Any]]
_MOST = 50
_TITLE_CHARS = 60


def collections(ctx: typer.Context, incomplete: str) -> Iterator[Any]:
    """Yield the collections whose name begins so, with how many articles each has."""
    found = _asked(ctx, lambda catalogue: catalogue.collections())
    yield from _named(found, incomplete)


def sources(ctx: typer.Context, incomplete: str) -> Iterator[Any]:
    """Yield the sources whose name begins so."""
    found = _asked(ctx, lambda catalogue: catalogue.sources())
    yield from _named(found, incomplete)


def speakers(ctx: typer.Context, incomplete: str) -> Iterator[Any]:
    """Yield who speaks and has a name that begins so."""
    found = _asked(ctx, lambda catalogue: catalogue.speakers())
    yield from _named(found, incomplete)


def articles(ctx: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    """Yield ids that begin so, with the title; without a beginning, those of the newest articles."""
    for article_id, title in _asked(ctx, lambda catalogue: catalogue.beginning(incomplete, limit=_MOST)) or ():
        yield article_id[: max(8, len(incomplete))], _plain(title)[:_TITLE_CHARS]


def models(role: str | None = None) -> Completion:
    """Return what yields the names of the models of a role, or of all."""

    def complete(ctx: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:  # noqa: ARG001 - as typer calls it
        from rag.models import registry

        for model in registry().values():
            if model.name.startswith(incomplete) and role in {None, model.role}:
                yield model.name, model.role

    return complete


def _named(found: dict[str, int] | None, incomplete: str) -> Iterator[tuple[str, str]]:
    begun = [(name, n) for name, n in (found or {}).items() if name.startswith(incomplete)]
    for name, n in begun[:_MOST]:
        if name and name.isprintable():
            yield name, f"{n:,}"


def _asked(ctx: typer.Context, ask: Callable[["Catalogue"], Any]) -> Any:
    """Return what a catalogue answers, None where there is none: a shell that completes wants no errors."""
    from rag.errors import RagError
    from rag.index import Catalogue
    from rag.settings import Settings

    try:
        settings = Settings.load(index_dir=ctx.params.get("index_dir"), config=ctx.params.get("config"))
        with closing(Catalogue.open(settings.index_dir)) as catalogue:
            return ask(catalogue)
    except RagError:
        return None


def _plain(text: str) -> str:
    return "".join(c for c in " ".join(text.split()) if c.isprintable())
