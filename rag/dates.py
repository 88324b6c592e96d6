"""Dates as articles give them, turned into ISO 8601, and in order.

Knows nothing about files or questions. A text that does not name a whole day is no date.
"""

import re
from datetime import UTC, datetime

from dateutil import parser, tz

_LEADING = re.compile(r"\s*date (\d{4}-\d{2}-\d{2})(?:\s|$)")
_DOTTED = re.compile(r"(?<![\d.])\d{1,2}\.\d{1,2}\.\d{4}")
_TIME = re.compile(r"\d:\d\d|\d ?[ap]\.?m\b", re.IGNORECASE)
YEAR = re.compile(r"\b(?:1[6-9]|20)\d\d\b")
_PUBLISHED = re.compile(r"^(?:first )?(?:published|posted|updated|date|dated)\b(?: on)?[\s:,–—-]*", re.IGNORECASE)
_BEGINNING, _LINES, _LONGEST_LINE = 2000, 4, 60
"""Characters at the beginning, and lines of them, in which a date of its own is looked for; such a line's own."""
_UNLIKE = (datetime(1904, 1, 1), datetime(1908, 2, 20))  # differ in year, month and week; both leap years


def parse_date(text: str) -> str | None:
    """Return the day, or the moment where a time is given, that `text` names, in ISO 8601; else None.

    Dots mean that the day comes first, as in 11.4.2023; slashes that the month does. A date that leaves out its
    year, month or day is None: the rest would be a guess.
    """
    try:
        day_first = bool(_DOTTED.search(text))
        first, second = (parser.parse(text, default=default, tzinfos=_zone, dayfirst=day_first) for default in _UNLIKE)
        if first != second:
            return None
        return first.isoformat() if _TIME.search(text) else first.date().isoformat()
    except (ValueError, OverflowError):  # also from isoformat: an offset of a day or more
        return None


def split_leading_date(text: str) -> tuple[str | None, str]:
    """Split `date YYYY-MM-DD ` off the start of a text: the date, if it exists in a calendar, and the rest."""
    match = _LEADING.match(text)
    if not match or not (published := parse_date(match.group(1))):
        return None, text
    return published, text[match.end() :]


def dateline(text: str) -> str | None:
    """Return the date that one of the first lines of a text is, "Friday, January 4, 2019"; None where none is."""
    lines = [line.strip() for line in text[:_BEGINNING].splitlines() if line.strip()][:_LINES]
    dated = (line for line in lines if len(line) <= _LONGEST_LINE and YEAR.search(line))
    return next((found for line in dated if (found := parse_date(_PUBLISHED.sub("", line)))), None)


def moment(published: str | None) -> datetime:
    """Return what to sort a date by: its moment in UTC, a day's first one, the earliest of all for None."""
    if published is None:
        return datetime.min.replace(tzinfo=UTC)
    when = datetime.fromisoformat(published)
    if when.tzinfo is None:
        return when.replace(tzinfo=UTC)
    try:
        return when.astimezone(UTC)
    except OverflowError:  # in the first or last hours of all years
        return when.replace(tzinfo=UTC)


def every_month(first: str, last: str) -> list[str]:
    """Return every month from the first to the last, as 2023-04."""
    start, end = (int(month[:4]) * 12 + int(month[5:7]) - 1 for month in (first, last))
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(start, end + 1)]


def _zone(_name: str, offset: int | None) -> tz.tzoffset | None:
    """Take an offset in seconds as it is; a zone known by name alone (EST, IST) is left out: names are shared."""
    return None if offset is None else tz.tzoffset(None, offset)
