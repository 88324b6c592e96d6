"""What tests of evaluation share: an assistant over fakes, and question files about its articles."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from rag.evaluation.cases import Case
from rag.evaluation.gold import Gold
from rag.evaluation.questions import Question

A, B, C = (letter * 32 for letter in "abc")
"""Article ids."""


def case(
    *,
    ranking: str = "",
    gold: Sequence[Gold] = (),
    refused: bool | None = None,
    claims: tuple[tuple[str, str, tuple[int, ...]], ...] = (),
    citations: tuple[tuple[str, int, int], ...] = (),
    evidence: tuple[tuple[str, int, int], ...] = (),
    hits: str = "",
    confidence: float | None = None,
    timings: dict[str, float] | None = None,
    **question: Any,
) -> Case:
    """Return a case; articles are named by one letter, a claim is text, verdict and markers."""
    prediction: dict[str, Any] = {
        "searched": {"text": "Q?"},
        "hits": [
            {"article_id": letter * 32, "score": 0.5, "title": letter, "text": "x" * 99, "start": 0, "end": 99}
            for letter in hits or ranking
        ],
        "evidence": [{"article_id": x * 32, "start": s, "end": e} for x, s, e in evidence],
        "timings": timings or {},
    }
    if refused is not None:
        prediction |= {
            "refused": refused,
            "text": "Not in these articles." if refused else " ".join(text for text, *_ in claims),
            "confidence": confidence,
            "claims": [
                {"text": text, "verdict": verdict, "citations": list(markers), "withheld": verdict == "unsupported"}
                for text, verdict, markers in claims
            ],
            "citations": [
                {
                    "marker": n,
                    "article_id": x * 32,
                    "start": s,
                    "end": e,
                    "verdict": next(v for _, v, m in claims if n in m),
                    "quote": "x" * (e - s),
                    "title": x,
                }
                for n, (x, s, e) in enumerate(citations, start=1)
            ],
        }
    asked = Question(**{"id": "q", "question": "Q?", **question}).completed()
    return Case(asked, gold, prediction, [letter * 32 for letter in ranking])


@pytest.fixture
def questions(tmp_path: Path) -> Callable[..., Path]:
    """Write a question file of these lines, and return its path."""

    def write(*lines: dict[str, Any], name: str = "questions.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        return path

    return write
