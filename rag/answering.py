"""From hits to checked sentences: the evidence, whether it answers, what is written of it, what holds of that.

Knows nothing about conversations, what a question is made of, or whose turn it is.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from rag.citations import Checker
from rag.prompts import Prompts
from rag.refusal import ANSWERED, answerable
from rag.retrieval import Retriever, is_broad, relevance, words_asked_of
from rag.retrieval.evidence import heeded, sentences_of
from rag.settings import Settings
from rag.types import (
    LLM,
    Cancelled,
    Checked,
    Citation,
    Claim,
    Entailment,
    Event,
    Evidence,
    Hit,
    Inside,
    Message,
    Query,
    Span,
)
from rag.writing import Clock, Writing, is_stopped, judged, ranked, render_evidence


@dataclass(frozen=True, slots=True)
class Part:
    """What became of a question, or of a part of one: what was read, and what was written and checked."""

    asked: str
    probability: float | None
    evidence: tuple[Evidence, ...] = ()
    claims: tuple[Claim, ...] = ()
    checker: Checker | None = None
    best: Evidence | None = None

    def answers(self, citations: Sequence[Citation]) -> bool:
        """Tell whether it is answered: by a sentence of its own, or by one that is cited for another part."""
        if any(not claim.withheld for claim in self.claims):
            return True
        cited = {(citation.article.id, citation.start) for citation in citations}
        best = self.best and (self.best.article.id, self.best.start)
        return (self.probability or 0.0) >= ANSWERED and best in cited


@dataclass(frozen=True, slots=True)
class Answering:
    """What the parts of one question are answered with, and for whom; without a `writer` sources speak."""

    settings: Settings
    retriever: Retriever
    prompts: Prompts
    writer: LLM | None
    entailment: Entailment | None
    clock: Clock
    cancelled: Cancelled | None

    def part(self, query: Query, hits: Sequence[Hit], *, before: Checker | None) -> Generator[Event, None, Part]:
        """Yield what is written and checked in answer to a query; return what became of it.

        `before` checked the part before it, whose markers are numbered on from.
        """
        evidence = self._evidence(query, hits)
        if not evidence:
            return Part(query.text, answerable(relevance(query, hits)) if hits else None)
        writing, probability = self.considered(query, hits, evidence, before=before)
        claims: list[Claim] = []
        for event in writing.checked(probability):
            if isinstance(event, Checked):
                claims.append(event.claim)
                if event.claim.withheld:
                    continue
                self.clock.stamp("first_checked_s")
            yield event
        return Part(query.text, probability, tuple(writing.evidence), tuple(claims), writing.checker, writing.best)

    def considered(
        self, query: Query, hits: Sequence[Hit], evidence: Sequence[Evidence], *, before: Checker | None = None
    ) -> tuple[Writing, float]:
        """Return what is to be written from the evidence, and how probable it is that the question is answerable."""
        read, declined, inside = self.looked(query, evidence)
        checker = Checker(
            query.spelt,
            read,
            self.retriever.embedder,
            elsewhere=sentences_of(hits),
            entailment=self.entailment,
            named=read is evidence,
            asked_of=words_asked_of(query.spelt, after=query.after),
            before=before,
        )
        writing = Writing(
            llm=self.writer,
            messages=self.prompt(query, evidence)[0],
            checker=checker,
            evidence=read,
            max_tokens=self.settings.answer_tokens,
            clock=self.clock,
            cancelled=self.cancelled,
            has_inside=inside is not None,
        )
        return writing, answerable(relevance(query, hits), declined, inside, broad=is_broad(query, read))

    def looked(
        self, query: Query, evidence: Sequence[Evidence]
    ) -> tuple[Sequence[Evidence], float | None, tuple[float, float] | None]:
        """Return how probably each sentence answers now that it was read, and what the model says of the question.

        That is how probably it declines, and what its inside says of all sentences, and of the best one alone: among
        others, a sentence that does not answer may sound as if it did. As given, and None, where that is not known.
        """
        messages, places = self.prompt(query, evidence)
        declined, inside = judged(self.writer, messages, places, self.clock, self.cancelled)
        if self.writer is None or inside is None:
            return evidence, declined, None
        read = heeded(evidence, inside.heeded) if inside.heeded else evidence
        alone: Inside | None = inside
        if len(read) > 1 and (told := ranked(read)):
            alone = self.writer.inside(*self.prompt(query, told[:1]), cancelled=self.cancelled)
        return read, declined, (inside.answerable, alone.answerable) if alone else None

    def prompt(self, query: Query, evidence: Sequence[Evidence]) -> tuple[list[Message], list[Span]]:
        """Return what the model reads, and where in the last message each sentence of the evidence stands."""
        text, places = render_evidence(evidence)
        messages = self.prompts.messages("answer", evidence=text, question=query.text)
        before = messages[-1].content.index(text)
        return messages, [Span(before + place.start, before + place.end) for place in places]

    def _evidence(self, query: Query, hits: Sequence[Hit]) -> Sequence[Evidence]:
        if is_stopped(self.cancelled):
            return ()
        tokens, enough = self.settings.evidence_tokens, self.settings.evidence_enough
        return self.retriever.evidence(query, hits, max_tokens=tokens, enough=enough)
