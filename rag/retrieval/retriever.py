"""From a query to hits: candidates found by vector and by words, ranked as one list, each story once; and to evidence.

Knows nothing about language models or answers.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, lru_cache
from heapq import nlargest

import numpy as np
from numpy.typing import NDArray

from rag.dates import moment
from rag.index import Candidate, Finding, Index
from rag.injections import harmless
from rag.interviews import turns
from rag.languages import is_foreign
from rag.lexical import content_terms, terms
from rag.resemblance import one_story
from rag.retrieval import copies, evidence
from rag.retrieval.evidence import Spoken
from rag.retrieval.ranking import MEANT, WEIGHTS, Words, features, fitness, probability, raised
from rag.retrieval.versions import later_versions, tells
from rag.types import Article, Embedder, Evidence, Hit, Query, Reranker, Span, Statement

_FOUND = 60
"""So many passages are found by vector, and as many by words. The answer is among them for 97.8 % of the questions of
squad2 with distractors (docs/benchmarks.md)."""
_READ = 40
"""So many of those found are read, the fittest: see docs/decisions.md."""
_RERANKED = 30
_LOOKED_THROUGH = 3
"""So many times as many passages as are asked for are looked through for copies."""
_REMEMBERED = 4096
"""Of so many texts the terms are remembered, about 2 kB each: the same passages are found again and again."""
_READ_ON = 6
"""So many more passages of the best article are looked through by meaning, and as many by words."""
_HEARD_ON = 30
"""As many of an interview, where the question that a passage answers may stand before it."""
_HALF = 0.5
_PREFERRED = 2.0
"""What a passage gains, in the unit of the weighed sum, if it is of the days that the question names, and as much again
if the one it asks about speaks there. Measured: see docs/benchmarks.md, names and days."""
_GOING_ON = 5.0
"""What a passage gains of the articles that a question goes on with: see docs/benchmarks.md, follow-ups."""
_RARE, _NEARLY = 0.6, 0.9
"""The share of the greatest rarity from which a word is rare, and of a question's words from which it is nearly all."""


class Retriever:
    """Searches one index."""

    def __init__(self, index: Index, embedder: Embedder, reranker: Reranker | None = None) -> None:
        self._index = index
        self._embedder = embedder
        self._reranker = reranker

    @property
    def index(self) -> Index:
        """The index that is searched."""
        return self._index

    @property
    def embedder(self) -> Embedder:
        """The embedder that questions are searched with."""
        return self._embedder

    def search(self, query: Query, *, k: int) -> list[Hit]:
        """Return the `k` passages that most probably answer, best first, and the copies of them that were cut.

        Ties come in the order of article id and start.
        """
        words = self.words(query)
        least = _LOOKED_THROUGH * k
        scored = self._scored(query, words, found=max(least, _FOUND), read=max(least, _READ))
        found = sorted(scored, key=lambda one: -one.score)
        if self._reranker:
            found = self._reranked(self._reranker, query, found)
        asked = frozenset(words.counted)
        hits = self._once(_newest_first(found) if query.newest else found, k, asked, newest=query.newest)
        later = later_versions({hit.article.id for hit in hits if hit.kept}, self._index.catalogue)
        return [replace(hit, later=later[i]) if (i := hit.article.id) in later else hit for hit in hits]

    def evidence(self, query: Query, hits: Sequence[Hit], *, max_tokens: int, enough: float) -> list[Evidence]:
        """Return the sentences that probably answer, with who speaks: see `evidence.choose`.

        They are those of the kept hits and of what else the best of their articles says about the question.
        """
        ids = {hit.article.id for hit in hits}
        chosen = evidence.choose(
            query,
            [*hits, *self._read_on(query, hits)],
            self._embedder,
            max_tokens=max_tokens,
            enough=enough,
            spoken=self._spoken(query, ids),
            unread=self._unread(query, ids),
        )
        return [replace(e, speaker=self._speaker(e)) for e in chosen]

    def _speaker(self, sentence: Evidence) -> str | None:
        """Return who speaks in a sentence, if anybody, and not by a name that commands the reader of a prompt."""
        name = self._index.catalogue.speaker(sentence.article.id, sentence.start, sentence.end)
        return harmless(name or "") or None

    def _read_on(self, query: Query, hits: Sequence[Hit]) -> list[Hit]:
        """Return other passages of the best hit's article, each worth as much as the last of the kept hits.

        News names what it is about once; what it goes on to say is less like a question than passages of others.
        """
        kept = [hit for hit in hits if hit.kept]
        if not kept:
            return []
        best = max(kept, key=lambda hit: hit.score).article
        among = self._index.catalogue.numbers_of(best.id)
        vector = self._embedder.embed([query.text])[0]
        most = _HEARD_ON if turns(best.text) else _READ_ON
        found = self._index.find(vector, [*self.words(query).counted], most, among=among)
        known = {(hit.passage.article_id, hit.passage.start) for hit in hits}
        least = min(hit.score for hit in kept)
        return [Hit(best, one.passage, least, one.ranks, kept=True) for one in found if _place(one) not in known]

    def is_of_others(self, query: Query, article_ids: Sequence[str]) -> bool:
        """Tell whether a question is about something else than some articles.

        It asks for a rare word that they lack, and a passage elsewhere holds nearly all of its words.
        """
        words = self.words(query)
        articles = self._index.catalogue.articles(set(article_ids)).values()
        theirs = words.held(term for one in articles for term in terms(f"{one.origin.title} {one.text}"))
        rare = _RARE * self._index.words.rarity("")  # the most there is: of what no text holds
        if not any(words.rarity[term] >= rare for term in words.rarity.keys() - theirs):
            return False
        best = self.search(query, k=1)
        return (
            bool(best) and words.share(words.held(_terms(f"{best[0].article.origin.title} {best[0].text}"))) >= _NEARLY
        )

    def words(self, query: Query) -> Words:
        """Return the terms of a query that carry meaning, with their weights and other spellings."""
        sequence = content_terms(query.sought, language=query.language)
        known = self._index.words
        rarity = {term: known.rarity(term) for term in dict.fromkeys(sequence)}
        spelt = [(term, other) for typed, other in query.respelled for term in terms(typed)]
        instead = {other: term for term, other in spelt if term in rarity and other not in rarity}
        rarity |= {term: known.rarity(other) for other, term in instead.items()}  # as rare as what was meant
        return Words(tuple(sequence), rarity, instead | {term: term for term in rarity})

    def _scored(self, query: Query, words: Words, *, found: int, read: int) -> list["_Scored"]:
        """Return the `read` fittest of what is found, `found` passages each way, with their scores."""
        pool = self._found(query, [*terms(query.sought), *words.counted], found)
        unread = self._unread(query, {one.passage.article_id for one in pool})
        candidates = self._index.read(_fittest(query, pool, read, unread))
        if not candidates:
            return []
        bodies = [_terms(c.text) for c in candidates]
        spoken = self._spoken(query, {c.article.id for c in candidates})
        gains = [
            _PREFERRED * (_is_of_the_days(query, c) + _holds_one_of(spoken, c))
            + _GOING_ON * (c.article.id in query.going_on)
            for c in candidates
        ]
        scores = probability(feature_table(words, candidates, bodies, unread=unread) @ WEIGHTS + gains)
        return [_Scored(*one) for one in zip(candidates, bodies, map(float, scores), gains, strict=True)]

    def _found(self, query: Query, sought: Sequence[str], most: int) -> list[Finding]:
        """Return what is found by vector and by words, and the best of the articles that the question goes on with."""
        catalogue = self._index.catalogue
        within = catalogue.passages_within(query.filters) if query.filters else None
        vector = self._embedder.embed([query.sought])[0]
        pool = self._index.find(vector, sought, most, among=within)
        if query.going_on:
            theirs = np.concatenate([catalogue.numbers_of(article_id) for article_id in query.going_on])
            theirs = theirs if within is None else np.intersect1d(theirs, within)
            more = self._index.find(vector, sought, _READ_ON, among=np.sort(theirs))
            known = {_place(one) for one in pool}
            pool += [replace(one, share=0.0) for one in more if _place(one) not in known]  # not among the best by words
            pool.sort(key=_place)
        return pool

    def _unread(self, query: Query, article_ids: set[str]) -> set[str]:
        """Return the articles whose vectors say nothing about the question: the embedder does not know a language."""
        known = self._embedder.languages
        if is_foreign(query.language, known):
            return article_ids
        languages = self._index.catalogue.languages_of(article_ids) if known else {}
        return {article_id for article_id, language in languages.items() if is_foreign(language, known)}

    def _spoken(self, query: Query, article_ids: set[str]) -> Spoken:
        """Return where those speak whom the query asks about."""
        if not query.speakers:
            return {}
        spoken: dict[str, list[Statement]] = {}
        found = self._index.catalogue.statements(speakers=query.speakers, article_ids=article_ids)
        for article_id, statement in found:
            spoken.setdefault(article_id, []).append(statement)
        return spoken

    def _reranked(self, reranker: Reranker, query: Query, found: Sequence["_Scored"]) -> list["_Scored"]:
        """Return the best in the order of the reranker, with its probabilities, above all that it does not see."""
        best, rest = found[:_RERANKED], found[_RERANKED:]
        scores = reranker.score(query.text, [one.candidate.text for one in best])
        ranked = [replace(one, score=raised(score, one.gain)) for one, score in zip(best, scores, strict=True)]
        least = min((one.score for one in ranked), default=0.0)
        return sorted(ranked, key=lambda one: -one.score) + [replace(o, score=min(o.score, least)) for o in rest]

    def _once(self, found: Sequence["_Scored"], k: int, asked: frozenset[str], *, newest: bool) -> list[Hit]:
        """Return the first `k`, each story once, then what was cut: copies, each named by the hit it is a copy of.

        Where passages of several articles are alike, and each says something that the others do not, all are kept, side
        by side in the order of their dates.
        """
        looked_through = _LOOKED_THROUGH * k
        sketches = self._index.catalogue.sketches({one.candidate.article.id for one in found[:looked_through]})
        stories: list[_Story] = []
        kept: list[_Scored] = []
        cut = []
        for place, one in enumerate(found):
            if len(kept) == k and place >= looked_through:
                break
            story = next((s for s in stories if s.tells(one)), None)
            twin = story.twin(one) if story else None
            if twin is None and (twin := _told_by(kept, one, sketches, asked)):
                story = next(s for s in stories if twin in s.versions)
            if story and twin:
                cut.append(_hit(one, f"copy of {twin.candidate.article.id}", kept=False))
                story.copies.setdefault(twin.candidate.article.id, []).append(one.candidate.article)
            elif len(kept) < k:
                kept.append(one)
                if story:
                    story.versions.append(one)
                else:
                    stories.append(_Story([one]))
        return [hit for story in stories for hit in story.hits(newest=newest)] + cut


@lru_cache(maxsize=_REMEMBERED)
def _terms(text: str) -> tuple[str, ...]:
    return tuple(terms(text))


def relevance(query: Query, hits: Sequence[Hit]) -> float:
    """Return the probability that the best of the kept hits answers, without what it gained by the conversation.

    Where the newest come first the best is another than the first.
    """
    kept = (hit for hit in hits if hit.kept)
    return max(raised(hit.score, -_GOING_ON) if hit.article.id in query.going_on else hit.score for hit in kept)


def rank_articles(hits: Sequence[Hit]) -> dict[str, float]:
    """Return the ids of the articles hit, copies too, each once in the order of its best passage, with its score."""
    ranked: dict[str, float] = {}
    for hit in sorted(hits, key=lambda hit: -hit.score):
        ranked.setdefault(hit.article.id, hit.score)
    return ranked


def _fittest(query: Query, found: Sequence[Finding], most: int, unread: Set[str]) -> list[Finding]:
    """Return those found that are worth reading, in their order; the best are among them: see docs/decisions.md.

    All are, where days, speakers or articles are preferred: one that seems unfit may gain most.
    """
    if query.from_ or query.to or query.speakers or query.going_on:
        return list(found)

    def fit(one: Finding) -> float:
        return fitness(MEANT if one.passage.article_id in unread else one.cosine, one.share)

    return sorted(nlargest(most, found, key=fit), key=_place)


def _place(one: Finding) -> tuple[str, int]:
    return one.passage.article_id, one.passage.start


def feature_table(
    words: Words, candidates: Sequence[Candidate], bodies: Sequence[Sequence[str]], *, unread: Set[str] = frozenset()
) -> NDArray[np.float64]:
    """Return the features of candidates, shape (n, 5); `bodies` are the terms of their texts.

    The vectors of articles that are `unread` count for nothing.
    """
    titles = {title: words.held(_terms(title)) for title in {c.article.origin.title for c in candidates}}
    return np.array(
        [
            features(
                words,
                titled=titles[c.article.origin.title],
                body=body,
                cosine=None if c.article.id in unread else c.cosine,
                share=c.share,
            )
            for c, body in zip(candidates, bodies, strict=True)
        ]
    )


@dataclass(frozen=True, eq=False)
class _Scored:
    candidate: Candidate
    body: Sequence[str]
    score: float
    gain: float

    @cached_property
    def shingles(self) -> frozenset[tuple[str, ...]]:
        return copies.shingles(self.body)

    def moment(self) -> datetime:
        return moment(self.candidate.article.origin.published)


def _is_of_the_days(query: Query, candidate: Candidate) -> bool:
    """Tell whether a candidate was published on the days that the question names."""
    if not (query.from_ or query.to):
        return False
    days = [origin.published[:10] for origin in candidate.article.origins if origin.published]
    return any((query.from_ or "") <= day <= (query.to or "9999") for day in days)


def _holds_one_of(spoken: Spoken, candidate: Candidate) -> bool:
    passage = candidate.passage
    return any(passage.start <= s.start < passage.end for s in spoken.get(passage.article_id, ()))


def _newest_first(found: Sequence[_Scored]) -> list[_Scored]:
    """Return the newest first of those that fit the question at least half as well as the best, then the others."""
    least = _HALF * max((one.score for one in found), default=0)
    fitting = [one for one in found if one.score >= least]
    return sorted(fitting, key=_Scored.moment, reverse=True) + [one for one in found if one.score < least]


@dataclass(slots=True)
class _Story:
    """Passages that are alike, each with something of its own."""

    versions: list[_Scored]
    copies: dict[str, list[Article]] = field(default_factory=dict)

    def tells(self, one: _Scored) -> bool:
        elsewhere = all(v.candidate.article.id != one.candidate.article.id for v in self.versions)
        return elsewhere and copies.alike(self.versions[0].shingles, one.shingles)

    def twin(self, one: _Scored) -> _Scored | None:
        """Return the version that says all that `one` does."""
        return next((v for v in self.versions if copies.adds_nothing(one.body, v.body)), None)

    def hits(self, *, newest: bool) -> list[Hit]:
        self.versions.sort(key=_Scored.moment, reverse=newest)
        why = "kept beside what differs from it, by date" if len(self.versions) > 1 else "kept"
        return [_hit(v, why, kept=True, copies=self.copies.get(v.candidate.article.id, ())) for v in self.versions]


def _told_by(
    kept: Sequence[_Scored], one: _Scored, sketches: Mapping[str, bytes], asked: frozenset[str]
) -> _Scored | None:
    """Return a passage kept whose article tells the same story, and all that `one` says.

    They overlap, where articles of one story are cut into passages at different places; and none of the words asked for
    stands in `one` alone.
    """
    mine = one.candidate.article
    for other in kept:
        theirs = other.candidate.article
        if (
            theirs.id != mine.id
            and copies.overlap(other.shingles, one.shingles)
            and asked.intersection(one.body) <= set(other.body)
            and one_story(sketches.get(mine.id, b""), [sketches.get(theirs.id, b"")])[0]
            and tells(theirs, mine, Span(one.candidate.passage.start, one.candidate.passage.end))
        ):
            return other
    return None


def _hit(one: _Scored, why: str, *, kept: bool, copies: Sequence[Article] = ()) -> Hit:
    c = one.candidate
    distinct = tuple({article.id: article for article in copies}.values())
    return Hit(c.article, c.passage, one.score, c.ranks, kept=kept, why=why, copies=distinct)
