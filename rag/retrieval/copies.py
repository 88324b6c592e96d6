"""Telling passages that say the same in nearly the same words: copies, and later versions with other numbers.

Knows nothing about how passages were found or ranked.
"""

from collections.abc import Sequence

_SHINGLE = 3
_ALIKE = 0.7
"""Of the shingles of the shorter passage, so many also stand in the longer one."""


def shingles(terms: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """Return the runs of three terms (Broder, 1997), or all terms as one where there are fewer."""
    runs = zip(*(terms[i:] for i in range(_SHINGLE)), strict=False)
    return frozenset(runs) or frozenset([tuple(terms)])


def alike(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> bool:
    """Tell whether two passages say the same in nearly the same words: the shorter stands mostly in the longer."""
    return len(one & other) >= _ALIKE * min(len(one), len(other))


def numbers(terms: Sequence[str]) -> frozenset[str]:
    """Return the terms that are numbers: passages that are alike but for these are versions, not copies."""
    return frozenset(term for term in terms if term[0].isdigit())
