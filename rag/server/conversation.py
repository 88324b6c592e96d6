"""A conversation as OpenAI's clients send it: the question, and the answers before it.

Knows nothing about HTTP.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from rag.citations.footnotes import SOURCES
from rag.errors import UsageError
from rag.follow_ups import recalled
from rag.types import LEFT_OPEN, REFUSAL, Answer

_MARKERS = re.compile(r"\s*(?:\[\d+\])+")
_EARLIER_CHARS = 2000
"""Of an earlier question and of an earlier answer, what is read."""


class Part(BaseModel):
    """A part of a message; only text is read."""

    type: str
    text: str = ""


class ChatMessage(BaseModel):
    """One message."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | Annotated[list[Part], Field(max_length=100)] | None = None

    model_config = ConfigDict(extra="ignore")

    @property
    def text(self) -> str:
        """All its text; raises `UsageError` where it holds something else."""
        if not isinstance(self.content, list):
            return self.content or ""
        for part in self.content:
            if part.type != "text":
                raise UsageError(f"a message holds {part.type!r}; rag reads text alone")
        return "\n".join(part.text for part in self.content)


def read(messages: Sequence[ChatMessage]) -> tuple[str, list[Answer]]:
    """Return the question, which is the last message, and the answers before it; raises `UsageError`.

    What a system message says is not followed: the prompt is rag's own.
    """
    said = [m for m in messages if m.role in ("user", "assistant")]
    if not said or said[-1].role != "user":
        raise UsageError('the last message is not from the user; end with {"role": "user", "content": QUESTION}')
    history: list[Answer] = []
    question = None
    for message in said[:-1]:
        if message.role == "user":
            question = message.text[:_EARLIER_CHARS]
        elif question is not None:
            history.append(recalled(question, _said(message.text), history))
            question = None
    return said[-1].text, history


def _said(text: str) -> str:
    """Return what an answer of ours said, without markers and sources: nothing, where it declined."""
    said = _MARKERS.sub("", text.split(SOURCES)[0].split(LEFT_OPEN)[0])[:_EARLIER_CHARS]
    return "" if said.strip() == REFUSAL else said
