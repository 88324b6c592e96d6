"""A case: a question with its gold, what was predicted, and how the articles were ranked.

All that is scored is read from the files of a run, so that scores can be made again later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.evaluation.gold import Gold
from rag.evaluation.questions import Question


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
        return float(self.prediction["hits"][0]["score"]) if self.prediction["hits"] else None

    def is_gold(self, span: Mapping[str, Any]) -> bool:
        """Tell whether a citation or a sentence of evidence overlaps gold."""
        return any(gold.overlaps(span["article_id"], span["start"], span["end"]) for gold in self.gold)
