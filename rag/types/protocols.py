"""The seams: what an embedder, a reranker, a judge of entailment and a language model must have.

Knows nothing about those there are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rag.types.articles import Span

Role = Literal["system", "user", "assistant"]
Vectors: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation as a language model reads it."""

    role: Role
    content: str


class Cancelled(Protocol):
    """Tells a running generation that nobody waits for it; `threading.Event` fits."""

    def is_set(self) -> bool:
        """Return True once the work should stop."""
        ...


class Embedder(Protocol):
    """Turns texts into unit vectors; `digest` tells two sets of weights apart.

    `languages` are those it knows, as ISO 639-1; None where that is not known, so that nothing is claimed.
    """

    name: str
    digest: str
    languages: frozenset[str] | None

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """How many tokens are read of a text, special tokens included."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 vectors of length 1, shape (len(texts), dimension)."""
        ...

    def tokens(self, text: str) -> list[Span]:
        """Return the span of every token of `text`, special tokens left out, nothing cut off."""
        ...


class Reranker(Protocol):
    """Reads question and passage together, which is slower and sees more than two vectors do."""

    name: str

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        """Return for each passage how probable it is that it answers the question, 0 to 1."""
        ...


class Entailment(Protocol):
    """Reads a claim and what it rests on together, which is slower and sees more than words and vectors do."""

    name: str

    def follows(self, claim: str, premise: str) -> float:
        """Return how probable it is that `claim` follows from `premise`, 0 to 1."""
        ...


@dataclass(frozen=True, slots=True)
class Inside:
    """What a language model's inside says of a prompt once it has read it."""

    answerable: float
    """The log odds that the prompt holds what it asks for."""
    heeded: tuple[float, ...]
    """The share of attention that each of the spans asked about gets at the prompt's end, more than nothing."""


class LLM(Protocol):
    """Writes text after a prompt, deterministically."""

    name: str
    context_tokens: int

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        never: str | None = None,
        cancelled: Cancelled | None = None,
    ) -> Iterator[str]:
        """Yield pieces of the answer, a token each where that can be told; ends early once `cancelled` is set.

        With `never`, the answer does not begin as this text does.
        """
        ...

    def begins(self, messages: Sequence[Message], text: str, *, cancelled: Cancelled | None = None) -> float:
        """Return how probable it is that the answer begins as `text` does."""
        ...

    def inside(
        self, messages: Sequence[Message], spans: Sequence[Span] = (), *, cancelled: Cancelled | None = None
    ) -> Inside | None:
        """Return what its inside says of a prompt, and of some spans of the last message; None where unknown."""
        ...

    def count(self, messages: Sequence[Message]) -> int:
        """Return how many tokens the prompt made of `messages` takes."""
        ...
