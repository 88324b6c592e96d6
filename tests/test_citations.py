"""Claims against evidence: what is supported, what is withheld, and how markers count."""

import pytest

from rag.chunking import sentences
from rag.citations import Checker, clean, content_words
from rag.testing import ToyEmbedder
from rag.types import Article, Evidence, Origin

TEXT = (
    "The minister said 7,000 militants fought in Kabul. The ceasefire ended on November 28. "
    "There was no difference between the groups. Mr Khan was not invited."
)
ARTICLE = Article("a" * 32, TEXT, (Origin("x.txt", "Asif speaks about Kabul"),))
EVIDENCE = [Evidence(ARTICLE, span.start, span.end) for span in sentences(TEXT)]


@pytest.fixture
def checker() -> Checker:
    """A checker over the four sentences; its embedder tells only militants and ceasefire apart."""
    return Checker("What happened?", EVIDENCE, ToyEmbedder("militants", "ceasefire"))


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("It ended [1].", "It ended."),
        ("It ended [1, 2][3].", "It ended."),
        ("According to passage 14, it ended.", "It ended."),
        ("The excerpt states that it ended.", "It ended."),
        ("- It ended.", "It ended."),
        ("It [the war] ended.", "It [the war] ended."),
    ],
)
def test_what_points_at_passages_is_taken_off(written: str, cleaned: str) -> None:
    assert clean(written) == cleaned


def test_content_words_are_stems_without_function_words() -> None:
    assert content_words("The attacks were attacking 7,000 of us") == {"attack", "7000"}


def test_a_sentence_supports_itself_and_is_cited_exactly(checker: Checker) -> None:
    claim, citations = checker.check("The ceasefire ended on November 28.")
    assert (claim.verdict, claim.citations, claim.withheld) == ("supported", (1,), False)
    assert [citation.quote for citation in citations] == ["The ceasefire ended on November 28."]


@pytest.mark.parametrize(
    "invented",
    [
        "The ceasefire ended on November 29.",
        "The minister said 8,000 militants fought in Kabul.",
        "The minister said 7,000 militants fought in Herat.",
        "The general said 7,000 militants fought in Kabul.",
        "There was a difference between the groups.",
        "Mr Khan was invited.",
        "Bananas are yellow.",
        "",
    ],
)
def test_what_the_evidence_does_not_say_is_withheld(checker: Checker, invented: str) -> None:
    claim, citations = checker.check(invented)
    assert (claim.verdict, claim.withheld, claim.citations, citations) == ("unsupported", True, (), ())
    assert checker.citations == ()


def test_a_claim_that_rests_on_two_sentences_cites_both(checker: Checker) -> None:
    claim, citations = checker.check("7,000 militants fought in Kabul and the ceasefire ended on November 28.")
    assert claim.citations == (1, 2)
    assert {citation.quote for citation in citations} == {EVIDENCE[0].quote, EVIDENCE[1].quote}


def test_markers_count_in_order_of_first_use_and_are_used_again(checker: Checker) -> None:
    sentences = ["The ceasefire ended on November 28.", "The moon is blue.", EVIDENCE[0].quote, EVIDENCE[1].quote]
    assert [checker.check(sentence)[0].citations for sentence in sentences] == [(1,), (), (2,), (1,)]
    assert [citation.marker for citation in checker.citations] == [1, 2]


def test_a_name_may_stand_elsewhere_in_the_article(checker: Checker) -> None:
    claim, citations = checker.check("Asif said 7,000 militants fought in Kabul.")
    assert claim.verdict == "supported"
    assert citations[0].quote == EVIDENCE[0].quote


def test_without_evidence_nothing_is_supported() -> None:
    assert Checker("Q?", [], ToyEmbedder()).check("It ended.")[0].withheld
