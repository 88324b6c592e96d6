"""What a model has read of the beginnings that prompts share: kept in memory and on disk, so that it is read once.

And of the one prompt that was left last, in memory alone, so that it can be gone on with. Knows nothing about messages
or answers. What is kept is the part of llama.cpp's memory (the keys and values of attention) that it takes: 28 kB a
token for the default model.
"""

import ctypes
import hashlib
import logging
import tempfile
import time
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

_HELD = 4
"""So many are held in memory."""
_KEPT = 8
"""So many are kept on disk; the one that was made longest ago goes first."""
_SUFFIX = ".state"
_LEFT_S = 3600
"""What is being written for longer was left by a kill."""
_log = logging.getLogger(__name__)


class Beginnings:
    """The states of one model after the beginnings it has read."""

    def __init__(self, model: Any, *, identity: str, folder: Path | None) -> None:
        """`identity` tells the model's weights, and how it reads, from others; without a `folder` nothing is kept."""
        self._model = model
        self._identity = identity
        self._folder = folder
        self._held: OrderedDict[tuple[int, ...], bytes] = OrderedDict()
        self._left: tuple[tuple[int, ...], bytes] = (), b""

    def begin(self, prompt: Sequence[int], shared: int) -> None:
        """Bring the model to where it has read at least the first `shared` tokens of a prompt.

        The prompt that it was at before it turned to another one is not read again. Raises `RuntimeError` where reading
        fails or is given up.
        """
        read = _alike(self._read(), prompt)
        if read < self._model.n_tokens:
            (tokens, left), self._left = self._left, ((), b"")
            self._left = tuple(self._read()), self._get()
            if left and _alike(tokens, prompt) > max(read, shared - 1):
                if self._set(tokens, left):
                    self._model.n_tokens -= 1  # one is read again: of what comes next, a state says nothing
                    return
                read = 0
        if not shared or read >= shared:
            return
        beginning = tuple(prompt[:shared])
        path = self._path(beginning)
        for state in (self._held.get(beginning), path and _load(path)):
            if state and self._set(beginning, state):
                self._hold(beginning, state)
                return
        self._model.reset()
        self._model.eval(beginning)
        if state := self._get():
            self._hold(beginning, state)
            if path:
                _save(path, state)

    def _read(self) -> list[int]:
        tokens: list[int] = self._model.input_ids[: self._model.n_tokens].tolist()
        return tokens

    def _get(self) -> bytes:
        import llama_cpp

        size = llama_cpp.llama_state_seq_get_size(self._model.ctx, 0)
        buffer = (ctypes.c_uint8 * size)()
        return ctypes.string_at(buffer, llama_cpp.llama_state_seq_get_data(self._model.ctx, buffer, size, 0))

    def _set(self, beginning: tuple[int, ...], state: bytes) -> bool:
        """Tell whether llama.cpp took a state; where it did not, it has read nothing."""
        import llama_cpp

        self._model.reset()
        buffer = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        if llama_cpp.llama_state_seq_set_data(self._model.ctx, buffer, len(state), 0) != len(state):
            return False
        self._model.input_ids[: len(beginning)] = beginning
        self._model.n_tokens = len(beginning)
        return True

    def _hold(self, beginning: tuple[int, ...], state: bytes) -> None:
        self._held[beginning] = state
        self._held.move_to_end(beginning)
        while len(self._held) > _HELD:
            self._held.popitem(last=False)

    def _path(self, beginning: tuple[int, ...]) -> Path | None:
        named = hashlib.sha256(f"{self._identity} {beginning}".encode()).hexdigest()
        return self._folder / (named[:32] + _SUFFIX) if self._folder else None


def _alike(some: Sequence[int], others: Sequence[int]) -> int:
    """Return how many tokens two sequences have in common, from their first on."""
    pairs = zip(some, others, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(some), len(others)))


def _load(path: Path) -> bytes | None:
    """Return what was saved; None where nothing was, or it is not what was."""
    try:
        saved = path.read_bytes()
    except OSError:
        return None
    digest, state = saved[:32], saved[32:]
    return state if hashlib.sha256(state).digest() == digest else None


def _save(path: Path, state: bytes) -> None:
    """Write a state whole or not at all; where that fails, it will be read again the next time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            try:
                file.write(hashlib.sha256(state).digest() + state)
                file.close()
                Path(file.name).replace(path)
            except OSError:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        _log.debug("what was read of a prompt is not kept in %s: %s", path.parent, error)
        return
    with suppress(OSError):  # another process prunes as well
        kept = sorted(path.parent.glob(f"*{_SUFFIX}"), key=lambda one: one.stat().st_mtime_ns)
        parts = [one for one in path.parent.glob("*.part") if time.time() - one.stat().st_mtime > _LEFT_S]
        for old in [*kept[:-_KEPT], *parts]:
            old.unlink()
