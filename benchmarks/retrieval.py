"""What each step of the search adds, and what it costs: `python -m benchmarks.retrieval SET=DATA=INDEX …`.

SET names a row, DATA is a folder with `questions.jsonl` (`question`, `answerable`, `evidence` with `doc_id`), INDEX the
index of its corpus. `--fit SET,SET` takes weights fitted on every second answerable question of these sets in place of
those of `rag.retrieval.ranking`, and prints them; the tables are of the other questions. `--asked RUN` takes questions
as a run of `rag eval` rewrote them. Metrics by ir-measures, over distinct articles by their best passage. No language
model is used.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import ir_measures
import numpy as np
from ir_measures import RR, Success, nDCG
from numpy.typing import NDArray
from scipy.optimize import minimize

from rag import Settings, opening
from rag.corpus import normalise
from rag.index import Candidate, Index
from rag.lexical import terms
from rag.retrieval import Retriever, ranking
from rag.retrieval.retriever import feature_table
from rag.types import Embedder, Query

POOL = 100
MEASURES = (Success @ 1, Success @ 4, Success @ 10, RR @ 10, nDCG @ 10)
BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.01)
FITTED_ON = 1
"""Of the answerable questions, those with an odd number are fitted on, the others tested on."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the articles that answer it, its candidates and their features, shape (n, 5)."""

    name: str
    gold: set[str]
    candidates: list[Candidate]
    rows: NDArray[np.float64]

    def relevant(self) -> NDArray[np.bool_]:
        """Tell of each candidate whether it is a passage of an article that answers."""
        return np.array([c.passage.article_id in self.gold for c in self.candidates])


Score = Callable[[Asked], NDArray[np.float64]]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+", metavar="SET=DATA=INDEX")
    parser.add_argument("--fit", metavar="SET,SET", type=lambda names: names.split(","), default=[])
    parser.add_argument("--asked", type=Path, help="a run of rag eval whose questions are taken as it rewrote them")
    given = parser.parse_args()
    embedder = opening.embedder(Settings.load())
    rewritten = as_searched(given.asked) if given.asked else {}
    sets = {}
    for one in given.sets:
        name, data, folder = one.split("=")
        index = Index.open(Path(folder), embedder)
        sets[name] = asked(Path(data), index, embedder, rewritten)
        print(f"{name}: {len(sets[name])} questions, {times(Path(data), index, embedder)}", flush=True)
    weights = ranking.WEIGHTS
    if given.fit:
        questions = [q for name in given.fit for q in sets[name][FITTED_ON::2]]
        weights = fit(questions)
        print("weights:", dict(zip(ranking.FEATURES, weights.round(1).tolist(), strict=True)))
        print("scale and shift:", calibrate(questions, weights))
    print("\n| set | search |", " | ".join(map(str, MEASURES)), "|")
    print("|---" * (len(MEASURES) + 2) + "|")
    for name, questions in sets.items():
        for step, score in steps(weights).items():
            print(f"| {name} | {step} |", " | ".join(f"{v:.3f}" for v in measure(questions[::2], score)), "|")

    print("\n| best passage's score |", " | ".join(sets), "|")
    print("|---" * (len(sets) + 1) + "|")
    for low, high in pairwise(BINS):
        cells = (reliability(questions[::2], weights, low=low, high=high) for questions in sets.values())
        print(f"| {low:.1f} to {min(high, 1):.1f} |", " | ".join(cells), "|")


def reliability(questions: Sequence[Asked], weights: NDArray[np.float64], *, low: float, high: float) -> str:
    """Return how often the best passage is of an article that answers where its score lies between two bounds.

    Each question counts twice: as it is, and without the articles that answer it.
    """
    right: list[bool] = []
    for q in questions:
        scores, relevant = ranking.probability(q.rows @ weights), q.relevant()
        for among in (np.ones_like(relevant), ~relevant):
            if among.any():
                best = int(np.where(among, scores, -1).argmax())
                right += [bool(relevant[best])] * bool(low <= scores[best] < high)
    return f"{np.mean(right):.2f} of {len(right)}" if right else "–"


def steps(weights: NDArray[np.float64]) -> dict[str, Score]:
    """Return ways of scoring candidates, each with more to it than the one before."""

    def rank(q: Asked, name: str) -> NDArray[np.float64]:
        return np.array([1 / c.ranks[name] if name in c.ranks else 0.0 for c in q.candidates])

    def fused(q: Asked) -> NDArray[np.float64]:
        return np.array([sum(1 / (60 + r) for r in c.ranks.values()) for c in q.candidates])

    def weighed(*names: str) -> Score:
        mask = np.array([name in names for name in ranking.FEATURES])
        return lambda q: q.rows @ (weights * mask)

    def unread(q: Asked) -> NDArray[np.float64]:
        rows = q.rows.copy()
        rows[:, 0] = ranking.MEANT * rows[:, 2]
        return rows @ weights

    return {
        "dense": lambda q: rank(q, "dense"),
        "words (BM25)": lambda q: rank(q, "words"),
        "reciprocal rank fusion, 60": fused,
        "cosine + BM25, weighed": weighed("cosine", "words"),
        "+ coverage": weighed("cosine", "words", "coverage"),
        "+ best window": weighed("cosine", "words", "coverage", "window"),
        "+ nearness (default)": weighed(*ranking.FEATURES),
        "the same, as if the language were not known": unread,
    }


def asked(data: Path, index: Index, embedder: Embedder, rewritten: dict[str, str]) -> list[Asked]:
    """Return the answerable questions of a set with their candidates."""
    ids: dict[str, set[str]] = {}
    for article_id, _, source_id in index.catalogue.places():
        ids.setdefault(source_id or "", set()).add(article_id)
    retriever = Retriever(index, embedder)
    found = []
    for record in answerable(data):
        query = Query(" ".join(normalise(rewritten.get(record["id"], record["question"])).split()))
        words = retriever.words(query)
        vector = embedder.embed([query.text])[0]
        candidates = index.read(index.find(vector, terms(query.text), POOL))
        table = feature_table(words, candidates, [terms(c.text) for c in candidates])
        gold = set().union(*(ids.get(e["doc_id"], set()) for e in record["evidence"]))
        found.append(Asked(record["id"], gold, candidates, table))
    return found


def measure(questions: Sequence[Asked], score: Score) -> list[float]:
    """Return the measures over distinct articles, each by its best passage."""
    qrels = [ir_measures.Qrel(q.name, article, 1) for q in questions for article in q.gold]
    run = []
    for q in questions:
        best: dict[str, float] = {}
        for c, s in zip(q.candidates, score(q).tolist(), strict=True):
            best[c.passage.article_id] = max(s, best.get(c.passage.article_id, -np.inf))
        run += [ir_measures.ScoredDoc(q.name, article, s) for article, s in best.items()]
    results = ir_measures.calc_aggregate(MEASURES, qrels, run)
    return [float(results[m]) for m in MEASURES]


def fit(questions: Sequence[Asked]) -> NDArray[np.float64]:
    """Return the weights under which the relevant candidates of each question are most probable among all of its."""
    data = [(q.rows, q.relevant()) for q in questions if q.relevant().any()]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, gradient = 0.0, np.zeros_like(weights)
        for rows, relevant in data:
            scores = rows @ weights
            e = np.exp(scores - scores.max())
            total -= float(np.log((e * relevant).sum() / e.sum()))
            gradient -= (e * relevant / (e * relevant).sum() - e / e.sum()) @ rows
        penalty = 1e-3 * weights
        return total / len(data) + float(penalty @ weights), gradient / len(data) + 2 * penalty

    result = minimize(loss, np.zeros(len(ranking.FEATURES)), jac=True, method="L-BFGS-B")
    return np.asarray(result.x)


def calibrate(questions: Sequence[Asked], weights: NDArray[np.float64]) -> tuple[float, float]:
    """Return scale and shift that make of the best candidate's score the probability that it is relevant.

    For each question also without the articles that answer it: then nothing is.
    """
    scores, labels = [], []
    for q in questions:
        s, relevant = q.rows @ weights, q.relevant()
        scores.append(s.max())
        labels.append(bool(relevant[s.argmax()]))
        if not relevant.all():
            scores.append(s[~relevant].max())
            labels.append(False)
    x, y = np.array(scores), np.array(labels)

    def loss(p: NDArray[np.float64]) -> float:
        z = p[0] * x + p[1]
        return float(np.mean(np.logaddexp(0, z) - y * z))

    scale, shift = minimize(loss, np.array([0.5, -5.0]), method="Nelder-Mead").x
    return round(float(scale), 2), round(float(shift), 1)


def times(data: Path, index: Index, embedder: Embedder) -> str:
    """Return how long a whole search takes, the embedding of the question included."""
    retriever = Retriever(index, embedder)
    questions = [Query(record["question"]) for record in answerable(data)]
    taken, embedding = [], []
    for query in questions:
        start = time.perf_counter()
        retriever.search(query, k=6)
        taken.append(time.perf_counter() - start)
        start = time.perf_counter()
        embedder.embed([query.text])
        embedding.append(time.perf_counter() - start)
    p50, p95 = np.percentile(taken, [50, 95]) * 1000
    size = index.catalogue.counts()["passages"]
    return (
        f"{size:,} passages: search p50 {p50:.1f} ms, p95 {p95:.1f} ms, of which the embedding of the question "
        f"takes p50 {np.median(embedding) * 1000:.1f} ms"
    )


def answerable(data: Path) -> list[dict[str, Any]]:
    """Return the records of the answerable questions."""
    lines = (data / "questions.jsonl").read_text("utf-8").splitlines()
    return [record for record in map(json.loads, lines) if record["answerable"]]


def as_searched(run: Path) -> dict[str, str]:
    """Return what a run of `rag eval` searched for, by question."""
    lines = (run / "predictions.jsonl").read_text("utf-8").splitlines()
    return {p["id"]: p["searched"]["text"] for p in map(json.loads, lines)}


if __name__ == "__main__":
    main()
