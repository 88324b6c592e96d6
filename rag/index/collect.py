"""Collections: articles that a person put together under a name.

They follow corrections: what takes an article's place stands in its collections too. The state of the search index
does not depend on them.
"""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from rag.errors import UsageError
from rag.index.catalogue import Catalogue
from rag.index.lock import only_writer
from rag.index.remove import the_one


def collect(name: str, names: Sequence[str], folder: Path, *, out: bool = False) -> None:
    """Put articles into a collection, or take them out of it: all, where none is named.

    Raises `UsageError` where a name is not one article's, or the collection's is empty.
    """
    if not name.strip() or not name.isprintable():
        raise UsageError(f"a collection needs a name that can be read, not {name!r}: rag collect NAME ARTICLE")
    Catalogue.open(folder).close()
    with only_writer(folder), closing(Catalogue.open(folder, writable=True)) as catalogue:
        ids = [the_one(catalogue, given) for given in names]
        with catalogue.transaction():
            if out:
                catalogue.take_out_of_collection(name, ids or catalogue.collection(name))
            else:
                catalogue.put_in_collection(name, ids)
