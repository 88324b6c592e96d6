"""Later counts of the dead, injured or missing of one story: a toll that is told rises, or is corrected, within days.

Knows nothing about verdicts, or how a claim was checked.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import islice

from rag.citations.casualties import CASUALTIES
from rag.citations.disagreement import day, takes_back
from rag.citations.facts import Facts, content_words, facts, occurs
from rag.dates import YEAR
from rag.types import Evidence

_CHANGES = content_words(
    "rise rose risen climb climbed reach reached increase increased fall fell correct corrected revise revised"
)
_TOTAL = re.compile(r"\b(?:tolls?|numbers?|totals?|counts?|figures?|still|now|so far)\b", re.IGNORECASE)
"""A sentence with one of these counts what its article is about, without naming it again."""
_ANYBODY = content_words("many people person persons man men woman women number total so far")
_WITHIN = timedelta(days=31)
_NEAR = 10
"""A number stands at most so many words that carry meaning from what it counts."""
_LEAD = 1000
"""Code points of an article that tell what it is about, beside its title."""
_SHARED = 2
"""Articles of one story share so many names there."""
_TIMES = re.compile(
    r"\b(?:\d{1,2}(?:[.:]\d\d)?\s?[ap]\.?m\.?|\d{1,2}:\d\d|\w+ (?:years?|months?|weeks?|days?|hours?))\b"
)


def later_toll(asked: Facts, claim: Facts, cited: Evidence, others: Sequence[Evidence]) -> Evidence | None:
    """Return the sentence of the last later article, of the same story, that has another number of what is counted."""
    counted = next((kind.words for kind in CASUALTIES if kind.words & asked.words), frozenset())
    topic = asked.words - counted - _ANYBODY - asked.numbers
    is_asked = topic or "how many" in asked.plain or _TOTAL.search(asked.plain)
    if not (counted and is_asked and claim.numbers and day(cited)):
        return None
    until = min(date.fromisoformat(day(cited)), date.max - _WITHIN) + _WITHIN
    found = [
        other
        for other in others
        if day(cited) < day(other) <= until.isoformat()
        and not (_of_another_year(other) or takes_back(other))
        and _counts_otherwise(other, counted, claim)
        and (_TOTAL.search(other.quote) or any(occurs(word, facts(other.quote).words) for word in topic))
        and all(occurs(word, _lead(other).words) for word in topic)
        and len({*_lead(cited).names} & {*_lead(other).names}) >= _SHARED
    ]
    return max(found, key=lambda other: (day(other), other.quote != other.article.origin.title), default=None)


def _counts_otherwise(other: Evidence, counted: frozenset[str], claim: Facts) -> bool:
    """Tell whether a number that the claim has not stands beside what is counted, or beside how that changed.

    In a headline the latter: "Fire deaths: 40 questions" counts none.
    """
    there = facts(_TIMES.sub(" ", other.quote))
    is_headline = other.quote == other.article.origin.title
    numbers = there.numbers - claim.numbers
    places = [i for i, word in enumerate(there.sequence) if word in numbers]
    for i in places:
        beside = {*there.sequence[max(0, i - 1) : i], *islice(there.sequence, i + 1, i + 2)}
        near = there.sequence[max(0, i - _NEAR) : i + _NEAR]
        if (beside & counted and not is_headline) or (beside & _CHANGES and counted.intersection(near)):
            return True
    return False


def _of_another_year(evidence: Evidence) -> bool:
    return any(year[0] != day(evidence)[:4] for year in YEAR.finditer(evidence.quote))


def _lead(evidence: Evidence) -> Facts:
    article = evidence.article
    return facts(f"{article.origin.title}\n{article.text[:_LEAD]}")
