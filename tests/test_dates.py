"""Dates as articles give them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.dates import parse_date, split_leading_date


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2023-04-11", "2023-04-11"),
        ("11 April 2023", "2023-04-11"),
        ("Friday, January 4, 2019", "2019-01-04"),
        ("2023-04-11T08:30:00Z", "2023-04-11T08:30:00+00:00"),
        ("Tue, 11 Apr 2023 08:30:00 +0500", "2023-04-11T08:30:00+05:00"),
        ("April 2023", None),
        ("Tuesday", None),
        ("2023-02-30", None),
        ("", None),
        ("no date", None),
    ],
)
def test_a_whole_day_is_a_date_and_a_part_of_one_is_none(text: str, iso: str | None) -> None:
    assert parse_date(text) == iso


@given(st.text() | st.from_regex(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}( \d\d:\d\d [A-Z+]{1,4}\d{0,4})?"))
def test_no_text_makes_it_fail(text: str) -> None:
    parsed = parse_date(text)
    assert parsed is None or parsed[:4].isdigit()


def test_a_date_before_the_story_is_split_off() -> None:
    assert split_leading_date(" date 2023-04-11 Amid a surge") == ("2023-04-11", "Amid a surge")
    assert split_leading_date("date 2023-13-41 Amid") == (None, "date 2023-13-41 Amid")
    assert split_leading_date("The date 2023-04-11 is") == (None, "The date 2023-04-11 is")
