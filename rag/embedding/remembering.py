"""An embedder that embeds no text twice.

For one question at most, or a measurement: it forgets nothing. Knows nothing about the embedder it asks.
"""

from collections.abc import Sequence

import numpy as np

from rag.types import Embedder, Span, Vectors


class Remembering:
    """Asks an embedder for what it has not been asked before."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}
        self.name, self.digest, self.languages = embedder.name, embedder.digest, embedder.languages

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._embedder.dimension

    @property
    def max_tokens(self) -> int:
        """How many tokens the model reads, special tokens included."""
        return self._embedder.max_tokens

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 vectors of length 1, shape (len(texts), dimension)."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known |= dict(zip(new, self._embedder.embed(new), strict=True))
        return np.array([self._known[text] for text in texts], np.float32).reshape(len(texts), self.dimension)

    def tokens(self, text: str) -> list[Span]:
        """Return the span of every token of `text`, special tokens left out, nothing cut off."""
        return self._embedder.tokens(text)
