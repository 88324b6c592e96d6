"""Sentences of a draft, each aligned with the sentences it rests on, or withheld."""

from dataclasses import replace

import pytest

from rag.chunking import sentences
from rag.citations import Checker
from rag.testing import ToyEmbedder
from rag.types import Article, Evidence, Origin
from tests.citations.sources import evidence

TEXT = (
    "Minister Lind said the bridge was damaged by the flood in June. "
    "Dutch engineers repaired it with 40 steel beams. "
    "The repair did not please the council. "
    "Critics called the report no different from propaganda."
)
QUESTION = "What of the bridge?"
FLOOD, BEAMS, COUNCIL, REPORT = (span.of(TEXT) for span in sentences(TEXT))


def checker(text: str = TEXT, *, title: str = "News") -> Checker:
    """Return a checker for which all sentences are equally near, so that words alone decide."""
    return Checker(QUESTION, evidence(text, title=title), ToyEmbedder())


class Sceptic:
    """Believes what it was told to, and keeps what it was asked."""

    name = "sceptic"

    def __init__(self, belief: float) -> None:
        self.belief = belief
        self.asked: list[tuple[str, str]] = []

    def follows(self, claim: str, premise: str) -> float:
        self.asked.append((claim, premise))
        return self.belief


@pytest.mark.parametrize(("belief", "verdict"), [(0.9, "supported"), (0.6, "partly"), (0.1, "unsupported")])
def test_a_model_for_inference_has_the_word_on_what_the_facts_let_through(belief: float, verdict: str) -> None:
    sceptic = Sceptic(belief)
    checks = Checker(QUESTION, evidence(TEXT), ToyEmbedder(), entailment=sceptic)
    claim, _ = checks.check(BEAMS)
    assert (claim.verdict, claim.probability) == (verdict, belief)
    assert sceptic.asked == [(BEAMS, f"News\n{BEAMS}")]
    claim, _ = checks.check("Dutch engineers repaired it with 50 steel beams.")
    assert claim.verdict == "unsupported"
    assert len(sceptic.asked) == 1  # the numbers were enough


# What is supported


@pytest.mark.parametrize("sentence", [FLOOD, BEAMS, COUNCIL, REPORT])
def test_a_sentence_copied_from_an_article_cites_exactly_that_span(sentence: str) -> None:
    claim, [citation] = checker().check(sentence)
    assert (claim.verdict, claim.withheld) == ("supported", False)
    assert citation.quote == sentence
    assert (citation.start, citation.end) == (TEXT.index(sentence), TEXT.index(sentence) + len(sentence))


def test_a_shorter_sentence_of_the_same_words_is_supported() -> None:
    claim, [citation] = checker().check("The flood damaged the bridge.")
    assert claim.verdict == "supported"
    assert citation.quote == FLOOD


def test_a_name_may_stand_elsewhere_in_the_article() -> None:
    claim, [citation] = checker().check("Minister Lind repaired it with steel beams.")
    assert claim.verdict == "supported"
    assert citation.quote == BEAMS


def test_a_name_may_stand_in_the_title() -> None:
    claim, _ = checker(title="Ottoville News").check("The bridge in Ottoville was damaged by the flood.")
    assert claim.verdict == "supported"


def test_the_name_in_no_title_and_no_text_is_not_supported() -> None:
    claim, _ = checker().check("The bridge in Ottoville was damaged by the flood.")
    assert claim.verdict == "unsupported"


def test_a_number_may_be_written_with_or_without_its_comma() -> None:
    claim, _ = checker("The army lost 7,000 men.").check("The army lost 7000 men.")
    assert claim.verdict == "supported"


def test_a_claim_with_most_of_its_words_held_is_partly_supported_and_says_what_is_missing() -> None:
    claim, [citation] = checker().check("The flood damaged the bridge and wooden houses.")
    assert (claim.verdict, claim.withheld) == ("partly", False)
    assert citation.verdict == "partly"
    assert claim.missing == (
        "'wooden' is not in the source",
        "'houses' is not in the source",
    )


@pytest.mark.parametrize(
    ("question", "verdict"),
    [("What did the flood damage?", "partly"), ("Did the flood damage the bridge and wooden houses?", "unsupported")],
)
def test_what_only_says_the_question_again_must_hold_fully(question: str, verdict: str) -> None:
    checks = Checker(question, evidence(TEXT), ToyEmbedder())
    claim, _ = checks.check("Yes, the flood damaged the bridge and wooden houses.")
    assert claim.verdict == verdict
    whole = Checker("Did the flood damage the bridge?", evidence(TEXT), ToyEmbedder())
    assert whole.check("Yes, the flood damaged the bridge.")[0].verdict == "supported"


def test_the_farther_in_meaning_the_less_probable() -> None:
    near, far = (
        Checker(QUESTION, evidence(TEXT), ToyEmbedder(*words)).check("Flood damaged bridge.")[0].probability
        for words in ((), ("flood", "damaged", "bridge"))
    )
    assert near is not None
    assert far is not None
    assert near > far


def test_of_two_sentences_that_hold_all_words_the_nearer_is_cited() -> None:
    checks = Checker("Rain?", evidence("Rain fell, or so it seemed. Rain fell."), ToyEmbedder("rain"))
    _, [citation] = checks.check("Rain fell.")
    assert citation.quote == "Rain fell."


def test_of_two_equal_sentences_the_first_is_cited() -> None:
    _, [citation] = checker("Rain fell. Rain fell.").check("Rain fell.")
    assert citation.start == 0


def test_two_sentences_are_cited_where_one_does_not_hold_all() -> None:
    claim, citations = checker().check(
        "The bridge was damaged by the flood and engineers repaired it with steel beams."
    )
    assert claim.verdict == "supported"
    assert {citation.quote for citation in citations} == {FLOOD, BEAMS}
    assert claim.citations == (1, 2)


def test_a_second_sentence_is_cited_that_denies_as_the_claim_does() -> None:
    text = "Parliament voted to expel foreign troops from Norland. The vote, which is not binding, was boycotted."
    claim, citations = checker(text).check(
        "Parliament's vote to expel foreign troops from Norland is not legally binding."
    )
    assert not claim.withheld
    assert [c.quote for c in citations] == [e.quote for e in evidence(text)]
    claim, _ = checker(text.replace("not binding", "binding")).check(
        "Parliament's vote to expel foreign troops from Norland is not binding."
    )
    assert claim.withheld


def test_what_is_denied_in_one_place_may_be_named_in_another() -> None:
    text = "Lind said the new dam was not a dam, the new dam was a wall of steel."
    claim, _ = checker(text).check("Lind said the new dam was not a dam, it was a wall of steel.")
    assert claim.verdict == "supported"
    claim, _ = checker(text.replace("not a dam", "a dam")).check("Lind said the new dam was not a wall of steel.")
    assert claim.withheld


def test_a_denial_that_is_asked_about_need_not_be_in_the_source() -> None:
    text = "The phrase causes confusion, Lind told the council about the bridge."
    asked = Checker("Why does Lind refuse the phrase?", evidence(text), ToyEmbedder())
    claim, _ = asked.check("Lind refuses the phrase, which causes confusion about the bridge, she told the council.")
    assert not claim.withheld
    claim, _ = asked.check("The phrase causes no confusion, Lind told the council about the bridge.")
    assert claim.withheld


def test_a_claim_in_other_words_gives_way_to_the_sentence_that_holds_most_of_what_it_adds() -> None:
    text = "The old bridge is of steel. They have to put in double the effort, and recognition comes late."
    checks = Checker("What difficulties do women face?", evidence(text), ToyEmbedder())
    said = list(checks.check_all("Women face putting double the effort and getting late recognition."))
    assert [claim.text for claim, _ in said if not claim.withheld] == [evidence(text)[1].quote]
    said = list(checks.check_all("Women face putting double the effort and 30 late recognitions."))
    assert not [claim for claim, _ in said if not claim.withheld]


def test_a_quotation_from_an_interview_says_who_speaks() -> None:
    text = "Q: What of the bridge?\n\n((Ann Poe)) I wept, then built it.\n\nQ: When?\n\n((AP)) In May. I was ten."
    sources = evidence(text)
    checks = Checker("How did she take it?", sources, ToyEmbedder())
    [(claim, [citation])] = checks.quote(next(e for e in sources if "wept" in e.quote))
    assert (claim.text, citation.quote) == ("Ann Poe: I wept, then built it.", "((Ann Poe)) I wept, then built it.")


def test_what_somebody_says_of_themselves_is_shown_with_their_name() -> None:
    text = "Q: What of the bridge?\n\nAnn Poe: It fell. I built the bridge of steel.\n\nQ: When?\n\nAnn Poe: In May."
    claim, _ = checker(text).check("I built the bridge of steel.")
    assert claim.text == "Ann Poe: I built the bridge of steel."
    claim, _ = checker(text).check("Ann Poe built the bridge of steel.")
    assert claim.text == "Ann Poe built the bridge of steel."


def test_no_second_sentence_is_cited_for_a_number_alone() -> None:
    text = "The bridge was damaged by the flood. A dam was built in 1953."
    claim, _ = checker(text).check("The bridge was damaged by the flood in 1953.")
    assert (claim.verdict, claim.missing) == ("unsupported", ("number '1953' is not in the source",))


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("It began on Nov. 28 in the U.S. capital.", "It began on November 28 in the capital of the United States."),
        ("Between 7,000 and 8,000 men fought.", "Seven thousand to eight thousand men fought."),
        ("The dam cost $4.2 million.", "The dam cost $4,200,000."),
        ("The Pakistani army left.", "The army of Pakistan left."),
        ("“We will not give up,” Lind told us.", 'Lind told us: "We will not give up."'),
        ("Lind spoke. The minister called the dam a danger.", "Lind called the dam a danger."),
    ],
)
def test_the_same_in_another_form_is_not_withheld(text: str, claim: str) -> None:
    assert not checker(text).check(claim)[0].withheld


@pytest.mark.parametrize(
    ("text", "claim", "wrong"),
    [
        ("Prices rose in May.", "Prices fell in May.", "the source says the opposite"),
        ("Prices rose in May.", "Prices rose in June.", "date 'June' is not in the source"),
        (
            "Lind said: “The dam is a danger.”",
            'Lind said: "The dam is no danger to us."',
            "the quotation is not verbatim",
        ),
        ("The dam will hold.", "The dam will not hold.", "it denies what the source does not"),
        ("The dam will not hold.", "The dam will hold.", "the source denies it"),
        ("The dam will hold.", "The dam in Herat will hold.", "name 'Herat' is not in the article"),
        (
            "The dam of Herat broke in May. Another dam in Kabul held.",
            "The dam of Kabul broke in May.",
            "it has the name 'Kabul' where the source has 'Herat'",
        ),
    ],
)
def test_what_is_wrong_is_said(text: str, claim: str, wrong: str) -> None:
    checked, _ = checker(text).check(claim)
    assert checked.verdict == "unsupported"
    assert wrong in checked.missing


def test_a_statement_is_not_handed_to_another_speaker() -> None:
    text = "Meyer arrived. Lind said the dam would hold."
    [_, said] = evidence(text)
    checks = Checker(QUESTION, [replace(said, speaker="Lind")], ToyEmbedder())
    assert checks.check("Lind said the dam would hold.")[0].verdict == "supported"
    wrong, _ = checks.check("Meyer said the dam would hold.")
    assert (wrong.verdict, wrong.missing) == ("unsupported", ("somebody else says it",))


def test_a_number_of_the_question_may_stand_around_the_sentence() -> None:
    text = "The dam of 1953 is old. It will be torn down by Dutch engineers."
    claim = "The dam of 1953 will be torn down by Dutch engineers."
    sources = evidence(text)[1:]
    assert Checker("Who tears down the dam of 1953?", sources, ToyEmbedder()).check(claim)[0].verdict == "partly"
    assert Checker("Who?", sources, ToyEmbedder()).check(claim)[0].verdict == "unsupported"


def test_a_sentence_of_the_evidence_is_quoted_as_it_stands() -> None:
    checks = checker()
    [(claim, [citation])] = checks.quote(evidence(TEXT)[1])
    assert (claim.text, claim.verdict, claim.citations) == (BEAMS, "supported", (1,))
    assert citation.quote == BEAMS


# What is withheld


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("Engineers repaired it with 50 steel beams.", id="invented number"),
        pytest.param("Dutch engineers of Hansen repaired it with 40 steel beams.", id="invented name"),
        pytest.param("Hans Meyer said the bridge was damaged by the flood in June.", id="another name speaks"),
        pytest.param("The mayor said the bridge was damaged by the flood in June.", id="another office speaks"),
        pytest.param("The bridge was not damaged by the flood in June.", id="negation added"),
        pytest.param("The repair did please the council.", id="negation dropped"),
        pytest.param("Critics called the report different from propaganda.", id="'no' dropped"),
        pytest.param("Dutch engineers repaired it with 40 steel beams in Herat.", id="invented place"),
        pytest.param("Elephants trample gardens.", id="other words"),
        pytest.param("It was so.", id="no words of its own"),
        pytest.param("[1]", id="a marker alone"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_the_evidence_does_not_hold_is_withheld_and_cites_nothing(sentence: str) -> None:
    claim, citations = checker().check(sentence)
    assert (claim.verdict, claim.withheld, claim.citations) == ("unsupported", True, ())
    assert citations == ()


def test_without_evidence_nothing_is_supported() -> None:
    claim, _ = Checker(QUESTION, [], ToyEmbedder()).check(FLOOD)
    assert claim.withheld


def test_a_withheld_claim_keeps_its_text_without_markers() -> None:
    claim, _ = checker().check("Elephants trample gardens [3].")
    assert claim.text == "Elephants trample gardens."


# Markers


def test_markers_count_from_1_in_the_order_of_first_use() -> None:
    checks = checker()
    claims = [checks.check(sentence)[0] for sentence in (COUNCIL, FLOOD, BEAMS)]
    assert [claim.citations for claim in claims] == [(1,), (2,), (3,)]
    assert [(c.marker, c.quote) for c in checks.citations] == [(1, COUNCIL), (2, FLOOD), (3, BEAMS)]


def test_the_same_span_keeps_its_marker() -> None:
    checks = checker()
    first, _ = checks.check(FLOOD)
    checks.check(BEAMS)
    again, citations = checks.check("The flood damaged the bridge.")
    assert first.citations == again.citations == (1,)
    assert [citation.quote for citation in citations] == [FLOOD]
    assert len(checks.citations) == 2


def test_an_unsupported_claim_takes_no_marker() -> None:
    checks = checker()
    checks.check("Engineers repaired it with 50 steel beams.")
    claim, _ = checks.check(BEAMS)
    assert claim.citations == (1,)
    assert len(checks.citations) == 1


def test_a_citation_names_the_claim_that_used_it_first_withheld_ones_counted() -> None:
    checks = checker()
    for sentence in ("Elephants trample gardens.", BEAMS, FLOOD, BEAMS):
        checks.check(sentence)
    assert [citation.claim for citation in checks.citations] == [1, 2]


def test_the_markers_of_a_claim_are_in_ascending_order() -> None:
    checks = checker()
    checks.check(FLOOD)
    both, citations = checks.check("The bridge was damaged by the flood and engineers repaired it with steel beams.")
    assert both.citations == (1, 2)
    assert [citation.quote for citation in citations] == [FLOOD, BEAMS]


@pytest.mark.parametrize(
    ("sentence", "claim"),
    [
        (
            "Der Minister hat die Frage der Abgeordneten am Montag nicht beantwortet.",
            "Der Minister hat die Frage der Abgeordneten am Montag beantwortet.",
        ),
        (
            "Le ministre n'a pas accepté la proposition du gouvernement lundi à Paris.",
            "Le ministre a accepté la proposition du gouvernement lundi à Paris.",
        ),
        ("El ministro no aceptó la propuesta del gobierno.", "El ministro aceptó la propuesta del gobierno."),
        ("Министр не ответил на вопрос депутатов.", "Министр ответил на вопрос депутатов."),
        ("部长没有回答议员们的问题。", "部长回答议员们的问题。"),
        ("大臣は月曜日に質問に答えなかった。", "大臣は月曜日に質問に答えた。"),
    ],
)
def test_in_other_languages_only_what_stands_there_word_for_word_is_supported(sentence: str, claim: str) -> None:
    article = Article("f" * 32, sentence, (Origin("a.txt", ""),))
    checker = Checker("?", [Evidence(article, 0, len(sentence))], ToyEmbedder("minister"))
    assert checker.check(claim)[0].verdict != "supported"
    assert checker.check(sentence)[0].verdict == "supported"
