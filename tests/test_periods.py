"""The time a question asks about."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.periods import dates_in

TODAY = date(2023, 4, 20)  # a Thursday


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("What happened in April 2023?", "2023-04-01", "2023-04-30"),
        ("What happened in April?", "2023-04-01", "2023-04-30"),
        ("What happened in May?", "2022-05-01", "2022-05-31"),
        ("What was said on April 11, 2023?", "2023-04-11", "2023-04-11"),
        ("on the 11th of April 2023", "2023-04-11", "2023-04-11"),
        ("on 11 April", "2023-04-11", "2023-04-11"),
        ("Nov. 28", "2022-11-28", "2022-11-28"),
        ("Sept 5 2021", "2021-09-05", "2021-09-05"),
        ("February 29", "2020-02-29", "2020-02-29"),
        ("2023-04-11", "2023-04-11", "2023-04-11"),
        ("11.4.2023", "2023-04-11", "2023-04-11"),
        ("04/11/2023", "2023-04-11", "2023-04-11"),
        ("in 2021", "2021-01-01", "2021-12-31"),
        ("in early 2021", "2021-01-01", "2021-04-30"),
        ("in late 2021", "2021-09-01", "2021-12-31"),
        ("in the 1990s", "1990-01-01", "1999-12-31"),
        ("Q1 2023", "2023-01-01", "2023-03-31"),
        ("the first quarter of 2023", "2023-01-01", "2023-03-31"),
        ("in summer 2022", "2022-06-01", "2022-08-31"),
        ("during winter 2020", "2020-12-01", "2021-02-28"),
        ("yesterday", "2023-04-19", "2023-04-19"),
        ("last week", "2023-04-10", "2023-04-16"),
        ("this month", "2023-04-01", "2023-04-30"),
        ("last year", "2022-01-01", "2022-12-31"),
        ("last Monday", "2023-04-17", "2023-04-17"),
        ("on Thursday", "2023-04-20", "2023-04-20"),
        ("last Thursday", "2023-04-13", "2023-04-13"),
        ("3 days ago", "2023-04-17", "2023-04-17"),
        ("two weeks ago", "2023-04-03", "2023-04-09"),
        ("in the last 3 months", "2023-01-20", "2023-04-20"),
        ("between January 2020 and March 2021", "2020-01-01", "2021-03-31"),
        ("from 2019 to 2021", "2019-01-01", "2021-12-31"),
        ("2019–2021", "2019-01-01", "2021-12-31"),
        ("from April 1 to April 5", "2023-04-01", "2023-04-05"),
        ("April to June 2022", "2022-04-01", "2022-06-30"),
        ("in 2020 and 2022", "2020-01-01", "2022-12-31"),
        ("since 2020", "2020-01-01", None),
        ("from January", "2023-01-01", None),
        ("since Monday", "2023-04-17", None),
        ("since the ceasefire ended on November 28", "2022-11-28", None),
        ("after April 11", "2023-04-12", None),
        ("before 2020", None, "2019-12-31"),
        ("before the attack on April 11", None, "2023-04-11"),
        ("until March 2022", None, "2022-03-31"),
        ("by 2019", None, "2019-12-31"),
        ("since 2020 but before March 2022", "2020-01-01", "2022-02-28"),
        ("since the April 11 attacks", "2023-04-11", None),
        ("after the April 11 attacks", "2023-04-11", None),
        ("since the Taliban in the U.S. ended the ceasefire on November 28", "2022-11-28", None),
        ("on Friday, April 14", "2023-04-14", "2023-04-14"),
        ("April 11–13, 2023", "2023-04-11", "2023-04-13"),
        ("from 11 to 13 April", "2023-04-11", "2023-04-13"),
        ("from April 5 to 11 May 2022", "2022-04-05", "2022-05-11"),
        ("from November to February 2022", "2021-11-01", "2022-02-28"),
        ("from December to February", "2022-12-01", "2023-02-28"),
        ("from Monday to Wednesday", "2023-04-17", "2023-04-19"),
        ("from 2019 until now", "2019-01-01", "2023-04-20"),
        ("between early 2021 and late 2022", "2021-01-01", "2022-12-31"),
        ("between 2019 and the end of 2021", "2019-01-01", "2021-12-31"),
        ("on November 28 last year", "2022-11-28", "2022-11-28"),
        ("in April of last year", "2022-04-01", "2022-04-30"),
        ("late last year", "2022-09-01", "2022-12-31"),
        ("in early April", "2023-04-01", "2023-04-10"),
        ("the early 1990s", "1990-01-01", "1993-04-30"),
        ("by the end of 2021", None, "2021-12-31"),
        ("up to 2021", None, "2021-12-31"),
        ("by May at the latest", None, "2022-05-31"),
        ("in the past year", "2022-04-20", "2023-04-20"),
        ("last summer", "2022-06-01", "2022-08-31"),
        ("the latter half of last year", "2022-07-01", "2022-12-31"),
        ("the first quarter of last year", "2022-01-01", "2022-03-31"),
        ("in 2022/23", "2022-01-01", "2023-12-31"),
        ("1618-48", "1618-01-01", "1648-12-31"),
        ("the day before yesterday", "2023-04-18", "2023-04-18"),
        ("before 2019 and after 2021", None, None),
        ("since the ceasefire of 2021 ended on November 28", "2021-01-01", None),
        ("in 2022, what happened after the attack on April 11?", "2022-01-01", None),
        ("in April 2023 after the ceasefire ended on November 28", "2023-04-01", "2023-04-30"),
        ("after Kabul fell who ruled in 2022", "2022-01-01", "2022-12-31"),
        ("killed by the army on April 11", "2023-04-11", "2023-04-11"),
        ("on April  11,\u00a02023", "2023-04-11", "2023-04-11"),
        ("in 2021 protests", "2021-01-01", "2021-12-31"),
    ],
)
def test_days_that_are_named(question: str, first: str | None, last: str | None) -> None:
    asked = dates_in(question, today=TODAY)
    assert (asked.from_, asked.to) == (first, last)


@pytest.mark.parametrize(
    "question",
    [
        "May I ask what he may have said?",
        "What was the March on Washington?",
        "After 100 days, what of Agenda 2030, resolution 1325 and 7,000 militants?",
        "Who were the 2000 soldiers?",
        "February 30, 2023-13-45, 31 April 2021, 45.13.2023",
        "version 1.2.2023.4",
        "the 11 may have, this may be, in march, between May and Corbyn",
        "in 2000 cases, from 1000 to 2000 people, of 1,500 men, rose to 2000%, for $2000",
        "in 2023-13-45, in 2023-04-31, in 0, in 9999, in room 12023",
        "the last year of the war, 9999 years ago, the only year",
        'Who wrote "1984"? Who flew a Boeing 747?',
        "What did Sun say of the second half?",
        "",
        "雨 🌧",
    ],
)
def test_what_only_looks_like_a_time_is_none(question: str) -> None:
    asked = dates_in(question, today=TODAY)
    assert (asked.from_, asked.to, asked.newest) == (None, None, False)


@pytest.mark.parametrize(
    "question",
    [
        "the latest on weapons",
        "What did he say most recently?",
        "recently",
        "in recent weeks",
        "the current president",
        "the last few weeks",
    ],
)
def test_the_newest_are_asked_for(question: str) -> None:
    assert dates_in(question, today=TODAY).newest


@pytest.mark.parametrize(
    "question",
    [
        "between Feb 29, 2024 and Jan 3, 2023",  # a year that has no such day
        "in \u017fpring 2022, unt\u0131l 2021, \u0663 days ago",  # letters and digits that only look or count alike
        "the fir\u017ft quarter of 2020",
    ],
)
@pytest.mark.parametrize("today", [date.min, TODAY, date.max])
def test_what_is_odd_does_not_make_it_fail(question: str, today: date) -> None:
    dates_in(question, today=today)


def test_early_in_a_year_the_months_before_are_of_the_last() -> None:
    asked = dates_in("What happened in December, last month?", today=date(2023, 1, 3))
    assert (asked.from_, asked.to) == ("2022-12-01", "2022-12-31")


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                ["in", "since", "before", "after", "to", "and", "last", "years", "ago", "May", "late", "–"]
            ),
            st.sampled_from(["0000", "9999", "2020", "999 years ago", "Monday", "2023-02-29", "winter 9999", "9990s"]),
            st.text(max_size=12),
        ),
        max_size=12,
    ).map(" ".join),
    st.dates(),
)
def test_no_text_makes_it_fail(question: str, today: date) -> None:
    asked = dates_in(question, today=today)
    for day in (asked.from_, asked.to):
        assert day is None or date.fromisoformat(day).isoformat() == day
    assert not (asked.from_ and asked.to) or asked.from_ <= asked.to


def test_a_long_question_takes_no_longer_than_its_length() -> None:
    assert dates_in("since the " * 5_000 + "war", today=TODAY).from_ is None
    assert dates_in("in 2020 and " * 2_000, today=TODAY).from_ == "2020-01-01"
