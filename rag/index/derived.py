"""What is derived from the catalogue: the vector index and the word index, in step with one revision.

    manifest.json            how the index was made, the revision, and the files below with their SHA-256; written last
    vectors-REVISION.faiss   see rag.index.vectors
    words-REVISION/          see rag.lexical

Anything missing, damaged or of another revision is no loss: it is made again. Files of one revision are never
changed, so that whoever has them open may go on.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import CatalogueError
from rag.index.catalogue import Catalogue
from rag.index.vectors import VectorIndex
from rag.lexical import WORDS_VERSION, WordIndex

MANIFEST = "manifest.json"
_DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError)
_OURS = re.compile(
    r"vectors\.faiss|vectors-[0-9a-f]{16}\.faiss|words-[0-9a-f]{16}|\.(?:manifest\.json|catalogue\.sqlite)\.part|\.repair"
)


@dataclass(frozen=True, slots=True)
class Derived:
    """The two indexes of one revision."""

    revision: str
    vectors: VectorIndex
    words: WordIndex


def load(folder: Path, revision: str | None = None) -> Derived | None:
    """Open what is in `folder` if it is whole and, where one is given, of `revision`; else None."""
    try:
        manifest = read_manifest(folder)
        if revision is not None and manifest["revision"] != revision:
            return None
        if manifest["words_version"] != WORDS_VERSION:
            return None
        if not all((folder / name).stat().st_size == file["bytes"] for name, file in manifest["files"].items()):
            return None
        derived = _open(folder, manifest["revision"])
        fits = (len(derived.vectors), derived.vectors.dimension, len(derived.words)) == (
            manifest["passages"], manifest["dimension"], manifest["passages"],
        )  # fmt: skip
    except _DAMAGE:
        return None
    return derived if fits else None


def build(catalogue: Catalogue) -> Derived:
    """Make both indexes in memory: for an index folder that cannot be written to."""
    numbers = catalogue.numbers()
    return Derived(catalogue.revision, _vectors(catalogue, numbers), WordIndex.build(catalogue.texts(numbers)))


def update(folder: Path, catalogue: Catalogue) -> Derived:
    """Bring what is in `folder` in step with the catalogue; only one process may do so at a time.

    What is there already is kept: vectors are added to and taken out of the last file, words are added to the last
    folder; where an article went, the words are indexed anew, so that nothing of its text is left. Raises
    `CatalogueError` where nothing can be written.
    """
    revision = catalogue.revision
    if found := load(folder, revision):
        clear(folder, keep=revision)
        return found
    try:
        old = _usable(folder, catalogue)
        _forget(folder, revision)  # what an interrupted update left
        numbers = catalogue.numbers()
        before = old.vectors.numbers() if old else numbers[:0]
        added, removed = np.setdiff1d(numbers, before), np.setdiff1d(before, numbers)
        vectors_file, words_folder = _paths(folder, revision)
        if old and 2 * len(removed) <= len(before) and old.vectors.serves(len(numbers)):
            vectors = old.vectors.changed(_paths(folder, old.revision)[0], removed, catalogue.vectors(added))
        else:
            vectors = _vectors(catalogue, numbers)
        vectors.save(vectors_file)
        if old and not len(removed):
            old.words.grown(catalogue.texts(added), old=_paths(folder, old.revision)[1], new=words_folder)
        else:
            WordIndex.build(catalogue.texts(numbers), words_folder)
        manifest = (
            asdict(catalogue.manifest) | {"revision": revision, "words_version": WORDS_VERSION} | catalogue.counts()
        )
        _write(folder / MANIFEST, manifest | {"files": dict(_files(folder, revision))})
        derived = _open(folder, revision)
    except _DAMAGE as error:
        raise CatalogueError(
            f"cannot write the search index to {str(folder)!r} ({_first_line(error)}); the articles are kept: "
            f"free space or mend the disk, then: rag index --index {folder}"
        ) from error
    clear(folder, keep=revision)
    return derived


def clear(folder: Path, *, keep: str | None) -> None:
    """Remove the derived files of other revisions; one that is in use where that forbids it stays for the next time."""
    for path in folder.iterdir():
        if _OURS.fullmatch(path.name) and (keep is None or keep not in path.name):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def damaged(folder: Path) -> list[str]:
    """Read every derived file whole; return the names of those that are not as they were written."""
    try:
        files = read_manifest(folder)["files"].items()
        return [name for name, file in files if _sha256(folder / name) != file["sha256"]]
    except _DAMAGE:
        return [MANIFEST]


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return manifest.json; raises `OSError` or `ValueError`."""
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
    return manifest


def _usable(folder: Path, catalogue: Catalogue) -> Derived | None:
    """Return what can be added to: made by the same embedder, and still as it was written."""
    old = load(folder)
    if old is None or damaged(folder) or read_manifest(folder)["embedder_digest"] != catalogue.manifest.embedder_digest:
        return None
    return old


def _paths(folder: Path, revision: str) -> tuple[Path, Path]:
    return folder / f"vectors-{revision}.faiss", folder / f"words-{revision}"


def _open(folder: Path, revision: str) -> Derived:
    vectors, words = _paths(folder, revision)
    return Derived(revision, VectorIndex.open(vectors), WordIndex.open(words))


def _vectors(catalogue: Catalogue, numbers: Any) -> VectorIndex:
    return VectorIndex.build(
        lambda: catalogue.vectors(numbers), count=len(numbers), dimension=catalogue.manifest.dimension
    )


def _forget(folder: Path, revision: str) -> None:
    vectors, words = _paths(folder, revision)
    vectors.unlink(missing_ok=True)
    shutil.rmtree(words, ignore_errors=True)


def _files(folder: Path, revision: str) -> Iterator[tuple[str, dict[str, Any]]]:
    vectors, words = _paths(folder, revision)
    for path in [vectors, *sorted(words.iterdir())]:
        if not path.name.endswith(".lock"):
            name = path.relative_to(folder).as_posix()
            yield name, {"bytes": path.stat().st_size, "sha256": _sha256(path)}


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _write(path: Path, value: dict[str, Any]) -> None:
    """Write a file that is there whole, or as it was before."""
    part = path.with_name(f".{path.name}.part")
    with part.open("w", encoding="utf-8") as file:
        file.write(json.dumps(value, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0][:200]
