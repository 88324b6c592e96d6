"""Interviews: whose turn each part of a text is."""

import pytest

from rag.chunking import sentences
from rag.interviews import turns
from rag.statements import statements

ASKED = "What became of the old mill?"
AGAIN = "And who owns it now?"


def said(text: str) -> list[tuple[str, str]]:
    """Return who speaks and what, turn by turn."""
    return [(turn.speaker, text[turn.start : turn.end]) for turn in turns(text)]


@pytest.mark.parametrize(
    ("first", "second", "asks"),
    [
        ("((Ann Poe))  ", "((Ann Poe))  ", "((DP))  "),
        ("Ann Poe: ", "AP: ", "Daily Post: "),
        ("**Ann Poe:** ", "**Poe:** ", "**Daily Post:** "),
        ("**Ann Poe**: ", "**Ann Poe**: ", "**DP**: "),
        ("Mayor Ann Poe: ", "Mayor Poe: ", "Reporter: "),
        ("Poe: ", "Poe: ", "Q: "),
        ("POE: ", "POE: ", "Q: "),
    ],
)
def test_the_one_who_is_interviewed_speaks_under_a_whole_name(first: str, second: str, asks: str) -> None:
    text = (
        "We met the mayor, Ann Poe.\n\n"
        f"{asks}{ASKED}\n\n{first}It burnt down in May. Nobody was hurt.\n\n{asks}{AGAIN}\n\n{second}The town owns it."
    )
    assert said(text) == [("Ann Poe", "It burnt down in May. Nobody was hurt."), ("Ann Poe", "The town owns it.")]


def test_two_are_interviewed() -> None:
    text = f"Q: {ASKED}\n\nAnn Poe: It burnt.\n\nJan Nowak: In May.\n\nQ: {AGAIN}\n\nAP: The town.\n\nJN: Since June."
    assert said(text) == [
        ("Ann Poe", "It burnt."),
        ("Jan Nowak", "In May."),
        ("Ann Poe", "The town."),
        ("Jan Nowak", "Since June."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Where: the old mill.\nWhen: Friday.\n\nWhere: the bridge.\nWhen: Monday.",
        "Ann Poe: 12 goals.\nJan Nowak: 9 goals.\n\nAnn Poe: 3 goals.\nJan Nowak: 2 goals.",
        f"((DP)) {ASKED}\n\nShe laughed.\n\n((DP)) {AGAIN}\n\nShe went.",
        f"Image: the mill.\n\n{ASKED}\n\nImage: the bridge.\n\n{AGAIN}",
        f"Ann Poe: {ASKED}\n\nAnn Poe: {AGAIN}\n\nAnn Poe: Thank you.",
    ],
)
def test_captions_tables_and_those_who_ask_are_no_turns(text: str) -> None:
    assert turns(text) == ()


def test_what_is_told_about_them_afterwards_is_not_theirs() -> None:
    text = f"Q: {ASKED}\n\nAnn Poe: It burnt.\n\nIt was sad.\n\nQ: {AGAIN}\n\nAnn Poe: The town.\n\nPoe is the mayor."
    assert said(text) == [("Ann Poe", "It burnt.\n\nIt was sad."), ("Ann Poe", "The town.")]


def test_answers_are_statements_but_for_questions_and_courtesies() -> None:
    answers = "Ann Poe: It burnt down in May. You know? Bad.", "Ann Poe: Thank you. The town has it."
    text = f"Q: {ASKED}\n\n{answers[0]}\n\nQ: {AGAIN}\n\n{answers[1]}"
    told = {s.start: s for s in statements(text)}
    spoken = {text[s.start : s.end]: told[s.start] for s in sentences(text) if s.start in told}
    assert {words: s.speaker for words, s in spoken.items()} == {
        "Ann Poe: It burnt down in May.": "Ann Poe",
        "The town has it.": "Ann Poe",
    }
    assert all(s.direct for s in spoken.values())


def test_an_answer_has_the_question_before_it_the_end_of_a_long_one() -> None:
    long = "It stood for long. " * 30
    text = (
        f"{ASKED}\n\nAnn Poe: It burnt.\n\nJan Nowak: In May.\n\nQ: {long}{AGAIN}\n\nAnn Poe: It was sad.\n\n"
        f"Q: Thanks.\n\nJan Nowak: The town.\n\nQ: When?\n\nJan Nowak: Now."
    )
    first, second, third, fourth, last = (turn.asked for turn in turns(text))
    assert first == second == ASKED
    assert third == fourth
    assert third.endswith(f"It stood for long. {AGAIN}")
    assert 350 < len(third) <= 400
    assert last == "When?"


@pytest.mark.parametrize("unit", ["A: b?\n", "A-", "Aa Aa Aa: ?\n", "((a)) ?\n", "Bc\n\n", "**A", "NN: ?\nN-"])
def test_hostile_text_is_no_trouble(unit: str) -> None:
    assert all(turn.speaker == "Aa Aa Aa" for turn in turns(unit * (300_000 // len(unit))))


def test_many_names_are_no_trouble() -> None:
    assert turns("".join(f"A{i:x}z: why?\n" for i in range(30_000))) == ()
