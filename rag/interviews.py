"""Interviews and hearings written down: whose turn each part of a text is, told by the name before it.

Knows the forms ((Jane Doe)), **Jane Doe:** and Jane Doe: at the beginning of a line; later ones may be short, "JD" or
"Doe". Knows nothing about sentences, reporting verbs or storage.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.phrases import PARTICLES, kind

_WORD = r"[^\W\d_a-z][\w.'’-]{0,40}"
_NAME = rf"{_WORD}(?: (?:{_WORD}|{'|'.join(sorted(PARTICLES))})){{0,4}}"
_WHOLE = re.compile(_NAME)
_LABEL = re.compile(
    r"^[ \t]*(?:\(\((?P<round>[^()\n]{1,60})\)\)[ \t]*:?"
    rf"|(?:\*\*|__)?(?P<name>{_NAME}) ?(?=[*_]{{0,2}}:)[*_:]{{1,5}})\s+",
    re.MULTILINE,
)
_PARAGRAPH = re.compile(r"\n\s*\n\s*")
_SENTENCE = re.compile(r"(?<=[.?!])\s")
_LEAST_TURNS = 2
"""So many turns of somebody, and so many questions, make an interview: one label is a caption or a row of a table."""
_ASKS = 0.5
"""Whoever asks in this share of their turns is the one who interviews."""
_INITIALS = 4
_LONGEST, _FAR = 400, 2_000
"""So many code points of a question are kept, at most, and so many before an answer it is looked for in."""
_REMEMBERED = 64
"""Of so many texts the turns are remembered."""
_PEOPLE = 20
"""So many of those who speak most, under short names, are looked for in the text."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one person says, `[start, end)`, without the label before it; code points."""

    start: int
    end: int
    speaker: str
    asked: str = ""
    """The question before it, or before the turns before it."""


@lru_cache(maxsize=_REMEMBERED)
def turns(text: str) -> tuple[Turn, ...]:
    """Return the turns of those who are interviewed, by whole name, in order; none where the text is no interview."""
    labels = [(found, " ".join((found["round"] or found["name"]).split())) for found in _LABEL.finditer(text)]
    ends = [*(found.start() for found, _ in labels), len(text)][1:]
    said = [text[found.end() : end] for (found, _), end in zip(labels, ends, strict=True)]
    asks = [_asks(words) for words in said]
    if sum(asks) < _LEAST_TURNS:
        return ()
    names = _whole([label for _, label in labels], text)
    counts = Counter(names)
    asked = Counter(name for name, one in zip(names, asks, strict=True) if one)
    made: list[Turn] = []
    question = ""
    for (found, _), name, words in zip(labels, names, said, strict=True):
        if name and counts[name] >= _LEAST_TURNS and asked[name] < _ASKS * counts[name]:
            question = _question(text[max(0, found.start() - _FAR) : found.start()]) or question
            made.append(Turn(found.end(), found.end() + len(_own(words, name)), name, question))
    return tuple(made)


def turn_at(text: str, start: int, end: int) -> Turn | None:
    """Return the turn that the sentence `[start, end)` of a text is of, None where it is of none."""
    found = turns(text)
    i = bisect_right(found, start, key=lambda turn: turn.end)
    return found[i] if i < len(found) and found[i].start < end else None


def without_label(text: str, start: int, end: int) -> str:
    """Return a sentence of a text in one line, without the label of its turn before it."""
    turn = turn_at(text, start, end)
    return " ".join(text[max(turn.start if turn else 0, start) : end].split())


def _question(before: str) -> str:
    """Return the question with which a text ends, its last sentences where it is long; "" where it ends otherwise."""
    asked = " ".join(_LABEL.sub("", _PARAGRAPH.split(before.rstrip())[-1]).split())
    parts = _SENTENCE.split(asked)
    while len(parts) > 1 and len(" ".join(parts)) > _LONGEST:
        parts.pop(0)
    return " ".join(parts)[-_LONGEST:] if asked.endswith("?") else ""


def _asks(words: str) -> bool:
    """Tell whether a turn holds a question at the end of one of its paragraphs."""
    return any(part.rstrip().endswith("?") for part in _PARAGRAPH.split(words))


def _whole(labels: Sequence[str], text: str) -> list[str]:
    """Return for each label the whole name it stands for, "" where that is nobody's."""
    bare = [_bare(label) for label in labels]
    known = list(dict.fromkeys(name for name in bare if " " in name))
    short = Counter(name for name in bare if " " not in name).most_common(_PEOPLE)
    found = {name: next(_candidates(name, known, text), "") for name, _ in short}
    return [found.get(name, "") if " " not in name else name * bool(_WHOLE.fullmatch(name)) for name in bare]


def _bare(label: str) -> str:
    """Return a label without titles before it: "Sen. Doe" is Doe."""
    words = label.split()
    while len(words) > 1 and kind(words[0]) == "title":
        words.pop(0)
    return " ".join(words)


def _candidates(short: str, known: Sequence[str], text: str) -> Iterator[str]:
    """Yield the whole names that initials or a last name may stand for, those of labels first."""
    if short.isupper() and 1 < len(short) <= _INITIALS:
        yield from (name for name in known if "".join(word[0] for word in name.split()) == short)
        yield from _named(" ".join(rf"{re.escape(letter)}[\w'’-]{{0,40}}[a-z]" for letter in short), text)
    last = short.title() if short.isupper() else short
    yield from (name for name in known if last in name.split())
    yield from _named(rf"(?:{_WORD} ){{1,2}}{re.escape(last)}", text)


def _named(pattern: str, text: str) -> Iterator[str]:
    """Yield the names of a text that have two words or more beside a title."""
    yield from (name for found in re.finditer(rf"\b{pattern}\b", text) if " " in (name := _bare(found[0])))


def _own(words: str, name: str) -> str:
    """Return what of a turn its speaker says: not what follows about them, in a paragraph that names them."""
    last = name.split()[-1]
    for gap in _PARAGRAPH.finditer(words):
        if re.search(rf"\b{re.escape(last)}\b", words[gap.end() :].split("\n", 1)[0]):
            return words[: gap.start()]
    return words.rstrip()
