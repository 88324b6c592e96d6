"""Public fakes: every path of the product can be tested with them in milliseconds, without weights.

Know nothing about the real models but their protocols.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from rag.types import Cancelled, Inside, Message, Span, Vectors

_TOKEN = re.compile(r"\w+|[^\w\s]")


class ToyEmbedder:
    """One dimension for each word it was given, and a last one for all others, so that vectors can be read.

    `ToyEmbedder("weapons").embed(["weapons, weapons!"])` is `[[1.0, 0.0]]`.
    """

    name = "toy"

    def __init__(self, *words: str, max_tokens: int = 64, languages: frozenset[str] | None = None) -> None:
        self._place = {word: i for i, word in enumerate(words)}
        self.digest = "toy:" + ",".join(words)
        self.dimension = len(words) + 1
        self.max_tokens = max_tokens
        self.languages = languages
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return word counts, scaled to length 1; remembers the texts in `embedded`."""
        self.embedded += texts
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for word in re.findall(r"\w+", text.casefold()) or [""]:
                vector[self._place.get(word, self.dimension - 1)] += 1
            vector /= np.linalg.norm(vector)
        return vectors

    def tokens(self, text: str) -> list[Span]:
        """Return the spans of words and of single punctuation marks."""
        return [Span(*match.span()) for match in _TOKEN.finditer(text)]


class ScriptedLLM:
    """Writes the given answers, one a call, word by word; keeps the prompts it was given in `history`."""

    name = "scripted"

    def __init__(self, *answers: str, context_tokens: int = 4096) -> None:
        self._answers = list(answers)
        self.context_tokens = context_tokens
        self.history: list[tuple[Message, ...]] = []

    def begins(
        self,
        messages: Sequence[Message],
        text: str,
        *,
        cancelled: Cancelled | None = None,
    ) -> float:
        """Return 1 where the next answer begins with `text`, which is then taken as given, else 0."""
        if (cancelled and cancelled.is_set()) or not self._answers or not self._answers[0].startswith(text):
            return 0.0
        self.history.append(tuple(messages))
        self._answers.pop(0)
        return 1.0

    def inside(
        self, messages: Sequence[Message], spans: Sequence[Span] = (), *, cancelled: Cancelled | None = None
    ) -> Inside | None:
        """Return None: it has no inside."""

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        never: str | None = None,
        cancelled: Cancelled | None = None,
    ) -> Iterator[str]:
        """Yield the next answer in pieces, at most `max_tokens` of them, until `cancelled` is set."""
        self.history.append(tuple(messages))
        answer = self._answers.pop(0).removeprefix(never or "")
        for piece in re.findall(r"\s*\S+", answer)[:max_tokens]:
            if cancelled and cancelled.is_set():
                return
            yield piece

    def count(self, messages: Sequence[Message]) -> int:
        """Return the number of words of the prompt."""
        return sum(len(message.content.split()) for message in messages)
