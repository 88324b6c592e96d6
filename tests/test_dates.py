"""Dates as articles give them."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.dates import dateline, every_month, parse_date, split_leading_date

PIECES = [*"0123456789-/.:+ TZ", "2023", "31", "Feb", "April", "Monday", "EST", "UTC", "pm", "+9999", "²", "٣", "\0"]


@pytest.mark.parametrize(
    "text",
    ["2023-04-11", "20230411", "11 April 2023", "April 11th, 2023", "Tuesday, 11 Apr 2023", "2023/4/11"],
)
def test_a_whole_day_is_a_date(text: str) -> None:
    assert parse_date(text) == "2023-04-11"


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2023-04-11 08:30", "2023-04-11T08:30:00"),
        ("2023-04-11T08:30:00Z", "2023-04-11T08:30:00+00:00"),
        ("Tue, 11 Apr 2023 08:30:00 GMT", "2023-04-11T08:30:00+00:00"),
        ("Tue, 11 Apr 2023 08:30:00 +0500", "2023-04-11T08:30:00+05:00"),
        ("2023-04-11T00:00:00-04:30", "2023-04-11T00:00:00-04:30"),
    ],
)
def test_a_time_is_kept_with_its_offset(text: str, iso: str) -> None:
    assert parse_date(text) == iso


@pytest.mark.parametrize("name", ["EST", "IST", "PKT", "XYZ"])
def test_a_zone_known_by_name_alone_is_left_out(name: str) -> None:
    assert parse_date(f"Tue, 11 Apr 2023 08:30:00 {name}") == "2023-04-11T08:30:00"


@pytest.mark.parametrize(
    "text",
    ["2023", "April 2023", "11 April", "April 11", "Tuesday", "Tuesday, April 2023", "Tuesday, 11 April", "08:30", "4"],
)
def test_a_partial_date_is_none(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize("text", ["", " ", "no date", "2023-02-30", "2023-13-01", "2023-04-11 08:30 +9999", "1" * 5000])
def test_what_no_calendar_has_is_none(text: str) -> None:
    assert parse_date(text) is None


def test_a_leap_day_is_a_date_in_leap_years_only() -> None:
    assert parse_date("29 February 2024") == "2024-02-29"
    assert parse_date("29 February 2023") is None


@given(st.text() | st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_no_text_makes_it_fail(text: str) -> None:
    parsed = parse_date(text)
    assert parsed is None or datetime.fromisoformat(parsed)


@given(st.dates())
def test_an_iso_date_stays_as_it_is(day: object) -> None:
    assert parse_date(str(day)) == str(day)


def test_a_date_before_the_story_is_split_off() -> None:
    assert split_leading_date(" date 2023-04-11 Amid a surge") == ("2023-04-11", "Amid a surge")


def test_the_story_may_begin_on_the_next_line_or_be_missing() -> None:
    assert split_leading_date("date 2023-04-11\nAmid") == ("2023-04-11", "Amid")
    assert split_leading_date("date 2023-04-11") == ("2023-04-11", "")


@pytest.mark.parametrize(
    "text",
    [
        "date 2023-13-41 Amid",
        "date 2023-02-30 Amid",
        "The date 2023-04-11 is",
        "date 2023-04-11th",
        "date 2023-04 Amid",
    ],
)
def test_a_text_without_such_a_date_stays_whole(text: str) -> None:
    assert split_leading_date(text) == (None, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11.4.2023", "2023-04-11"),
        ("11.04.2023 14:30", "2023-04-11T14:30:00"),
        ("04/11/2023", "2023-04-11"),
        ("April 11, 2023 5pm", "2023-04-11T17:00:00"),
        ("11 April 2023, 5 p.m.", "2023-04-11T17:00:00"),
    ],
)
def test_dots_mean_that_the_day_comes_first_and_hours_are_kept(text: str, expected: str) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ("2022-11", "2023-02", ["2022-11", "2022-12", "2023-01", "2023-02"]),
        ("2023-04", "2023-04", ["2023-04"]),
        ("0009-12", "0010-01", ["0009-12", "0010-01"]),
    ],
)
def test_every_month_is_told(first: str, last: str, months: list[str]) -> None:
    assert every_month(first, last) == months


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Title\n\nFriday, January 4, 2019 \n\nStory.", "2019-01-04"),
        ("2019-01-04\nStory.", "2019-01-04"),
        ("Title\nBy Ann Berg\nPublished: 4 Jan 2019", "2019-01-04"),
        ("Posted on 4.1.2019 10:30\nStory.", "2019-01-04T10:30:00"),
        ("January 2019\nStory.", None),
        ("1.2.3\nStory.", None),
        ("Opened on Friday, January 4, 2019", None),
        ("On January 4, 2019, the bridge fell.", None),
        ("A\nB\nC\nD\nJanuary 4, 2019", None),
        (" " * 3000 + "January 4, 2019", None),
        ("", None),
    ],
)
def test_a_line_at_the_beginning_that_is_a_date_is_that_of_the_text(text: str, day: str | None) -> None:
    assert dateline(text) == day
