"""What a model's inside knows: `python -m benchmarks.probe SET=DATA=INDEX … [--questions 400] [--kept FOLDER]`.

DATA is a folder with `questions.jsonl`, INDEX the index of its corpus. Whether a question can be answered from what was
read is linearly separable in a model's hidden states, often more surely than in what it then says (Slobodkin et al.,
2023, "The Curious Case of Hallucinatory (Un)answerability"). Kept of each question are the states of some layers at the
prompt's last token, those of the best sentence alone, and what the gate of `rag.refusal` says without them; of an
answerable one also those of the prompt without the sentences that answer. A logistic regression over the states of one
layer is fitted on each set, on all others, and, on other articles, on all; told are the areas under the curve of the
gate, of the regression over all that was read and over the best sentence, and of all three together. `--kept FOLDER`
keeps the states of each set and takes them from there. `--write FILE --layer N` fits on all sets, writes what
`rag.llm.probe` reads, to which `benchmarks.heads --write FILE` adds, and tells how the gate weighs it. `--after FILE`
goes on from what was fitted to other questions: its weights are the mean of the prior, and its heads are kept.
`--scaled LESS` is for another model than the one whose inside the gate's weights were fitted with: it is scaled to
these, and says LESS log odds, so that a model that reads worse declines more.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from benchmarks.evidence import is_gold
from benchmarks.sets import Floats, alike, drawn, read
from rag import Assistant, Settings
from rag.llm.probe import Probe, States
from rag.prompts import Prompts
from rag.refusal import _ALONE, _INSIDE, _READ, _REST, answerable, logit
from rag.retrieval import relevance
from rag.retrieval.evidence import heeded
from rag.types import Evidence, Hit, Query
from rag.writing import Clock, judged, ranked

LAYERS = (14, 16, 18, 20, 22)
_C, _C_AFTER = 1e-3, 2e-3
"""The variance of the prior. Of 3e-4 and 1e-3 the one that is better from set to set, by a little; after another fit
one at which questions of people are told about as well as before, and those of models better: docs/decisions.md."""
_FOLDS = 5

Fitted = tuple[Floats, float]
"""The weights of a regression, shape (width,), and its intercept."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a set's questions before anything is written, a row each."""

    states: NDArray[np.float16]
    """Of all that was read, shape (questions, layers, width): what is learnt from."""
    alone: NDArray[np.float16]
    """Of the best sentence alone, of the same shape."""
    gate: Floats
    """The log odds of being answerable, as `rag.refusal` weighs them without the states."""
    titles: NDArray[np.str_]
    """Of the article of the best passage: questions of one title are never on both sides of a test."""
    answerable: NDArray[np.bool_]
    cut: NDArray[np.bool_]
    """Whether the sentences that answer were taken out: to learn from, never to test on."""

    def where(self, rows: NDArray[np.bool_]) -> "Seen":
        """Return what is known of some rows."""
        return Seen(*(getattr(self, field)[rows] for field in Seen.__slots__))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+", metavar="SET=DATA=INDEX")
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--layer", type=int, choices=LAYERS, default=18)
    parser.add_argument("--after", type=Path)
    parser.add_argument("--scaled", type=float, metavar="LESS")
    given = parser.parse_args()
    if given.scaled is not None and (given.after or not given.write):
        parser.error("--scaled goes with --write, and not with --after")
    after = json.loads(given.after.read_text("utf-8")) if given.after else {}
    prompts = Prompts.load().sha256
    if after and (after["layer"], after["prompts"]) != (given.layer, prompts):
        parser.error(f"{given.after} is of layer {after['layer']}, or of other prompts than there are: fit anew")
    prior = (np.array(after["weights"]), float(after["intercept"])) if after else None
    sets = read(given.sets, Seen, seen, count=given.questions, kept=given.kept)
    if given.write:
        place = LAYERS.index(given.layer)
        weights, intercept = fitted(list(sets.values()), place, prior)
        if given.scaled is not None:
            scale, shift = scaled(sets, place)
            weights, intercept = scale * weights, scale * intercept + shift - given.scaled
        probe = Probe(given.layer, weights, intercept, tuple((layer, head) for layer, head in after.get("heads", ())))
        given.write.write_text(probe.to_json(prompts=prompts), "utf-8")
        told = "{:.2f} x the probe + {:.2f} x that of the best sentence + {:.2f} x the gate without them + {:.2f}"
        print("gate:", told.format(*gate(sets, place, prior)))
        return
    layers = (given.layer,) if prior else LAYERS
    print("| layer | fitted on | tested on | gate | states | best alone | all three |\n|---|---|---|---|---|---|---|")
    for layer in layers:
        place = LAYERS.index(layer)
        for name, tested in sets.items():
            asked = tested.where(~tested.cut)
            found = {"before": over(prior, asked, place)} if prior else {}
            found |= {o: over(fitted([one], place, prior), asked, place) for o, one in sets.items() if o != name}
            if len(sets) > 2:
                others = [one for other, one in sets.items() if other != name]
                found["the others"] = over(fitted(others, place, prior), asked, place)
            found["all, other articles"] = of_other_articles(sets, name, place, prior)
            for fitted_on, odds in found.items():
                areas = (area(asked, one) for one in (asked.gate, *odds.T, together(asked.gate, *odds.T)))
                print(f"| {layer} | {fitted_on} | {name} |", " | ".join(f"{one:.3f}" for one in areas), "|")


def seen(data: Path, index: Path, count: int) -> Seen:
    """Return what is known of so many questions of a set, drawn at random."""
    assistant = Assistant.load(Settings.load(index_dir=index))
    llm: Any = assistant._llm
    fitted = llm._inside[0] if llm._inside else None  # its heads tell which sentence is the best
    states = States(llm._model, LAYERS, fitted.heads if fitted else ())
    llm._inside = (replace(fitted, layer=LAYERS[0]), states) if fitted else None
    answering = assistant.answering(Clock())
    rows: list[tuple[NDArray[np.float16], NDArray[np.float16], float, str, bool, bool]] = []

    def keep(query: Query, hits: Sequence[Hit], evidence: Sequence[Evidence], *, answers: bool, cut: bool) -> None:
        declined, inside = judged(llm, *answering.prompt(query, evidence), Clock(), None)
        of_all = found()
        told = ranked(heeded(evidence, inside.heeded) if inside and inside.heeded else evidence) or evidence
        judged(llm, *answering.prompt(query, told[:1]), Clock(), None)
        rest = logit(answerable(relevance(query, hits), declined))
        rows.append((of_all, found(), rest, hits[0].article.origin.title, answers, cut))

    def found() -> NDArray[np.float16]:
        return np.stack([states.last[layer] for layer in LAYERS]).astype(np.float16)

    for question, query, hits, evidence, quotes in drawn(assistant, data, count):
        keep(query, hits, evidence, answers=bool(question.answerable), cut=False)
        rest = [one for one in evidence if not is_gold(one, quotes)]
        if question.answerable and 0 < len(rest) < len(evidence):
            keep(query, hits, rest, answers=False, cut=True)
    return Seen(*(np.array(column) for column in zip(*rows, strict=True)))


def fitted(sets: Sequence[Seen], place: int, prior: Fitted | None = None) -> Fitted:
    """Return the weights and the intercept of a regression over some sets, each of which counts the same.

    They are those of the greatest posterior: normal around `prior`, else around 0.
    """
    states = np.concatenate([one.states[:, place] for one in sets]).astype(np.float64)
    labels = np.concatenate([one.answerable for one in sets])
    mean, spread = states.mean(0), states.std(0) + 1e-9
    scaled, sign = (states - mean) / spread, np.where(labels, 1.0, -1.0)
    before = states @ prior[0] + prior[1] if prior else np.zeros(len(labels))
    each = alike([one.answerable for one in sets])
    penalty = 1 / (_C_AFTER if prior else _C)

    def loss(by: Floats) -> tuple[float, Floats]:
        margin = sign * (before + scaled @ by[:-1] + by[-1])
        pull = each * sign * expit(-margin)
        total = each @ np.logaddexp(0, -margin) + penalty * by[:-1] @ by[:-1] / 2
        return float(total), np.append(penalty * by[:-1] - scaled.T @ pull, -pull.sum())

    by = minimize(loss, np.zeros(scaled.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 3000}).x
    weights, intercept = by[:-1] / spread, float(by[-1] - by[:-1] / spread @ mean)
    return (weights + prior[0], intercept + prior[1]) if prior else (weights, intercept)


def over(regression: Fitted, tested: Seen, place: int) -> Floats:
    """Return the log odds that a regression gives a set's questions, of all and of the best alone: shape (n, 2)."""
    weights, intercept = regression
    seen = np.stack([tested.states[:, place], tested.alone[:, place]], 1)
    odds: Floats = seen.astype(np.float64) @ weights + intercept
    return odds


def of_other_articles(sets: Mapping[str, Seen], name: str, place: int, prior: Fitted | None = None) -> Floats:
    """Return what `over` does of each question of a set, fitted on all sets without its article."""
    asked = sets[name].where(~sets[name].cut)
    odds = np.zeros((len(asked.answerable), 2))
    folds = GroupKFold(min(_FOLDS, len(set(asked.titles))))
    for _, held in folds.split(odds, groups=asked.titles):
        learnt = [one.where(~np.isin(one.titles, asked.titles[held])) for one in sets.values()]
        odds[held] = over(fitted(learnt, place, prior), asked.where(np.isin(np.arange(len(odds)), held)), place)
    return odds


def gate(sets: Mapping[str, Seen], place: int, prior: Fitted | None = None) -> list[float]:
    """Return how a regression weighs the probe of all, of the best alone and the gate without it, and its intercept."""
    table, labels, each = _told(sets, place, prior)
    found = LogisticRegression(C=100.0).fit(table, labels, each)
    return [*map(float, found.coef_[0]), float(found.intercept_[0])]


def scaled(sets: Mapping[str, Seen], place: int) -> tuple[float, float]:
    """Return a scale of the probe, and what to add, with which the weights of `rag.refusal` fit best."""
    table, labels, each = _told(sets, place, None)
    sign = np.where(labels, 1.0, -1.0)
    inside = table[:, :2] @ [_INSIDE, _ALONE]

    def loss(by: Floats) -> float:
        odds = by[0] * inside + (_INSIDE + _ALONE) * by[1] + _REST * table[:, 2] + _READ
        return float(each @ np.logaddexp(0, -sign * odds))

    scale, shift = minimize(loss, np.array([1.0, 0.0]), method="L-BFGS-B").x.tolist()
    return scale, shift


def _told(sets: Mapping[str, Seen], place: int, prior: Fitted | None) -> tuple[Floats, NDArray[np.bool_], Floats]:
    """Return what the probe, fitted on other articles, and the gate without it say of all questions: shape (n, 3).

    With their labels, and the weights of these, which make every set count the same.
    """
    asked = [one.where(~one.cut) for one in sets.values()]
    odds = np.concatenate([of_other_articles(sets, name, place, prior) for name in sets])
    table = np.column_stack([odds, np.concatenate([one.gate for one in asked])])
    labels = [one.answerable for one in asked]
    return table, np.concatenate(labels), alike(labels)


def together(*odds: Floats) -> Floats:
    """Return the sum of log odds, each by its spread."""
    total: Floats = np.sum([one / one.std() for one in odds], 0)
    return total


def area(tested: Seen, odds: Floats) -> float:
    """Return the area under the curve of answerable questions against the others."""
    return float(roc_auc_score(tested.answerable, odds))


if __name__ == "__main__":
    main()
