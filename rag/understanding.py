"""From a question and the conversation before it to queries: what it goes on from, and the questions it is made of.

Knows nothing about language models, evidence or whose turn it is.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from rag.follow_ups import asks_for_more, begun_with, goes_on, leans, points_back
from rag.retrieval import Retriever, parts, read
from rag.types import Answer, Filters, Hit, Query


def understood(
    question: str,
    rewritten: str | None,
    history: Sequence[Answer],
    retriever: Retriever,
    *,
    within: Filters,
    today: date,
) -> Query:
    """Return the query of a question that was rewritten to stand alone, or not."""
    query = read(rewritten or question, retriever.index, filters=within, today=today)
    if history and asks_for_more(question):
        query = replace(query, known=tuple((c.article.id, c.start) for one in history for c in one.citations))
    first = parts(query.text)[0]
    if not goes_on(first, history):
        return query
    cited = next((answer.citations for answer in reversed(history) if answer.citations), ())
    theirs = tuple(dict.fromkeys(citation.article.id for citation in cited))
    if theirs and not leans(first) and retriever.is_of_others(query, theirs):
        return query
    return _going_on(query, begun_with(history), theirs, retriever, today)


def searched(query: Query, retriever: Retriever, *, k: int, today: date) -> list[tuple[Query, list[Hit]]]:
    """Return the questions that one is made of, and the `k` passages found for each.

    Those that point back go on from the first, and with the article that fits it best.
    """
    texts = parts(query.text)
    if len(texts) == 1:
        return [(query, retriever.search(query, k=k))]
    found: list[tuple[Query, list[Hit]]] = []
    for text in texts:
        part = read(text, retriever.index, filters=query.filters, today=today)
        part = replace(part, after=query.after, going_on=query.going_on, known=query.known)
        if found and points_back(text):
            first, hits = found[0]
            best = max((hit for hit in hits if hit.kept), key=lambda hit: hit.score, default=None)
            part = _going_on(part, first.sought, (best.article.id,) if best else (), retriever, today)
        found.append((part, retriever.search(part, k=k)))
    return found


def merged(found: Sequence[Sequence[Hit]]) -> list[Hit]:
    """Return what was found for the parts of a question as one list: each passage once, as it is best, best first."""
    if len(found) == 1:
        return list(found[0])
    best: dict[tuple[str, int], Hit] = {}
    for hit in sorted((hit for hits in found for hit in hits), key=lambda hit: (not hit.kept, -hit.score)):
        best.setdefault((hit.article.id, hit.passage.start), hit)
    return list(best.values())


def _going_on(query: Query, after: str, article_ids: tuple[str, ...], retriever: Retriever, today: date) -> Query:
    """Return a query that goes on from a question and with some articles; it is of the days that either names."""
    pair = read(f"{after} {query.text}", retriever.index, filters=query.filters, today=today)
    dated = query if query.from_ or query.to else pair
    query = replace(query, from_=dated.from_, to=dated.to, respelled=pair.respelled)
    return replace(query, after=after, going_on=article_ids)
