"""How much two texts have in common, told from small sketches of them rather than from the texts.

A sketch is a MinHash (Broder, 1997) of the pairs of neighbouring terms of a text, a byte for each of 256 hash functions
(Li and König, 2010); texts that are alike meet in a band, three of its bytes, before they are compared. It depends on
the text alone, so that no order of indexing and no third text can change what is alike. Knows nothing about articles
or where sketches are kept.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.lexical import terms

SIZE = 256
"""Bytes of a sketch; that of a text which is too short has none."""
BANDS = 32
_ROWS = 3
_RUN = 2
_LEAST = 20
"""Texts of fewer distinct pairs say too little to be told from others."""
_ALIKE = 0.35
"""From here on two texts tell one story; tuned on Wikinews: see docs/benchmarks.md, copies and versions."""
_AT_ONCE = 4096


def _numbers(name: str) -> NDArray[np.uint64]:
    """Return the same arbitrary numbers everywhere and always: sketches are kept."""
    digests = (hashlib.sha256(f"{name} {i}".encode()).digest()[:8] for i in range(SIZE))
    return np.array([int.from_bytes(digest) | 1 for digest in digests], np.uint64)[:, None]


_FACTORS, _SHIFTS = _numbers("factor"), _numbers("shift")


def sketch(text: str) -> bytes:
    """Return the sketch of a text: `SIZE` bytes, or none where it is too short to be told from others."""
    found = terms(text)
    runs = {" ".join(run) for run in zip(*(found[i:] for i in range(_RUN)), strict=False)}
    if len(runs) < _LEAST:
        return b""
    digests = b"".join(hashlib.blake2b(run.encode(), digest_size=8).digest() for run in runs)
    hashes = np.frombuffer(digests, "<u8").astype(np.uint64)
    minima = np.full(SIZE, np.iinfo(np.uint64).max, np.uint64)
    for start in range(0, len(hashes), _AT_ONCE):  # a long text takes no more memory than a short one
        mixed = _FACTORS * hashes[start : start + _AT_ONCE] + _SHIFTS  # wraps around; the upper half is well mixed
        minima = np.minimum(minima, (mixed >> np.uint64(32)).min(axis=1))
    return (minima & np.uint64(0xFF)).astype(np.uint8).tobytes()


def bands(sketch: bytes) -> list[int]:
    """Return the `BANDS` numbers of a sketch, below 2**29: texts of one story have at least one in common, mostly."""
    starts = range(0, min(len(sketch), BANDS * _ROWS), _ROWS)
    return [i << 8 * _ROWS | int.from_bytes(sketch[start : start + _ROWS]) for i, start in enumerate(starts)]


def resemblance(one: bytes, others: Sequence[bytes]) -> NDArray[np.float64]:
    """Return the estimated share of pairs of terms that a text has in common with each of others, 0 to 1.

    All are sketches, none of them empty. The standard error is at most 0.032.
    """
    if not others:
        return np.zeros(0)
    table = np.frombuffer(b"".join(others), np.uint8).reshape(len(others), SIZE)
    same = (table == np.frombuffer(one, np.uint8)).mean(axis=1)
    share: NDArray[np.float64] = np.clip(
        (same - 1 / 256) / (1 - 1 / 256), 0, 1
    )  # one byte in 256 is the same by chance
    return share


def one_story(one: bytes, others: Sequence[bytes]) -> list[bool]:
    """Tell of each of some texts whether it tells the story of the first, by their sketches; an empty one never."""
    if not one:
        return [False] * len(others)
    whole = [other for other in others if other]
    told = iter(resemblance(one, whole) >= _ALIKE)
    return [bool(other) and bool(next(told)) for other in others]
