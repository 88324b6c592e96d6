"""A language model behind a server: the `LLM` protocol over OpenAI's chat API.

What that API cannot tell is made up for, and said: how many tokens a prompt has, and what an answer begins with.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from rag.errors import ModelError
from rag.remote.server import ModelServer, Refused
from rag.types import Cancelled, Inside, Message, Span

_PATH = "/chat/completions"
_TOP = 20
"""The most that OpenAI's API tells of what else might have been the first token."""
_WORD = 8
"""Tokens to read the beginning of an answer from, where probabilities are not told."""
_CHARS_PER_TOKEN = 3.5
_TOKENS_PER_MESSAGE = 4
_REMEMBERED = 64


class RemoteLLM:
    """Greedy decoding; as deterministic as the server is."""

    def __init__(self, server: ModelServer, *, context_tokens: int) -> None:
        self._server = server
        self.name = server.name
        self.context_tokens = context_tokens
        self._tells_probabilities = True
        self._counted: dict[tuple[Message, ...], int] = {}

    @classmethod
    def open(cls, address: str, *, key: str | None, context_tokens: int, timeout_s: float) -> "RemoteLLM":
        """Open the model at `http://host:port/v1#model`; raises `ModelError` where it is not there."""
        server = ModelServer(address, key=key, option="--llm", timeout_s=timeout_s)
        found = server.models()
        if server.model not in found:
            raise Refused(
                f"the model server {server.base} has no model {server.model!r}; there are: {', '.join(found[:10])}"
            )
        return cls(server, context_tokens=context_tokens)

    def close(self) -> None:
        """Close the connections."""
        self._server.close()

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        never: str | None = None,
        cancelled: Cancelled | None = None,
    ) -> Iterator[str]:
        """Yield pieces of the answer; raises `ModelError`.

        With `never`, an answer that begins so is no answer and nothing is yielded: the API has no way to rule it out.
        """
        held = "" if never else None
        body = self._body(messages, max_tokens)
        with closing(self._server.stream(_PATH, body, cancelled=cancelled)) as events:
            for event in events:
                with self._reading():
                    piece = _text(event, "delta")
                if held is None:
                    if piece:
                        yield piece
                    continue
                held += piece
                begun = held.lstrip().upper()
                if begun and never and begun.startswith(never):
                    return
                if begun and not (never and never.startswith(begun)):
                    yield held
                    held = None
        if held:
            yield held

    def begins(self, messages: Sequence[Message], text: str, *, cancelled: Cancelled | None = None) -> float:
        """Return how probable it is that the answer begins with the first token of `text`; raises `ModelError`.

        Where the server tells no probabilities, 1 if the answer does begin as `text`, else 0.
        """
        if self._tells_probabilities:
            asked = self._body(messages, 1) | {"logprobs": True, "top_logprobs": _TOP}
            try:
                answer = self._server.fetch("POST", _PATH, asked, cancelled=cancelled)
            except Refused:  # perhaps of the probabilities: if not, it is refused again below
                answer = {}
            if answer is None:
                return 0.0
            with self._reading():
                self._remember(messages, answer)
                if (told := _first_token(answer)) is not None:
                    return _probability(told, text)
            self._tells_probabilities = False
        answer = self._server.fetch("POST", _PATH, self._body(messages, _WORD), cancelled=cancelled)
        if answer is None:
            return 0.0
        with self._reading():
            self._remember(messages, answer)
            return float(_text(answer, "message").lstrip().upper().startswith(text))

    def inside(
        self, messages: Sequence[Message], spans: Sequence[Span] = (), *, cancelled: Cancelled | None = None
    ) -> Inside | None:
        """Return None: a server shows nothing of a model's inside."""

    def count(self, messages: Sequence[Message]) -> int:
        """Return the tokens of a prompt: as the server counted them, if it has read it lately, else a guess."""
        if (known := self._counted.get(tuple(messages))) is not None:
            return known
        return sum(math.ceil(len(m.content) / _CHARS_PER_TOKEN) + _TOKENS_PER_MESSAGE for m in messages)

    def _body(self, messages: Sequence[Message], max_tokens: int) -> dict[str, Any]:
        return {
            "model": self._server.model,
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            "max_tokens": max_tokens,
            "temperature": 0,
            "seed": 0,
        }

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Raise `ModelError` for an answer of another form."""
        try:
            yield
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise ModelError(
                f"the model server {self._server.base} gives no text ({type(error).__name__}: {error}); "
                f"is {self.name} a language model?"
            ) from error

    def _remember(self, messages: Sequence[Message], answer: dict[str, Any]) -> None:
        read = (answer.get("usage") or {}).get("prompt_tokens")
        if isinstance(read, int):
            self._counted[tuple(messages)] = read
            for oldest in list(self._counted)[:-_REMEMBERED]:
                self._counted.pop(oldest, None)


def _text(answer: dict[str, Any], part: str) -> str:
    """Return the text of an event or a whole answer; "" where there is none."""
    choices = answer.get("choices") or [{}]
    return str((choices[0].get(part) or {}).get("content") or "")


def _first_token(answer: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return the tokens that might come first, with their log probabilities; None where none are told."""
    choices = answer.get("choices") or [{}]
    content = (choices[0].get("logprobs") or {}).get("content") or [{}]
    return content[0].get("top_logprobs") or None


def _probability(told: list[dict[str, Any]], text: str) -> float:
    """Return the probability of the longest token that `text` begins with."""
    fitting = [t for t in told if (token := str(t.get("token", "")).strip()) and text.startswith(token)]
    best = max(fitting, key=lambda t: len(str(t["token"]).strip()), default=None)
    return math.exp(min(0.0, float(best["logprob"]))) if best else 0.0
