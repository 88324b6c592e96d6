"""Taking articles out of the index by hand, for good, and bringing them back.

Their files may stay where they are: a sync does not read them again.
"""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from rag.errors import UsageError
from rag.index import derived
from rag.index.catalogue import Catalogue
from rag.index.lock import only_writer
from rag.index.schema import forget_damaged
from rag.types import Article


def remove(names: Sequence[str], folder: Path) -> list[Article]:
    """Remove articles by id, the beginning of one, record id or path; raises `UsageError` where a name is not one's."""
    Catalogue.open(folder).close()
    with only_writer(folder), closing(Catalogue.open(folder, writable=True)) as catalogue:
        articles = [catalogue.article(the_one(catalogue, name)) for name in names]
        with catalogue.transaction():
            for article in articles:
                catalogue.remove_origins_of(article.id)
                catalogue.drop_orphans([article.id], {}, by_hand=True)
            catalogue.drop_unused_vectors()
        derived.update(folder, catalogue)
        catalogue.shrink_log()
        forget_damaged(folder)
    return articles


def bring_back(ids: Sequence[str], folder: Path) -> None:
    """Let articles that were removed by hand be read again at the next sync; raises `UsageError` for others."""
    Catalogue.open(folder).close()  # before a folder is made for the lock
    with only_writer(folder), closing(Catalogue.open(folder, writable=True)) as catalogue:
        removed = catalogue.removed_by_hand()
        full = [[i for i in removed if i.startswith(given)] for given in ids]
        for given, found in zip(ids, full, strict=True):
            if len(found) != 1:
                raise UsageError(f"no removed article has the id {given!r}; rag remove named it when it was removed")
        with catalogue.transaction():
            catalogue.forget_withdrawals([found[0] for found in full])
            catalogue.forget_files()


def the_one(catalogue: Catalogue, name: str) -> str:
    """Return the id of the article that a name is that of; raises `UsageError`."""
    found = catalogue.named(name)
    if len(found) > 1:
        shown = ", ".join(i[:8] for i in found[:5])
        raise UsageError(f"{name!r} is the name of {len(found):,} articles: {shown}; name one by its id: rag list")
    if found:
        return found[0]
    if gone := catalogue.withdrawal(name):
        why = "removed" if gone.by_hand else f"replaced by {gone.replaced_by}" if gone.replaced_by else "withdrawn"
        raise UsageError(f"article {name!r} was {why} at {gone.at}; see which there are: rag list")
    raise UsageError(f"no article {name!r} in this index; see which there are: rag list")
