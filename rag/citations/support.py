"""How well sentences of articles support a claim: what they contradict, and how much of it they hold.

Two gates: the first needs no model and says what is wrong; the second weighs five measures into a probability, fitted
on pairs like those of `python -m benchmarks.grounding` and on 196 claims labelled blind. Knows nothing about where
evidence came from.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rag.citations.facts import MONTHS, Facts, facts, occurs
from rag.citations.swaps import exchanged, misplaced, swapped
from rag.types import Evidence

WEIGHTS = {"coverage": 1.3, "cosine": 1.55, "nearness": 2.6, "conflict": -2.7, "missing": -0.38}
INTERCEPT = -3.25
_DENIES, _IS_DENIED = "it denies what the source does not", "the source denies it"
_IS_OPPOSED = "the source says the opposite"
DENIED = frozenset({_DENIES, _IS_DENIED, _IS_OPPOSED})
"""What is wrong with a claim where its source says no to it."""
_MOST_MISSING = 5
_BEFORE = 600
"""Code points before a sentence in which the names are looked for that it means by "he" or "the minister"."""
_AROUND = 4000
"""Code points before and after it in which any name of the claim must stand."""
_APART = 20
"""Words that two sentences count as standing apart."""


class Source:
    """A sentence that may be cited, and the words around it."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.facts = facts(evidence.quote)

    @cached_property
    def published(self) -> frozenset[str]:
        """The year and the month of publication, as words of the text would be."""
        day = self.evidence.article.origin.published or ""
        month = MONTHS[int(day[5:7]) - 1] if day[5:7] else ""
        return facts(f"In {month} {day[:4]}").words

    @cached_property
    def about(self) -> frozenset[str]:
        """The words of the title and of the speaker's name, which the sentence is about without saying so."""
        return facts(f"{self.evidence.article.origin.title}\n{self.evidence.speaker or ''}").words

    @cached_property
    def near(self) -> Facts:
        """What the sentences before it, the title and the name of the speaker state."""
        e = self.evidence
        before = e.article.text[max(0, e.start - _BEFORE) : e.start]
        return facts("\n".join([before, e.article.origin.title, e.speaker or ""]))

    @cached_property
    def around(self) -> Facts:
        """What the article states some way before and after it."""
        e = self.evidence
        return facts(f"{e.article.text[max(0, e.start - _AROUND) : e.end + _AROUND]}\n{e.article.origin.title}")


@dataclass(frozen=True, slots=True)
class Support:
    """What some sentences hold of a claim: shares of its words, and whether they name somebody else in its stead."""

    coverage: float
    nearness: float
    conflict: bool
    missing: tuple[str, ...]
    """The words that they do not hold, as stems."""

    def probability(self, cosine: float) -> float:
        """Return how probable it is that the claim follows; `cosine` is that of claim and best sentence."""
        w = WEIGHTS
        weighed = w["coverage"] * self.coverage + w["cosine"] * cosine + w["nearness"] * self.nearness
        weighed += w["conflict"] * self.conflict + w["missing"] * min(len(self.missing), _MOST_MISSING)
        return 1 / (1 + math.exp(-(INTERCEPT + weighed)))


def support(claim: Facts, sources: Sequence[Source]) -> Support:
    """Return how much of a claim some sentences hold.

    A name may stand before them, in the title, or be their speaker's: articles go on with "he". It may not where they
    have another name that the claim has not.
    """
    words = frozenset().union(*(s.facts.words for s in sources))
    near = frozenset().union(*(s.near.words for s in sources))
    initials = frozenset().union(*(s.facts.initials | s.near.initials for s in sources))
    held = {w for w in claim.words if w in initials or occurs(w, words)}
    strange = {name for name in claim.names if name not in held}
    about = frozenset().union(*(s.about for s in sources))
    others = any(name not in claim.words for s in sources for name in s.facts.names)
    held |= {name for name in strange if occurs(name, near)}
    return Support(
        coverage=len(held) / (len(claim.words) or 1),
        nearness=_nearness(claim, sources),
        conflict=bool(strange - about) and others,
        missing=tuple(w for w in dict.fromkeys(claim.sequence) if w not in held),
    )


def contradictions(claim: Facts, sources: Sequence[Source], *, asked: Facts) -> Iterator[str]:
    """Yield what is wrong with a claim, in words for people; what it repeats of the question may stand around."""
    held = [source.facts for source in sources]
    around = [source.around for source in sources]
    words = frozenset().union(*(f.words for f in held))
    repeated = asked.words & frozenset().union(*(f.words for f in around), *(source.published for source in sources))
    for kind, mine, theirs in (
        ("number", claim.numbers, frozenset().union(*(f.numbers for f in held))),
        ("date", claim.calendar, frozenset().union(*(f.calendar for f in held))),
    ):
        yield from (f"{kind} {claim.spelt[value]!r} is not in the source" for value in sorted(mine - theirs - repeated))
    for quotation in claim.quotations:
        if not any(f" {quotation} " in f" {f.plain} " for f in [*held, *around, asked]):
            yield "the quotation is not verbatim"
    negated = frozenset().union(*(f.negated for f in held))
    denied = frozenset().union(*(f.denied for f in held))
    unheard = claim.negative and not asked.negative and not any(f.negative for f in held)
    if unheard or (claim.negated & words) - denied:
        yield _DENIES
    if (negated & claim.words) - claim.denied:
        yield _IS_DENIED
    sides = frozenset().union(*(f.sides for f in held))
    if any((p, 1 - side) in sides - claim.sides and (p, side) not in sides for p, side in claim.sides):
        yield _IS_OPPOSED
    opening = asked.words.difference(asked.names).intersection(claim.sequence[:1])  # "Retired Lind", asked as "retired"
    everywhere = frozenset().union(*(f.words | f.initials for f in around))
    for run in claim.named:
        unknown = [word for word in run if not occurs(word, everywhere) and word not in opening]
        if 2 * len(unknown) >= len(run):  # "New York City" may be "New York"
            yield from (f"name {claim.spelt[word]!r} is not in the article" for word in unknown)
    for number, other in misplaced(claim, held):
        yield f"it has {number!r} where the source has {other!r}"
    for name, number in exchanged(claim, held[0], sources[0].around):
        yield f"it gives {number!r} to {name!r}, which the source does not"
    for name, other in swapped(claim, sources[0].facts, sources[0].around):
        yield f"it has the name {name!r} where the source has {other!r}"


def surer(claim: Facts, sources: Sequence[Source]) -> str | None:
    """Return what is wrong with a claim that tells as a fact what its sources hedge: "may have been", "at least 9"."""
    for number in sorted(claim.numbers - claim.bounded.keys()):
        bounds = [source.facts.bounded.get(number) for source in sources if number in source.facts.numbers]
        if bounds and all(bounds):
            return f"the source says {bounds[0]!r}"
    if not claim.sure or claim.negative:
        return None
    for word in claim.sequence:
        hedges = [source.facts.hedged.get(word) for source in sources if word in source.facts.words]
        if hedges and all(hedges):
            return f"the source says {hedges[0]!r}"
    return None


def _nearness(claim: Facts, sources: Sequence[Source]) -> float:
    """Return how near the claim's neighbouring words stand in the sources: 1 if side by side, 0 if not there."""
    where: dict[str, list[int]] = {}
    offset = 0
    for source in sources:
        for i, word in enumerate(source.facts.sequence):
            where.setdefault(word, []).append(offset + i)
        offset += len(source.facts.sequence) + _APART
    pairs = {(a, b) for a, b in zip(claim.sequence, claim.sequence[1:], strict=False) if a != b}
    gaps = [min(abs(i - j) for i in where[a] for j in where[b]) for a, b in pairs if a in where and b in where]
    return sum(1 / (1 + math.log(gap)) for gap in gaps) / len(pairs) if pairs else 1.0
