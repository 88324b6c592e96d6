"""Where articles differ: sentences that state the same with another number, or of another day or month.

Careful rather than complete: nearly the same words and names, the same dates and another number beside the same word,
of no other year; or another date, and hardly another word: much that happens happens again.
Knows nothing about verdicts or screens.
"""

import re
from collections.abc import Iterator, Sequence

from rag.citations.facts import Facts, facts
from rag.dates import YEAR
from rag.types import Evidence

_SAME = 0.7
"""Least share of the words of the shorter sentence that the other one holds, numbers and dates apart."""
_ALL, _ALL_DATED = 0.5, 0.8
"""The same of the longer one, where a number differs and where a date does."""
_LEAST = 4
_WROTE = r"(?:wrote|said|stated|reported|gave|named|identified|misstated)\b"
_EARLIER = re.compile(
    r"\b(?:earlier|previous|original) versions? of this (?:article|story|report|page)\b"
    rf"|\bwe (?:incorrectly|wrongly|mistakenly|erroneously) {_WROTE}"
    rf"|\bin an (?:earlier )?(?:article|story|report) .{{0,40}}\bwe {_WROTE}",
    re.IGNORECASE,
)
_CORRECTION = re.compile(r"\b(?:correct(?:ions?|ed)|clarifications?|errat(?:um|a))\b", re.IGNORECASE)
_WE_SAID = re.compile(rf"\b(?:we|(?:the|our) (?:article|story|report))(?: also)? {_WROTE}", re.IGNORECASE)
"""What a correction repeats of what it corrects."""


def takes_back(sentence: Evidence) -> bool:
    """Tell whether a sentence tells what was reported wrongly before: what it says of that does not hold."""
    ours = _CORRECTION.search(sentence.article.origin.title) and _WE_SAID.search(sentence.quote)
    return bool(ours or _EARLIER.search(sentence.quote))


def differing(claim: Facts, cited: Evidence, others: Sequence[Evidence]) -> list[Evidence]:
    """Return those of `others` that disagree with a number or date that `claim` takes from `cited`, one an article."""
    found: dict[str, Evidence] = {}
    for other in _disagreeing(claim, facts(cited.quote), others):
        if other.article.id != cited.article.id:
            found.setdefault(other.article.id, other)
    return sorted(found.values(), key=day)


def day(evidence: Evidence) -> str:
    """Return the day that the article of a sentence was published, or nothing."""
    return evidence.article.origin.day or ""


def _disagreeing(claim: Facts, here: Facts, others: Sequence[Evidence]) -> Iterator[Evidence]:
    numbers, dates = claim.numbers & here.numbers, claim.calendar & here.calendar
    words, names = here.words - here.numbers - here.calendar, set(here.names)
    for other in others if numbers or dates else ():
        there = facts(other.quote)
        theirs = there.words - there.numbers - there.calendar
        shared = len(words & theirs)
        if here.calendar == there.calendar:
            mine, more = numbers - there.numbers, there.numbers - here.numbers
            another_year = _years(here.numbers - there.numbers) and _years(more) and mine - _years(mine)
            differs = set() if another_year else _beside(here, mine) & _beside(there, more)
            least = _ALL
        else:
            differs = {date for date in dates - there.calendar if there.calendar - here.calendar}
            least = _ALL_DATED
        if (
            differs
            and not takes_back(other)
            and (names <= set(there.names) or names >= set(there.names))
            and shared >= max(_LEAST, _SAME * min(len(words), len(theirs)), least * max(len(words), len(theirs)))
        ):
            yield other


def _years(numbers: frozenset[str]) -> frozenset[str]:
    return frozenset(number for number in numbers if YEAR.fullmatch(number))


def _beside(text: Facts, numbers: frozenset[str]) -> set[str]:
    """Return the words that stand right before or after one of some numbers: what is counted."""
    pairs = list(zip(text.sequence, text.sequence[1:], strict=False))
    return {a for a, b in pairs if b in numbers} | {b for a, b in pairs if a in numbers}
