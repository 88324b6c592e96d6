"""Sentences that answer what was asked, and those that give way to others or are withheld because they do not."""

from dataclasses import replace

import pytest

from rag.citations import Checker
from rag.testing import ToyEmbedder
from rag.types import Article, Evidence, Origin, Query
from tests.citations.sources import evidence

DOLL = "The dolls were sold by Ola Meyer. The shop was closed in 1953."


@pytest.mark.parametrize(
    ("question", "claim"),
    [
        ("Which trader flogged the cheap toy dolls sold?", "Ola Meyer flogged the cheap toy dolls sold."),
        ("Who gives away the plaything?", "Ola Meyer gave away the plaything."),
    ],
)
def test_a_claim_in_the_words_of_the_question_gives_way_to_the_sentence_that_holds_what_it_adds(
    question: str, claim: str
) -> None:
    claims = [c for c, _ in Checker(question, evidence(DOLL), ToyEmbedder()).check_all(claim)]
    assert [(c.text, c.withheld, c.citations) for c in claims] == [
        (claim, True, ()),
        ("The dolls were sold by Ola Meyer.", False, (1,)),
    ]


@pytest.mark.parametrize(
    "claim",
    ["Ola Meyer and a friend flogged the cheap toy dolls sold.", "The trader flogged the cheap toy dolls sold."],
)
def test_a_claim_that_adds_what_is_not_there_or_nothing_gives_way_to_no_sentence(claim: str) -> None:
    checks = Checker("Which trader flogged the cheap toy dolls sold?", evidence(DOLL), ToyEmbedder())
    assert [c.withheld for c, _ in checks.check_all(claim)] == [True]


def test_the_sentence_that_a_claim_gives_way_to_holds_all_that_it_adds_itself() -> None:
    text = "The dolls were sold by Ola Meyer. She had a shop on the pier."
    checks = Checker("Which trader flogged the plaything to whom?", evidence(text), ToyEmbedder())
    assert [c.withheld for c, _ in checks.check_all("Ola Meyer flogged the plaything on the pier to whom.")] == [True]


def test_no_sentence_is_quoted_twice() -> None:
    checks = Checker("Which trader flogged the cheap toy dolls sold?", evidence(DOLL), ToyEmbedder())
    shown = [c.withheld for _ in range(2) for c, _ in checks.check_all("Ola Meyer flogged the cheap toy dolls sold.")]
    assert shown == [True, False, True]


def test_a_sentence_without_what_is_asked_for_is_no_answer() -> None:
    checks = Checker("When was the shop closed?", evidence(DOLL), ToyEmbedder())
    claim, _ = checks.check("The dolls were sold by Ola Meyer.")
    assert (claim.withheld, claim.missing) == (True, ("it gives no time, which is asked for",))
    assert list(checks.quote(evidence(DOLL)[0])) == []
    assert not checks.check("The shop was closed in 1953.")[0].withheld
    assert not checks.check("The dolls were sold by Ola Meyer.")[0].withheld  # once answered, more may be said


def test_who_did_it_may_have_no_name() -> None:
    checks = Checker("Who found the doll?", evidence("A neighbour found the doll. It rained."), ToyEmbedder())
    assert checks.check("It rained.")[0].withheld
    assert not checks.check("A neighbour found the doll.")[0].withheld


def test_a_word_of_the_question_is_no_name_where_a_sentence_begins_with_it() -> None:
    text = "Bishop Lind of Herat was ill."
    checks = Checker("What of retired bishop Lind?", evidence(text), ToyEmbedder())
    assert not any("name" in what for what in checks.check("Retired Lind was ill.")[0].missing)
    checks = Checker("when was hans meyer ill", evidence(text), ToyEmbedder())
    assert "name 'Meyer' is not in the article" in checks.check("In Herat, Hans Meyer was ill.")[0].missing


def test_year_and_month_of_the_question_may_be_those_in_which_the_article_was_published() -> None:
    article = Article("id", "The dolls were sold.", (Origin(path="a.txt", title="News", published="1953-02-01"),))
    source, claim = Evidence(article, 0, len(article.text)), "The dolls were sold in 1953."
    assert Checker("What of dolls?", [source], ToyEmbedder()).check(claim)[0].withheld
    assert not Checker("What of dolls in 1953?", [source], ToyEmbedder()).check(claim)[0].withheld
    checks = Checker("What of the dolls of February 1953?", [source], ToyEmbedder())
    assert not any("date" in what for what in checks.check("The dolls were sold in February 1953.")[0].missing)
    checks = Checker("What of the dolls of March 1953?", [source], ToyEmbedder())
    assert "date 'March' is not in the source" in checks.check("The dolls were sold in March 1953.")[0].missing
    assert Checker("What of 2 dolls?", [source], ToyEmbedder()).check("2 dolls were sold.")[0].withheld  # the month


@pytest.mark.parametrize(
    ("asked", "article", "lacking"),
    [
        ("What of Lind and the dam?", "The dam broke.", "'Lind'"),
        ("What of Marta Lind's dam?", "Marta Berg says that the dam broke.", "Lind"),
        ("What of Marta Lind's dam?", "Lind says that the dam broke.", ""),
        ("What did Greece say of the dam?", "The dam broke, says the Greek council.", ""),
        ("What of the German dam?", "The dam broke.", ""),
        ("What of the European Union's dam?", "The EU says that the dam broke.", ""),
        ("What was on TV of the dam?", "The dam broke.", ""),
    ],
)
def test_an_article_that_does_not_name_whom_the_question_names_does_not_answer(
    asked: str, article: str, lacking: str
) -> None:
    source = evidence(article)[0]
    [claim, *_] = [c for c, _ in Checker(asked, [source], ToyEmbedder()).check_all(source.quote)]
    assert claim.withheld == bool(lacking)
    assert all(lacking in why and "is asked about" in why for why in claim.missing)
    assert bool(list(Checker(asked, [source], ToyEmbedder()).quote(source))) != claim.withheld
    assert list(Checker(asked, [source], ToyEmbedder(), named=False).quote(source))


def test_a_misspelt_name_is_that_of_the_article() -> None:
    source = evidence("Khawaja says that the dam broke.")[0]
    asked = Query("What did Khwaja say of the dam?")
    meant = replace(asked, respelled=(("Khwaja", "khawaja"),))
    shown = [list(Checker(query.spelt, [source], ToyEmbedder()).quote(source)) for query in (asked, meant)]
    assert [bool(claims) for claims in shown] == [False, True]


@pytest.mark.parametrize("marks", ['""', "“”", "„“", "„”", "«»"])
def test_a_quotation_goes_where_its_beginning_does(marks: str) -> None:
    opens, closes = marks[0], marks[1]
    text = f"Mayor Lind said, {opens}The bridge is old. It must be closed.{closes} The council met in June."
    checks = Checker("What did Berg say about the bridge?", evidence(text), ToyEmbedder(), named=False)
    said = (f"Berg said, {opens}The bridge is old.", f"It must be closed.{closes}", "The council met in June.")
    claims = [checks.check(sentence)[0] for sentence in said]
    assert [claim.withheld for claim in claims] == [True, True, False]
    assert claims[1].missing == ("it goes on with a quotation whose beginning is withheld",)


@pytest.mark.parametrize(
    "stray",
    ['Berg saw a 43" screen.', 'Nobody likes zebras."', "Berg said, „The shop is new.“", "Berg called it «new»."],
)
def test_a_mark_that_opens_nothing_withholds_nothing(stray: str) -> None:
    checks = Checker("What of the bridge?", evidence("The bridge is old. The council met in June."), ToyEmbedder())
    assert checks.check(stray)[0].withheld
    assert not checks.check("The council met in June.")[0].withheld


def test_a_quotation_that_holds_is_gone_on_with() -> None:
    text = 'Mayor Lind said, "The bridge is old. It must be closed."'
    checks = Checker("What did Lind say about the bridge?", evidence(text), ToyEmbedder())
    said = (
        'Mayor Lind said, "The bridge is old.',
        'It must be closed."',
        'Berg said, "The shop is old."',
        "It is old.",
    )
    assert [checks.check(sentence)[0].withheld for sentence in said] == [False, False, True, False]


def test_of_two_sentences_that_hold_a_claim_the_one_that_answers_is_cited() -> None:
    sentences = evidence("Berg died of cancer. Lind was ill with cancer. Cancer is studied in Herat.")
    likely = [replace(one, probability=p) for one, p in zip(sentences, (0.1, 0.8, 0.1), strict=True)]
    _, [citation] = Checker("What was Lind ill with?", likely, ToyEmbedder()).check("Cancer.")
    assert citation.quote == "Lind was ill with cancer."


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("Was Lind convicted of fraud in Herat?", ["Lind was acquitted of fraud in Herat."]),
        ("Why was Lind convicted of fraud in Herat?", []),
        ("Was Lind convicted or acquitted of fraud in Herat?", []),
        ("Was Lind convicted of fraud, theft, arson and murder in Herat?", []),
    ],
)
def test_where_the_source_says_no_it_answers_whether_it_is_so(question: str, shown: list[str]) -> None:
    claim = "Lind was convicted of fraud, theft, arson and murder in Herat." if "arson" in question else None
    checks = Checker(question, evidence("Lind was acquitted of fraud in Herat. It rained."), ToyEmbedder())
    claims = checks.check_all(claim or "Lind was convicted of fraud in Herat.")
    assert [claim.text for claim, _ in claims if not claim.withheld] == shown


@pytest.mark.parametrize(
    ("question", "claim", "verdict"),
    [
        ("Where did Lind first meet Meyer?", "Lind first met Meyer at their first meeting.", "unsupported"),
        ("Where did Lind first meet Meyer?", "Lind first met Meyer in Herat.", "supported"),
        ("Where did Lind first meet Meyer?", "Lind did not meet Meyer.", "unsupported"),
        ("Did Lind first meet Meyer?", "Lind first met Meyer.", "supported"),
    ],
)
def test_what_only_says_the_question_again_is_no_answer(question: str, claim: str, verdict: str) -> None:
    text = "Lind first met Meyer at their first meeting in Herat."
    checked, _ = Checker(question, evidence(text), ToyEmbedder()).check(claim)
    assert checked.verdict == verdict
    again = "it only says the question again" in checked.missing
    assert again == ("meeting" in claim)


def test_a_sentence_holds_the_name_of_who_speaks_in_it() -> None:
    [span] = evidence("He said that the goggles were green.")
    checks = Checker("Did Rod Lind say that goggles were green?", [span], ToyEmbedder())
    assert not checks.is_told_by(span)
    assert checks.is_told_by(replace(span, speaker="Rod Lind"))
