"""Which articles tell one story: copies and other versions of each other, as their sketches have it.

A relation of two articles each, not a partition: what is like a copy of a copy need not be like the first, so no chain
of small changes can grow into one story. It follows from the articles that are here, whatever the order they came in,
and nothing has to be undone where one goes. Knows nothing about their texts.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from rag.index.reader import Reader
from rag.resemblance import one_story

_MET = 200
"""Of more articles that may be like one, those are looked at that share most of its bands."""
_NEXT = 8
_AT_ONCE = 20_000


def others(reader: Reader, article_ids: Iterable[str]) -> dict[str, list[str]]:
    """Return for each of some articles the ids of the others that tell its story, sorted; only those that have any."""
    found = {}
    for article_id, sketch in reader.sketches(article_ids).items():
        met = reader.meeting(sketch, most=_MET)
        told = one_story(sketch, list(met.values()))
        if alike := [i for i, same in zip(met, told, strict=True) if same and i != article_id]:
            found[article_id] = alike
    return found


def members(reader: Reader) -> set[int]:
    """Return the numbers of all articles that tell the story of another one, in time linear in the number of articles.

    See `rag.index.catalogue.article_number`.
    """
    told: set[int] = set()
    with reader.snapshot():
        pairs = _pairs(reader)
        while some := list(islice(pairs, _AT_ONCE)):
            open_ = [(a, b) for a, b in some if a not in told or b not in told]
            sketches = reader.sketches_by_number({n for pair in open_ for n in pair})
            by_first: dict[int, list[int]] = {}
            for a, b in dict.fromkeys(open_):
                by_first.setdefault(a, []).append(b)
            for a, rest in by_first.items():
                same = one_story(sketches[a], [sketches[b] for b in rest])
                told.update(n for b, alike in zip(rest, same, strict=True) if alike for n in (a, b))
    return told


def _pairs(reader: Reader) -> Iterator[tuple[int, int]]:
    """Yield the numbers of articles that meet, each with the few before it in the same place."""
    here, before = -1, list[int]()
    for key, number in reader.meetings():
        if key != here:
            here, before = key, []
        yield from ((other, number) for other in before[-_NEXT:])
        before = [*before[-_NEXT:], number]
