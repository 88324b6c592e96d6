"""An index opened for searching: passages by vector and by words, in step with the catalogue.

Several threads may search through one; what another process has indexed since is seen without opening it again.
"""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.errors import CatalogueError
from rag.index import derived
from rag.index.catalogue import Catalogue
from rag.index.derived import Derived
from rag.index.lock import only_writer
from rag.index.schema import FILE
from rag.index.vectors import Numbers
from rag.lexical import WordIndex, terms
from rag.types import Article, Embedder, Passage, Vectors


@dataclass(frozen=True, slots=True)
class Finding:
    """A passage that was found: its cosine to the question, its BM25 score as a share of the best one's, its ranks.

    A rank counts from 1 in the list it is named by, "dense" or "words".
    """

    passage: Passage
    cosine: float
    share: float
    ranks: dict[str, int]


@dataclass(frozen=True, slots=True)
class Candidate(Finding):
    """A passage that may answer, with its article."""

    article: Article

    @property
    def text(self) -> str:
        """The passage's text."""
        return self.article.text[self.passage.start : self.passage.end]


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
    def embedder(self) -> Embedder:
        """The embedder that the index was made with."""
        return self._embedder

    @property
    def revision(self) -> str:
        """The state of the catalogue that searches see."""
        return self._derived.revision

    def find(self, vector: Vectors, words: Sequence[str], k: int, *, among: Numbers | None = None) -> list[Finding]:
        """Return the `k` passages nearest to a unit vector and the `k` best for some terms: each passage once.

        With `among`, only passages of these numbers are searched. In the order of article id and start.
        """
        current = self._current()
        near = self._near(current, vector, k, among)
        worded = dict(current.words.search(words, k + _SPARE, among=among))
        passages = self.catalogue.passages_by_number([*dict.fromkeys([*near, *worded])])
        ranks = {"dense": _ranks(near, passages, k), "words": _ranks(worded, passages, k)}
        found = [n for n in passages if n in ranks["dense"] or n in ranks["words"]]
        near |= self._cosines([n for n in found if n not in near], vector)
        most = max((worded[n] for n in ranks["words"]), default=0.0) or 1.0
        findings = [
            Finding(
                passages[n], near[n], worded.get(n, 0.0) / most, {name: r[n] for name, r in ranks.items() if n in r}
            )
            for n in found
            if n in near  # else withdrawn a moment ago
        ]
        return sorted(findings, key=lambda one: (one.passage.article_id, one.passage.start))

    def read(self, findings: Sequence[Finding]) -> list[Candidate]:
        """Return passages that were found with their articles; those withdrawn since are left out."""
        articles = self.catalogue.articles({one.passage.article_id for one in findings})
        return [
            Candidate(one.passage, one.cosine, one.share, one.ranks, article)
            for one in findings
            if (article := articles.get(one.passage.article_id))
        ]

    @property
    def words(self) -> WordIndex:
        """The words of the passages as they are now."""
        return self._current().words

    def search(self, vector: Vectors, k: int) -> list[tuple[Passage, float]]:
        """Return the `k` passages nearest to a unit vector, shape (dimension,), with their cosines.

        Ties come in the order of article id and start.
        """
        return self._here(self._near(self._current(), vector, k, None), k)

    def search_words(self, text: str, k: int) -> list[tuple[Passage, float]]:
        """Return the `k` passages with the highest BM25 score for the words of `text`; ties as in `search`."""
        return self._here(dict(self._current().words.search(terms(text), k + _SPARE)), k)

    def _near(self, current: Derived, vector: Vectors, k: int, among: Numbers | None) -> dict[int, float]:
        """Return at least the `k` nearest, by number, with their exact cosines, some of them perhaps withdrawn."""
        if among is not None and len(among) <= _FEW:
            return self._cosines(among.tolist(), vector)
        vectors = current.vectors
        if vectors.exact:
            return dict(vectors.search(vector, k + _SPARE, among=among))
        return self._cosines([n for n, _ in vectors.search(vector, 2 * k + _RESCORED, among=among)], vector)

    def _cosines(self, numbers: Sequence[int], vector: Vectors) -> dict[int, float]:
        found = self.catalogue.vectors_by_number(numbers)
        return dict(zip(found, (np.stack(list(found.values())) @ vector).tolist(), strict=True)) if found else {}

    def _here(self, scores: dict[int, float], k: int) -> list[tuple[Passage, float]]:
        """Return passages and scores, the best first, without those that were withdrawn since."""
        passages = self.catalogue.passages_by_number(list(scores))
        return [(passages[n], scores[n]) for n in _ranks(scores, passages, k)]

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
        try:
            stat = (self._folder / FILE).stat()
        except OSError as error:
            raise CatalogueError(
                f"the index in {str(self._folder)!r} is gone ({error.strerror}); build it again: "
                f"rag index PATH --index {self._folder}"
            ) from error
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


def _ranks(scores: dict[int, float], passages: dict[int, Passage], k: int) -> dict[int, int]:
    """Return the ranks, from 1, of the `k` best of those that are here."""
    here = ((n, passages[n]) for n in scores if n in passages)
    best = sorted(here, key=lambda one: (-scores[one[0]], one[1].article_id, one[1].start))[:k]
    return {n: rank for rank, (n, _) in enumerate(best, start=1)}


_FEW = 20_000
"""Among so many passages the vectors of the catalogue are compared: the cells of an index would leave some out."""
_RESCORED = 100
"""So many more are looked for where scores are approximate, and scored again with the vectors of the catalogue."""
_SPARE = 16
"""So many passages more are looked for, in case some were withdrawn since."""
