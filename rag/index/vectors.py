"""The vector index: exact inner product in FAISS, derived from the catalogue.

The only module that imports faiss. A missing, damaged or stale file is no loss: it is made again.
"""

import json
import os
from pathlib import Path
from typing import Any

from rag.types import Vectors

FILE = "vectors.faiss"
MANIFEST = "manifest.json"


class VectorIndex:
    """Vectors by position, searched exactly."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> "VectorIndex":
        """Index unit vectors, shape (n, dimension); positions are row numbers."""
        import faiss

        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(index)

    @classmethod
    def load(cls, folder: Path, revision: str) -> "VectorIndex | None":
        """Read the file in `folder` if it belongs to `revision` and is whole; else None."""
        import faiss

        try:
            manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
            if manifest["revision"] != revision:
                return None
            index = faiss.read_index(str(folder / FILE))
            fits = (index.ntotal, index.d) == (manifest["passages"], manifest["dimension"])
        except (OSError, ValueError, KeyError, TypeError, RuntimeError):
            return None
        return cls(index) if fits else None

    def save(self, folder: Path, manifest: dict[str, Any]) -> None:
        """Write the vectors, then the manifest that vouches for them; each file appears whole or not at all."""
        import faiss

        _replace(folder / FILE, faiss.serialize_index(self._index).tobytes())
        _replace(folder / MANIFEST, json.dumps(manifest, indent=2).encode() + b"\n")

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, vectors: Vectors, k: int) -> list[list[tuple[int, float]]]:
        """Return for each vector the positions and inner products of the `k` best, ties by position."""
        k = min(k, len(self))
        if k == 0:
            return [[] for _ in vectors]
        reach = min(k + 1, len(self))
        scores, positions = self._index.search(vectors, reach)
        while reach < len(self) and (scores[:, -1] == scores[:, k - 1]).any():  # FAISS cuts ties as they come
            reach = min(2 * reach, len(self))
            scores, positions = self._index.search(vectors, reach)
        return [
            sorted(zip(map(int, row), map(float, found), strict=True), key=lambda hit: (-hit[1], hit[0]))[:k]
            for row, found in zip(positions, scores, strict=True)
        ]


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
