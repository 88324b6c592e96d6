"""Who a question asks about as a speaker, and whom a typed name means among those who speak in the articles.

Knows nothing about how speakers were found.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from rapidfuzz.distance import OSA

from rag.lexical import terms
from rag.phrases import TITLES, word_set

_PART = r"[^\W\d_](?:[\w.-]|['’](?!s\b))*"
_NAME = rf"(?P<name>{_PART}(?: {_PART}){{0,4}}?)"
_SAY = "|".join(
    word_set(
        "say said says tell told state stated write wrote tweet tweeted announce announced mention mentioned note "
        "noted add added argue argued comment commented respond responded reply replied explain explained report "
        "reported confirm confirmed declare declared express expressed suggest suggested insist insisted stress "
        "stressed predict predicted conclude concluded acknowledge acknowledged admit admitted claim claimed allege "
        "alleged testify testified warn warned deny denied dismiss dismissed think believe believed recall recalled "
        "describe described compare compared call called praise praised criticise criticised criticize criticized "
        "condemn condemned accuse accused blame blamed complain complained demand demanded urge urged advise advised "
        "ask asked promise promised vow vowed reveal revealed concede conceded indicate indicated "
        "observe observed emphasise emphasised emphasize emphasized pledge pledged remark remarked assert asserted "
        "contend contended joke joked"
    )
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
_THEIR_WORDS = re.compile(rf"\b(?:he|she|they) (?:\w+ly |also |ever )?(?:{_SAY})\b", re.IGNORECASE)
_NO_NAME = word_set("a an the he she it they we i you who his her their this that anyone anybody someone somebody")
_POSSESSOR = re.compile(r"[^\W\d_]+['’]s (?=\w)")  # Asif's critics are not Asif
_WHAT = re.compile(r"\b(?:what|how)\b", re.IGNORECASE)
_AND = re.compile(r" (?:and|or) ", re.IGNORECASE)
_EXTRA = re.compile(r"\b(?:both|either|have|had|to|really|actually|not|then)\b", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_LEAST_ALIKE = 6
_LONG = 8
_REMEMBERED = 16_384
"""Of so many names the words are remembered: every question for a statement asks for all."""


def asks_their_words(question: str) -> bool:
    """Tell whether a question asks what "he", "she" or "they" said."""
    return bool(_THEIR_WORDS.search(question))


def asked_about(question: str) -> list[str]:
    """Return the names of those whom a question asks for statements, as typed: "Asif" of "What did Asif say?"."""
    return next((names for _, names in _asked(question)), [])


def words_asked_of(question: str, *, after: str | None = None) -> list[str]:
    """Return the names of those whose words alone answer a question; "Who did Asif blame?" may be told by others.

    Of "What else did he say?" those whose words were asked for `after` which it is asked.
    """
    if after and asks_their_words(question):
        return words_asked_of(after)
    said = (
        names for found, names in _asked(question) if found.re != _ASKED[0] or _WHAT.search(question, 0, found.start())
    )
    return [name for names in said for name in names]


def _asked(question: str) -> Iterator[tuple[re.Match[str], list[str]]]:
    """Yield where and by which names a question asks for statements."""
    for pattern in _ASKED:
        for found in pattern.finditer(question):
            named = (_EXTRA.sub("", name).strip(" .") for name in _AND.split(found["name"]))
            if names := [name for name in named if name and name.split()[0].casefold() not in _NO_NAME]:
                yield found, names


def meant(name: str, speakers: Iterable[str]) -> list[str]:
    """Return those of `speakers` whose names hold every word of `name`, in any order, or one spelt nearly like it.

    A word of six letters may differ in one, of nine in two; titles and initials do not count. Those that hold the
    words as typed go before all others, and of these those that are not only alike by their stems: Mattis, not Matty.
    """
    wanted = terms(_bare(name) or name)
    if not wanted:
        return []
    owner = "'s" in name or "’s" in name
    held = {speaker: _held(speaker, owner=owner) for speaker in speakers}
    alike = [speaker for speaker, words in held.items() if words.issuperset(wanted)]
    typed = _spelt(_bare(name) or name)
    return (
        [speaker for speaker in alike if typed <= _spelt(speaker)]
        or alike
        or [speaker for speaker, words in held.items() if all(any(_alike(word, o) for o in words) for word in wanted)]
    )


def _spelt(name: str) -> frozenset[str]:
    """Return the words of a name as they are spelt, but for case, accents and what owns."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return frozenset(_WORD.findall(plain))


@lru_cache(maxsize=_REMEMBERED)
def _held(speaker: str, *, owner: bool) -> frozenset[str]:
    """Return the words of a name, with or without that of its owner."""
    return frozenset(terms(speaker if owner else _POSSESSOR.sub("", speaker) or speaker))


def _bare(name: str) -> str:
    """Return a name without the titles before it and without initials."""
    words = name.split()
    titled = max((i for i, word in enumerate(words) if word.casefold().strip(".") in TITLES), default=-1)
    return " ".join(word for word in words[titled + 1 :] if len(word.strip(".")) > 1)


def _alike(word: str, other: str) -> bool:
    if word == other:
        return True
    most = 0 if len(word) < _LEAST_ALIKE else 1 + (len(word) > _LONG)
    return most > 0 and bool(OSA.distance(word, other, score_cutoff=most) <= most)
