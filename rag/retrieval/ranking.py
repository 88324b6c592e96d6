"""How well a passage fits a question: five features, weighed and summed into a probability.

Knows nothing about how passages were found. The weights were fitted by maximum likelihood over the candidates of each
question (a conditional logit) with `python -m benchmarks.retrieval --fit`: see docs/benchmarks.md, retrieval.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEATURES = ("cosine", "words", "coverage", "window", "nearness")
_MEANING, _COUNTED = 7.7, 2.5
WEIGHTS = np.array([_MEANING, _COUNTED, 4.0, 3.4, 3.5])
_SCALE, _SHIFT = 0.5, -6.2
"""Turn a weighed sum into a probability that the passage answers."""
MEANT = 0.68
"""What stands for a cosine, for each unit of coverage, where the embedder does not know the language: see
docs/decisions.md."""
_WINDOW = 25
"""Terms: about a sentence."""
_NEAR = 8


@dataclass(frozen=True, slots=True)
class Words:
    """The terms of a question that carry meaning: in order, and the weight of each by its rarity.

    `counted` maps what counts as one of them to it: the terms themselves, and other spellings.
    """

    sequence: tuple[str, ...]
    rarity: dict[str, float]
    counted: dict[str, str]

    def at(self, terms: Sequence[str]) -> list[tuple[int, str]]:
        """Return where in `terms` the question's stand, each as the question has it."""
        counted = self.counted
        return [(i, counted[term]) for i, term in enumerate(terms) if term in counted]

    def share(self, held: Set[str]) -> float:
        """Return the share that some of the question's terms are of all, each weighed by its rarity."""
        return sum(self.rarity[term] for term in held) / (sum(self.rarity.values()) or 1.0)

    def held(self, terms: Iterable[str]) -> set[str]:
        """Return those of the question's terms that are among `terms`, each as the question has it."""
        return {self.counted[term] for term in self.counted.keys() & terms}


def features(words: Words, *, titled: Set[str], body: Sequence[str], cosine: float | None, share: float) -> list[float]:
    """Return the features of one passage, from those of the question's terms in its title and the terms of its text.

    `cosine`: of question and passage; None where it means nothing, and words stand for it. `share`: its BM25 score,
    as a share of the best one for this question. The other three are shares of the question's terms, each weighed
    by its rarity: those that the passage or its title holds; those within the best 25 terms of it in a row; and
    those of its pairs of neighbouring terms that stand near each other, less the farther apart they stand.
    """
    places = words.at(body)
    total = sum(words.rarity.values()) or 1.0
    coverage = words.share(titled | {term for _, term in places})
    return [
        MEANT * coverage if cosine is None else cosine,
        share,
        coverage,
        _best_window(places, words.rarity) / total,
        _nearness(places, words),
    ]


def fitness(cosine: float, share: float) -> float:
    """Return the weighed sum of the two features that are known before a text is read."""
    return _MEANING * cosine + _COUNTED * share


def probability(score: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how probable it is that a passage with this weighed sum answers the question."""
    return np.asarray(1 / (1 + np.exp(-(_SCALE * np.asarray(score) + _SHIFT))))


def raised(probability: float, gain: float) -> float:
    """Return a probability after `gain` was added to the weighed sum it was made of."""
    odds = math.exp(_SCALE * gain) * probability
    return odds / (odds + 1 - probability)


def _best_window(places: Sequence[tuple[int, str]], rarity: dict[str, float]) -> float:
    """Return the greatest weight of distinct terms within one window."""
    inside: Counter[str] = Counter()
    best = weight = 0.0
    first = 0
    for i, term in places:
        if not inside[term]:
            weight += rarity[term]
        inside[term] += 1
        while places[first][0] <= i - _WINDOW:
            gone = places[first][1]
            inside[gone] -= 1
            if not inside[gone]:
                weight -= rarity[gone]
            first += 1
        best = max(best, weight)
    return best


def _nearness(places: Sequence[tuple[int, str]], words: Words) -> float:
    pairs = dict.fromkeys(zip(words.sequence, words.sequence[1:], strict=False))
    where: dict[str, list[int]] = {}
    for i, term in places:
        where.setdefault(term, []).append(i)
    total = near = 0.0
    for one, other in pairs:
        weight = words.rarity[one] + words.rarity[other]
        total += weight
        if one != other and one in where and other in where:
            gap = min(abs(i - j) for i in where[one] for j in where[other])
            if gap <= _NEAR:
                near += weight / (1 + math.log(gap))
    return near / (total or 1.0)
