"""What a sentence states, brought into one form."""

import pytest

from rag.citations import content_words, is_date, is_question
from rag.citations.facts import alike, facts


def test_content_words_are_stems_without_function_words() -> None:
    assert content_words("The engineers were repairing their bridges") == {"engin", "repair", "bridg"}


def test_content_words_do_not_depend_on_case_or_punctuation() -> None:
    assert content_words("BRIDGE!") == content_words("“bridge”") == {"bridg"}


def test_the_forms_of_an_irregular_verb_are_one_word() -> None:
    assert content_words("She gave it.") == content_words("It was given.") == content_words("Who gives it?") == {"give"}
    assert content_words("Built of stone, it stood.") >= content_words("It was built.")
    assert content_words("We met Rose.") == {"meet", "rose"}
    assert content_words("The company was founded.") != content_words("The company was found.")


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("Friday, March 1, 2019", True),
        ("On 1 March", True),
        ("1,000", False),
        ("May I?", False),
        ("", False),
        ("London, 1 March", False),
        ("It rained on 1 March.", False),
        ("March " * 40, False),
    ],
)
def test_a_date_alone_is_told_from_a_sentence_with_one(text: str, alone: bool) -> None:
    assert is_date(text) is alone


def test_numbers_are_content_words_in_their_plain_form() -> None:
    assert content_words("7,000 men at 10:30") == content_words("7000 men at 1030") == {"7000", "men", "1030"}


def test_single_letters_and_nothing_are_no_content_words() -> None:
    assert content_words("A b — …") == frozenset()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("7,000 to 8,000 men", {"7000", "8000"}),
        ("seven thousand to eight thousand men", {"7000", "8000"}),
        ("twenty-three men of a four-valve engine", {"23", "4"}),
        ("4.2 million, 3bn and $5 thousand", {"4200000", "3000000000", "5000"}),
        ("2.50 and 2.5", {"2.5"}),
        ("one of them, the one that won", set()),
        ("the 21st century, the twenty-first", {"21"}),
        ("the 1990s", {"1990"}),
        ("at 10:30", {"1030"}),
        ("no numbers", set()),
    ],
)
def test_numbers_in_one_form(text: str, numbers: set[str]) -> None:
    assert facts(text).numbers == numbers


def test_months_and_days_are_dates_and_no_names() -> None:
    found = facts("On Sunday, Nov. 28, Lind met Meyer in Herat.")
    assert found.calendar == {"sunday", "novemb"}
    assert found.names == ("lind", "meyer", "herat")


def test_names_that_stand_side_by_side_belong_together() -> None:
    assert facts("In New York City he met Hans Meyer.").named == (("new", "york", "citi"), ("han", "meyer"))


def test_the_first_word_is_a_name_only_before_another_capital() -> None:
    assert facts("Rain fell. Hans Meyer came.").names == ("han", "meyer")


def test_initials_stand_for_names_in_a_row() -> None:
    assert "ttp" in facts("The Tehreek-e-Taliban Pakistan, or Tehreek Taliban Pakistan").initials


def test_may_within_a_sentence_is_a_month_or_a_name() -> None:
    assert "may" in facts("It opens in May.").words
    assert "may" in facts("They asked Theresa May.").words
    assert "may" in facts("May 9 is a holiday.").words
    assert "may" not in facts("It may open. May it open.").words


def test_quotations_are_three_words_or_more() -> None:
    assert facts("He said “we will not go” to the “hawks”.").quotations == ("we will not go",)


@pytest.mark.parametrize(
    ("text", "negated", "negative"),
    [
        ("The dam was not built.", {"build"}, True),
        ("It does not have a legal age.", {"legal"}, True),
        ("It didn't hold.", {"hold"}, True),
        ("They failed to come.", set(), True),
        ("He wrote Never Let Me Go.", set(), False),
        ("No, it held.", set(), False),
        ("It held.", set(), False),
        ("It was not built, then built.", set(), True),
        ("It is not legally binding.", {"bind"}, True),
        ("He voted no because two years were too short.", set(), True),
        ("They voted not to extend it.", {"extend"}, True),
    ],
)
def test_what_is_negated(text: str, negated: set[str], negative: bool) -> None:
    found = facts(text)
    assert (set(found.negated), found.negative) == (negated, negative)


def test_forms_of_one_word_are_alike() -> None:
    assert alike("pakistan", "pakistani")
    assert alike("norman", "normandi")
    assert not alike("iran", "irani")  # too short to tell
    assert not alike("inter", "interview")
    assert not alike("herat", "berlin")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\ud800",
        "٣٤",
        "🌧",
        "\0",
        "½ of ² is \U0001d7d8",
        "a" * 100_000,
        "1" * 10_000,
        "1." * 999,
        "9" * 100_000 + " million",
    ],
)
def test_any_text_can_be_read(text: str) -> None:
    facts(text)


def test_a_contraction_is_no_word_of_its_own() -> None:
    read = facts("They aren’t here, he's gone, it can't stop, and O'Brien doesn't know.")
    assert read.sequence == facts("They here, he gone, it stop, and O'Brien know.").sequence
    assert read.negative


def test_a_direction_in_a_name_is_none() -> None:
    assert not facts("Yemen lies in the Middle East.").sides & facts("Yemen lies in the east of Asia.").sides
    assert facts("Prices rose.").sides
    assert not facts("We saw Prices Rose.").sides


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Where is the ballot?", True),
        ('"Where is the ballot?"', True),
        ("Who (or what?) ", True),
        ("Why?!", True),
        ("Why?…", True),
        ("为什么？", True),
        ("“Why?” he asked.", False),
        ("", False),
    ],
)
def test_a_question_is_told_by_its_mark(text: str, asks: bool) -> None:
    assert is_question(text) is asks


def test_a_long_run_of_capitals_has_no_more_initials_than_abbreviations_have() -> None:
    initials = facts("Aa " * 3000).initials
    assert initials == {"a" * n for n in range(2, 11)}
