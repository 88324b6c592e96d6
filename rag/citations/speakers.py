"""Who says what is cited: a statement must not be handed to another speaker, by a draft or as an answer.

Knows nothing about how well sentences support a claim, or how speakers were found.
"""

import itertools
import re
from collections.abc import Sequence

from rag.citations.facts import facts
from rag.citations.support import Source
from rag.lexical import FUNCTION_WORDS
from rag.phrases import kind, word_set
from rag.statements import statements
from rag.types import Evidence

_ANOTHER = "somebody else says it"
_BODIES = word_set("body publisher document")
_PLACE = word_set("in into across throughout")
"""A name behind these is that of a place, and a place speaks through people, as an organisation does."""


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
    """Return what is wrong with sentences as an answer to what those of such names say: somebody else says the first.

    Nothing where it is said by nobody in particular, or where the article does not tell that people are asked about.
    """
    speakers = [span.speaker for span in spans if span.speaker]
    theirs = frozenset().union(*(facts(speaker).words for speaker in speakers))
    if not names or any(theirs & facts(name).words for name in names):
        return None
    first = spans[0].speaker if spans else None
    if first and first[0].isupper() and any(_is_person(name, spans[0].article.text) for name in names):
        return f"{_ANOTHER}: {first}"
    return None


def _is_person(name: str, text: str) -> bool:
    """Tell whether a text calls somebody by a title, or by a whole name and by its last word alone: a person."""
    *_, last = words = name.rstrip(".,?!").split()
    if not last[0].isupper() or last.isupper() or not _BODIES.isdisjoint(map(kind, words)):
        return False
    before = [found[1].split() for found in re.finditer(rf"((?:\S+ ){{0,2}}){re.escape(last)}\b(?! [A-Z])", text)]
    if any(some and some[-1].casefold() in _PLACE for some in before):
        return False
    named = [list(itertools.takewhile(_belongs, reversed(some))) for some in before]
    return any(kind(word) == "title" for some in named for word in some) or (any(named) and not all(named))


def _belongs(word: str) -> bool:
    """Tell whether a word before a name is part of it, or a title."""
    capitalised = word[0].isupper() and word.casefold() not in FUNCTION_WORDS
    return word[-1].isalpha() and (capitalised or kind(word) == "title")
