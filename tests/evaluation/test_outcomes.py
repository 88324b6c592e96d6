"""What became of a question: each outcome once."""

import pytest

from rag.evaluation.cases import Case
from rag.evaluation.gold import Gold
from rag.evaluation.outcomes import ABOUT, OUTCOMES, outcome
from tests.evaluation.conftest import A, case

GOLD = (Gold(A, start=10, end=20),)
READ = (("a", 10, 20),)
MAY = (("May", "supported", (1,)),)
JUNE = (("June", "supported", (1,)),)


@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("right", case(refused=False, answers=("May",), hits="a", evidence=READ, gold=GOLD, claims=MAY,
                       citations=(("a", 10, 20),))),
        ("right", case(refused=False, answers=("May",), hits="b", claims=MAY)),
        ("citation wrong", case(refused=False, answers=("May",), hits="a", evidence=READ, gold=GOLD, claims=MAY,
                                citations=(("a", 30, 40),))),
        ("model wrong", case(refused=False, answers=("May",), hits="ba", evidence=READ, gold=GOLD, claims=JUNE)),
        ("evidence not chosen", case(refused=False, answers=("May",), hits="a", gold=GOLD, claims=JUNE)),
        ("evidence not chosen", case(refused=True, answers=("May",), hits="a", evidence=(("a", 0, 9),), gold=GOLD)),
        ("retrieval missed", case(refused=False, answers=("May",), hits="b", gold=GOLD, claims=JUNE)),
        ("retrieval missed", case(refused=True, answers=("May",), gold=GOLD)),
        ("refused wrongly", case(refused=True, answers=("May",), hits="a", evidence=READ, gold=GOLD)),
        ("refused rightly", case(refused=True, answerable=False)),
        ("should have refused", case(refused=False, answerable=False, claims=MAY)),
        ("found", case(hits="a", evidence=READ, gold=GOLD)),
        ("retrieval missed", case(hits="b", gold=GOLD)),
        ("not judged", case(hits="b")),
        ("not judged", case(refused=True, answerability="UNDERSPECIFIED")),
        ("not judged", case(refused=False, answerable=True, claims=MAY)),
        ("failed", Case(case().question, (), {"error": "it broke"}, [])),
    ],
)  # fmt: skip
def test_outcomes(name: str, one: Case) -> None:
    assert outcome(one) == name


def test_every_outcome_is_explained() -> None:
    assert list(ABOUT) == list(OUTCOMES)
