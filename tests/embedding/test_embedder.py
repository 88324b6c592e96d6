"""The embedder's folder, as far as it can be judged without weights."""

import hashlib
from pathlib import Path

import pytest

from rag.embedding import SentenceTransformerEmbedder
from rag.errors import ModelError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the two files that are looked for, and no weights in them."""
    (tmp_path / "modules.json").write_text("[]")
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    return tmp_path


@pytest.mark.parametrize("needed", ["modules.json", "model.safetensors"])
def test_a_folder_that_lacks_a_file_is_refused_by_that_name(folder: Path, needed: str) -> None:
    (folder / needed).unlink()
    with pytest.raises(ModelError, match=f"{needed} is missing") as raised:
        SentenceTransformerEmbedder.open(folder, name="x")
    assert str(folder) in str(raised.value)


def test_pickled_weights_are_no_substitute(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"model\.safetensors is missing"):
        SentenceTransformerEmbedder.open(folder, name="x")


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="rag models list"):
        SentenceTransformerEmbedder.open(tmp_path / "none", name="x")


def test_the_digest_is_that_of_the_weights_and_opening_does_not_load_them(folder: Path) -> None:
    embedder = SentenceTransformerEmbedder.open(folder, name="x")
    assert embedder.digest == hashlib.sha256(b"no weights").hexdigest()
    assert embedder.name == "x"
