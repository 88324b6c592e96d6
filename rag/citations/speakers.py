"""Who says what is cited: a statement must not be handed to another speaker, by a draft or as an answer.

Knows nothing about how well sentences support a claim, or how speakers were found.
"""

import re
from collections.abc import Sequence

from rag.citations.facts import MONTHS, facts
from rag.citations.support import Source
from rag.interviews import turn_at
from rag.lexical import FUNCTION_WORDS
from rag.phrases import DAYS, REPORTING, kind, word_set
from rag.statements import statements
from rag.types import Evidence

_ANOTHER = "somebody else says it"
_REPORTS = "|".join(sorted(REPORTING))
_TITLES = word_set(
    "mr mrs ms miss dr president minister senator governor mayor congressman congresswoman judge justice"
)
"""Of the titles those that are before names of people only."""
_NO_NAME = FUNCTION_WORDS | DAYS | {month.casefold() for month in MONTHS}
"""What is capitalised before a name and no part of it: "On Monday Google"."""
_PLACE = word_set("in into across throughout")
"""A name behind these is that of a place, and a place speaks through people, as an organisation does."""
_BEFORE = 60
"""Code points before a name in which the words before it are looked for."""


def given_to_another(claim: str, sources: Sequence[Source]) -> list[str]:
    """Return what is wrong if a claim gives a statement to somebody who is not in the article, or not theirs."""
    around = frozenset().union(*(s.around.words for s in sources))
    speakers = [facts(s.evidence.speaker).words for s in sources if s.evidence.speaker]
    theirs = frozenset().union(*speakers, *(s.facts.words for s in sources))
    told = [(s.speaker, facts(s.speaker).words) for s in statements(claim)]
    wrong = [f"{name!r} is not in the article" for name, words in told if words and not words & (around | theirs)]
    if speakers and len(speakers) == len(sources):
        wrong += [_ANOTHER for name, words in told if name[:1].isupper() and not words & theirs]
    return wrong


def said_by_another(names: Sequence[str], spans: Sequence[Evidence]) -> str | None:
    """Return what is wrong with sentences as an answer to what those of such names say: another person says the first.

    Nothing where it is said by nobody in particular, where one of those asked about may say it as well, or where the
    article does not tell that they are people.
    """
    speaker = spans[0].speaker if spans else None
    if speaker and turn_at(spans[0].article.text, spans[0].start, spans[0].end):
        spans = spans[:1]  # who speaks in an interview is no guess
    if not (names and speaker) or any(_may_say(name, span) for name in names for span in spans):
        return None
    parts = speaker.split()
    named = len(parts) > 1 and all(part[0].isupper() and not kind(part) for part in parts)
    if named and any(is_person(name, spans[0].article.text) for name in names):
        return f"{_ANOTHER}: {speaker}"
    return None


def _may_say(name: str, span: Evidence) -> bool:
    """Tell whether somebody is who speaks in a sentence, or another one who does: "Biden and Sanders said"."""
    if facts(name).words & facts(span.speaker or "").words:
        return True
    last = re.escape(name.split()[-1])
    says = rf"{last}\b(?:,? [\w’'-]+){{0,3}}? (?:{_REPORTS})\b|\b(?:said|says|wrote|added) (?:\S+ ){{0,4}}?{last}\b"
    return re.search(says, span.quote) is not None


def is_person(name: str, text: str) -> bool:
    """Tell whether a text calls somebody by a title, or by a whole name and by its last word alone: a person."""
    words = name.split()
    last = words[-1] if words else ""
    if not last[:1].isupper() or last.isupper() or any(word in FUNCTION_WORDS for word in words):
        return False
    if any(word.endswith("ing") for word in words[:-1]):  # "Speaking Lind"
        return False
    whole = alone = False
    for found in re.finditer(rf"\b{re.escape(last)}\b(?! [A-Z])", text):
        *earlier, before = text[max(0, found.start() - _BEFORE) : found.start()].split()[-2:] or [""]
        if before.casefold() in _PLACE:
            return False
        first = before[:1].isupper() and before[-1].isalpha() and not kind(before) and before.casefold() not in _NO_NAME
        if before.casefold() in _TITLES or (first and not _TITLES.isdisjoint(map(str.casefold, earlier))):
            return True
        whole, alone = whole or first, alone or not first
    return whole and alone
