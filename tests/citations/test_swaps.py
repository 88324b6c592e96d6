"""A name or number in another's place."""

import pytest

from rag.citations.facts import facts
from rag.citations.swaps import exchanged, misplaced, swapped

FINAL = "In 1905 the team of Cornell won the final against Harvard by two goals."


def pairs(claim: str, source: str, around: str = "") -> list[tuple[str, str]]:
    return list(swapped(facts(claim), facts(source), facts(f"{around}\n{source}")))


@pytest.mark.parametrize(
    ("claim", "source", "found"),
    [
        ("In 1905 the team of Yale won the final.", FINAL, [("Yale", "Cornell")]),
        ("In 1905 the team of Harvard won the final.", FINAL, [("Harvard", "Cornell")]),  # it stands there, elsewhere
        ("Mount Elbert is the highest peak.", "Mount Logan is the highest peak of Canada.", [("Elbert", "Logan")]),
        ("A salt lake lies west of Jordan.", "A salt lake lies west of Israel.", [("Jordan", "Israel")]),
        ("Meyer signed the treaty of peace.", "Lind signed the treaty of peace.", [("Meyer", "Lind")]),
        ("Lind resigned over that flood.", "Meyer resigned in the end.", [("Lind", "Meyer")]),
        ("The old Mayor Lind left town.", "The old Senator Lind left town.", [("Mayor", "Senator")]),
    ],
)  # fmt: skip
def test_a_name_between_the_same_words_is_told(claim: str, source: str, found: list[tuple[str, str]]) -> None:
    assert pairs(claim, source, "Now Meyer and Lind met.") == found


@pytest.mark.parametrize(
    ("claim", "source", "around"),
    [
        ("The team of Cornell won the final.", FINAL, ""),
        ("The army of Pakistan left the town.", "The army of the Pakistani left the town.", ""),
        ("The army of the US left the town.", "The army of the United States left the town.", ""),
        ("The minister Asif left the town.", "The minister Khawaja left the town.", "It was Khawaja Asif."),
        ("The council in Herat left the town.", "The angry council left the town.", ""),
        ("The team of Yale lost.", FINAL, ""),  # too little is the same
        (
            "Rod Lind is a radio host, television host and actor.",
            "United States radio star, television host and actor Rod Lind died on Friday.",
            "",
        ),
        ("Rod Lind told Meyer to burn it.", "Rod Lind, not Berg, had ordered him to burn it.", "Meyer and Berg"),
        ("The minister said it is closed.", "Lind said it is closed.", "Minister Meyer left."),  # no name
        ("Jim Thorpe was a fine athlete.", "James Francis Thorpe, a great athlete, won.", "They saw Jim and James."),
        ("Cornell and Harvard met in the final.", "Harvard and Cornell met in the final.", ""),
        ("The old team of the United Nations Mission Force in Mali left.", "The old team of Lind left.", ""),
        ("Bill de Blasio said so live today.", "Mayor de Blasio said so live today.", "Now Bill and Mayor Lind met."),
    ],
)
def test_other_ways_to_say_it_are_no_swap(claim: str, source: str, around: str) -> None:
    assert pairs(claim, source, around) == []


@pytest.mark.parametrize(
    ("claim", "source", "wrong"),
    [
        (
            "Lind was sentenced to eight years.",
            "Lind served eight years and was sentenced to three years.",
            [("8", "3")],
        ),
        ("Lind was sentenced to three years.", "Lind served eight years and was sentenced to three years.", []),
        ("Prices rose to 5 percent.", "Prices rose from 3 percent to 5 percent.", []),
        ("Lind was sentenced to eight years.", "Lind was sentenced to pay 300 crowns; she served eight years.", []),
        ("Lind served eight years.", "Eight years went by.", []),
    ],
)
def test_a_number_in_anothers_place(claim: str, source: str, wrong: list[tuple[str, str]]) -> None:
    assert [(a, b) for a, b in misplaced(facts(claim), [facts(source)])] == wrong


VOTES = "Okafor received 21,306 votes to 20,894 for Richard Lyle, the incumbent."
THIRD = "Dev Anand of the Liberal Democrats came third with 9,750, followed by Moira Kent of the Greens with 6,118."


@pytest.mark.parametrize(
    ("claim", "source", "found"),
    [
        ("Richard Lyle received 21,306 votes, while Okafor received 20,894.", VOTES, [("Lyle", "21,306")]),
        ("Lyle got 20,894 votes, Okafor 21,306.", VOTES, []),
        ("Okafor and Lyle received 21,306 and 20,894 votes.", VOTES, []),
        ("Okafor beat Lyle by 21,306 votes to 20,894.", VOTES, []),
        ("Anand got 6,118 and Kent 9,750 votes.", THIRD, [("Anand", "6,118")]),
        ("Kent had 6,118 votes and Anand 9,750.", THIRD, []),
        ("Lyle got 9 votes, Okafor got 7 votes.", "Lyle got 7 votes, Okafor got 9 votes.", [("Lyle", "9")]),
        ("Berg got 9 votes, Lind 7.", "Berg got 7 votes, Lind 9.", [("Berg", "9")]),
        ("In 2019, Apple sold 40 cars in China.", "Apple sold 40 cars in China in 2019.", []),
        ("On May 5 Obama sent 300 soldiers to Iraq.", "Obama sent 300 soldiers to Iraq on May 5.", []),
        ("At 7 pm Lind met 40 miners in Herat.", "Lind met 40 miners in Herat at 7 pm.", []),
        (
            "With 300 workers, Lind opened in Norway 12 shops.",
            "Lind opened 12 shops with 300 workers in Norway.",
            [],
        ),
    ],
)
def test_two_names_that_have_each_others_numbers_are_told(
    claim: str, source: str, found: list[tuple[str, str]]
) -> None:
    around = facts(f"{source} They were Berg and Lyle, and Okafor.")
    assert list(exchanged(facts(claim), facts(source), around)) == found


def test_a_long_table_is_told_nothing_of() -> None:
    table = facts(", ".join(f"B{chr(97 + i)}az with {100 + i} goals" for i in range(26)))
    assert not list(exchanged(table, table, table))
