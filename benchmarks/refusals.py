"""When to decline: `python -m benchmarks.refusals SET=DATA=INDEX … [--questions 120] [--kept FILE]`.

DATA is a folder with `questions.jsonl`, INDEX the index of its corpus. Of each set so many answerable and so many
unanswerable questions are put to its own index, and half as many answerable ones of each other set: those ask of other
articles. Kept of each are the relevance of the best passage, the probability with which the model would decline, and
what its inside says of all that was read and of the best sentence alone. Then the gate of two weights, which stands
alone where the inside is not known, is fitted on each set and tested on the others; the last table is of the gate as it
is in `rag.refusal`. `--kept FILE` takes what an earlier run of this form, whole or not, found there, and adds to it.
"""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from rag import Assistant, Settings, refusal
from rag.evaluation.questions import read_questions
from rag.refusal import ANSWERED, answerable
from rag.writing import Clock

KINDS = ("answerable", "look-alike", "other articles")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question put to the index of a set, and what is known before anything is written."""

    set: str
    kind: str
    id: str
    relevance: float
    declined: float
    """The probability with which the model would decline."""
    inside: tuple[float, float] | None = None
    """What the model's inside says, where it is known, of all that was read and of the best sentence alone."""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+", metavar="SET=DATA=INDEX")
    parser.add_argument("--questions", type=int, default=120)
    parser.add_argument("--kept", type=Path)
    given = parser.parse_args()
    sets = {name: (Path(data), Path(index)) for name, data, index in (one.split("=") for one in given.sets)}
    known = kept(given.kept)
    there = {(one.set, one.id) for one in known}
    with (given.kept or Path(os.devnull)).open("a") as keep:
        for one in asked(sets, given.questions, there):
            known.append(one)
            print(json.dumps(asdict(one)), file=keep, flush=True)
    print("| fitted on | weights | tested on | AUC, look-alike | AUC, other articles |\n|---|---|---|---|---|")
    for fitted_on in [*sets, None]:
        gate = fit([one for one in known if fitted_on in (None, one.set)])
        weights = " ".join(f"{w:.2f}" for w in gate)
        for name in sets:
            if name != fitted_on:
                tested = [one for one in known if one.set == name]
                areas = (area(tested, gate, kind) for kind in KINDS[1:])
                print(f"| {fitted_on or 'all'} | {weights} | {name} |", " | ".join(areas), "|")
    print("\n| set |", " | ".join(f"{kind}, declined" for kind in KINDS), "|")
    print("|---" * (1 + len(KINDS)) + "|")
    for name in sets:
        cells = (declined([one for one in known if (one.set, one.kind) == (name, kind)]) for kind in KINDS)
        print(f"| {name} |", " | ".join(cells), "|")


def kept(file: Path | None) -> list[Asked]:
    """Return what an earlier run kept."""
    lines = file.read_text().splitlines() if file and file.exists() else []
    return [_asked(**json.loads(line)) for line in lines]


def _asked(*, inside: Sequence[float] | None, **rest: Any) -> Asked:
    return Asked(**rest, inside=(inside[0], inside[1]) if inside else None)


def asked(sets: dict[str, tuple[Path, Path]], count: int, known: set[tuple[str, str]]) -> Iterator[Asked]:
    """Yield what there is to know of each question that is not known yet."""
    questions = {
        name: [q for q in read_questions(data / "questions.jsonl").questions if not q.underspecified]
        for name, (data, _) in sets.items()
    }
    for name, (_, index) in sets.items():
        assistant = Assistant.load(Settings.load(index_dir=index))
        for other in sets:
            for wanted in (True, False) if other == name else (True,):
                kind = KINDS[2] if other != name else KINDS[0] if wanted else KINDS[1]
                some = [q for q in questions[other] if q.answerable is wanted]
                for question in some[:: max(1, len(some) // (count if other == name else count // 2))]:
                    if (name, question.id) not in known:
                        yield Asked(name, kind, question.id, *considered(assistant, question.question))


def considered(assistant: Assistant, question: str) -> tuple[float, float, tuple[float, float] | None]:
    """Return the relevance of the best passage, the probability of declining and what the inside says."""
    settings = assistant.settings
    query = assistant.query(question)
    hits = assistant.retriever.search(query, k=settings.passages)
    if not hits:
        return 0.0, 1.0, None
    tokens, enough = settings.evidence_tokens, settings.evidence_enough
    evidence = assistant.retriever.evidence(query, hits, max_tokens=tokens, enough=enough)
    _, declined, inside = assistant.answering(Clock()).looked(query, evidence)
    return max(hit.score for hit in hits if hit.kept), declined or 0.0, inside


def table(some: Sequence[Asked]) -> NDArray[np.float64]:
    """Return the two log odds that the gate weighs, shape (n, 2)."""
    return np.array([[refusal.logit(one.relevance), refusal.logit(one.declined)] for one in some])


def fit(some: Sequence[Asked]) -> tuple[float, float, float]:
    """Return the weights of relevance and declining, and the intercept."""
    found = LogisticRegression(C=100.0).fit(table(some), [one.kind == KINDS[0] for one in some])
    relevance, declined = found.coef_[0].tolist()
    return relevance, declined, float(found.intercept_[0])


def area(some: Sequence[Asked], gate: tuple[float, float, float], kind: str) -> str:
    """Return the area under the curve of answerable questions against those of one kind."""
    chosen = [one for one in some if one.kind in (KINDS[0], kind)]
    labels = [one.kind == KINDS[0] for one in chosen]
    if len(set(labels)) < 2:
        return "–"
    return f"{roc_auc_score(labels, table(chosen) @ np.array(gate[:2])):.3f}"


def declined(some: Sequence[Asked]) -> str:
    """Return how many questions the gate as it is declines."""
    if not some:
        return "–"
    judged = np.array([answerable(one.relevance, one.declined, one.inside) for one in some])
    return f"{np.mean(judged < ANSWERED):.3f} of {len(some)}"


if __name__ == "__main__":
    main()
