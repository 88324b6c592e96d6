"""A name or number in another's place: "Harvard won the final" where the source says "Cornell won the final".

Found by alignment of the two, word by word; knows nothing about which source a claim rests on.
"""

import itertools
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from rag.citations.facts import Facts, occurs
from rag.dates import YEAR
from rag.phrases import kind

_LONGEST = 3
"""Words that may stand in each other's place, on either side; more are another way to say it."""
_CLOSE = 6
"""Among so many words that carry meaning behind a verb its numbers are looked for."""
_FEW = 8
"""Of more names, or numbers, than these it is not told whose each is."""
_NEAR = 6
"""A number that is somebody's stands within so many words that carry meaning of the name."""
_BESIDE = 2
"""So many equal words before and after leave no doubt of the place, nor does an end of the sentence. Where it begins,
with its subject, one after it is enough."""


def swapped(claim: Facts, source: Facts, around: Facts) -> Iterator[tuple[str, str]]:
    """Yield each name of the claim that stands where the source has another, and that other, as they are spelt.

    `around` is what the article says about it: two words that stand side by side in one of its names may be one
    person's. Where the words beside leave the place in doubt, a name counts if the other text has it nowhere.
    """
    mine, theirs = _names(claim, around), _names(source, around)
    steps = SequenceMatcher(None, claim.sequence, source.sequence, autojunk=False).get_opcodes()
    for at, (step, start, end, first, last) in enumerate(steps):
        beside = [b - a for _, a, b, _, _ in (*steps[max(0, at - 1) : at], *steps[at + 1 : at + 2])]
        follows = claim.sequence[end : end + 1]
        begins = start == first == 0 and not mine.issuperset(follows)  # "Lind left", "Meyer left"; not "Jim Thorpe"
        if step != "replace" or max(end - start, last - first) > _LONGEST or sum(beside) < (1 if begins else _BESIDE):
            continue
        sure = min(beside) >= _BESIDE or (begins and sum(beside) >= _BESIDE)
        here = [w for w in claim.sequence[start:end] if w in mine and (sure or not occurs(w, source.words))]
        there = [
            w
            for w in source.sequence[first:last]
            if w in theirs - source.denied and (sure or not occurs(w, claim.words))
        ]
        if here and there and not _same(here, there, claim, source, around):
            yield claim.spelt[here[0]], source.spelt[there[0]]


def misplaced(claim: Facts, sources: Sequence[Facts]) -> Iterator[tuple[str, str]]:
    """Yield each number of both that follows a word in the claim which another follows in the sources, and that other.

    Where both count the same: "sentenced to eight years", of one who "served eight years and was sentenced to three".
    """
    theirs = frozenset().union(*(text.numbers for text in sources))
    for before, number, counted in zip(claim.sequence, claim.sequence[1:], claim.sequence[2:], strict=False):
        if number in claim.numbers & theirs and before not in claim.numbers:
            found = {other for text in sources for other in _following(text, before, counted)}
            if found and number not in found:
                yield claim.spelt[number], min(found)


def exchanged(claim: Facts, source: Facts, around: Facts) -> Iterator[tuple[str, str]]:
    """Yield the first name and number of both, where two names have each other's: "Berg got 9 votes, Lind 7".

    Whose a number is tells which of the names it stands near; where that makes little difference, nothing does. The
    two count the same thing; dates count nothing. Of tables and long lists nothing is told.
    """
    both = claim.words & source.words
    names = sorted((_names(claim, around) | _names(source, around)) & both - claim.numbers)
    numbers = sorted(claim.numbers & source.numbers - _dated(claim) - _dated(source))
    if max(len(names), len(numbers)) > _FEW:
        return
    for one, other in itertools.combinations(names, 2):
        for first, second in itertools.combinations(numbers, 2):
            if not all(_count_alike(text, first, second) for text in (claim, source)):
                continue
            mine, theirs = (_owner(text, (one, other), (first, second)) for text in (claim, source))
            if mine and theirs and mine != theirs:
                yield claim.spelt[one], claim.spelt[mine]
                return


def _count_alike(text: Facts, first: str, second: str) -> bool:
    """Tell whether the same word follows two numbers, or, behind one of them, none but a name or a number."""
    named = frozenset(text.names) | text.numbers
    counted = []
    for number in (first, second):
        at = text.sequence.index(number)
        counted.append({word for word in text.sequence[at + 1 : at + 2] if word not in named})
    return counted[0] == counted[1] or not all(counted)


def _dated(text: Facts) -> frozenset[str]:
    """Return the numbers of a text that are years, or stand beside a month or a day."""
    pairs = [*itertools.pairwise(text.sequence)]
    beside = {b for a, b in pairs if a in text.calendar} | {a for a, b in pairs if b in text.calendar}
    return frozenset(n for n in text.numbers if n in beside or YEAR.fullmatch(n))


def _owner(text: Facts, names: tuple[str, str], numbers: tuple[str, str]) -> str | None:
    """Return which of two numbers belongs to the first of two names, and the other to the other; None in doubt."""
    (a, b), (c, d) = ([_distance(text, name, number) for number in numbers] for name in names)
    if max(a, d) <= _NEAR and a + d + _BESIDE <= b + c:
        return numbers[0]
    return numbers[1] if max(b, c) <= _NEAR and b + c + _BESIDE <= a + d else None


def _distance(text: Facts, word: str, other: str) -> int:
    """Return how many words that carry meaning two words of a text stand apart, where they are nearest."""
    places, others = ([i for i, w in enumerate(text.sequence) if w == each] for each in (word, other))
    return min(abs(i - j) for i in places for j in others)


def _following(text: Facts, before: str, counted: str) -> Iterator[str]:
    """Yield the numbers of what is counted that stand close behind a word."""
    for i in (i for i, word in enumerate(text.sequence) if word == before):
        near = text.sequence[i + 1 : i + 1 + _CLOSE]
        yield from (one for one, next_ in itertools.pairwise(near) if one in text.numbers and next_ == counted)


def _names(text: Facts, around: Facts) -> frozenset[str]:
    """Return the words of all names of a sentence; its first word, a capital one, is if the article has it so."""
    first = {word for word in text.sequence[:1] if text.spelt[word][0].isupper()}
    return frozenset(text.names) | (first & frozenset(around.names))


def _same(here: list[str], there: list[str], claim: Facts, source: Facts, around: Facts) -> bool:
    """Tell whether two names may mean the same: forms of one word, initials, or parts of one name, titles included."""
    titles = [{kind(text.spelt[word]) == "title" for word in words} for text, words in ((claim, here), (source, there))]
    return (
        any(occurs(word, frozenset(there)) for word in here)
        or bool(source.initials.intersection(here) or claim.initials.intersection(there))
        or any(set(run).intersection(here) and set(run).intersection(there) for run in around.named)
        or titles in ([{True}, {False}], [{False}, {True}])  # "Mayor de Blasio", "Bill de Blasio"
    )
