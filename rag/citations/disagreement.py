"""Where articles differ: sentences that state the same with another number.

Careful rather than complete: nearly the same words and names, the same dates, another number beside the same word.
Knows nothing about verdicts or screens.
"""

from collections.abc import Iterator, Sequence

from rag.citations.facts import Facts, facts
from rag.types import Evidence

_SAME = 0.7
"""Least share of the words of the shorter sentence that the other one holds, numbers and dates apart."""
_ALL = 0.5
"""The same of the longer one."""
_LEAST = 4


def differing(claim: Facts, cited: Evidence, others: Sequence[Evidence]) -> list[Evidence]:
    """Return those of `others` that disagree with a number that `claim` takes from `cited`; one of each article."""
    found: dict[str, Evidence] = {}
    for other in _disagreeing(claim, facts(cited.quote), others):
        if other.article.id != cited.article.id:
            found.setdefault(other.article.id, other)
    return sorted(found.values(), key=day)


def day(evidence: Evidence) -> str:
    """Return the day that the article of a sentence was published, or nothing."""
    return (evidence.article.origin.published or "")[:10]


def _disagreeing(claim: Facts, here: Facts, others: Sequence[Evidence]) -> Iterator[Evidence]:
    stated = claim.numbers & here.numbers
    words, names = here.words - here.numbers - here.calendar, set(here.names)
    for other in others if stated else ():
        there = facts(other.quote)
        theirs = there.words - there.numbers - there.calendar
        shared = len(words & theirs)
        if (
            _beside(here, stated - there.numbers) & _beside(there, there.numbers - here.numbers)
            and here.calendar == there.calendar
            and (names <= set(there.names) or names >= set(there.names))
            and shared >= max(_LEAST, _SAME * min(len(words), len(theirs)), _ALL * max(len(words), len(theirs)))
        ):
            yield other


def _beside(text: Facts, numbers: frozenset[str]) -> set[str]:
    """Return the words that stand right before or after one of some numbers: what is counted."""
    pairs = list(zip(text.sequence, text.sequence[1:], strict=False))
    return {a for a, b in pairs if b in numbers} | {b for a, b in pairs if a in numbers}
