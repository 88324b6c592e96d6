"""An embedder behind a server: the `Embedder` protocol over OpenAI's embeddings API.

That API has no tokeniser. Tokens are guessed, and rather too many than too few, so that the server cuts nothing off.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from rag.errors import ModelError
from rag.remote.server import ModelServer
from rag.types import Span, Vectors

_BATCH = 32
_TOKEN = re.compile(r"[A-Za-z0-9]{1,4}|[^\sA-Za-z0-9]")


class RemoteEmbedder:
    """Its vectors are known by the model's name: weights that change under the same name are not noticed."""

    languages: frozenset[str] | None = None

    def __init__(self, server: ModelServer, *, max_tokens: int) -> None:
        self._server = server
        self.name = server.name
        self.digest = hashlib.sha256(f"remote {server.model}".encode()).hexdigest()  # the server may move
        self.max_tokens = max_tokens

    @classmethod
    def open(cls, address: str, *, key: str | None, max_tokens: int, timeout_s: float) -> "RemoteEmbedder":
        """Open the model at `http://host:port/v1#model`; raises `ModelError` where it is named in a wrong way."""
        server = ModelServer(address, key=key, option="--embedder", timeout_s=timeout_s)
        return cls(server, max_tokens=max_tokens)

    def close(self) -> None:
        """Close the connections."""
        self._server.close()

    @cached_property
    def dimension(self) -> int:
        """Length of a vector; asks the server once."""
        return int(self._vectors(["dimension"]).shape[1])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 vectors of length 1, shape (len(texts), dimension); raises `ModelError`."""
        parts = [self._vectors(texts[i : i + _BATCH]) for i in range(0, len(texts), _BATCH)]
        vectors = np.concatenate(parts) if parts else np.zeros((0, self.dimension), np.float32)
        if vectors.shape[1] != self.dimension:
            raise self._wrong(f"vectors of {vectors.shape[1]} numbers after some of {self.dimension}")
        return vectors

    def tokens(self, text: str) -> list[Span]:
        """Return spans of at most four letters or digits, and of each other sign: more than most tokenisers make."""
        return [Span(*match.span()) for match in _TOKEN.finditer(text)]

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        body = {"model": self._server.model, "input": list(texts), "encoding_format": "float"}
        answer = self._server.fetch("POST", "/embeddings", body)
        try:
            rows = sorted(answer["data"], key=lambda row: row["index"])
            vectors = np.array([row["embedding"] for row in rows], np.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise self._wrong(f"{type(error).__name__}: {error}") from error
        if vectors.ndim != 2 or len(vectors) != len(texts) or not vectors.size:
            raise self._wrong(f"shape {vectors.shape} for {len(texts)} texts")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise self._wrong("a vector without a direction")
        unit: Vectors = vectors / lengths
        return unit

    def _wrong(self, why: str) -> ModelError:
        return ModelError(f"the model server {self._server.base} gives no vectors ({why}); is {self.name} an embedder?")
