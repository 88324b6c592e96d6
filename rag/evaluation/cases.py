"""A case: a question with its gold, what was predicted, and how the articles were ranked.

All that is scored is read from the files of a run, so that scores can be made again later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rag.evaluation.gold import Gold
from rag.evaluation.questions import Question

MEASURES = {
    "hit@1": "Success@1",
    "hit@4": "Success@4",
    "hit@10": "Success@10",
    "recall@4": "R@4",
    "recall@10": "R@10",
    "mrr@10": "RR@10",
    "ndcg@10": "nDCG@10",
}
"""Our names of ranking measures, and those of ir-measures."""


@dataclass(frozen=True)
class Case:
    """One question of a run; `prediction` is its line of predictions.jsonl."""

    question: Question
    gold: Sequence[Gold]
    prediction: Mapping[str, Any]
    ranking: Sequence[str]
    """Article ids, the best first, each once."""

    @property
    def failed(self) -> bool:
        """Whether nothing came of the question but an error."""
        return "error" in self.prediction

    @property
    def written(self) -> bool:
        """Whether there is an answer or a refusal, and not hits alone."""
        return "refused" in self.prediction

    @property
    def refused(self) -> bool:
        """Whether the question was declined."""
        return bool(self.prediction["refused"])

    @property
    def text(self) -> str:
        """The sentences shown, without markers."""
        return " ".join(claim["text"] for claim in self.prediction["claims"] if not claim["withheld"])

    @property
    def spans(self) -> list[Gold]:
        """The gold whose words are known to stand in an article."""
        return [gold for gold in self.gold if gold.start is not None]

    @property
    def confidence(self) -> float | None:
        """The answer's own confidence; where it has none, the score of its best hit."""
        if (confidence := self.prediction.get("confidence")) is not None:
            return float(confidence)
        return max((float(hit["score"]) for hit in self.prediction["hits"]), default=None)

    def is_gold(self, span: Mapping[str, Any]) -> bool:
        """Tell whether a citation or a sentence of evidence overlaps gold."""
        return any(gold.overlaps(span["article_id"], span["start"], span["end"]) for gold in self.gold)

    @cached_property
    def ranking_scores(self) -> dict[str, float]:
        """The ranking's scores by our name, as ir-measures computes them (MacAvaney et al. 2022)."""
        import ir_measures

        grades: dict[str, int] = {}
        for gold in self.gold:
            grades[gold.article_id] = max(grades.get(gold.article_id, 0), gold.grade)
        run = {"q": {article: -float(rank) for rank, article in enumerate(self.ranking)}}
        measures = [ir_measures.parse_measure(measure) for measure in MEASURES.values()]
        found = {str(m.measure): float(m.value) for m in ir_measures.iter_calc(measures, {"q": grades}, run)}
        return {name: found.get(measure, 0.0) for name, measure in MEASURES.items()}
