"""From a query to evidence: passages found by vector, then the sentences of them that bear on the question.

Knows nothing about language models or answers.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.chunking import sentences
from rag.citations import content_words
from rag.index import Index
from rag.types import Article, Embedder, Evidence, Hit, Query

_WORDS = 0.5
_PASSAGE = 0.5
"""Weights, beside a sentence's own cosine to the question, of the question's words it holds, each word by its
rarity, and of its passage's score. Measured on squad2 and clapnq: see docs/benchmarks.md, evidence."""
_CUT = 0.5
"""A sentence that scores less than this share of the best one is left out, however much room there is."""


class Retriever:
    """Searches one index."""

    def __init__(self, index: Index, embedder: Embedder) -> None:
        self._index = index
        self._embedder = embedder

    def search(self, query: Query, *, k: int) -> list[Hit]:
        """Return the `k` nearest passages, best first; ties in the order of article id and start."""
        vector = self._embedder.embed([query.text])[0]
        articles: dict[str, Article] = {}
        hits = []
        for rank, (passage, score) in enumerate(self._index.search(vector, k), start=1):
            if passage.article_id not in articles:
                article = self._index.catalogue.find(passage.article_id)
                if article is None:  # withdrawn a moment ago
                    continue
                articles[passage.article_id] = article
            hits.append(Hit(articles[passage.article_id], passage, score, {"dense": rank}, kept=True))
        return hits

    def evidence(self, query: Query, hits: Sequence[Hit], *, max_tokens: int) -> list[Evidence]:
        """Return the sentences of the kept hits that bear most on the query, within `max_tokens` together.

        The best comes last, next to the question: there a small model reads it best. At least one is
        returned where there is a kept hit.
        """
        candidates = sentences_of(hits)
        if not candidates:
            return []
        vectors = self._embedder.embed([query.text, *(c.quote for c in candidates)])
        scores = vectors[1:] @ vectors[0]
        scores += _WORDS * _word_shares(query.text, candidates)
        scores += _PASSAGE * np.array([hit.score for hit in hits if hit.kept for _ in sentences(hit.text)])
        chosen: list[int] = []
        left = max_tokens
        for i in np.argsort(-scores, kind="stable"):
            if chosen and scores[i] < _CUT * scores[chosen[0]]:
                break
            size = len(self._embedder.tokens(candidates[i].quote))
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


def rank_articles(hits: Sequence[Hit]) -> dict[str, float]:
    """Return the ids of the articles hit, each once in the order of its best passage, with that passage's score."""
    ranked: dict[str, float] = {}
    for hit in hits:
        ranked.setdefault(hit.article.id, hit.score)
    return ranked


def _word_shares(question: str, candidates: Sequence[Evidence]) -> NDArray[np.float64]:
    """Return for each candidate the share of the question's words it holds, each word weighed by its rarity here."""
    held = [content_words(c.quote) for c in candidates]
    counts = {word: sum(word in words for words in held) for word in content_words(question)}
    rarity = {word: math.log((len(held) + 1) / (n + 0.5)) for word, n in counts.items() if n}
    total = sum(rarity.values()) or 1.0
    return np.array([sum(rarity[word] for word in rarity.keys() & words) / total for words in held])
