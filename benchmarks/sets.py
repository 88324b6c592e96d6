"""Sets of questions as `benchmarks.probe` and `benchmarks.heads` read them: `SET=DATA=INDEX`, what was seen kept.

DATA is a folder with `questions.jsonl`, INDEX the index of its corpus. Knows nothing about what is seen of a question.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rag import Assistant
from rag.evaluation.questions import Question, read_questions
from rag.types import Evidence, Hit, Query

Floats = NDArray[np.float64]
Seen = TypeVar("Seen")


def read(
    named: Sequence[str], kind: type[Seen], seen: Callable[[Path, Path, int], Seen], *, count: int, kept: Path | None
) -> dict[str, Seen]:
    """Return what is seen of each `SET=DATA=INDEX`, a `kind` of arrays: from the folder `kept`, else put there."""
    sets = {}
    for name, data, index in (one.split("=") for one in named):
        file = kept / f"{name}.npz" if kept else None
        fields: Any = kind
        if file and file.exists():
            with np.load(file) as arrays:
                if set(arrays) == set(fields.__slots__):  # not of an earlier form of the command
                    sets[name] = kind(**arrays)
                    continue
        sets[name] = seen(Path(data), Path(index), count)
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            np.savez(file, **{field: getattr(sets[name], field) for field in fields.__slots__})
    return sets


def drawn(
    assistant: Assistant, data: Path, count: int
) -> Iterator[tuple[Question, Query, list[Hit], list[Evidence], list[str]]]:
    """Yield so many questions, drawn at random, for which there is evidence, with it and the quotes that answer."""
    settings = assistant.settings
    questions = [q for q in read_questions(data / "questions.jsonl").questions if not q.underspecified]
    for i in sorted(np.random.default_rng(1).permutation(len(questions))[:count]):
        query = assistant.query(questions[i].question)
        hits = assistant.retriever.search(query, k=settings.passages)
        tokens, enough = settings.evidence_tokens, settings.evidence_enough
        evidence = assistant.retriever.evidence(query, hits, max_tokens=tokens, enough=enough) if hits else []
        if evidence:
            yield (
                questions[i],
                query,
                hits,
                evidence,
                [" ".join(s.quote.split()) for s in questions[i].evidence if s.quote],
            )


def alike(labels: Sequence[NDArray[np.bool_]]) -> Floats:
    """Return a weight for each label of all sets, so that each set, and in it either label, counts the same."""
    shares = [np.where(one, 1 / one.sum(), 1 / (~one).sum()) for one in labels]
    weights: Floats = np.concatenate(shares) * sum(map(len, labels)) / (2 * len(labels))
    return weights
