"""Copies and versions: what articles that tell one story say that the others do not.

Two articles of one story are copies where neither says more, else versions; the later one may correct the earlier.
Which articles tell one story is told by their sketches (rag.resemblance). Knows nothing about search.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rag.chunking import sentences
from rag.citations.facts import Facts, facts
from rag.index import Reader, stories
from rag.types import Article, Span

_TOLD = 0.75
"""So many of the words of a sentence stand in the other one that tells it."""
_DATELINE = re.compile(r"\A(?:[A-Z][A-Z .'-]{2,}[^\n]{0,40}?|[^\n]{2,60}?\([^)\n]{2,30}\)) ?(?:[—–]|--?) ")
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")
_REMEMBERED = 128


@dataclass(frozen=True, slots=True)
class Kin:
    """The other articles that tell the story of one: those that say nothing else, and those that do, by date."""

    copies: tuple[Article, ...] = ()
    versions: tuple[Article, ...] = ()
    later: Article | None = None
    """The latest of the versions, where it is later than the article itself."""


def kin(article_ids: Iterable[str], reader: Reader) -> dict[str, Kin]:
    """Return for each of some articles, by id, the others that tell its story; only those that have any."""
    return {article.id: _kin(article, others) for article, others in _alike(article_ids, reader)}


def later_versions(article_ids: Iterable[str], reader: Reader) -> dict[str, Article]:
    """Return for some articles, by id, what `Kin.later` is, in less time; only those that have one."""
    found = ((article.id, _later(article, others)) for article, others in _alike(article_ids, reader))
    return {i: later for i, later in found if later}


def tells(article: Article, other: Article, span: Span) -> bool:
    """Tell whether an article says all that a span of another one says: sentence by sentence, in nearly these words.

    Numbers, dates, names, negations and directions must be the same: a sentence that counts otherwise is not told.
    """
    held = _read(article.text)
    return all(held.tells(sentence) for sentence in _read(span.of(other.text)).sentences)


def _alike(article_ids: Iterable[str], reader: Reader) -> Iterator[tuple[Article, list[Article]]]:
    """Yield each article of which others tell the story, and these by date."""
    alike = stories.others(reader, article_ids)
    known = reader.articles({*alike, *(other for others in alike.values() for other in others)})
    for i in (i for i in alike if i in known):
        others = (known[o] for o in alike[i] if o in known)
        yield known[i], sorted(others, key=lambda a: (a.origin.published or "", a.id))


def _kin(article: Article, others: Sequence[Article]) -> Kin:
    copies: list[Article] = []
    versions: list[Article] = []
    for other in others:
        same = _says_all(other, article) and _says_all(article, other)
        (copies if same else versions).append(other)
    return Kin(tuple(copies), tuple(versions), _later(article, others))


def _later(article: Article, others: Sequence[Article]) -> Article | None:
    return next((o for o in reversed(others) if is_later(o, article) and not _says_all(article, o)), None)


def is_later(one: Article, other: Article) -> bool:
    """Tell whether an article is known to be published after another: on a later day, or later on the same."""
    mine, theirs = one.origin.published, other.origin.published
    if not mine or not theirs:
        return False
    if mine[:10] != theirs[:10] or len(mine) == 10 or len(theirs) == 10:
        return mine[:10] > theirs[:10]
    first, second = datetime.fromisoformat(mine), datetime.fromisoformat(theirs)
    return (first.tzinfo is None) == (second.tzinfo is None) and first > second


def _says_all(article: Article, other: Article) -> bool:
    return tells(article, other, Span(0, len(other.text)))


@dataclass(frozen=True, slots=True)
class _Stated:
    """What the sentences of a text state, and in which of them each word stands."""

    sentences: tuple[Facts, ...]
    where: dict[str, list[int]]

    def tells(self, sentence: Facts) -> bool:
        """Tell whether one of them says the same, or two in a row that were joined.

        Any that does holds one of the rarest words of the sentence, by `_TOLD`.
        """
        spare = int((1 - _TOLD) * len(sentence.words)) + 1
        rarest = sorted((self.where.get(word, []) for word in sentence.words), key=len)[:spare]
        near = {i for places in rarest for i in places}
        if any(_same(sentence, (self.sentences[i],)) for i in near):
            return True
        pairs = (self.sentences[i : i + 2] for i in near | {i - 1 for i in near if i})
        return any(_is_share(pair, sentence) and _same(sentence, pair) for pair in pairs)


def _same(sentence: Facts, others: Sequence[Facts]) -> bool:
    words = frozenset().union(*(o.words for o in others))
    negated = frozenset().union(*(o.negated for o in others))
    return (
        len(sentence.words & words) >= _TOLD * len(sentence.words)
        and words.issuperset(sentence.names)
        and sentence.numbers.issubset(number for o in others for number in o.numbers)
        and sentence.calendar.issubset(day for o in others for day in o.calendar)
        and sentence.sides.issubset(side for o in others for side in o.sides)
        and sentence.negative == any(o.negative for o in others)
        and sentence.negated & words == negated & sentence.words
    )


def _is_share(pair: Sequence[Facts], sentence: Facts) -> bool:
    """Tell whether a sentence holds most of what two say: else numbers of one would count for the other."""
    words = frozenset().union(*(one.words for one in pair))
    return len(words & sentence.words) >= _TOLD * len(words)


@functools.lru_cache(maxsize=_REMEMBERED)
def _read(text: str) -> _Stated:
    """Return what each sentence states, without the dateline and however lines are wrapped; none that state nothing."""
    paragraphs = (" ".join(lines.split()) for lines in _PARAGRAPH_BREAK.split(_DATELINE.sub("", text, count=1)))
    stated = (facts(span.of(lines)) for lines in paragraphs for span in sentences(lines))
    read = tuple(one for one in stated if one.words)
    where: dict[str, list[int]] = {}
    for i, one in enumerate(read):
        for word in one.words:
            where.setdefault(word, []).append(i)
    return _Stated(read, where)
