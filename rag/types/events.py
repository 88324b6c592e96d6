"""What happens while an answer comes about, in the order in which it happens."""

from dataclasses import dataclass
from typing import TypeAlias

from rag.types.answer import Answer, Citation, Claim
from rag.types.search import Hit, Query


@dataclass(frozen=True, slots=True)
class Waiting:
    """Event: so many generations are ahead; whenever that changes, and 0 once it is this one's turn."""

    ahead: int


@dataclass(frozen=True, slots=True)
class Found:
    """Event: the search is done; comes before the first word."""

    query: Query
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """Event: a piece of the running draft, not yet checked; only the page may show it."""

    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """Event: one sentence has been checked; `citations` are those its markers name."""

    claim: Claim
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """Event: the whole answer; always the last."""

    answer: Answer


Event: TypeAlias = Waiting | Found | Draft | Checked | Finished
