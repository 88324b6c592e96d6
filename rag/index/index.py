"""An index opened for searching: passages by vector, in step with the catalogue."""

import threading
from dataclasses import asdict
from pathlib import Path

from rag.errors import CatalogueError
from rag.index.catalogue import Catalogue
from rag.index.vectors import VectorIndex
from rag.types import Embedder, Passage, Vectors


class Index:
    """Finds passages by vector; sees what another process has indexed since, without being opened again."""

    def __init__(self, folder: Path, catalogue: Catalogue, embedder: Embedder) -> None:
        self._folder = folder
        self._embedder = embedder
        self._lock = threading.Lock()
        self.catalogue = catalogue
        self._load()

    @classmethod
    def open(cls, folder: Path, embedder: Embedder) -> "Index":
        """Open the index in `folder`; raises `CatalogueError` where it was made with another embedder."""
        return cls(folder, Catalogue.open(folder), embedder)

    @staticmethod
    def check(folder: Path) -> None:
        """Raise `CatalogueError` where `folder` holds no readable index, before a model is loaded for it."""
        Catalogue.open(folder).close()

    @property
    def revision(self) -> str:
        """The state of the catalogue that searches see."""
        return self._revision

    def search(self, vector: Vectors, k: int) -> list[tuple[Passage, float]]:
        """Return the `k` passages nearest to a unit vector, shape (dimension,), with their cosines."""
        with self._lock:
            if self.catalogue.revision != self._revision:
                self._load()
            found = self._vectors.search(vector.reshape(1, -1), k)[0]
            return [(self._passages[position], score) for position, score in found]

    def _load(self) -> None:
        made_with = self.catalogue.manifest
        if made_with.embedder_digest != self._embedder.digest or made_with.dimension != self._embedder.dimension:
            raise CatalogueError(
                f"the index in {str(self._folder)!r} was made with embedder {made_with.embedder!r}, this is "
                f"{self._embedder.name!r}; build it anew: "
                f"rag index --rebuild --index {self._folder} --embedder {self._embedder.name}"
            )
        while True:
            revision = self.catalogue.revision
            passages = self.catalogue.passages()
            vectors = VectorIndex.load(self._folder, revision)
            if vectors is None or len(vectors) != len(passages):
                vectors = VectorIndex.build(self.catalogue.vectors())
            if self.catalogue.revision == revision and len(vectors) == len(passages):
                break  # nothing was written meanwhile
        self._revision, self._passages, self._vectors = revision, passages, vectors


def save_derived(folder: Path, catalogue: Catalogue) -> None:
    """Write what is derived from the catalogue, unless it is there and fits; the manifest comes last."""
    if VectorIndex.load(folder, catalogue.revision):
        return
    manifest = asdict(catalogue.manifest) | {"revision": catalogue.revision} | catalogue.counts()
    VectorIndex.build(catalogue.vectors()).save(folder, manifest)
