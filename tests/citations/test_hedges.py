"""A claim that is surer than its source, and sentences that only ask."""

from dataclasses import replace

import pytest

from rag.citations import Checker
from rag.citations.facts import facts
from rag.testing import ToyEmbedder
from tests.citations.sources import evidence


@pytest.mark.parametrize(
    ("text", "hedged"),
    [
        ("Wiring may have caused the fire.", {"caus": "may", "fire": "may"}),
        ("He reportedly fled.", {"flee": "reportedly"}),
        ("Lind denied signing it.", {"sign": "denied"}),
        ("In May the bridge fell, and May said so.", {}),
        ("May said the bridge fell.", {}),
        ("It has to be approved by voters.", {"approv": "has to", "voter": "has to"}),
        ("It had to be pulled down.", {}),
        ("It was due to heavy rain, and he has to date said nothing.", {}),
        ("She offers free entry.", {}),
        ("He would later win it.", {}),
        ("He would win it.", {"win": "would"}),
        ("Perhaps the bridge fell.", {"bridg": "Perhaps", "fall": "Perhaps"}),
    ],
)
def test_what_stands_behind_a_hedge(text: str, hedged: dict[str, str]) -> None:
    assert facts(text).hedged == hedged


@pytest.mark.parametrize(
    ("source", "claim", "missing"),
    [
        ("Faulty wiring may have caused the fire.", "Faulty wiring caused the fire.", "the source says 'may'"),
        ("Faulty wiring may have caused the fire.", "Faulty wiring could have caused the fire.", None),
        ("Lind denied signing the contract.", "Lind signed the contract.", "the source says 'denied'"),
        ("Critics accused Lind of stealing steel.", "Lind stole steel.", "the source says 'accused'"),
        ("The firm, which may move, makes steel beams.", "The firm makes steel beams.", None),
        (
            "The chief of the firm, Lind, offered his resignation.",
            "Lind resigned from the firm.",
            "the source says 'offered'",
        ),
        (
            "Voters have to approve the bridge in May.",
            "Voters approved the bridge in May.",
            "the source says 'have to'",
        ),
        ("The bridge is to open in May.", "The bridge is to open in May.", None),
        ("Lind said she would pass sentence in May.", "Lind passed sentence in May.", "the source says 'would'"),
        ("Lind said she would pass sentence in May.", "Lind will pass sentence in May.", None),
        ("At least 50 people died in the flood.", "50 people died in the flood.", "the source says 'At least'"),
        ("At least 50 people died in the flood.", "At least 50 people died in the flood.", None),
        ("More than 50 people died; all 50 were named.", "Over 50 people died.", None),
        ("At least 2 people died when 2 cars hit the wall.", "2 cars hit the wall.", None),
        ("The dispute over 40 acres of land ended.", "The dispute over 40 acres of land ended.", None),
        ("Engineers expect to open the bridge in June.", "The bridge will open in June.", None),
    ],
)
def test_a_claim_surer_than_its_source_gives_way_to_it(source: str, claim: str, missing: str | None) -> None:
    question = "What of it?"
    doubted = Checker(question, evidence(source), ToyEmbedder()).check(claim)[0]
    shown = [c.text for c, _ in Checker(question, evidence(source), ToyEmbedder()).check_all(claim) if not c.withheld]
    if missing:
        assert (doubted.verdict, missing in doubted.missing) == ("partly", True)
        assert shown == [source]
    else:
        assert shown == [claim]


def test_what_one_source_hedges_another_may_tell_as_a_fact() -> None:
    sources = evidence(
        "Faulty wiring may have caused the fire. The fire, police said, faulty wiring caused in May 2020."
    )
    claim, _ = Checker("What of it?", sources, ToyEmbedder()).check("Faulty wiring caused the fire in May 2020.")
    assert claim.verdict == "supported"


def test_a_question_supports_nothing_unless_somebody_asks_it() -> None:
    asked = evidence("Is the book about your husband?")
    claim = "The book is about your husband."
    assert Checker("What is it about?", asked, ToyEmbedder()).check(claim)[0].verdict == "unsupported"
    said = [replace(asked[0], speaker="Lind")]
    assert Checker("What is it about?", said, ToyEmbedder()).check(claim)[0].verdict == "supported"
