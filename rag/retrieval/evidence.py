"""From hits to evidence: the sentences of them that bear on the question, as few as suffice.

Knows nothing about how hits were found, language models or answers.
"""

import math
from collections.abc import Mapping, Sequence, Set
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from rag.chunking import sentences
from rag.citations import content_words
from rag.retrieval.commands import asks_for_commands, commands
from rag.retrieval.ranking import MEANT
from rag.types import Embedder, Evidence, Hit, Query, Statement

_WORDS = 0.5
_PASSAGE = 0.5
"""Weights, beside a sentence's own cosine to the question, of the question's words it holds, each word by its
rarity, and of its passage's score. Measured on squad2 and clapnq: see docs/benchmarks.md, evidence."""
_STATEMENT = 0.3
"""What a sentence gains in which the one speaks whom the question asks about."""
_CUT = 0.5
"""A sentence that scores less than this share of the best one is left out, however much room there is."""


Spoken: TypeAlias = Mapping[str, Sequence[Statement]]
"""By article id, the statements of those whom a question asks about."""


def choose(
    query: Query,
    hits: Sequence[Hit],
    embedder: Embedder,
    *,
    max_tokens: int,
    spoken: Spoken | None = None,
    unread: Set[str] = frozenset(),
) -> list[Evidence]:
    """Return the sentences of the kept hits that bear most on the query, within `max_tokens` together.

    The best comes last, next to the question: there a small model reads it best. At least one is
    returned where there is a kept hit with one. Sentences that are among those `spoken` are preferred; those that
    command the reader of a prompt are left out, unless the question is about such. The vectors of articles that are
    `unread` count for nothing.
    """
    scored = [(e, hit.score) for hit in hits for e in sentences_of([hit])]
    if not asks_for_commands(query.text):
        scored = [(e, score) for e, score in scored if not commands(e.quote)]
    if not scored:
        return []
    candidates = [e for e, _ in scored]
    vectors = embedder.embed([query.text, *(c.quote for c in candidates)])
    scores = vectors[1:] @ vectors[0]
    shares = _word_shares(query.text, candidates)
    scores = np.where([c.article.id in unread for c in candidates], MEANT * shares, scores) + _WORDS * shares
    scores += _PASSAGE * np.array([score for _, score in scored])
    scores += _STATEMENT * np.array([_is_spoken(c, spoken or {}) for c in candidates])
    chosen: list[int] = []
    left = max_tokens
    for i in np.argsort(-scores, kind="stable"):
        if chosen and scores[i] < _CUT * scores[chosen[0]]:
            break
        size = len(embedder.tokens(candidates[i].quote))
        if size <= left or not chosen:
            chosen.append(i)
            left -= size
    return [candidates[i] for i in reversed(chosen)]


def sentences_of(hits: Sequence[Hit]) -> list[Evidence]:
    """Return the sentences of the kept hits, in the order of the hits and of their text."""
    return [
        Evidence(hit.article, hit.passage.start + span.start, hit.passage.start + span.end)
        for hit in hits
        if hit.kept
        for span in sentences(hit.text)
    ]


def _is_spoken(sentence: Evidence, spoken: Spoken) -> bool:
    return any(s.start < sentence.end and sentence.start < s.end for s in spoken.get(sentence.article.id, ()))


def _word_shares(question: str, candidates: Sequence[Evidence]) -> NDArray[np.float64]:
    """Return for each candidate the share of the question's words it holds, each word weighed by its rarity here."""
    held = [content_words(c.quote) for c in candidates]
    counts = {word: sum(word in words for words in held) for word in content_words(question)}
    rarity = {word: math.log((len(held) + 1) / (n + 0.5)) for word, n in counts.items() if n}
    total = sum(rarity.values()) or 1.0
    return np.array([sum(rarity[word] for word in rarity.keys() & words) / total for words in held])
