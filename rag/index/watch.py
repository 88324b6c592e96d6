"""Following files as they change. The only module that imports watchfiles."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

from rag.index.catalogue import Catalogue

_SETTLE_MS = 1000
"""A change is told once nothing has changed for so long: editors and copies write in steps."""


def changes(folder: Path, stop: Event | None = None) -> Iterator[None]:
    """Yield whenever files beneath the roots of the index in `folder` have changed, until Ctrl-C or `stop`.

    A root that is not there is not followed.
    """
    import watchfiles

    with closing(Catalogue.open(folder)) as catalogue:
        roots = [root for root in catalogue.roots() if Path(root).exists()]
    for _ in watchfiles.watch(*roots, debounce=_SETTLE_MS, stop_event=stop, raise_interrupt=False):
        yield
