"""Whom a question asks about, and whom a typed name means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.speakers import asked_about, meant, words_asked_of

SPEAKERS = [
    "Khawaja Asif",
    "Asif Ali Zardari",
    "Imran Khan",
    "Sadiq Khan",
    "Voice of America",
    "Müller",
    "Li",
    "Khan's critics",
    "Moody's",
]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What did Asif say about weapons?", ["Asif"]),
        ("what did asif say about weapons", ["asif"]),
        ("What has Imran Khan said on this?", ["Imran Khan"]),
        ("What exactly did Dr. A. B. Smith-Jones tell reporters?", ["Dr. A. B. Smith-Jones"]),
        ("According to Asif, who left them?", ["Asif"]),
        ("Who left them, according to Khawaja Asif?", ["Khawaja Asif"]),
        ("What are O’Neil’s views on taxes?", ["O’Neil"]),
        ("What was Khan's first reaction?", ["Khan"]),
        ("List all statements by Imran Khan about trade.", ["Imran Khan"]),
        ("Did Khan deny it?", ["Khan"]),
        ("What did Khan write on Twitter?", ["Khan"]),
        ("What did Mayor Khan accuse Asif of?", ["Mayor Khan"]),
        ("What did Biden and Trump say?", ["Biden", "Trump"]),
        ("What did both Biden and Trump say?", ["Biden", "Trump"]),
        ("What did Biden have to say about tax?", ["Biden"]),
        ("What did he say?", []),
        ("What did they announce?", []),
        ("What did the minister say?", []),
        ("Who said that?", []),
        ("How many people died?", []),
        ("", []),
        ("did say", []),
    ],
)
def test_whom_a_question_asks_about(question: str, names: list[str]) -> None:
    assert asked_about(question) == names


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What did Asif say about weapons?", ["Asif"]),
        ("How did Asif describe them?", ["Asif"]),
        ("According to Bolton, what did Trump ask Xi for?", ["Trump", "Bolton"]),
        ("What are O’Neil’s views on taxes?", ["O’Neil"]),
        ("What did Asif reveal?", ["Asif"]),
        ("Who did Asif blame?", []),
        ("When did Asif ask for help?", []),
        ("Did Asif deny it?", []),
        ("Will it hold, according to both.", []),
        ("", []),
    ],
)
def test_whose_words_alone_answer_a_question(question: str, names: list[str]) -> None:
    assert words_asked_of(question) == names


@pytest.mark.parametrize(
    ("name", "speakers"),
    [
        ("Asif", ["Khawaja Asif", "Asif Ali Zardari"]),
        ("Khawaja Asif", ["Khawaja Asif"]),
        ("asif khawaja", ["Khawaja Asif"]),
        ("Khwaja Asif", ["Khawaja Asif"]),
        ("Asif Zardary", ["Asif Ali Zardari"]),
        ("Muller", ["Müller"]),
        ("Khan", ["Imran Khan", "Sadiq Khan"]),
        ("critics", ["Khan's critics"]),
        ("Kham", []),  # too short to be another's
        ("Prime Minister Imran Khan", ["Imran Khan"]),
        ("Mr. Khan", ["Imran Khan", "Sadiq Khan"]),
        ("Asif A. Zardari", ["Asif Ali Zardari"]),
        ("Khan's critics", ["Khan's critics"]),
        ("Moody's", ["Moody's"]),
        ("Imrn Khan", []),
        ("Lo", []),
        ("Nobody", []),
        ("", []),
        ("🌧", []),
    ],
)
def test_whom_a_name_means(name: str, speakers: list[str]) -> None:
    assert meant(name, SPEAKERS) == speakers


def test_names_with_one_stem_are_two_names_unless_none_is_spelt_as_typed() -> None:
    speakers = ["Holger Mattis", "Matty Roberts", "Ana Mattís"]
    assert meant("mattis", speakers) == ["Holger Mattis", "Ana Mattís"]
    assert meant("Matties", speakers[1:2]) == ["Matty Roberts"]


@given(st.text(max_size=100))
def test_any_text_may_be_asked(text: str) -> None:
    assert all(name in text for name in asked_about(text))
    assert set(meant(text, SPEAKERS)) <= set(SPEAKERS)


def test_a_long_question_takes_no_longer_than_its_length() -> None:
    assert asked_about("did a " * 20_000) == []
    assert asked_about("according to the " * 10_000 + "Asif.") == []
