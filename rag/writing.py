"""From evidence to checked sentences: the draft is written, cut into sentences as it grows, and each one checked.

Knows nothing about searching, conversations, or whose turn it is.
"""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.chunking import sentences
from rag.citations import Checker, is_question, numbers_next
from rag.injections import overrides
from rag.refusal import ANSWERED, EXTRACTED, QUOTED
from rag.types import LLM, Cancelled, Checked, Draft, Evidence, Inside, Message, Span, Timings

_NOT_FOUND = "NOT FOUND"
"""What the prompt asks the model to write where the excerpts hold no answer."""
_STRAIGHT = re.compile(r'(?<!\d)"')
_QUOTED = 3
"""A quotation that goes on for more sentences was perhaps never closed."""
_DECLINES = re.compile(r"not? found\b", re.IGNORECASE)


def _is_open(text: str) -> bool:
    """Tell whether a quotation in English marks begins in a text and does not end in it; 6'2" is a height."""
    straight = len(_STRAIGHT.findall(text)) % 2 > 0
    return straight or ("„" not in text and text.rfind("“") > text.rfind("”"))


def is_stopped(cancelled: Cancelled | None) -> bool:
    """Tell whether nobody waits for an answer any more."""
    return cancelled is not None and cancelled.is_set()


class Clock:
    """Collects the timings of one answer, in seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._stamps: dict[str, float] = {}
        self.counts: dict[str, int] = {}

    def stamp(self, name: str) -> None:
        """Take the time of a field of `Timings`, the first time that it is asked to."""
        self._stamps.setdefault(name, round(time.perf_counter() - self._start, 4))

    def count(self, **counts: int) -> None:
        """Add to the values of other fields."""
        for name, count in counts.items():
            self.counts[name] = self.counts.get(name, 0) + count

    def timings(self) -> Timings:
        """Return what was collected; the whole ends now."""
        self.stamp("total_s")
        return Timings(**self._stamps, **self.counts)  # type: ignore[arg-type]


def render_evidence(evidence: Sequence[Evidence]) -> tuple[str, list[Span]]:
    """Return the evidence as the model reads it, under each article's title and date one sentence a line, and where."""
    blocks: dict[str, list[int]] = {}
    for i, e in enumerate(evidence):
        blocks.setdefault(e.article.id, []).append(i)
    text, places = "", [Span(0, 0)] * len(evidence)
    for block in blocks.values():
        origin = evidence[block[0]].article.origin
        text += (
            "\n\n" * bool(text)
            + f"Article: {'untitled' if overrides(origin.title) else origin.title}"
            + f" ({origin.day})" * bool(origin.day)
        )
        asked = ""
        for i in block:
            one = evidence[i]
            text += f"\nAsked: {one.asked}" * (one.asked not in ("", asked)) + "\n- "
            asked = one.asked
            if one.speaker and one.speaker.split()[-1] not in one.quote:  # who "he" is
                text += f"{one.speaker}: "
            quote = " ".join(one.quote.split())
            places[i] = Span(len(text), len(text) + len(quote))
            text += quote
    return text, places


def ranked(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return what may answer, the most probable first; of equal ones the last, as chosen. No interviewer's question."""
    told = (one for one in reversed(evidence) if not is_question(one.quote))
    return sorted(told, key=lambda one: -(one.probability or 0.0))


def judged(
    llm: LLM | None, messages: Sequence[Message], places: Sequence[Span], clock: Clock, cancelled: Cancelled | None
) -> tuple[float | None, Inside | None]:
    """Return how probable it is that the model declines, and what its inside says of a prompt and places at its end.

    None where there is no model, where nobody waits, and for an inside that is not known.
    """
    if llm is None or is_stopped(cancelled):
        return None, None
    declined = llm.begins(messages, _NOT_FOUND, cancelled=cancelled)
    clock.count(prompt_tokens=llm.count(messages), answer_tokens=0)
    return declined, llm.inside(messages, places, cancelled=cancelled)


@dataclass(frozen=True, slots=True)
class Writing:
    """One answer to be written by `llm`, or by nobody: then the best sentence of the evidence is all it says."""

    llm: LLM | None
    messages: Sequence[Message]
    checker: Checker
    evidence: Sequence[Evidence]
    """What the model reads."""
    max_tokens: int
    clock: Clock
    cancelled: Cancelled | None
    has_inside: bool = False
    """Whether the model's inside is known: then the probability says more than "not found" in the draft."""

    @property
    def best(self) -> Evidence | None:
        """The sentence that most probably answers."""
        return next(iter(ranked(self.evidence)), None)

    @property
    def stopped(self) -> bool:
        """Whether nobody waits for it any more."""
        return is_stopped(self.cancelled)

    def checked(self, probability: float) -> Iterator[Draft | Checked]:
        """Yield the draft as it grows and each sentence once checked; nothing where the question is declined.

        One that is declined narrowly is answered by the best of the sentences that hold its every word, if any does.
        Where nothing that was written holds up fully, or there is nobody to write, the best sentence speaks for itself.
        `probability` is that of the question being answerable.
        """
        if probability < ANSWERED:
            read = ranked(self.evidence) if probability >= QUOTED else ()
            if told := next(filter(self.checker.is_told_by, read), None):
                yield from (Checked(claim, citations) for claim, citations in self.checker.quote(told))
            return
        supported = False
        written: set[str] = set()
        for event in self._written():
            if isinstance(event, Draft):
                yield event
            elif event in written:  # and so it would go on
                break
            elif _DECLINES.match(event):  # `never` bans one spelling of it
                if not self.has_inside:
                    return
                break
            else:
                written.add(event)
                for claim, citations in self.checker.check_all(event):
                    supported = supported or claim.verdict == "supported"
                    yield Checked(claim, citations)
        best = self.best
        if supported or self.stopped or not best:
            return
        least = QUOTED if self.llm else EXTRACTED
        if probability * (best.probability or 1.0) >= least:
            yield from (Checked(claim, citations) for claim, citations in self.checker.quote(best))

    def _written(self) -> Iterator[Draft | str]:
        """Yield the draft as it grows, as `Draft`, and each of its sentences once complete, as `str`."""
        if self.llm is None or self.stopped:
            return
        rest, written = "", 0
        clock = self.clock
        for piece in self.llm.stream(
            self.messages, max_tokens=self.max_tokens, never=_NOT_FOUND, cancelled=self.cancelled
        ):
            clock.stamp("first_word_s")
            clock.count(answer_tokens=1)
            written += 1
            yield Draft(piece)
            rest += piece
            *complete, last = sentences(rest) or [Span(0, 0)]
            if complete and not (len(complete) <= _QUOTED and _is_open(rest[: complete[-1].end])):
                yield from (said for span in complete if not numbers_next(said := span.of(rest)))
                rest = rest[last.start :]
        if not self.stopped:
            whole = sentences(rest) if written < self.max_tokens else sentences(rest)[:-1]  # half a one is no claim
            yield from (span.of(rest) for span in whole)
