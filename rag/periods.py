"""The days that a question asks about: "since last Monday", "in April", "2019–2021", "the latest".

Knows English, the Gregorian calendar, weeks from Monday and the seasons of the northern hemisphere. Knows nothing about
articles, nor when anything happened. A date without its year is the last that began not after today.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial, reduce
from itertools import pairwise
from typing import TypeAlias

from dateutil.relativedelta import relativedelta

from rag.dates import parse_date

_Days: TypeAlias = tuple[date, date]  # both included


@dataclass(frozen=True, slots=True)
class AskedTime:
    """Days from `from_` to `to`, both included, ISO 8601, None where that end is open; `newest`: the latest first."""

    from_: str | None = None
    to: str | None = None
    newest: bool = False


def dates_in(question: str, *, today: date) -> AskedTime:
    """Read the time that `question` asks about, on the day `today`; no text makes it fail.

    Times named side by side are united. "Since", "after", "before", "until" and "by" leave one end open and cut the
    rest, unless nothing would be left. All but "by" reach a date later in their clause, and then include it ("after
    the attack on April 11"); directly after "after" and "before" it is left out.
    """
    text = re.sub(r"\s", " ", question)  # no-break spaces too, which the forms, being ASCII, would not take
    newest = bool(_NEWEST.search(text))
    ends: dict[str, _Days] = {}
    for group in _groups(text):
        with suppress(ValueError, OverflowError):  # no calendar has it, or it only looks like a time
            end, days = _asked(text, group, today)
            ends[end] = _union(ends.get(end, days), days)
    if not ends:
        return AskedTime(newest=newest)
    first, last = max(days[0] for days in ends.values()), min(days[1] for days in ends.values())
    if first > last:
        first, last = reduce(_union, ends.values())
    return AskedTime(None if first == date.min else str(first), None if last == date.max else str(last), newest)


@dataclass(frozen=True, slots=True)
class _Mention:
    """Words in the form of a time; bare ones ("2000", "May") are a time only where the words around them say so."""

    start: int
    end: int
    bare: bool
    ranged: bool  # "11 to 13 April", "2019–2021"
    read: Callable[[date], _Days]  # raises ValueError or OverflowError if no calendar has the days


def _mentions(text: str) -> Iterator[_Mention]:
    """Yield what has the form of a time; of those that overlap the first, and of these the longest."""
    found = [(each, reader) for form, reader in _FORMS for each in form.finditer(text)]
    end = 0
    for each, reader in sorted(found, key=lambda pair: (pair[0].start(), -pair[0].end())):
        if each.start() < end:
            continue
        part = _PART.search(text, max(end, each.start() - 30), each.start())
        start, end = (part or each).start(), each.end()
        read = partial(_third, reader, each, part.lastindex or 1) if part else partial(reader, each)
        bare = "bare" in each.re.groupindex and not part
        yield _Mention(start, end, bare, bool(each.groupdict().get("first")), read)


def _groups(text: str) -> Iterator[list[_Mention]]:
    """Yield the mentions, those joined by "to", "and" or a dash in one list."""
    group: list[_Mention] = []
    for mention in _mentions(text):
        if group and not _JOINED.fullmatch(text, group[-1].end, mention.start):
            yield group
            group = []
        group.append(mention)
    if group:
        yield group


def _asked(text: str, group: list[_Mention], today: date) -> tuple[str, _Days]:
    """Return which end a group of mentions sets, and its days; ValueError if it is no time."""
    start, end = group[0].start, group[-1].end
    lead = _LEAD.search(text, max(0, start - 20), start)
    word = " ".join(lead[1].lower().split()) if lead else ""
    joins = (text[one.end : two.start].strip().lower() for one, two in pairwise(group))
    ranged = any(mention.ranged for mention in group) or any(join not in {"and", "or"} for join in joins)
    if all(mention.bare for mention in group) and not ranged and (not word or (word == "between" and len(group) == 1)):
        raise ValueError(text[start:end])

    days = group[-1].read(today)
    for mention in reversed(group[:-1]):
        earlier = mention.read(today)  # in "April to June 2022" it takes its year from what follows
        days = _union(earlier if earlier[0] <= days[0] else mention.read(days[1]), days)
    if days[0] > days[1]:
        raise ValueError(text[start:end])

    if word in {"since", "from"}:
        return _cut("" if ranged or (len(group) > 1 and word == "from") else "since", days, near=True)
    if word not in _GOVERNORS and (far := _FAR.search(text, max(0, start - 120), start)):
        return _cut(far[1].lower(), days, near=False)
    return _cut(word, days, near=True)


def _cut(word: str, days: _Days, *, near: bool) -> tuple[str, _Days]:
    first, last = days
    match word:
        case "since":
            return "from", (first, date.max)
        case "after":
            return "from", (last + timedelta(days=1) if near else first, date.max)
        case "before":
            return "to", (date.min, first - timedelta(days=1) if near else last)
        case "by" | "until" | "till" | "up to":
            return "to", (date.min, last)
        case _:
            return "within", days


def _union(one: _Days, two: _Days) -> _Days:
    return min(one[0], two[0]), max(one[1], two[1])


def _read_whole(found: re.Match[str], _today: date) -> _Days:
    return (date.fromisoformat(parse_date(found["day"]) or ""),) * 2


def _read_day(found: re.Match[str], today: date) -> _Days:
    if found["month"] in {"may", "march", "mar"} and not found["year"]:
        raise ValueError(found["month"])  # "the 11 may have"
    month, last = _month(found), int(found["day"])
    first = int(found.groupdict().get("first") or last)
    return _latest(lambda year: (date(year, month, first), date(year, month, last)), found, today)


def _read_month(found: re.Match[str], today: date) -> _Days:
    return _latest(lambda year: _months(date(year, _month(found), 1), 1), found, today)


def _read_season(found: re.Match[str], today: date) -> _Days:
    month = {"spring": 3, "summer": 6, "winter": 12}.get(found["season"].lower(), 9)
    return _latest(lambda year: _months(date(year, month, 1), 3), found, today)


def _read_part(found: re.Match[str], today: date) -> _Days:
    size = 6 if "half" in found[0].lower() else 3
    nth = 12 // size if found["nth"].lower() in {"last", "latter"} else _number(found["nth"])
    return _latest(lambda year: _months(date(year, size * (nth - 1) + 1, 1), size), found, today)


def _read_year(found: re.Match[str], today: date) -> _Days:
    return _latest(lambda year: _months(date(year, 1, 1), 12), found, today)


def _read_years(found: re.Match[str], _today: date) -> _Days:
    first, last = found["first"], found["last"]  # "2019–2021", "2022/23"
    return date(int(first), 1, 1), date(int(first[: -len(last)] + last), 12, 31)


def _read_decade(found: re.Match[str], _today: date) -> _Days:
    return _months(date(int(found["decade"]), 1, 1), 120)


def _read_weekday(found: re.Match[str], today: date) -> _Days:
    latest = today if "bare" in found.re.groupindex else today - timedelta(days=1)  # "last Monday" is not today
    return (latest - timedelta(days=(latest.weekday() - _WEEKDAYS.index(found["weekday"][:3].lower()) // 3) % 7),) * 2


def _read_named(found: re.Match[str], today: date) -> _Days:
    word = found[0].lower()
    return (today - timedelta(days=2 if "before" in word else "yesterday" in word or "last" in word),) * 2


def _read_unit(found: re.Match[str], today: date) -> _Days:
    """Return the whole week, month or year that "two years ago", "last year" or "this year" lies in."""
    unit, which = found["unit"].lower(), found.groupdict().get("which")
    day = today - (_number(found["n"]) if which is None else int(which.lower() == "last")) * _UNITS[unit]
    match unit:
        case "day":
            return day, day
        case "week":
            return day - timedelta(days=day.weekday()), day + timedelta(days=6 - day.weekday())
        case "month":
            return _months(day.replace(day=1), 1)
        case _:
            return _months(date(day.year, 1, 1), 12)


def _read_stretch(found: re.Match[str], today: date) -> _Days:
    return today - _number(found.groupdict().get("n") or "one") * _UNITS[found["unit"].lower()], today


def _third(reader: "_Reader", found: re.Match[str], part: int, today: date) -> _Days:
    """Return the first, second or last third: in whole months if there are three or more, else in whole days."""
    first, last = reader(found, today)
    months, days = (last.year - first.year) * 12 + last.month - first.month + 1, (last - first).days + 1
    if days < 3:
        return first, last
    step = relativedelta(months=months // 3) if months >= 3 else relativedelta(days=days // 3)
    return first + (part - 1) * step, last if part == 3 else first + part * step - timedelta(days=1)


def _latest(days: Callable[[int], _Days], found: re.Match[str], today: date) -> _Days:
    """Return the days in the year named, else in the last year in which they had begun (after "last", ended)."""
    year, which = ((found.groupdict().get(name) or "").lower() for name in ("year", "which"))
    if year:
        return days(int(year) if year.isdecimal() else today.year - year.startswith("last"))
    if which == "this":
        return min(days(today.year - 1), days(today.year), key=lambda each: abs(each[0] - today))
    for past in range(9):  # leap days are up to eight years apart
        with suppress(ValueError):
            first, last = days(today.year - past)
            if (last < today) if which else (first <= today):
                return first, last
    raise ValueError(found[0])


def _months(first: date, count: int) -> _Days:
    return first, first + relativedelta(months=count - 1, day=31)


def _month(found: re.Match[str]) -> int:
    return _MONTHS.index(found["month"][:3].lower()) // 3 + 1


def _number(text: str) -> int:
    word = text.split()[0].lower()
    return _NUMBERS.get(word) or int(word)


_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
_WEEKDAYS = "montuewedthufrisatsun"
_GOVERNORS = {"after", "before", "by", "until", "till", "up to"}
_UNITS = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "year": relativedelta(years=1),
}
_NUMBERS = dict(
    zip(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), range(1, 11), strict=True)
)
_NUMBERS |= {"a": 1, "an": 1, "couple": 2, "eleven": 11, "twelve": 12, "first": 1, "second": 2, "third": 3, "fourth": 4}
_PIECES = {
    "MONTH": r"(?P<month><NAME>)",
    "NAME": r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b",
    "CAPITAL": r"(?!(?-i:may|mar|march)\b)",
    "WEEKDAY": r"(?P<weekday>(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    "ON": r"(?:\b(?:mon|tue|wed|thu|fri|sat|sun)(?:s|nes|rs|ur)?(?:day)?\b\.?,?\s+)?",
    "SEASON": r"(?P<season>spring|summer|autumn|fall|winter)\b",
    "UNIT": r"(?P<unit>day|week|month|year)",
    "DAY": r"(?P<day><NUMERAL>)<TH>",
    "NUMERAL": r"(?:0?[1-9]|[12][0-9]|3[01])",
    "TH": r"(?:st|nd|rd|th)?(?![\w%]|[.,:][0-9])",
    "ALONE": r"(?<![\w.,:/$€£-])",
    "NUMBER": r"\b(?:a\s+)?(?P<n>[0-9]{1,4}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|couple\s+of)",
    "TO": r"(?:\s?[-–—/]\s?|\s+(?:to|until|till|through)\s+)",
    "OFYEAR": r"(?:,?\s+(?:of\s+|in\s+)?(?P<year><YEAR>|(?:last|this)\s+year\b))",
    # 2000 may count something. It does before a plural or a measure ("in 2000 cases", "1500 to 2000 men"), unless it
    # is a year of our time that is not round ("in 2021 protests").
    "YEAR": r"(?:(?:19|20)(?!00)[0-9]{2}|[12][0-9]{3}(?!(?:\s+(?:to|and|or)\s+[0-9.,]+)?\s+<COUNTED>))"
    r"(?![\w%]|[.,:][0-9]|\s?[-–—/]\s?[0-9])",
    "COUNTED": r"(?:(?-i:(?!(?:was|is|has|does|as|this|its|his|us)\b)[a-z]+s)|people|men|women|children|km)\b",
    "END": r"\b(?!\s+of\b)",  # not "the last year of the war"
}


def _form(pattern: str) -> re.Pattern[str]:
    """Compile a pattern in which <NAME> stands for one of the pieces."""
    while (filled := re.sub(r"<([A-Z]+)>", lambda name: _PIECES[name[1]], pattern)) != pattern:
        pattern = filled
    return re.compile(pattern, re.ASCII | re.IGNORECASE)


_Reader: TypeAlias = Callable[[re.Match[str], date], _Days]
_FORMS: list[tuple[re.Pattern[str], _Reader]] = [
    (_form(pattern), reader)
    for pattern, reader in (
        (r"(?<![\w./-])(?P<day>[12][0-9]{3}-[0-9]{1,2}-[0-9]{1,2})(?![\w/-]|[.,:][0-9])", _read_whole),
        (r"(?<![\w./-])(?P<day>[0-9]{1,2}([./])[0-9]{1,2}\2[12][0-9]{3})(?![\w/-]|[.,:][0-9])", _read_whole),
        (
            r"<ON>\b<MONTH>\.?\s+(?:the\s+)?(?:(?P<first><NUMERAL>)<TO>(?=<NUMERAL><TH>(?!\s+(?:of\s+)?<NAME>)))?"
            r"<DAY><OFYEAR>?",
            _read_day,
        ),
        (r"<ON>(?:\bthe\s+(?=[0-9]+[a-z]))?<ALONE><DAY>\s+(?:of\s+)?<MONTH>\.?<OFYEAR>?", _read_day),
        (
            r"<ALONE>(?P<first><NUMERAL>)(?:st|nd|rd|th)?(?:<TO>|\s+(?:and|or)\s+)<DAY>\s+(?:of\s+)?<MONTH>\.?<OFYEAR>?",
            _read_day,
        ),
        (r"\b<MONTH>\.?<OFYEAR>", _read_month),
        (r"\b(?P<which>last|this)\s+<CAPITAL><MONTH>", _read_month),
        (r"\b(?P<bare><CAPITAL><MONTH>)", _read_month),
        (r"\b(?:the\s+)?<SEASON><OFYEAR>", _read_season),
        (r"\b(?P<which>last|this)\s+<SEASON>", _read_season),
        (r"\b(?:the\s+)?(?P<nth>first|second|latter|last)\s+half<OFYEAR>", _read_part),
        (r"\b(?:the\s+)?(?P<nth>first|second|third|fourth|last)\s+quarter<OFYEAR>", _read_part),
        (r"\bQ(?P<nth>[1-4])<OFYEAR>", _read_part),
        (r"<ALONE>(?P<first>[12][0-9]{3})\s?[-–—/]\s?(?P<last>[0-9]{2}(?![\w%/-])|<YEAR>)", _read_years),
        (r"(?<![\w.,/$€£])(?P<bare>(?P<year><YEAR>))", _read_year),
        (r"\b(?:the\s+)?(?P<decade>[12][0-9]{2}0)['’]?s\b", _read_decade),
        (r"\b(?:last|past)\s+<WEEKDAY>", _read_weekday),
        (r"\b(?P<bare><WEEKDAY>)", _read_weekday),
        (r"\b(?:today|yesterday|the\s+day\s+before\s+yesterday|last\s+night|this\s+morning)\b", _read_named),
        (r"\b(?P<bare>now)\b", _read_named),
        (r"<NUMBER>\s+<UNIT>s?\s+ago\b", _read_unit),
        (r"\b(?P<which>last|this)\s+<UNIT><END>", _read_unit),
        (r"\b(?:(?:the|these)\s+)?(?:last|past)\s+<NUMBER>\s+<UNIT>s?<END>", _read_stretch),
        (r"\b(?:the\s+last|(?:the\s+)?past)\s+(?!day)<UNIT><END>", _read_stretch),
    )
]
_PART = _form(
    r"\b(?:the\s+)?(?:(early|(?:start|beginning)\s+of)|(mid|middle\s+of)|(late|end\s+of))(?:\s+in)?(?:\s+the)?[\s-]+$"
)
_LEAD = _form(r"\b(in|on|of|during|throughout|since|after|before|by|until|till|up\s+to|from|between)\s+$")
_FAR = _form(  # the words of one clause: no comma or the like in them, though "U.S." has dots
    r"\b(since|after|before|until|till)\s+(?:(?!(?:since|after|before|until|till|wh[a-z]+|how|did|does|do)\b)"
    r"(?:[^\s,;:.!?()]|\b\w\.)+\s+){1,12}$"
)
_JOINED = _form(r"\s+(?:and|or|(?:up\s+)?(?:to|until|till)|through)\s+|\s?[-–—/]\s?")
_NEWEST = _form(
    r"(?<!at the )\blatest\b|\bnewest\b|\b(?:most\s+)?recent(?:ly)?\b|\blately\b|\bnowadays\b"
    r"|\bcurrent(?:ly\b|(?=\s+\w))|\bthese\s+days\b|\bright\s+now\b|\bat\s+(?:present|the\s+moment)\b"
    r"|\b(?:last|past)\s+(?:few|several)\s+(?:day|week|month|year)s\b"
)
