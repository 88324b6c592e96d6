"""The metrics: what each takes from a case, and how the cases' rows become one number.

Definitions in words: docs/evaluation.md. A metric without cases is not applicable, never NaN. Knows nothing
about files or screens.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from rag.evaluation import text_scores
from rag.evaluation.cases import Case

Floats: TypeAlias = NDArray[np.float64]
Row: TypeAlias = tuple[float, ...]

RIGHT_F1 = 0.5
"""An answer is right when it contains a reference, or its token F1 with one is at least this."""

_NO_DOCUMENT = "no question names a document that is in the index"
_NO_QUOTE = "no question has a quote that stands in the index"
_NO_ANSWER = "no answerable question has a reference answer"
_NOT_SHOWN = "no answer was shown to a question with gold of that kind"
_NOT_SAID = "no sentence was written for a question with gold of that kind"
_NOTHING_SHOWN = "no answer was shown"
_NOTHING_SAID = "no sentence was written"
_NO_REFUSAL = "no refusal of a question that is known to be answerable or not"
_NO_UNANSWERABLE = "no unanswerable question"
_NO_KIND = "no question says whether it is answerable"
_ONE_KIND = "not both answerable and unanswerable questions"
_NOT_JUDGED = "no answer was shown that could be told right or wrong"
_NOT_TIMED = "no question got that far"


@dataclass(frozen=True)
class Metric:
    """One number over many cases.

    `row` takes what counts from a case, or None where the metric does not apply to it; `estimate` turns rows,
    shape (…, cases, columns), into numbers, shape (…).
    """

    name: str
    group: Literal["retrieval", "answers", "citations", "refusals", "speed"]
    about: str
    row: Callable[[Case], Row | None]
    needs: str
    """Said where no case applies."""
    estimate: Callable[[Floats], Any]
    better: Literal["higher", "lower"] | None = "higher"
    unit: Literal["share", "seconds", "tokens"] = "share"
    depends_on_answer: bool = False
    """Whether a case's part of what is divided by depends on what was answered: how many citations, for instance."""

    def rows(self, cases: Iterable[Case]) -> list[Row | None]:
        """Return a row for every case, None where the metric does not apply."""
        return [None if case.failed else self.row(case) for case in cases]


def ratio(rows: Floats) -> Any:
    """Return the sum of the first column over that of the second: a mean where the second is all ones."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return rows[..., 0].sum(-1) / rows[..., 1].sum(-1)


def quantile(rows: Floats, *, q: float) -> Any:
    """Return a quantile of the one column."""
    return np.quantile(rows[..., 0], q, axis=-1)


def auroc(rows: Floats) -> Any:
    """Return the chance that a positive case (second column 1) has the higher score (first column); ties count half.

    The Mann-Whitney statistic over the number of pairs.
    """
    positive = rows[..., 1]
    n = positive.sum(-1)
    ranks = (rankdata(rows[..., 0], axis=-1) * positive).sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (ranks - n * (n + 1) / 2) / (n * (positive.shape[-1] - n))


def aurc(rows: Floats) -> Any:
    """Return the area under the risk-coverage curve (Geifman and El-Yaniv 2017): the mean risk over all coverages.

    Columns: confidence, and 1 where the answer is wrong.
    """
    confidence, wrong = rows[..., 0], rows[..., 1]
    orders = [np.lexsort((tie, -confidence), axis=-1) for tie in (wrong, -wrong)]  # ties: the mean of best and worst
    risks = [np.take_along_axis(wrong, o, axis=-1).cumsum(-1) / np.arange(1, wrong.shape[-1] + 1) for o in orders]
    return (risks[0].mean(-1) + risks[1].mean(-1)) / 2


# Retrieval: distinct articles, by their best passage


def _ranked(case: Case, *, name: str) -> Row | None:
    return (case.ranking_scores[name], 1) if case.gold else None


def _evidence_hit(case: Case) -> Row | None:
    return (any(map(case.is_gold, case.prediction["evidence"])), 1) if case.spans else None


def _evidence_recall(case: Case) -> Row | None:
    if not case.spans:
        return None
    read = case.prediction["evidence"]
    held = sum(any(g.overlaps(e["article_id"], e["start"], e["end"]) for e in read) for g in case.spans)
    return held, len(case.spans)


# Answers


def _agreement(case: Case, *, score: Callable[[str, Iterable[str]], float]) -> Row | None:
    question = case.question
    if not (case.written and question.answerable and question.answers) or question.underspecified:
        return None
    return (0.0 if case.refused else score(case.text, case.question.answers)), 1


def is_right(case: Case) -> bool | None:
    """Tell whether what was shown is right; None where it was refused or nothing tells.

    An answer to an unanswerable question is wrong; one to an answerable question is right when it contains a
    reference answer or has a token F1 of at least `RIGHT_F1` with one.
    """
    question = case.question
    if not case.written or case.refused or question.underspecified:
        return None
    if question.answerable is False:
        return False
    if not question.answers:
        return None
    said = case.text, question.answers
    return bool(text_scores.containment(*said) or text_scores.token_f1(*said) >= RIGHT_F1)


# Citations, after ALCE (Gao et al. 2023), judged by gold or by our own verifier in place of an 11B NLI model


def _cited(case: Case, *, right: Callable[[Case, Any], bool], known: str = "") -> Row | None:
    if not case.written or case.refused or (known and not getattr(case, known)):
        return None
    return sum(right(case, c) for c in case.prediction["citations"]), len(case.prediction["citations"])


def _supported_claims(case: Case, *, right: Callable[[Case, Any], bool], known: str = "") -> Row | None:
    if not case.written or not case.prediction["claims"] or (known and not getattr(case, known)):
        return None
    good = {c["marker"] for c in case.prediction["citations"] if right(case, c)}
    claims = case.prediction["claims"]
    return sum(not good.isdisjoint(claim["citations"]) for claim in claims), len(claims)


def _verified_claims(case: Case) -> Row | None:
    if not case.written or not case.prediction["claims"]:
        return None
    claims = case.prediction["claims"]
    return sum(claim["verdict"] == "supported" for claim in claims), len(claims)


def _in_gold_article(case: Case, citation: Any) -> bool:
    return citation["article_id"] in {gold.article_id for gold in case.gold}


def _is_verified(_case: Case, citation: Any) -> bool:
    return bool(citation["verdict"] == "supported")


# Refusals


def _judged(case: Case) -> tuple[bool, bool] | None:
    """Return whether the question was refused and whether it should have been; None where that is not known."""
    question = case.question
    if not case.written or question.answerable is None or question.underspecified:
        return None
    return case.refused, not question.answerable


def _refusal(case: Case, *, of: Callable[[bool, bool], Row]) -> Row | None:
    judged = _judged(case)
    return of(*judged) if judged else None


def _refused_underspecified(case: Case) -> Row | None:
    return (case.refused, 1) if case.written and case.question.underspecified else None


def _risk(case: Case) -> Row | None:
    right = is_right(case)
    return None if right is None else (not right, 1)


def _ranked_risk(case: Case) -> Row | None:
    right = is_right(case)
    return None if right is None or case.confidence is None else (case.confidence, not right)


def _answerability(case: Case) -> Row | None:
    question = case.question
    if question.answerable is None or question.underspecified or case.confidence is None:
        return None
    return case.confidence, question.answerable


# Speed


def _timing(case: Case, *, name: str) -> Row | None:
    value = case.prediction["timings"].get(name)
    return None if value is None else (value,)


def _count(case: Case, *, name: str) -> Row | None:
    value = case.prediction["timings"].get(name)
    return None if value is None else (value, 1)


def _speed(name: str, about: str) -> list[Metric]:
    return [
        Metric(f"{name}_{p}", "speed", about, partial(_timing, name=name), _NOT_TIMED, partial(quantile, q=q),
               "lower", "seconds")
        for p, q in (("p50", 0.5), ("p95", 0.95))
    ]  # fmt: skip


METRICS: tuple[Metric, ...] = (
    *(
        Metric(name, "retrieval", about, partial(_ranked, name=name), _NO_DOCUMENT, ratio)
        for name, about in {
            "hit@1": "questions whose first article is a gold one",
            "hit@4": "questions with a gold article among the first 4",
            "hit@10": "questions with a gold article among the first 10",
            "recall@4": "gold articles among the first 4",
            "recall@10": "gold articles among the first 10",
            "mrr@10": "mean of 1 / rank of the first gold article",
            "ndcg@10": "normalised discounted cumulative gain",
        }.items()
    ),
    Metric("evidence_hit", "retrieval", "questions with a gold sentence among those the model reads", _evidence_hit,
           _NO_QUOTE, ratio),
    Metric("evidence_recall", "retrieval", "gold quotes among the sentences the model reads", _evidence_recall,
           _NO_QUOTE, ratio),
    *(
        Metric(score.__name__, "answers", about, partial(_agreement, score=score), _NO_ANSWER, ratio)
        for score, about in (
            (text_scores.exact_match, "answers that are a reference answer; a refusal counts 0"),
            (text_scores.token_f1, "words shared with the best reference answer; a refusal counts 0"),
            (text_scores.token_recall, "words of a reference answer that the answer holds; a refusal counts 0"),
            (text_scores.containment, "answers that contain a reference answer; a refusal counts 0"),
        )
    ),
    Metric("citation_precision", "citations", "citations that overlap gold",
           partial(_cited, right=Case.is_gold, known="spans"), _NOT_SHOWN, ratio, depends_on_answer=True),
    Metric("citation_recall", "citations", "sentences of the draft with a citation that overlaps gold",
           partial(_supported_claims, right=Case.is_gold, known="spans"), _NOT_SAID, ratio, depends_on_answer=True),
    Metric("citation_precision_article", "citations", "citations of a gold article",
           partial(_cited, right=_in_gold_article, known="gold"), _NOT_SHOWN, ratio, depends_on_answer=True),
    Metric("citation_precision_verifier", "citations", "citations that our own check calls supported",
           partial(_cited, right=_is_verified), _NOTHING_SHOWN, ratio, depends_on_answer=True),
    Metric("citation_recall_verifier", "citations", "sentences of the draft that our own check calls supported",
           _verified_claims, _NOTHING_SAID, ratio, depends_on_answer=True),
    Metric("refusal_precision", "refusals", "refusals of questions that are not answerable",
           partial(_refusal, of=lambda refused, should: (refused and should, refused)), _NO_REFUSAL, ratio),
    Metric("refusal_recall", "refusals", "unanswerable questions that were refused",
           partial(_refusal, of=lambda refused, should: (refused and should, should)), _NO_UNANSWERABLE, ratio),
    Metric("refusal_f1", "refusals", "harmonic mean of the two",
           partial(_refusal, of=lambda refused, should: (2 * (refused and should), refused + should)),
           _NO_REFUSAL, ratio),
    Metric("refused_underspecified", "refusals", "underspecified questions that were refused: neither right nor wrong",
           _refused_underspecified, "no underspecified question", ratio, None),
    Metric("coverage", "refusals", "questions that were answered",
           partial(_refusal, of=lambda refused, _should: (not refused, 1)), _NO_KIND, ratio, None),
    Metric("risk", "refusals", "answers given that are wrong", _risk, _NOT_JUDGED, ratio, "lower",
           depends_on_answer=True),
    Metric("aurc", "refusals", "area under the risk-coverage curve", _ranked_risk, _NOT_JUDGED, aurc, "lower"),
    Metric("answerable_auroc", "refusals", "how well the confidence tells answerable questions from others",
           _answerability, _ONE_KIND, auroc),
    *_speed("search_s", "time to the sources"),
    *_speed("first_word_s", "time to the first word of the draft"),
    *_speed("first_checked_s", "time to the first checked sentence"),
    *_speed("total_s", "time to the whole answer"),
    Metric("prompt_tokens", "speed", "tokens of the prompt, mean", partial(_count, name="prompt_tokens"), _NOT_TIMED,
           ratio, "lower", "tokens"),
    Metric("answer_tokens", "speed", "tokens of the draft, mean", partial(_count, name="answer_tokens"), _NOT_TIMED,
           ratio, None, "tokens"),
)  # fmt: skip
BY_NAME = {metric.name: metric for metric in METRICS}


def estimate(metric: Metric, rows: Sequence[Row | None]) -> float | None:
    """Return the metric over those rows that apply; None where there are none, or nothing to divide by."""
    applicable = [row for row in rows if row is not None]
    value = float(metric.estimate(np.array(applicable, float))) if applicable else math.nan
    return value if math.isfinite(value) else None
