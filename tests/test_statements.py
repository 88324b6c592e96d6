"""Who said what: the sentences with a speaker, and the speaker's name."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.chunking import sentences
from rag.statements import statements
from rag.types import Statement

SEED = next(Path(__file__).parent.parent.joinpath("seeds").glob("*.txt"))
WORDS = [
    "said", "Jane Doe", "Doe", "he", "She", "the minister", "Minister", "of", "Trade", "according to", "told", "by",
    "was", "quoted as saying", "who", "and", "Ministry", "the", "a", "adding", "al-Amin", "Doe's", "漢字", "4", "_",
]  # fmt: skip
MARKS = [" ", " ", " ", ", ", ". ", "\n", "\n\n", '"', "“", "”", "„", "«", "»", "’", ":", "(", "\x00", "\u2028"]
TEXTS = st.text() | st.lists(st.sampled_from(WORDS + MARKS), max_size=60).map("".join)


def speakers(text: str) -> list[str]:
    """Return the speaker of each sentence of `text`, "-" where there is none."""
    found = {s.start: s.speaker for s in statements(text)}
    return [found.get(span.start, "-") for span in sentences(text)]


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Tomas Kub said the fire was out.", "Tomas Kub"),
        ("The fire was out, said Tomas Kub.", "Tomas Kub"),
        ("“The fire is out,” said Tomas Kub, a fire service spokesman.", "Tomas Kub"),
        ("Tomas Kub, a fire service spokesman, said it was out.", "Tomas Kub"),
        ("Tomas Kub, 45, who led the crew, has also said it was out.", "Tomas Kub"),
        ("Speaking to the Daily Post, Tomas Kub of Riverton Fire Service said it was out.", "Tomas Kub"),
        ("A fire service spokesman, Tomas Kub, said it was out.", "Tomas Kub"),
        ("A member of the council, Tomas Kub said it was out.", "Tomas Kub"),
        ("Tomas Kub, a lawyer representing Ann Poe, told the BBC it was out.", "Tomas Kub"),
        ("In a letter on Monday, Trade Secretary Mary Jones warned of delays.", "Mary Jones"),
        ("Norland's Defence Minister Mary Jones has said so.", "Mary Jones"),
        ("Secretary of State Mary Jones announced it.", "Mary Jones"),
        ("Nora Lund, the Speaker of the House, said on Friday it would pass.", "Nora Lund"),
        ("Lt. Gen. Omar Tal expressed concern.", "Omar Tal"),
        ("According to Dr Mary Jones, all is well.", "Mary Jones"),
        ("All is well, according to the mayor, Mary Jones.", "Mary Jones"),
        ("Mary Jones was quoted as saying that all was well.", "Mary Jones"),
        ("The search was halted, with Mary Jones describing a threat.", "Mary Jones"),
        ("Mary Jones told Paul Reed that all was well.", "Mary Jones"),
        ("Mary Jones said Paul Reed had said no.", "Mary Jones"),
        ("After Mary Jones said no, Paul Reed said yes.", "Paul Reed"),
        ("Paul Reed was told by Mary Jones of a plan.", "Mary Jones"),
        ("Mary Jones walked in and said hello.", "Mary Jones"),
        ("The nephew of the widow Mary Jones told the BBC no.", "the nephew of the widow Mary Jones"),
        ("The nephew of the late Mary Jones told the BBC no.", "the nephew"),
        ("Outside the court Mary Jones, the nephew's wife, said no.", "Mary Jones"),
        ("His wife, Joanne, shouted “Shame on all of you” and said no.", "Joanne"),
        ("Mary Jones had been ill since Christmas Eve, his family reported.", "his family"),
        ("Mary Jones, the governor, declared a state of emergency.", "Mary Jones"),
        ("Beyond Meat said that rain would come.", "Beyond Meat"),
        ("Mary Jones Met the press and said no.", "Mary Jones"),
        ("Mary Jones was angry: “It is not up to you, Paul.”", "Mary Jones"),
        ("The Met Office said that rain would come.", "Met Office"),
        ("Mary Jones met the press, saying all was well.", "Mary Jones"),
        ("Mary Jones on Tuesday called for calm.", "Mary Jones"),
        ("Mary Jones called the plan “a very bad idea”.", "Mary Jones"),
        ("Mary Jones praised the crew on her page: “They were very brave.”", "Mary Jones"),
        ("The plan failed, Mary Jones said, adding that she would go.", "Mary Jones"),
        ("Paul Reed arrived on Monday, police said.", "police"),
        ("Officials have said no.", "officials"),
        ("A spokesman for the company said it was closed.", "a spokesman"),
        ("The president of Norland said no.", "the president of Norland"),
        ("The Dawn newspaper reported a fire.", "Dawn"),
        ("According to Reuters, there was a fire.", "Reuters"),
        ("The Ministry of Health said it was fine.", "Ministry of Health"),
        ("The Department of Forests and Fire Safety said it was out.", "Department of Forests and Fire Safety"),
        ("The city, Jamal al-Amin said, was calm.", "Jamal al-Amin"),
        ("Moody's said ratings fell.", "Moody's"),
        ("Ratings fell, Moody’s has also told reporters.", "Moody's"),
        ("“Ratings fell,” said Moody's.", "Moody's"),
        ("According to Moody's, ratings fell.", "Moody's"),
        ("The rating agency Moody's said on Friday they fell.", "Moody's"),
        ("Jane Doe's said no to it.", "Jane Doe"),
        ("Asked whether she would go, Jane Doe said no.", "Jane Doe"),
        ("Asked about it, she laughed, and Jane Doe said no.", "Jane Doe"),
        ("The owner, Smith & Sons, denied that it was locked.", "Smith & Sons"),
    ],
)
def test_speaker_of_a_sentence(text: str, speaker: str) -> None:
    assert speakers(text) == [speaker]


@pytest.mark.parametrize(
    "text",
    [
        "The said area is closed.",
        "The area is called Riverton.",
        "The area was said to be safe.",
        "It is reported to be large.",
        "A media report said so.",
        "The report said so.",
        "Reports said so.",
        "Sources said so.",
        "It said so.",
        "He said so.",
        "People accused of theft were freed.",
        "A process called “washing” was used.",
        "Mary Jones gave the claim to the press.",
        "Mary Jones's remarks came a day later, the report said.",
        "“Mary Jones said no.”",
        "Norland's claimed area is closed.",
        "Norland's claims were “very bad things”.",
        "The Governor's said area is closed.",
        "A friend of Jane Doe's said so.",
        "Standard & Poor's said so.",
        "It's said to be large.",
        "There’s said to be one.",
        "Nobody's told the press.",
        "Nobody disagreed with Mary Jones calling it a threat.",
        "",
        " \n\n ",
    ],
)
def test_nobody_speaks(text: str) -> None:
    assert statements(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Police spokeswoman Eva Lind spoke. Lind urged calm. She said no.", ["-", "Eva Lind", "Eva Lind"]),
        ("Tomas Kub, a police spokesman, spoke. The spokesman said no.", ["-", "Tomas Kub"]),
        ("The president, Jan Nowak, arrived. “I am glad,” the president told reporters.", ["-", "Jan Nowak"]),
        ("Trade Minister Mary Jones met Home Minister Paul Reed. The trade minister said no.", ["-", "Mary Jones"]),
        ("President Jan Nowak met Vice President Mary Jones. The president said no.", ["-", "Jan Nowak"]),
        ("Mary Jones paid tribute to Paul Reed. She said he was brave.", ["-", "Mary Jones"]),
        ("Mary Jones said so. He said yes.", ["Mary Jones", "Mary Jones"]),
        ("Mary Jones said so. She said so. He said yes.", ["Mary Jones", "Mary Jones", "-"]),
        ("Reed said so. Paul Reed is the mayor.", ["Paul Reed", "-"]),
        ("Paul Reed died. His wife Anna Reed said so. Reed told friends in May.", ["-", "Anna Reed", "Paul Reed"]),
        ("Doe's said so. Jane Doe is the mayor.", ["Jane Doe", "-"]),
        ("Moody's analyst Jane Doe said so. Moody's told us.", ["Jane Doe", "Moody's"]),
        ("The Ministry of Health met. The ministry said so. It added a word.", ["-", *["Ministry of Health"] * 2]),
    ],
)  # fmt: skip
def test_names_pronouns_and_roles_are_resolved(text: str, expected: list[str]) -> None:
    assert speakers(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“We are ready,” Mary Jones said. “We always are.”", ["Mary Jones"] * 2),
        ('"We are ready," Mary Jones said. "We always are."', ["Mary Jones"] * 2),
        ("“We are ready,\" Mary Jones said.", ["Mary Jones"]),
        ('"We are ready, Mary Jones said.', ["Mary Jones"]),
        ("Mary Jones wrote: “One two three.\n\n“Four five six.”", ["Mary Jones"] * 2),
        ("“One two three.”\n“Four five six,” said Mary Jones.", ["Mary Jones"] * 2),
        ("Mary Jones said so. Paul Reed came. “One two three.”", ["Mary Jones", "-", "-"]),
    ],
)  # fmt: skip
def test_quotations_over_several_sentences(text: str, expected: list[str]) -> None:
    assert speakers(text) == expected
    assert all(s.direct == any(mark in text[s.start : s.end] for mark in '“”"') for s in statements(text))


def test_seed_article() -> None:
    text = SEED.read_text(encoding="utf-8")
    found = statements(text)
    assert {s.speaker for s in found} == {"Khawaja Asif"}
    assert len(found) == 16
    assert any(text[s.start : s.end].startswith("The minister also admitted") for s in found)
    assert not any("remarks c" in text[s.start : s.end] for s in found)


@given(TEXTS)
def test_statements_are_sentences_in_order_with_a_speaker(text: str) -> None:
    found = statements(text)
    spans = [(span.start, span.end) for span in sentences(text)]
    assert {(s.start, s.end) for s in found} <= set(spans)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert all(s.speaker.strip() for s in found)


def test_hostile_text_is_no_trouble() -> None:
    for unit in (
        "said ",
        "Jane Doe said, ",
        '"a ',
        "of Y and President ",
        "A's ",
        "has ly only ",
        ", saying Foo",
        "漢",
    ):
        assert len(statements(unit * (200_000 // len(unit)))) <= 1


def test_statement_is_a_value() -> None:
    assert statements("Jane Doe said no.") == [Statement(0, 17, "Jane Doe", direct=False)]


def test_two_signs_for_an_apostrophe_are_one_name() -> None:
    assert speakers("Jane O’Brien said no.") == speakers("Jane O'Brien said no.") == ["Jane O'Brien"]


def test_she_is_nobody_whose_title_says_that_he_is_a_man() -> None:
    text = (
        "Mary Jones died on Monday, the family said. Her niece, Ann Poe, said so. It was pneumonia, her son Paul said."
    )
    assert speakers(f"{text} “It was worth it,” she said.")[-2:] == ["Paul", "Ann Poe"]


def test_a_title_is_no_speech_and_short_words_alone_are_no_title() -> None:
    assert speakers("Mary Jones won the prize for “The Long Salt Road”.") == ["-"]
    assert speakers("“I lost,” Mary Jones said. “He won. So did we.”")[-1] == "Mary Jones"


def test_a_chairman_may_be_a_woman() -> None:
    assert speakers("Fed Chairman Janet Yellen spoke. She said that rates would rise.")[-1] == "Janet Yellen"
