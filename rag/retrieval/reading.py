"""From a question to a query: the days it names, whom it asks about, words that are spelt otherwise here.

Also turns limits as people give them (dates in any form, names of sources, articles, collections) into filters. Knows
nothing about conversations, models or ranking.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date

from rag import languages
from rag.errors import UsageError
from rag.index import Index, Reader
from rag.lexical import FUNCTION_WORDS, terms
from rag.periods import AskedTime, dates_in
from rag.retrieval.speakers import asked_about, meant
from rag.types import Embedder, Filters, Query
from rag.wording import count

_WORD = re.compile(r"[^\W\d_]+")
_ISO_MONTH = re.compile(r"([1-9]\d{3})-(0[1-9]|1[0-2])")
_TIME = re.compile(r"(?<=\d)T\d.*")
_SHOWN = 5
_FROM_TODAY = re.compile(r"\b(?:ago|last|now|past|these|this|to-?day|tonight|yesterday)\b", re.IGNORECASE)
"""Words of times that are told from the day on which it is asked."""


def read(text: str, index: Index, *, filters: Filters, today: date) -> Query:
    """Return the query of a question that stands alone."""
    asked = _asked_time(text, index.catalogue, today)
    known = index.catalogue.speakers() if (names := asked_about(text)) else {}
    dated = filters.from_ or filters.to
    language = languages.detect(text)
    return Query(
        text,
        from_=asked.from_,
        to=asked.to,
        newest=asked.newest,
        today=today.isoformat(),
        speakers=tuple(dict.fromkeys(speaker for name in names for speaker in meant(name, known))),
        respelled=tuple(_respelled(text, index)),
        filters=filters,
        undated=index.catalogue.undated(filters) if dated else None,
        language=language,
        note=_note(language, index.embedder),
    )


def _asked_time(text: str, reader: Reader, today: date) -> AskedTime:
    """Return the time that a question asks about; a date without its year is the last one that articles are of.

    In an archive of 2019 to 2021 "June 16" is of 2020, whatever the day is.
    """
    asked = dates_in(text, today=today)
    if not asked.from_ or _FROM_TODAY.search(text):
        return asked
    newest = max(filter(None, reader.months()), default="")
    if not newest or asked.from_[:7] <= newest:
        return asked
    year, month = map(int, newest.split("-"))
    return dates_in(text, today=date(year, month, monthrange(year, month)[1]))


def _note(language: str | None, embedder: Embedder) -> str | None:
    if language is None or not languages.is_foreign(language, embedder.languages):
        return None
    return f"the question is in {languages.name(language)}, which {embedder.name} does not know: words carry the search"


def filters(
    reader: Reader,
    *,
    today: date,
    from_: str | None = None,
    to: str | None = None,
    sources: Sequence[str] | None = None,
    articles: Sequence[str] | None = None,
    collection: str | None = None,
) -> Filters:
    """Return limits as filters; raises `UsageError` for a date that is none, and for a name that is not here.

    A date may be a day or longer ("2023-04-11", "April 2023", "last week"): `from_` takes its first day, `to` its last.
    """
    first, last = (_day(name, value, today) for name, value in (("from", from_), ("to", to)))
    if first and last and first > last:
        raise UsageError(f"nothing lies between {first} and {last}: give the earlier day as --from")
    chosen = {article for name in articles or () for article in _articles(reader, name)}
    if collection is not None:
        members = reader.collection(collection)
        chosen = chosen & members if chosen else members
        if not chosen:
            raise UsageError(f"none of the articles named is in the collection {collection!r}")
    return Filters(first, last, tuple(_sources(reader, sources or ())), tuple(sorted(chosen)))


def describe(query: Query) -> list[str]:
    """Return in words what a query was limited to, what is preferred, and what else its words are taken for."""
    limits = query.filters
    parts = []
    if days := _days(limits.from_, limits.to):
        left_out = f" ({query.undated:,} undated left out)" if query.undated else ""
        parts.append(f"only {days}{left_out}")
    if days := _days(query.from_, query.to):
        parts.append(f"preferring {days}")
    if query.after:
        parts.append(f"going on from “{query.after}”")
    if query.newest:
        parts.append("newest first")
    if limits.sources:
        parts.append(f"only from {', '.join(limits.sources)}")
    if limits.articles:
        parts.append(f"only in {count(len(limits.articles), 'chosen article')}")
    if query.speakers:
        several = "any of " if len(query.speakers) > 1 else ""
        parts.append(f"preferring what {several}{_some(query.speakers)} said")
    parts += [f"{typed} also as {other}" for typed, other in query.respelled]
    parts += [query.note] if query.note else []
    return parts


def clearer(query: Query) -> dict[str, str]:
    """Return for each of those whom the one name in a question may mean the question with the whole name.

    Empty where one is meant, or so many that a choice would help nobody.
    """
    names = asked_about(query.text)
    others = [speaker for speaker in query.speakers if len(names) == 1 and speaker.casefold() != names[0].casefold()]
    if not 1 < len(others) <= _SHOWN:
        return {}
    return {speaker: query.text.replace(names[0], speaker, 1) for speaker in others}


def _days(first: str | None, last: str | None) -> str:
    if first and last:
        return first if first == last else f"{first} to {last}"
    return f"since {first}" if first else f"until {last}" if last else ""


def _some(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _day(name: str, value: str | None, today: date) -> str | None:
    if not (value := (value or "").strip()):
        return None
    if month := _ISO_MONTH.fullmatch(value):
        year, nth = int(month[1]), int(month[2])
        return date(year, nth, 1 if name == "from" else monthrange(year, nth)[1]).isoformat()
    asked = dates_in(f"in {_TIME.sub('', value)}", today=today)
    day = asked.from_ if name == "from" else asked.to
    if not day:
        ends = "begin" if name == "from" else "end"
        raise UsageError(f"{value!r} is no date to {ends} with; write a day, a month or a year: 2023-04-11")
    return day


def _articles(reader: Reader, name: str) -> list[str]:
    if not (found := reader.named(name)):
        raise UsageError(f"no article {name!r} in this index; see which there are: rag list")
    return found


def _sources(reader: Reader, names: Sequence[str]) -> list[str]:
    known: dict[str, list[str]] = {}
    for source in filter(None, reader.sources()):
        known.setdefault(source.casefold(), []).append(source)
    for name in names:
        if name.casefold() not in known:
            shown = ", ".join([some[0] for some in known.values()][:_SHOWN]) or "none has a source"
            raise UsageError(f"no article is from {name!r}; the sources here: {shown}; see all: rag stats")
    return [source for name in names for source in known[name.casefold()]]


def _respelled(text: str, index: Index) -> list[tuple[str, str]]:
    """Return the words that no passage holds, each with the term that was perhaps meant; names may be English words."""
    first, *others = dict.fromkeys(_WORD.findall(text)) or [""]
    words = [word for word in [first, *others] if word.casefold() not in FUNCTION_WORDS]
    each = ((word, index.words.respelled(term)) for word in words for term in terms(word))
    is_name = {word for word in others if word[0].isupper()}
    return [(word, other) for word, other in each if other and (word in is_name or not languages.is_english(word))]
