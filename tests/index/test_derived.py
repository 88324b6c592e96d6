"""Damage: what is derived is made again, and a catalogue that cannot be read says so."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rag.errors import CatalogueError
from rag.index import Index, derived
from rag.index.vectors import VectorIndex
from rag.testing import ToyEmbedder
from tests.index.building import WORDS, build, found, write


def delete(path: Path) -> None:
    """Remove a file."""
    path.unlink()


def garble(path: Path) -> None:
    """Put something else in place of a file."""
    path.unlink()  # it may be mapped into memory still
    path.write_bytes(b"garbage" * 100)


def truncate(path: Path) -> None:
    """Cut a file in half."""
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[: len(data) // 2])


def derived_file(folder: Path, kind: str) -> Path:
    """Return the manifest, or a file of the vectors or of the words."""
    if kind == "manifest":
        return folder / "manifest.json"
    return next(folder.glob("vectors-*")) if kind == "vectors" else next(folder.glob("words-*/*.idx"))


damages = pytest.mark.parametrize("damage", [delete, garble, truncate])
kinds = pytest.mark.parametrize("kind", ["vectors", "words", "manifest"])


@kinds
@damages
def test_a_damaged_derived_file_is_no_loss(kind: str, damage: Callable[[Path], None], root: Path, folder: Path) -> None:
    build(root, folder=folder)
    before = found(folder, "old rifles")
    damage(derived_file(folder, kind))
    assert found(folder, "old rifles") == before


@kinds
@damages
def test_the_next_sync_mends_a_damaged_derived_file(
    kind: str, damage: Callable[[Path], None], root: Path, folder: Path
) -> None:
    build(root, folder=folder)
    before = found(folder, "old rifles")
    damage(derived_file(folder, kind))
    build(root, folder=folder)
    assert derived.damaged(folder) == []
    assert found(folder, "old rifles") == before


def test_derived_files_of_another_revision_are_not_used(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    shutil.copytree(folder, folder.with_name("stale"))
    write(root, a="Rain fell on the parade.")
    build(root, folder=folder)
    before = found(folder, "rain")
    derived.clear(folder, keep=None)
    for path in folder.with_name("stale").iterdir():
        if path.name.startswith(("vectors", "words", "manifest")):
            (shutil.copytree if path.is_dir() else shutil.copy)(path, folder / path.name)
    assert found(folder, "rain") == before


@pytest.mark.parametrize("shape", [(1, 4), (3, 4), (2, 7)], ids=["too few", "too many", "too long"])
def test_derived_files_that_vouch_for_other_vectors_are_not_used(
    shape: tuple[int, int], root: Path, folder: Path
) -> None:
    build(root, folder=folder)
    before = found(folder, "old rifles")
    numbers = np.arange(shape[0], dtype=np.int64)
    other = VectorIndex.build(lambda: [(numbers, np.ones(shape, np.float32))], count=shape[0], dimension=shape[1])
    path = derived_file(folder, "vectors")
    other.save(path)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][path.name]["bytes"] = path.stat().st_size
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert found(folder, "old rifles") == before


@pytest.mark.parametrize("name", ["revision", "passages", "dimension", "files"])
def test_a_manifest_that_lacks_something_is_no_loss(name: str, root: Path, folder: Path) -> None:
    build(root, folder=folder)
    before = found(folder, "old rifles")
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest[name]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert found(folder, "old rifles") == before


@pytest.mark.parametrize("damage", [garble, truncate])
def test_a_damaged_catalogue_is_an_error(damage: Callable[[Path], None], root: Path, folder: Path) -> None:
    build(root, folder=folder)
    damage(folder / "catalogue.sqlite")
    for attempt in (lambda: Index.check(folder), lambda: build(root, folder=folder)):
        with pytest.raises(CatalogueError, match="cannot be read as an index"):
            attempt()


def test_no_catalogue_is_an_error(folder: Path) -> None:
    with pytest.raises(CatalogueError, match=r"no index in .*; build it: rag index PATH"):
        Index.open(folder, ToyEmbedder(*WORDS))


def test_an_index_folder_that_is_a_file_is_an_error(root: Path, folder: Path) -> None:
    folder.write_text("in the way")
    with pytest.raises(CatalogueError, match="cannot write an index"):
        build(root, folder=folder)
