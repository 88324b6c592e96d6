"""Every metric against cases worked by hand, and against reference libraries."""

import math
import random
import re
from collections.abc import Sequence

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score
from torchmetrics.functional.text import squad

from rag.evaluation import text_scores
from rag.evaluation.cases import Case
from rag.evaluation.gold import Gold
from rag.evaluation.metrics import BY_NAME, METRICS, estimate, is_right
from tests.conftest import ROOT
from tests.evaluation.conftest import A, B, C, case


def score(name: str, *cases: Case) -> float | None:
    return estimate(BY_NAME[name], BY_NAME[name].rows(cases))


# Retrieval


def test_ranking_by_hand() -> None:
    first = case(ranking="abc", gold=(Gold(A),))
    third = case(ranking="xyabc", gold=(Gold(A), Gold(C)))
    lost = case(ranking="xyz", gold=(Gold(A),))
    cases = first, third, lost, case(ranking="a")  # the last has no gold: not counted
    assert score("hit@1", *cases) == pytest.approx(1 / 3)
    assert score("hit@4", *cases) == pytest.approx(2 / 3)
    assert score("recall@4", *cases) == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert score("recall@10", *cases) == pytest.approx((1 + 1 + 0) / 3)
    assert score("mrr@10", *cases) == pytest.approx((1 + 1 / 3 + 0) / 3)
    ideal = 1 / math.log2(2) + 1 / math.log2(3)
    assert score("ndcg@10", *cases) == pytest.approx((1 + (1 / math.log2(4) + 1 / math.log2(6)) / ideal + 0) / 3)


def test_grades_count_in_ndcg() -> None:
    graded = case(ranking="ab", gold=(Gold(A, grade=1), Gold(B, grade=3)))
    found, ideal = 1 / math.log2(2) + 3 / math.log2(3), 3 / math.log2(2) + 1 / math.log2(3)
    assert score("ndcg@10", graded) == pytest.approx(found / ideal)


def test_nothing_found_counts_as_missed() -> None:
    assert score("mrr@10", case(gold=(Gold(A),))) == 0


def test_ranking_agrees_with_the_reference_library_over_many_questions() -> None:
    rng = random.Random(1)
    letters = "abcdefghijklmnop"
    cases = [
        case(
            id=str(i),
            ranking="".join(rng.sample(letters, 14)),
            gold=tuple(Gold(x * 32, grade=rng.randint(1, 3)) for x in rng.sample(letters, rng.randint(1, 4))),
        )
        for i in range(60)
    ]
    qrels = {c.question.id: {g.article_id: g.grade for g in c.gold} for c in cases}
    run = {c.question.id: {a: 1 / (n + 1) for n, a in enumerate(c.ranking)} for c in cases}
    names = {"hit@1": "Success@1", "hit@10": "Success@10", "recall@4": "R@4", "mrr@10": "RR@10", "ndcg@10": "nDCG@10"}
    reference = ir_measures.calc_aggregate(map(ir_measures.parse_measure, names.values()), qrels, run)
    by_name = {str(measure): value for measure, value in reference.items()}
    for ours, theirs in names.items():
        assert score(ours, *cases) == pytest.approx(by_name[theirs]), ours


def test_evidence_is_gold_where_it_shares_a_character_with_a_quote() -> None:
    gold = (Gold(A, start=10, end=20), Gold(A, start=50, end=60), Gold(B))
    held = case(gold=gold, evidence=(("a", 0, 11), ("b", 50, 60)))
    beside = case(gold=gold, evidence=(("a", 0, 10), ("a", 20, 50)))
    assert score("evidence_hit", held, beside, case(gold=(Gold(B),))) == 0.5
    assert score("evidence_recall", held, beside) == 0.25


# Answers


def answered(text: str, *references: str, **more: object) -> Case:
    return case(refused=False, claims=((text, "supported", ()),), answers=references, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "references", "exact", "f1", "recall", "contains"),
    [
        ("Dutch engineers", ["the Dutch engineers."], 1, 1, 1, 1),
        ("Dutch engineers repaired it.", ["Dutch engineers"], 0, 2 / 3, 1, 1),
        ("Engineers", ["Dutch engineers"], 0, 2 / 3, 0.5, 0),
        ("In May or June", ["July", "in May"], 0, 2 / 3, 1, 1),
        ("Mayor", ["May"], 0, 0, 0, 0),
        ("an a the", ["The"], 1, 1, 0, 1),
        ("4,000 men", ["4000"], 0, 2 / 3, 1, 1),
    ],
)
def test_answers_by_hand(
    said: str, references: list[str], exact: float, f1: float, recall: float, contains: float
) -> None:
    assert text_scores.exact_match(said, references) == exact
    assert text_scores.token_f1(said, references) == pytest.approx(f1)
    assert text_scores.token_recall(said, references) == pytest.approx(recall)
    assert text_scores.containment(said, references) == contains


WORDS = st.lists(
    st.sampled_from(["the", "a", "An", "Dutch", "engineers,", "May", "it's", "4,000", "—", "é"]), max_size=8
)


@given(WORDS, st.lists(WORDS, min_size=1, max_size=3))
def test_answers_agree_with_the_reference_library(said: list[str], references: list[list[str]]) -> None:
    text, answers = " ".join(said), [" ".join(reference) for reference in references]
    target = {"answers": {"text": answers, "answer_start": [0] * len(answers)}, "id": "1"}
    reference = squad([{"prediction_text": text, "id": "1"}], [target])
    assert text_scores.exact_match(text, answers) == pytest.approx(float(reference["exact_match"]) / 100)
    assert text_scores.token_f1(text, answers) == pytest.approx(float(reference["f1"]) / 100, abs=1e-6)


def test_a_refusal_of_an_answerable_question_counts_zero_and_unanswerable_ones_do_not_count() -> None:
    cases = answered("May", "May"), case(refused=True, answers=("May",)), case(refused=False, answerable=False)
    for name in ("exact_match", "token_f1", "token_recall", "containment"):
        assert score(name, *cases) == 0.5


def test_withheld_sentences_are_no_part_of_the_answer() -> None:
    said = case(refused=False, claims=(("May", "supported", ()), ("or June", "unsupported", ())), answers=("May",))
    assert score("exact_match", said) == 1


@pytest.mark.parametrize(
    ("one", "right"),
    [
        (answered("In May it fell", "May"), True),
        (answered("Dutch men", "Dutch engineers"), True),
        (answered("Some Dutch men", "Dutch engineers"), False),
        (case(refused=False, claims=(("May", "supported", ()),), answerable=False), False),
        (case(refused=True, answers=("May",)), None),
        (case(refused=False, claims=(("May", "supported", ()),)), None),
        (case(refused=False, answerability="UNDERSPECIFIED"), None),
        (case(ranking="a"), None),
    ],
)
def test_what_is_right(one: Case, right: bool | None) -> None:
    assert is_right(one) is right


# Citations


CITED = case(
    refused=False,
    gold=(Gold(A, start=10, end=20),),
    claims=(("One", "supported", (1, 2)), ("Two", "partly", (3,)), ("Three", "unsupported", ())),
    citations=(("a", 15, 30), ("a", 20, 30), ("b", 10, 20)),
)


def test_citations_by_hand() -> None:
    assert score("citation_precision", CITED) == pytest.approx(1 / 3)
    assert score("citation_precision_article", CITED) == pytest.approx(2 / 3)
    assert score("citation_precision_verifier", CITED) == pytest.approx(2 / 3)
    assert score("citation_recall", CITED) == pytest.approx(1 / 3)
    assert score("citation_recall_verifier", CITED) == pytest.approx(1 / 3)


def test_withholding_a_sentence_does_not_raise_citation_recall() -> None:
    only = case(refused=False, gold=CITED.gold, claims=(("One", "supported", (1,)),), citations=(("a", 15, 30),))
    assert score("citation_recall", only) == 1
    assert score("citation_recall", CITED) == pytest.approx(1 / 3)


def test_a_refusal_whose_every_sentence_was_withheld_counts_in_recall_and_not_in_precision() -> None:
    refusal = case(refused=True, gold=CITED.gold, claims=(("One", "unsupported", ()),))
    assert score("citation_recall", CITED, refusal) == pytest.approx(1 / 4)
    assert score("citation_precision", CITED, refusal) == pytest.approx(1 / 3)


# Refusals


def judged(refused: bool, answerable: bool, *, confidence: float = 0.5, right: bool = True) -> Case:
    return case(
        refused=refused,
        confidence=confidence,
        answerable=answerable,
        answers=("May",) if answerable else (),
        claims=() if refused else (("May" if right else "June", "supported", ()),),
    )


def test_refusals_agree_with_the_reference_library() -> None:
    rng = random.Random(2)
    pairs = [(rng.random() < 0.4, rng.random() < 0.6) for _ in range(80)]
    cases = [judged(refused, answerable) for refused, answerable in pairs]
    should, did = [not answerable for _, answerable in pairs], [refused for refused, _ in pairs]
    assert score("refusal_precision", *cases) == pytest.approx(precision_score(should, did))
    assert score("refusal_recall", *cases) == pytest.approx(recall_score(should, did))
    assert score("refusal_f1", *cases) == pytest.approx(f1_score(should, did))
    assert score("coverage", *cases) == pytest.approx(1 - np.mean(did))


def test_underspecified_questions_are_scored_apart() -> None:
    apart = case(refused=True, answerability="UNDERSPECIFIED", answerable=True, answers=("May",))
    assert score("containment", apart) is None
    assert score("refusal_precision", apart) is None
    assert score("answerable_auroc", apart, judged(True, True)) is None
    assert score("refused_underspecified", apart, judged(True, True)) == 1


def test_risk_and_the_area_under_its_curve_by_hand() -> None:
    cases = (
        judged(False, True, confidence=0.9),
        judged(False, False, confidence=0.8),
        judged(False, True, confidence=0.7),
        judged(False, True, confidence=0.6, right=False),
        judged(True, True, confidence=0.99),  # refused: not at risk
    )
    assert score("risk", *cases) == 0.5
    assert score("aurc", *cases) == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 4) / 4)


def test_without_a_confidence_the_best_hit_tells_it() -> None:
    found = case(hits="ab")
    found.prediction["hits"][1]["score"] = 0.8
    assert found.confidence == 0.8
    assert case().confidence is None


def test_answers_of_equal_confidence_count_the_same_in_any_order() -> None:
    cases = [judged(False, True, confidence=0.5, right=right) for right in (True, False)]
    assert score("aurc", *cases) == score("aurc", *reversed(cases)) == pytest.approx((0 + 1 / 2 + 1 + 1 / 2) / 4)


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.booleans()), min_size=2, max_size=30))
def test_auroc_agrees_with_the_reference_library(pairs: list[tuple[float, bool]]) -> None:
    cases = [judged(True, answerable, confidence=confidence) for confidence, answerable in pairs]
    labels = [answerable for _, answerable in pairs]
    if len(set(labels)) < 2:
        assert score("answerable_auroc", *cases) is None
    else:
        assert score("answerable_auroc", *cases) == pytest.approx(roc_auc_score(labels, [c for c, _ in pairs]))


def test_without_a_confidence_the_best_hit_speaks() -> None:
    assert case(ranking="ab", refused=False).confidence == 0.5
    assert case(refused=False).confidence is None


# Speed


def test_times_are_quantiles_and_what_was_not_timed_does_not_count() -> None:
    cases = [case(timings={"total_s": float(t), "prompt_tokens": t}) for t in (1, 2, 3, 4, 5)] + [case()]
    assert score("total_s_p50", *cases) == 3
    assert score("total_s_p95", *cases) == pytest.approx(4.8)
    assert score("prompt_tokens", *cases) == 3


# All of them


def everything_missing() -> Sequence[Case]:
    failed = Case(case().question, (), {"error": "it broke"}, [])
    return [], [failed], [case()], [case(refused=True)], [case(refused=False)]  # type: ignore[return-value]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_metric_is_a_finite_number_or_not_applicable(metric: object) -> None:
    name = metric.name  # type: ignore[attr-defined]
    for cases in everything_missing():
        value = score(name, *cases)  # type: ignore[misc]
        assert value is None or math.isfinite(value)


def test_every_metric_is_defined_in_the_documentation() -> None:
    text = (ROOT / "docs" / "evaluation.md").read_text("utf-8")
    shown = set(re.findall(r"`([^`\s]+)`", text))
    for name in BY_NAME:
        stem = re.sub(r"_p(50|95)$", "", name)
        assert name in shown or stem in shown, name
