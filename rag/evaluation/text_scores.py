"""How much an answer agrees with reference answers, after SQuAD's official script (Rajpurkar et al. 2016, 2018).

Each score is that of the best reference. Knows nothing about questions or citations.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalised_tokens(text: str) -> list[str]:
    """Return the words of `text` in lower case, without ASCII punctuation and the articles a, an, the."""
    return _ARTICLES.sub(" ", unicodedata.normalize("NFC", text).lower().translate(_NO_PUNCTUATION)).split()


def exact_match(answer: str, references: Iterable[str]) -> float:
    """Return 1 where the normalised answer is a reference, else 0."""
    return _best(lambda said, reference: said == reference, answer, references)


def containment(answer: str, references: Iterable[str]) -> float:
    """Return 1 where a normalised reference stands in the answer, word for word, else 0."""
    return _best(lambda said, reference: f" {' '.join(reference)} " in f" {' '.join(said)} ", answer, references)


def token_f1(answer: str, references: Iterable[str]) -> float:
    """Return the harmonic mean of the precision and recall of the answer's words."""
    return _best(_f1, answer, references)


def token_recall(answer: str, references: Iterable[str]) -> float:
    """Return the share of a reference's words that the answer holds: fairer than F1 to long references."""
    return _best(
        lambda said, reference: (Counter(said) & Counter(reference)).total() / len(reference) if reference else 0,
        answer,
        references,
    )


def _f1(said: Sequence[str], reference: Sequence[str]) -> float:
    if not said or not reference:
        return float(said == reference)
    return 2 * (Counter(said) & Counter(reference)).total() / (len(said) + len(reference))


def _best(score: Callable[[list[str], list[str]], float], answer: str, references: Iterable[str]) -> float:
    said = normalised_tokens(answer)
    return max((float(score(said, normalised_tokens(reference))) for reference in references), default=0.0)
