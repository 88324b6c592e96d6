"""What answers a question, as the index has it: documents become article ids, quotes become spans.

Knows nothing about answers or metrics.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from rag.corpus import normalise
from rag.evaluation.questions import Question
from rag.index import Catalogue


@dataclass(frozen=True, slots=True)
class Gold:
    """An article that answers a question and, where its words are known, where they stand in its text."""

    article_id: str
    grade: int = 1
    start: int | None = None
    end: int | None = None

    def overlaps(self, article_id: str, start: int, end: int) -> bool:
        """Tell whether a span of an article shares a character with this one."""
        return (
            article_id == self.article_id
            and self.start is not None
            and self.end is not None
            and max(start, self.start) < min(end, self.end)
        )


@dataclass(frozen=True, slots=True)
class Resolved:
    """The gold of each question by its id, and what could not be found in the index."""

    gold: dict[str, tuple[Gold, ...]]
    missing_documents: tuple[str, ...]
    missing_quotes: int
    ambiguous: dict[str, int]
    """Documents that are more than one article, and how many."""


def resolve(questions: Sequence[Question], catalogue: Catalogue) -> Resolved:
    """Find the documents and quotes that questions name; a path may be given by its last parts alone."""
    places = _places({source.doc_id for question in questions for source in question.evidence}, catalogue)
    texts: dict[str, str] = {}
    gold: dict[str, tuple[Gold, ...]] = {}
    missing_documents: list[str] = []
    missing_quotes = 0
    for question in questions:
        found: list[Gold] = []
        for source in question.evidence:
            articles = places.get(source.doc_id, [])
            missing_documents += [] if articles else [source.doc_id]
            spans = []
            for article in articles:
                if source.quote and article not in texts:
                    texts[article] = catalogue.article(article).text
                span = locate(source.quote, texts[article]) if source.quote else None
                spans.append(Gold(article, source.grade, *(span or ())))
            missing_quotes += bool(source.quote and spans and all(g.start is None for g in spans))
            found += spans
        gold[question.id] = tuple(dict.fromkeys(found))
    several = {n: len(a) for n, a in places.items() if len(a) > 1}
    return Resolved(gold, tuple(missing_documents), missing_quotes, several)


def locate(quote: str, text: str) -> tuple[int, int] | None:
    """Return where `quote` stands in `text`, white space aside; None where it does not."""
    if match := re.search(r"\s+".join(map(re.escape, normalise(quote).split())) or r"(?!)", text):
        return match.span()
    return None


def _places(wanted: set[str], catalogue: Catalogue) -> dict[str, list[str]]:
    """Return the ids of the articles that each of the `wanted` documents is."""
    found: dict[str, dict[str, None]] = {}
    for article, path, source_id in catalogue.places():
        for name in _names(article, path, source_id):
            if name in wanted:
                found.setdefault(name, {})[article] = None
    return {name: list(articles) for name, articles in found.items()}


def _names(article: str, path: str, source_id: str | None) -> Iterable[str]:
    yield article
    yield path
    if source_id:
        yield source_id
    parts = PurePath(path).parts
    yield from ("/".join(parts[i:]) for i in range(1, len(parts)))
