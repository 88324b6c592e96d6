"""From hits to evidence: the sentences of them that bear on the question, as few as suffice.

Knows nothing about how hits were found, language models or answers.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from rag.chunking import context_of, embed_text, sentences
from rag.citations import asked_for, content_words, holds, is_date, is_question, takes_back
from rag.injections import asks_for_commands, commands, harmless
from rag.interviews import turn_at, turns
from rag.retrieval.broad import asks_all_words
from rag.retrieval.ranking import MEANT
from rag.types import Embedder, Evidence, Hit, Query, Statement

_COSINE = 10.1
_WORDS = 1.25
_PASSAGE = 3.7
_HOLDS = 2.1
"""Weights, in log odds, of the cosine of the question to the sentence beneath its title, of the question's words it
holds, each by its rarity, of its passage's score, and of its holding something of the kind that is asked for. Fitted on
eleven sets: see docs/benchmarks.md, evidence."""
_ON_CORRECTIONS = re.compile(r"\bcorrect|\bclarif|\bearlier\b|\bwrong|\bmista|\berr(?:or|at)", re.IGNORECASE)
"""Questions to which what was reported wrongly may be the answer."""
_SPOKEN = 2.8
"""What a sentence gains in which the one speaks whom the question asks about."""
_FOLLOWS = 0.1
"""So much of a sentence's probability is added to that of the next one, which often says "he" or "it"."""
_GAP = 100
"""Code points in which that one ends: there is but white space between."""
_BELOW = 0.999
"""It gains no more than to be as probable, but for this."""
_HEEDED, _BEFORE = 1.42, 0.44
"""Weights, in log odds, of the logarithms of a model's attention to a sentence, and of how probable that was before it
was read: `python -m benchmarks.heads --write`."""


Spoken: TypeAlias = Mapping[str, Sequence[Statement]]
"""By article id, the statements of those whom a question asks about."""


def choose(
    query: Query,
    hits: Sequence[Hit],
    embedder: Embedder,
    *,
    max_tokens: int,
    enough: float,
    spoken: Spoken | None = None,
    unread: Set[str] = frozenset(),
) -> list[Evidence]:
    """Return the sentences of the kept hits that most probably answer the query, within `max_tokens` together.

    As few as hold the answer with the probability `enough`, and at least one where there is a kept hit with one. The
    best comes last, next to the question: there a small model reads it best. Sentences that are among those `spoken`
    are preferred, and are all where somebody's words are asked for with no topic; what goes on from a probable sentence
    gains by it. Left out are dates that stand alone, an interviewer's questions, of which those that are answered are
    within `max_tokens` too, and, unless the question is about such, what commands the reader of a prompt or was
    reported wrongly. The vectors of articles that are `unread` count for nothing.
    """
    known = set(query.known)
    scored = [
        (one, hit.score)
        for hit in hits
        for one in sentences_of([hit])
        if not (is_date(one.quote) or _asks(one)) and (one.article.id, one.start) not in known
    ]
    if not asks_for_commands(query.text):
        scored = [(one, score) for one, score in scored if not commands(one.quote)]
    if not _ON_CORRECTIONS.search(query.text):
        scored = [(one, score) for one, score in scored if not takes_back(one)]
    if asks_all_words(query.spelt):
        scored = [(one, score) for one, score in scored if _is_spoken(one, spoken or {})] or scored
    if not scored:
        return []
    candidates = [one for one, _ in scored]
    weighed = _weighed(query.text, candidates, embedder, unread) + _PASSAGE * np.array([score for _, score in scored])
    weighed += _SPOKEN * np.array([_is_spoken(one, spoken or {}) for one in candidates])
    probable = _followed(candidates, _softmax(weighed))
    chosen: list[int] = []
    left, certain = max_tokens, 0.0
    for i in np.argsort(-probable, kind="stable"):
        if chosen and certain >= enough:
            break
        certain += probable[i]
        size = len(embedder.tokens(candidates[i].quote))
        if size <= left or not chosen:
            chosen.append(i)
            left -= size
    asked = _within(max_tokens, [candidates[i].asked for i in chosen], embedder)
    return [
        replace(candidates[i], probability=float(probable[i]), asked=candidates[i].asked if kept else "")
        for i, kept in reversed([*zip(chosen, asked, strict=True)])
    ]


def _within(left: int, questions: Sequence[str], embedder: Embedder) -> Iterator[bool]:
    """Yield for each question of an interview whether it, said once, is among the first of so many tokens together."""
    said: set[str] = set()
    for question in questions:
        if question not in said and (size := len(embedder.tokens(question))) <= left:
            said.add(question)
            left -= size
        yield question in said


def heeded(evidence: Sequence[Evidence], shares: Sequence[float]) -> list[Evidence]:
    """Return what a model has read with the probabilities that each answers, now that it heeds each so much."""
    before = np.log([(one.probability or 0.0) + 1e-9 for one in evidence])
    probable = _softmax(_HEEDED * np.log(shares) + _BEFORE * before)
    return [replace(one, probability=float(p)) for one, p in zip(evidence, probable, strict=True)]


def sentences_of(hits: Sequence[Hit]) -> list[Evidence]:
    """Return the sentences of the kept hits, in the order of the hits and of their text."""
    found = (
        Evidence(hit.article, hit.passage.start + span.start, hit.passage.start + span.end)
        for hit in hits
        if hit.kept
        for span in sentences(hit.text)
    )
    return [replace(one, asked=_answered(one)) for one in found]


def _answered(sentence: Evidence) -> str:
    """Return the question that a sentence of an interview answers; "" for others, and where it or a name commands."""
    turn = turn_at(sentence.article.text, sentence.start, sentence.end)
    return harmless(turn.asked) if turn and harmless(turn.speaker) else ""


def _asks(sentence: Evidence) -> bool:
    """Tell whether a sentence is a question that those who are interviewed are asked."""
    text = sentence.article.text
    return is_question(sentence.quote) and bool(turns(text)) and not turn_at(text, sentence.start, sentence.end)


def _weighed(
    question: str, candidates: Sequence[Evidence], embedder: Embedder, unread: Set[str]
) -> NDArray[np.float64]:
    """Return for each candidate what it says itself for being the one that answers."""
    about = [" ".join(filter(None, (one.article.origin.title, one.asked))) for one in candidates]
    contexts = {context: context_of(context, embedder) for context in set(about)}
    texts = [embed_text(contexts[context], one.quote) for context, one in zip(about, candidates, strict=True)]
    vectors = embedder.embed([question, *texts])
    shares = _word_shares(question, candidates)
    cosines = np.where([one.article.id in unread for one in candidates], MEANT * shares, vectors[1:] @ vectors[0])
    kind = asked_for(question)
    held = np.array([kind is not None and holds(one.quote, kind, question) for one in candidates])
    weighed: NDArray[np.float64] = _COSINE * cosines + _WORDS * shares + _HOLDS * held
    return weighed


def _followed(candidates: Sequence[Evidence], probable: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probabilities of candidates, each with a share of that of the one right before it, and below that."""
    ends = {(one.article.id, one.end): i for i, one in enumerate(candidates)}
    followed = probable.copy()
    for i, one in enumerate(candidates):
        gap = one.article.text[max(0, one.start - _GAP) : one.start]
        if (before := ends.get((one.article.id, one.start - len(gap) + len(gap.rstrip())))) is not None:
            more = min(probable[i] + _FOLLOWS * probable[before], _BELOW * probable[before])
            followed[i] = max(probable[i], more)
    total: NDArray[np.float64] = followed / followed.sum()
    return total


def _softmax(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    chances = np.exp(odds - odds.max())
    probable: NDArray[np.float64] = chances / chances.sum()
    return probable


def _is_spoken(sentence: Evidence, spoken: Spoken) -> bool:
    return any(s.start < sentence.end and sentence.start < s.end for s in spoken.get(sentence.article.id, ()))


def _word_shares(question: str, candidates: Sequence[Evidence]) -> NDArray[np.float64]:
    """Return for each candidate the share it holds of the question's words, each weighed by its rarity here.

    Words of its title count for nothing: whom an article is about, the sentence that answers calls "he".
    """
    held = [content_words(f"{c.quote}\n{c.asked}") for c in candidates]
    titles = {title: content_words(title) for title in {c.article.origin.title for c in candidates}}
    counts = {word: sum(word in words for words in held) for word in content_words(question)}
    rarity = {word: math.log((len(held) + 1) / (n + 0.5)) for word, n in counts.items() if n}

    def share(words: Set[str], title: Set[str]) -> float:
        sought = rarity.keys() - title
        return sum(rarity[word] for word in sought & words) / (sum(rarity[word] for word in sought) or 1.0)

    return np.array([share(words, titles[c.article.origin.title]) for words, c in zip(held, candidates, strict=True)])
