"""The vector index: inner products in FAISS, derived from the catalogue.

The only module that imports faiss. Up to `EXACT_UP_TO` vectors all are compared; above, only those in the cells of a
coarse quantiser nearest to the query are, and each is kept in 8 bits a dimension. Recall and speed by size: see
docs/benchmarks.md, index. Knows nothing about articles.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rag.types import Vectors

Numbers: TypeAlias = NDArray[np.int64]
Parts: TypeAlias = Iterable[tuple[Numbers, Vectors]]
"""Numbers, shape (n,), with their vectors, shape (n, dimension), some at a time."""

EXACT_UP_TO = 50_000
_GROWN = 4
"""Cells are made anew once there are so many times the vectors they were made for."""
_SAMPLE_PER_CELL = 40
_ROUNDS = 10
_CELLS_SEARCHED = 32
"""At least so many cells are searched, or one in so many where that is more."""


class VectorIndex:
    """Unit vectors by number, nearest first."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, parts: Callable[[], Parts], *, count: int, dimension: int) -> "VectorIndex":
        """Index `count` vectors; `parts` is called once or twice, so that they need not be in memory all at once."""
        import faiss

        if count <= EXACT_UP_TO:
            flat = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
            made = cls(faiss.IndexIDMap2(flat))
            made._add(parts())
            return made
        cells = int(4 * count**0.5)
        index = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(dimension), dimension, cells, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        index.cp.niter = _ROUNDS
        index.cp.min_points_per_centroid, index.cp.max_points_per_centroid = 1, _SAMPLE_PER_CELL
        every = max(1, count // (_SAMPLE_PER_CELL * cells))
        index.train(np.concatenate([vectors[::every] for _, vectors in parts()]))
        made = cls(index)
        made._add(parts())
        return made

    @classmethod
    def open(cls, path: Path) -> "VectorIndex":
        """Open a file by memory map; raises `RuntimeError` where it is missing or no FAISS index."""
        import faiss

        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))

    def changed(self, path: Path, removed: Numbers, parts: Parts) -> "VectorIndex":
        """Return the index in the file `path` without some numbers and with more vectors."""
        import faiss

        changed = VectorIndex(faiss.read_index(str(path)))
        if len(removed):
            changed._index.remove_ids(np.sort(removed))
        changed._add(parts)
        return changed

    def serves(self, count: int) -> bool:
        """Tell whether an index of this kind, with these cells, is right for `count` vectors."""
        if not hasattr(self._index, "nlist"):
            return count <= EXACT_UP_TO
        made_for: int = (self._index.nlist // 4) ** 2
        return EXACT_UP_TO < count <= _GROWN * made_for

    def save(self, path: Path) -> None:
        """Write the index; raises `RuntimeError` where that fails."""
        import faiss

        faiss.write_index(self._index, str(path))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def exact(self) -> bool:
        """Whether all vectors are compared, as the catalogue has them."""
        return not hasattr(self._index, "nlist")

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    def numbers(self) -> Numbers:
        """Return the numbers of all vectors, sorted."""
        import faiss

        if hasattr(self._index, "id_map"):
            found = faiss.vector_to_array(self._index.id_map)
        else:
            lists = self._index.invlists
            cells = [
                faiss.rev_swig_ptr(lists.get_ids(cell), lists.list_size(cell)).copy()
                for cell in range(lists.nlist)
                if lists.list_size(cell)
            ]
            found = np.concatenate(cells) if cells else np.zeros(0, np.int64)
        return np.sort(found.astype(np.int64))

    def search(self, vector: Vectors, k: int, *, among: Numbers | None = None) -> list[tuple[int, float]]:
        """Return numbers and inner products of at least the `k` nearest; those that tie with the last are there too.

        With `among`, only vectors of these numbers are compared.
        """
        import faiss

        n = len(self)
        if n == 0 or k < 1:
            return []
        given: dict[str, Any] = {} if among is None else {"sel": faiss.IDSelectorBatch(among)}
        if not self.exact:
            given["nprobe"] = max(_CELLS_SEARCHED, self._index.nlist // _CELLS_SEARCHED)
        kind = faiss.SearchParameters if self.exact else faiss.SearchParametersIVF
        parameters = kind(**given) if given else None
        reach = min(k + 1, n)
        while True:
            with _one_thread():
                scores, numbers = self._index.search(vector.reshape(1, -1), reach, params=parameters)
            found = [(int(i), float(s)) for i, s in zip(numbers[0], scores[0], strict=True) if i >= 0]
            if reach == n or len(found) < reach or found[-1][1] < found[k - 1][1]:  # FAISS cuts ties as they come
                return found
            reach = min(2 * reach, n)

    def _add(self, parts: Parts) -> None:
        for numbers, vectors in parts:
            self._index.add_with_ids(np.ascontiguousarray(vectors, np.float32), numbers)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Search in one thread: for a single vector FAISS gains nothing by two, and they wait for each other."""
    import faiss

    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)
