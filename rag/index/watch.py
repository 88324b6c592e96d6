"""Following files as they change. The only module that imports watchfiles."""

from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from threading import Event

from rag.index.catalogue import Catalogue

_SETTLE_MS = 1000
"""A change is told once nothing has changed for so long: editors and copies write in steps."""
_QUIET_MS = 5000


def changes(folder: Path, stop: Event | None = None) -> Iterator[bool]:
    """Yield True whenever files beneath the roots of the index in `folder` have changed, and False now and then if not.

    Until Ctrl-C or `stop`. A root that is not there is not followed, nor is the index itself.
    """
    import watchfiles

    with closing(Catalogue.open(folder)) as catalogue:
        roots = [Path(root) for root in catalogue.roots() if Path(root).exists()]
    own = folder.resolve()

    def followed(_change: object, path: str) -> bool:
        return not Path(path).is_relative_to(own) and any(Path(path).is_relative_to(root) for root in roots)

    places = {root if root.is_dir() else root.parent for root in roots}  # a file that is replaced is another one
    watching = watchfiles.watch(
        *places,
        watch_filter=followed,
        debounce=_SETTLE_MS,
        rust_timeout=_QUIET_MS,
        yield_on_timeout=True,
        stop_event=stop,
    )
    with suppress(KeyboardInterrupt):  # watchfiles would write a warning where it were to suppress it itself
        for seen in watching:
            yield bool(seen)
