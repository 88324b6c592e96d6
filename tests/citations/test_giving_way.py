"""A claim that is partly supported gives way to its source, or is shown as it is."""

from dataclasses import replace

import pytest

from rag.citations import Checker
from rag.testing import ToyEmbedder
from tests.citations.sources import evidence
from tests.citations.test_checker import FLOOD, TEXT


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("When did the flood damage wooden houses?", [FLOOD]),
        ("When did the flood damage houses?", ["The flood damaged the bridge and wooden houses in June."]),
    ],
)
def test_where_words_of_the_question_alone_are_missing_the_source_is_quoted_alone(
    question: str, shown: list[str]
) -> None:
    sentence = "The flood damaged the bridge and wooden houses in June."
    assert Checker(question, evidence(TEXT), ToyEmbedder()).check(sentence)[0].verdict == "partly"
    claims = [claim for claim, _ in Checker(question, evidence(TEXT), ToyEmbedder()).check_all(sentence)]
    assert [claim.text for claim in claims if not claim.withheld] == shown


@pytest.mark.parametrize(("probabilities", "quoted"), [((0.9, 0.1), True), ((0.1, 0.9), False)])
def test_what_is_partly_supported_gives_way_to_the_sentence_that_answers(
    probabilities: tuple[float, float], quoted: bool
) -> None:
    sources = [replace(e, probability=p) for e, p in zip(evidence(f"{FLOOD} It rained."), probabilities, strict=True)]
    sentence = "The flood damaged the bridge and wooden houses in June."
    claims = Checker("When did the flood damage houses?", sources, ToyEmbedder()).check_all(sentence)
    assert [claim.text for claim, _ in claims] == [FLOOD if quoted else sentence]


def test_a_claim_whose_number_a_second_source_has_is_kept() -> None:
    texts = ["The plant in Herat is run by Lind of the steel firm.", "More than 300 welders work at the plant today."]
    sources = [replace(e, probability=p) for e, p in zip(evidence(" ".join(texts)), (0.9, 0.1), strict=True)]
    claim = "The plant in Herat is run by Lind of the steel firm and 300 welders work there."
    claims = Checker("Who runs the plant?", sources, ToyEmbedder()).check_all(claim)
    assert [(one.text, one.verdict) for one, _ in claims] == [(claim, "partly")]
