"""An index opened for searching: passages by vector and by words, in step with the catalogue.

Several threads may search through one; what another process has indexed since is seen without opening it again.
"""

import os
import threading
from pathlib import Path

from rag.errors import CatalogueError
from rag.index import derived
from rag.index.catalogue import Catalogue
from rag.index.derived import Derived
from rag.index.lock import only_writer
from rag.index.schema import FILE
from rag.types import Embedder, Passage, Vectors


class Index:
    """Finds passages. While a writer is at work, searches see the state before it, without what was withdrawn since."""

    def __init__(self, folder: Path, catalogue: Catalogue, embedder: Embedder) -> None:
        self._folder = folder
        self._embedder = embedder
        self._lock = threading.Lock()
        self.catalogue = catalogue
        self._file = self._identity()
        self._check_made_with()
        self._seen = catalogue.revision
        self._derived = self._newest()

    @classmethod
    def open(cls, folder: Path, embedder: Embedder) -> "Index":
        """Open the index in `folder`; raises `CatalogueError` where it was made with another embedder."""
        return cls(folder, Catalogue.open(folder), embedder)

    @staticmethod
    def check(folder: Path) -> None:
        """Raise `CatalogueError` where `folder` holds no readable index, before a model is loaded for it."""
        Catalogue.open(folder).close()

    def close(self) -> None:
        """Close the files."""
        self.catalogue.close()

    @property
    def revision(self) -> str:
        """The state of the catalogue that searches see."""
        return self._derived.revision

    def search(self, vector: Vectors, k: int) -> list[tuple[Passage, float]]:
        """Return the `k` passages nearest to a unit vector, shape (dimension,), with their cosines.

        Ties come in the order of article id and start.
        """
        vectors = self._current().vectors
        if vectors.exact:
            return self._here(vectors.search(vector, k + _SPARE), k)
        near = self.catalogue.vectors_by_number([n for n, _ in vectors.search(vector, 2 * k + _RESCORED)])
        return self._here([(number, float(found @ vector)) for number, found in near.items()], k)

    def search_words(self, text: str, k: int) -> list[tuple[Passage, float]]:
        """Return the `k` passages with the highest BM25 score for the words of `text`; ties as in `search`."""
        return self._here(self._current().words.search(text, k + _SPARE), k)

    def _here(self, found: list[tuple[int, float]], k: int) -> list[tuple[Passage, float]]:
        """Return passages and scores for their numbers, without those that were withdrawn since."""
        passages = self.catalogue.passages_by_number([number for number, _ in found])
        hits = [(passages[number], score) for number, score in found if number in passages]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0].article_id, hit[0].start))[:k]

    def _current(self) -> Derived:
        with self._lock:
            if (file := self._identity()) != self._file:  # repaired, or restored
                self.catalogue, self._file = Catalogue.open(self._folder), file
            revision = self.catalogue.revision
            if revision not in (self._seen, self._derived.revision):
                self._check_made_with()
            if revision != self._derived.revision:
                self._derived = derived.load(self._folder, revision) or self._stale(revision)
            self._seen = revision
            return self._derived

    def _identity(self) -> tuple[int, ...]:
        """Return what tells the catalogue's file from another; where nothing can be written, its changes too."""
        stat = (self._folder / FILE).stat()
        fixed = () if os.access(self._folder, os.W_OK) else (stat.st_mtime_ns, stat.st_size)
        return stat.st_ino, *fixed

    def _stale(self, revision: str) -> Derived:
        """Return what to search with while what is derived lags behind: a writer is at work, or was killed."""
        return self._derived if revision == self._seen else self._newest()

    def _newest(self) -> Derived:
        """Bring what is derived in step, or take what there is where another process is about to do so."""
        revision = self.catalogue.revision
        if found := derived.load(self._folder, revision):
            return found
        try:
            with only_writer(self._folder):
                return derived.update(self._folder, self.catalogue)
        except CatalogueError:  # a writer is at work, or nothing may be written here
            return self._older() or derived.build(self.catalogue)

    def _older(self) -> Derived | None:
        older = derived.load(self._folder)
        fits = older and older.vectors.dimension == self.catalogue.manifest.dimension
        return older if fits else None

    def _check_made_with(self) -> None:
        made_with = self.catalogue.manifest
        if made_with.embedder_digest != self._embedder.digest or made_with.dimension != self._embedder.dimension:
            raise CatalogueError(
                f"the index in {str(self._folder)!r} was made with embedder {made_with.embedder!r}, this is "
                f"{self._embedder.name!r}; build it anew: "
                f"rag index --rebuild --index {self._folder} --embedder {self._embedder.name}"
            )


_RESCORED = 100
"""So many more are looked for where scores are approximate, and scored again with the vectors of the catalogue."""
_SPARE = 16
"""So many passages more are looked for, in case some were withdrawn since."""
