"""Who a question asks about as a speaker, and whom a typed name means among those who speak in the articles.

Knows nothing about how speakers were found.
"""

import re
from collections.abc import Iterable

from rapidfuzz.distance import OSA

from rag.lexical import terms

_PART = r"[^\W\d_](?:[\w.-]|['’](?!s\b))*"
_NAME = rf"(?P<name>{_PART}(?: {_PART}){{0,4}}?)"
_SAY = (
    "say|said|says|tell|told|claim|claimed|state|stated|announce|announced|mention|mentioned|add|added|argue|argued|"
    "comment|commented|respond|responded|reply|replied|admit|admitted|warn|warned|deny|denied|think|recall|recalled|"
    "describe|described|criticise|criticised|criticize|criticized|call|called|demand|demanded|promise|promised"
)
_ASKED = (
    re.compile(rf"\b(?:did|does|do|has|have|had) {_NAME} (?:\w+ly |also |ever )?(?:{_SAY})\b", re.IGNORECASE),
    re.compile(
        rf"\baccording to {_NAME}(?=[,?.!]|$| (?:what|who|when|where|why|how|did|is|are|was|were)\b)", re.IGNORECASE
    ),
    re.compile(
        rf"\b(?:of|are|were|is|was) {_NAME}['’]s? (?:\w+ )?"
        r"(?:statements?|remarks?|comments?|views?|opinions?|position|response|reaction|claims?|words)\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:statements?|remarks?|comments?|claims?) (?:by|of|from) {_NAME}(?=[,?.!]|$| (?:on|about)\b)",
        re.IGNORECASE,
    ),
)
_NO_NAME = frozenset(
    """a an the he she it they we i you who his her their this that anyone anybody someone somebody""".split()  # noqa: SIM905
)
_POSSESSOR = re.compile(r"[^\W\d_]+['’]s\b")
_LEAST_ALIKE = 4
_LONG = 7


def asked_about(question: str) -> str | None:
    """Return the name of whom a question asks for statements, as typed: "Asif" of "What did Asif say?"."""
    for pattern in _ASKED:
        for found in pattern.finditer(question):
            name = found["name"]
            if name.split()[0].casefold() not in _NO_NAME:
                return name
    return None


def meant(name: str, speakers: Iterable[str]) -> list[str]:
    """Return those of `speakers` whose names hold every word of `name`, in any order, or one spelt nearly like it.

    A word of four letters may differ in one, of eight in two. Those that hold the words as typed go before all others.
    """
    wanted = terms(name)
    if not wanted:
        return []
    exact, alike = [], []
    for speaker in speakers:
        held = terms(_POSSESSOR.sub("", speaker))  # Asif's critics are not Asif
        if set(wanted) <= set(held):
            exact.append(speaker)
        elif all(any(_alike(word, other) for other in held) for word in wanted):
            alike.append(speaker)
    return exact or alike


def _alike(word: str, other: str) -> bool:
    if word == other:
        return True
    most = 0 if len(word) < _LEAST_ALIKE else 1 + (len(word) > _LONG)
    return most > 0 and bool(OSA.distance(word, other, score_cutoff=most) <= most)
