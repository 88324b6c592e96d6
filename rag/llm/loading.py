"""A language model that is opened in the background: searching need not wait for it.

Knows nothing about how a model is opened.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from rag.types import LLM, Cancelled, Message


class Loading:
    """Is the model that `load` returns, for whoever asks something of it; what `load` raises is raised then."""

    def __init__(self, load: Callable[[], LLM], *, name: str, context_tokens: int) -> None:
        self.name = name
        self.context_tokens = context_tokens
        pool = ThreadPoolExecutor(1, "model")
        self._loaded = pool.submit(load)
        pool.shutdown(wait=False)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        never: str | None = None,
        cancelled: Cancelled | None = None,
    ) -> Iterator[str]:
        """Yield pieces of the answer: see `LLM`."""
        return self._loaded.result().stream(messages, max_tokens=max_tokens, never=never, cancelled=cancelled)

    def begins(self, messages: Sequence[Message], text: str, *, cancelled: Cancelled | None = None) -> float:
        """Return how probable it is that the answer begins as `text` does."""
        return self._loaded.result().begins(messages, text, cancelled=cancelled)

    def count(self, messages: Sequence[Message]) -> int:
        """Return how many tokens the prompt made of `messages` takes."""
        return self._loaded.result().count(messages)
