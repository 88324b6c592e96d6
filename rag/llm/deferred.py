"""A language model that is opened when it is first asked: what comes before, a search, need not wait for it.

It is opened in the thread that asks, since llama-cpp-python silences the whole process while it opens a file: not for
servers. Knows nothing about how a model is opened.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from rag.types import LLM, Cancelled, Inside, Message, Span


class Deferred:
    """Is the model that `load` returns; what `load` raises is raised when it is asked."""

    def __init__(self, load: Callable[[], LLM], *, name: str, context_tokens: int) -> None:
        self._load = load
        self.name = name
        self.context_tokens = context_tokens

    @cached_property
    def _model(self) -> LLM:
        return self._load()

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        never: str | None = None,
        cancelled: Cancelled | None = None,
    ) -> Iterator[str]:
        """Yield pieces of the answer: see `LLM`."""
        return self._model.stream(messages, max_tokens=max_tokens, never=never, cancelled=cancelled)

    def begins(self, messages: Sequence[Message], text: str, *, cancelled: Cancelled | None = None) -> float:
        """Return how probable it is that the answer begins as `text` does."""
        return self._model.begins(messages, text, cancelled=cancelled)

    def inside(
        self, messages: Sequence[Message], spans: Sequence[Span] = (), *, cancelled: Cancelled | None = None
    ) -> Inside | None:
        """Return what its inside says of a prompt: see `LLM`."""
        return self._model.inside(messages, spans, cancelled=cancelled)

    def count(self, messages: Sequence[Message]) -> int:
        """Return how many tokens the prompt made of `messages` takes."""
        return self._model.count(messages)
