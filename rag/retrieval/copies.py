"""Telling passages that say the same in nearly the same words: copies, which add nothing, and other versions.

Knows nothing about how passages were found or ranked.
"""

from collections.abc import Sequence

from rag.lexical import without_function_words

_SHINGLE = 3
_ALIKE = 0.7
_OVERLAP = 0.3
_NEGATIONS = frozenset(["not", "no", "nor", "without", "neither"])


def shingles(terms: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """Return the runs of three terms (Broder, 1997), or all terms as one where there are fewer; none of none."""
    runs = frozenset(zip(*(terms[i:] for i in range(_SHINGLE)), strict=False))
    return runs or frozenset([tuple(terms)] if terms else [])


def alike(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> bool:
    """Tell whether two passages have nearly the same words: seven tenths of the shorter's runs are shared."""
    return len(one & other) >= _ALIKE * max(1, min(len(one), len(other)))


def overlap(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> bool:
    """Tell whether two passages of one story are of the same part of it."""
    return len(one & other) >= _OVERLAP * max(1, min(len(one), len(other)))


def adds_nothing(copy: Sequence[str], original: Sequence[str]) -> bool:
    """Tell whether all that carries meaning in the terms of one passage stands in another's too.

    That is every content term and negation, and the numbers in their order: a passage that denies, or counts
    otherwise, is no copy.
    """
    negations = {term for term in copy if term in _NEGATIONS}
    counted = iter([term for term in original if term[0].isdigit()])
    same_numbers = all(number in counted for number in copy if number[0].isdigit())
    return same_numbers and negations | {*without_function_words(copy)} <= {*original}
