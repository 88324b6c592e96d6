"""Vectors by number: exact against brute force, approximate within its promise, and both as they grow and shrink."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rag.index import vectors as module
from rag.index.vectors import Numbers, Parts, VectorIndex
from rag.types import Vectors

FIRST = 2**62


def unit_vectors(count: int, dimension: int = 24, *, seed: int = 0) -> Vectors:
    """Return random vectors of length 1, exact in half precision to start with."""
    vectors: Vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float16).astype(np.float32)


def clusters(count: int, *, seed: int = 0) -> Vectors:
    """Return unit vectors around some centres, as texts' are."""
    rng = np.random.default_rng(seed)
    vectors = unit_vectors(40, seed=1)[rng.integers(0, 40, count)] + 0.5 * unit_vectors(count, seed=seed)
    found: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return found


def numbered(vectors: Vectors, *, start: int = FIRST) -> tuple[Numbers, Callable[[], Parts]]:
    """Return numbers for vectors, and both in two parts."""
    numbers = np.arange(start, start + len(vectors), dtype=np.int64)
    half = len(vectors) // 2
    return numbers, lambda: [(numbers[:half], vectors[:half]), (numbers[half:], vectors[half:])]


def made(vectors: Vectors) -> VectorIndex:
    """Index vectors from number `FIRST` on."""
    return VectorIndex.build(numbered(vectors)[1], count=len(vectors), dimension=vectors.shape[1])


@pytest.fixture
def approximate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every index of more than 100 vectors be approximate."""
    monkeypatch.setattr(module, "EXACT_UP_TO", 100)


@pytest.mark.parametrize(("count", "k"), [(1, 1), (7, 100), (300, 1), (300, 10), (300, 150), (300, 300)])
def test_up_to_a_size_search_equals_brute_force(count: int, k: int) -> None:
    vectors = unit_vectors(count, seed=count)
    for query in unit_vectors(3, seed=k):
        hits = made(vectors).search(query, k)[:k]
        scores = vectors @ query
        best = np.argsort(-scores, kind="stable")[:k]
        assert [number - FIRST for number, _ in hits] == best.tolist()
        assert [score for _, score in hits] == pytest.approx(scores[best], abs=1e-5)


@pytest.mark.parametrize("k", [1, 5, 49, 50, 120, 200])
def test_all_that_tie_with_the_last_are_found(k: int) -> None:
    vectors = np.eye(4, dtype=np.float32)[np.random.default_rng(k).integers(0, 4, 200)]
    query = np.array([0.8, 0.6, 0, 0], np.float32)
    scores = vectors @ query
    least = np.sort(scores)[::-1][k - 1]
    found = {number - FIRST for number, _ in made(vectors).search(query, k)}
    assert found >= set(np.flatnonzero(scores >= least - 1e-6).tolist())


@pytest.mark.usefixtures("approximate")
def test_above_that_size_recall_is_as_promised() -> None:
    vectors, queries = clusters(5000), clusters(50, seed=9)
    index = made(vectors)
    assert type(index._index).__name__ == "IndexIVFScalarQuantizer"
    held = [
        len({n - FIRST for n, _ in index.search(query, 10)[:10]} & set(np.argsort(-(vectors @ query))[:10].tolist()))
        for query in queries
    ]
    assert np.mean(held) / 10 >= 0.95  # 8 bits a dimension cannot tell near ties; on real vectors: docs/benchmarks.md


@pytest.mark.usefixtures("approximate")
def test_the_same_vectors_give_the_same_approximate_index(tmp_path: Path) -> None:
    made(clusters(1000)).save(tmp_path / "a")
    made(clusters(1000)).save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("limit", [100, 50_000], ids=["approximate", "exact"])
def test_an_index_changes_as_its_passages_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(module, "EXACT_UP_TO", limit)
    vectors, more = clusters(1000), clusters(50, seed=5)
    made(vectors).save(tmp_path / "a")
    removed = np.arange(FIRST + 10, FIRST + 30, dtype=np.int64)
    index = VectorIndex.open(tmp_path / "a").changed(tmp_path / "a", removed, numbered(more, start=5)[1]())
    index.save(tmp_path / "b")
    index = VectorIndex.open(tmp_path / "b")
    assert len(index) == 1030
    expected = [*range(5, 55), *range(FIRST, FIRST + 10), *range(FIRST + 30, FIRST + 1000)]
    assert index.numbers().tolist() == expected
    assert index.search(more[7], 1)[0][0] == 12
    assert {number for number, _ in index.search(vectors[20], 100)}.isdisjoint(removed.tolist())


@pytest.mark.usefixtures("approximate")
def test_the_kind_changes_with_the_size() -> None:
    few, many = made(clusters(50)), made(clusters(1000))
    assert few.serves(100)
    assert not few.serves(101)
    assert many.serves(900)
    assert many.serves(3000)
    assert not many.serves(5000)
    assert not many.serves(90)


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    index = made(np.zeros((0, 4), np.float32))
    assert index.search(unit_vectors(1, 4)[0], 5) == []
    index.save(tmp_path / "a")
    assert VectorIndex.open(tmp_path / "a").numbers().tolist() == []


def test_a_file_that_is_none_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"garbage")
    for name in ("a", "missing"):
        with pytest.raises(RuntimeError):
            VectorIndex.open(tmp_path / name)


def test_a_search_among_some_numbers_finds_the_best_of_those() -> None:
    vectors = clusters(90)
    index, some = made(vectors), np.arange(FIRST, FIRST + 90, 3, dtype=np.int64)
    for query in clusters(3, seed=5):
        found = index.search(query, 5, among=some)[:5]
        best = some[np.argsort(-(vectors[some - FIRST] @ query), kind="stable")[:5]]
        assert [number for number, _ in found] == best.tolist()
    assert index.search(vectors[0], 5, among=some[:0]) == []
    assert [number for number, _ in index.search(vectors[0], 5, among=some[:2])] == some[:2].tolist()


@pytest.mark.usefixtures("approximate")
def test_a_search_among_some_numbers_skips_the_others_in_cells_too() -> None:
    vectors = clusters(400)
    index, some = made(vectors), np.arange(FIRST, FIRST + 400, 3, dtype=np.int64)
    for query in clusters(3, seed=5):
        found = [number for number, _ in index.search(query, 5, among=some)]
        assert found
        assert set(found) <= set(some.tolist())
