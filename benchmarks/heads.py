"""Where a model looks: `python -m benchmarks.heads SET=DATA=INDEX … [--questions 300] [--kept FOLDER] [--write FILE]`.

DATA is a folder with `questions.jsonl`, INDEX the index of its corpus. A few of a model's heads look, at the prompt's
last token, at where the answer stands (Wu et al., 2024, "Retrieval Head Mechanistically Explains Long-Context
Factuality"). Kept of each question are the share of each head's attention that each sentence gets, how probably it
answered before it was read, and whether it does. Told are the heads that look most often at a sentence that answers;
and with those that the other sets chose, how often the most probable sentence answers, before it was read and after.
`--write FILE` puts those that all sets choose into a file that `benchmarks.probe` wrote, and tells the weights of
`rag.retrieval.evidence`.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.evidence import is_gold
from benchmarks.sets import Floats, drawn, read
from rag import Assistant, Settings
from rag.llm.probe import LEAST_HEEDED, States
from rag.writing import Clock, judged

_SENTENCES = 24
"""The most that are kept of a question."""
_CHOSEN = 4
_TOLD = 6
_RIDGE = 0.01

Heads = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a set's questions, a row each; sentences that are not there have no attention and no chance."""

    attention: NDArray[np.float16]
    """Shape (questions, sentences, layers, heads)."""
    before: Floats
    """The probabilities before they were read, shape (questions, sentences)."""
    gold: NDArray[np.bool_]
    """Which of them answer, shape (questions, sentences)."""

    def where(self, rows: NDArray[np.bool_]) -> "Seen":
        """Return what is known of some rows."""
        return Seen(*(getattr(self, field)[rows] for field in Seen.__slots__))

    @property
    def telling(self) -> "Seen":
        """The questions that have a sentence that answers, among others."""
        return self.where(self.gold.any(1) & ((self.before > 0).sum(1) > 1))

    def heeded(self, heads: Heads) -> Floats:
        """Return the share of the heads' attention that each sentence gets, shape (questions, sentences)."""
        layers, numbers = zip(*heads, strict=True)
        shares: Floats = np.maximum(self.attention[:, :, layers, numbers].astype(np.float64).mean(2), LEAST_HEEDED)
        return shares


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+", metavar="SET=DATA=INDEX")
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    sets = read(given.sets, Seen, seen, count=given.questions, kept=given.kept)
    every = list(sets.values())
    if given.write:
        heads = best(every, _CHOSEN)
        given.write.write_text(json.dumps(json.loads(given.write.read_text("utf-8")) | {"heads": heads}), "utf-8")
        print("heads:", *heads)
        print("a sentence answers: {:.2f} x log heeded + {:.2f} x log before".format(*weights(every, heads)))
        return
    names = " | ".join(sets)
    print(f"| layer | head | {names} |\n|---|---|{'---|' * len(sets)}")
    for layer, head in best(every, _TOLD):
        looked = (f"{one.mean():.2f}" for one in (found(s.telling, s.telling.heeded([(layer, head)])) for s in every))
        print(f"| {layer} | {head} |", " | ".join(looked), "|")
    print("\n| set | heads | answers, before | after |\n|---|---|---|---|")
    for name, tested in sets.items():
        others = [one for other, one in sets.items() if other != name] or [tested]
        heads = best(others, _CHOSEN)
        telling = tested.telling
        after = found(telling, reweighed(telling, heads, weights(others, heads))).mean()
        told = [found(telling, telling.before).mean(), after]
        print(f"| {name} | {heads} |", " | ".join(f"{one:.3f}" for one in told), "|")


def seen(data: Path, index: Path, count: int) -> Seen:
    """Return what is known of so many questions of a set, drawn at random."""
    assistant = Assistant.load(Settings.load(index_dir=index))
    from llama_cpp import llama_model_n_head, llama_model_n_layer

    llm: Any = assistant._llm
    layers, number = (size(llm._model._model.model) for size in (llama_model_n_layer, llama_model_n_head))
    heads = list(product(range(layers), range(number)))
    llm._inside = None
    states = States(llm._model, [], heads)
    rows = []
    answering = assistant.answering(Clock())
    for _, query, _, evidence, quotes in drawn(assistant, data, count):
        prompt = answering.prompt(query, evidence)
        judged(llm, *prompt, Clock(), None)
        attention = np.zeros((_SENTENCES, layers, number), np.float16)
        before, gold = np.zeros(_SENTENCES), np.zeros(_SENTENCES, np.bool_)
        read = list(zip(evidence, llm._places(*prompt), strict=True))
        for i, (one, place) in enumerate(read[-_SENTENCES:]):
            attention[i] = np.reshape([states.seen[head][place].sum() for head in heads], (layers, number))
            before[i], gold[i] = one.probability or 0.0, is_gold(one, quotes)
        rows.append((attention, before, gold))
    return Seen(*(np.array(column) for column in zip(*rows, strict=True)))


def found(tested: Seen, scores: Floats) -> NDArray[np.bool_]:
    """Tell for each question whether the sentence of the greatest score answers."""
    answers: NDArray[np.bool_] = tested.gold[np.arange(len(scores)), scores.argmax(1)]
    return answers


def best(sets: Sequence[Seen], count: int) -> list[tuple[int, int]]:
    """Return the heads, by layer and number, that look most often at a sentence that answers; each set counts alike."""
    shares = []
    for one in (one.telling for one in sets):
        most = one.attention.argmax(1)  # (questions, layers, heads)
        shares.append(np.take_along_axis(one.gold[:, :, None, None], most[:, None], 1).mean((0, 1)))
    mean = np.mean(shares, 0)
    order = np.argsort(-mean, axis=None, kind="stable")[:count]
    return [(int(layer), int(head)) for layer, head in zip(*np.unravel_index(order, mean.shape), strict=True)]


def reweighed(tested: Seen, heads: Heads, by: tuple[float, float]) -> Floats:
    """Return log odds that each sentence answers, up to a constant, and none for those that are not there."""
    heeded, before = np.log(tested.heeded(heads)), np.log(tested.before + 1e-9)
    odds: Floats = np.where(tested.before > 0, by[0] * heeded + by[1] * before, -np.inf)
    return odds


def weights(sets: Sequence[Seen], heads: Heads) -> tuple[float, float]:
    """Return the weights of a conditional logit over the sentences of each question, each set counting the same."""
    telling = [one.telling for one in sets]

    def loss(by: Floats) -> float:
        total = 0.0
        for one in telling:
            odds = reweighed(one, heads, (by[0], by[1]))
            chance = np.exp(odds - odds.max(1, keepdims=True))
            total -= float(np.log((chance * one.gold).sum(1) / chance.sum(1) + 1e-12).mean())
        return total / len(telling) + _RIDGE * float(by @ by)

    first, second = minimize(loss, np.zeros(2), method="L-BFGS-B").x.tolist()
    return first, second


if __name__ == "__main__":
    main()
