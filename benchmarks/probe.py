"""What a model's inside knows: `python -m benchmarks.probe SET=DATA=INDEX … [--questions 400] [--kept FOLDER]`.

DATA is a folder with `questions.jsonl`, INDEX the index of its corpus. Whether a question can be answered from what was
read is linearly separable in a model's hidden states, often more surely than in what it then says (Slobodkin et al.,
2023, "The Curious Case of Hallucinatory (Un)answerability"). Kept of each question are the states of some layers at the
prompt's last token, and what the gate of `rag.refusal` says. A logistic regression over the states of one layer is
fitted on each set and tested on the others, and on other articles of its own; told are the areas under the curve of the
gate, of the regression, and of both together. `--kept FOLDER` keeps the states of each set and takes them from there.
"""

import argparse
import ctypes
import importlib.resources
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from rag import Assistant, Settings
from rag.evaluation.questions import read_questions
from rag.refusal import answerable, logit
from rag.writing import Clock

LAYERS = (10, 13, 16, 18, 20, 22, 24, 26)
_C = 1e-3
"""Of 1e-4, 1e-3 and 1e-2 the one that is best from set to set, by a little."""
_FOLDS = 8
_BATCH = 2048

Floats = NDArray[np.float64]


class States:
    """A context of its own over a loaded model, which tells what some layers make of the last token that it reads."""

    def __init__(self, llm: Any, layers: Sequence[int]) -> None:
        self._names = {f"l_out-{layer}".encode(): layer for layer in layers}
        self._model = llm._model
        self._found: dict[int, NDArray[np.float32]] = {}
        self._known: list[int] = []
        self._size = llama_cpp.llama_model_n_embd(self._model.model)
        self._ggml = ctypes.CDLL(str(importlib.resources.files(llama_cpp) / "lib" / "libggml-base.so"))
        self._ggml.ggml_get_name.restype = ctypes.c_char_p
        self._ggml.ggml_get_name.argtypes = [ctypes.c_void_p]
        self._ggml.ggml_nbytes.restype = ctypes.c_size_t
        self._ggml.ggml_nbytes.argtypes = [ctypes.c_void_p]
        self._ggml.ggml_backend_tensor_get.argtypes = [
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_size_t,
        ]
        self._watch = llama_cpp.ggml_backend_sched_eval_callback(self._seen)  # llama.cpp calls it: it must stay alive
        wanted = llama_cpp.llama_context_default_params()
        wanted.n_ctx, wanted.n_batch, wanted.n_ubatch = llm.context_tokens, _BATCH, _BATCH
        wanted.n_threads = wanted.n_threads_batch = self._model.n_threads
        wanted.cb_eval = self._watch
        self._context = llama_cpp.llama_init_from_model(self._model.model, wanted)

    def read(self, tokens: list[int]) -> tuple[NDArray[np.float32], Floats]:
        """Return the states at the last of some tokens, shape (layers, width), and the next one's logits."""
        same = takewhile(lambda pair: pair[0] == pair[1], zip(tokens[:-1], self._known, strict=False))
        shared = sum(1 for _ in same)
        llama_cpp.llama_memory_seq_rm(llama_cpp.llama_get_memory(self._context), 0, shared, -1)
        rest = (llama_cpp.llama_token * (len(tokens) - shared))(*tokens[shared:])
        if llama_cpp.llama_decode(self._context, llama_cpp.llama_batch_get_one(rest, len(rest))):
            raise RuntimeError("llama_decode failed")
        self._known = tokens
        logits = llama_cpp.llama_get_logits_ith(self._context, -1)
        read = np.ctypeslib.as_array(logits, (self._model.n_vocab(),)).astype(np.float64)
        return np.stack([self._found[layer] for layer in self._names.values()]), read

    def _seen(self, tensor: int, ask: Any, _data: Any) -> bool:
        """Tell whether a tensor is wanted, or take its last row once it is there."""
        layer = self._names.get(self._ggml.ggml_get_name(tensor))
        if ask or layer is None:
            return bool(layer is not None or not ask)
        row = np.empty(self._size, np.float32)
        self._ggml.ggml_backend_tensor_get(
            tensor, row.ctypes.data, self._ggml.ggml_nbytes(tensor) - row.nbytes, row.nbytes
        )
        self._found[layer] = row
        return True


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a set's questions before anything is written, a row each."""

    states: NDArray[np.float32]
    """Shape (questions, layers, width)."""
    gate: Floats
    """The log odds of being answerable, as `rag.refusal` weighs them."""
    titles: NDArray[np.str_]
    """Of the article of the best passage: questions of one title are never on both sides of a test."""
    answerable: NDArray[np.bool_]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+", metavar="SET=DATA=INDEX")
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--kept", type=Path)
    given = parser.parse_args()
    sets = {}
    for name, data, index in (one.split("=") for one in given.sets):
        kept = given.kept / f"{name}.npz" if given.kept else None
        if kept and kept.exists():
            with np.load(kept) as file:
                sets[name] = Seen(**file)
            continue
        sets[name] = seen(Path(data), Path(index), given.questions)
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.savez(kept, **{field: getattr(sets[name], field) for field in Seen.__slots__})
    print("| layer | fitted on | tested on | gate | states | both |\n|---|---|---|---|---|---|")
    for place, layer in enumerate(LAYERS):
        for fitted_on, learnt in sets.items():
            for tested_on, tested in sets.items():
                said = across(learnt, tested, place) if learnt is not tested else within(learnt, place)
                areas = (area(tested, odds) for odds in (tested.gate, said, both(tested.gate, said)))
                print(f"| {layer} | {fitted_on} | {tested_on} |", " | ".join(f"{one:.3f}" for one in areas), "|")


def seen(data: Path, index: Path, count: int) -> Seen:
    """Return what is known of so many questions of a set, drawn at random."""
    assistant = Assistant.load(Settings.load(index_dir=index))
    llm: Any = assistant._llm
    states, first = States(llm, LAYERS), llm._first_token("NOT FOUND")
    questions = [q for q in read_questions(data / "questions.jsonl").questions if not q.underspecified]
    drawn = np.random.default_rng(1).permutation(len(questions))[:count]
    rows: list[tuple[NDArray[np.float32], float, str, bool]] = []
    settings = assistant.settings
    for question in (questions[i] for i in sorted(drawn)):
        query = assistant.query(question.question)
        hits = assistant.retriever.search(query, k=settings.passages)
        tokens, enough = settings.evidence_tokens, settings.evidence_enough
        evidence = assistant.retriever.evidence(query, hits, max_tokens=tokens, enough=enough) if hits else []
        if not evidence:
            continue
        writing, _ = assistant._considered(query, hits, evidence, assistant.embedder, None, Clock(), None)
        found, logits = states.read(llm._prompt(writing.messages)[0])
        declined = float(np.exp(logits[first] - np.logaddexp.reduce(logits)))
        odds = logit(answerable(max(hit.score for hit in hits if hit.kept), declined))
        rows.append((found.astype(np.float16), odds, hits[0].article.origin.title, bool(question.answerable)))
    return Seen(*(np.array(column) for column in zip(*rows, strict=True)))


def regression() -> Pipeline:
    """Return what is fitted: a logistic regression over states of which each place has the same spread."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=_C, max_iter=2000))


def across(learnt: Seen, tested: Seen, place: int) -> Floats:
    """Return the log odds that a regression over one set's states gives another set's questions."""
    fitted = regression().fit(learnt.states[:, place].astype(np.float64), learnt.answerable)
    odds: Floats = fitted.decision_function(tested.states[:, place].astype(np.float64))
    return odds


def within(one: Seen, place: int) -> Floats:
    """Return the log odds of each question of a set, fitted on those of other articles."""
    states, folds = one.states[:, place].astype(np.float64), GroupKFold(min(_FOLDS, len(set(one.titles))))
    odds: Floats = cross_val_predict(
        regression(), states, one.answerable, groups=one.titles, cv=folds, method="decision_function"
    )
    return odds


def both(gate: Floats, said: Floats) -> Floats:
    """Return the sum of two log odds, each by its spread."""
    total: Floats = gate / gate.std() + said / said.std()
    return total


def area(tested: Seen, odds: Floats) -> float:
    """Return the area under the curve of answerable questions against the others."""
    return float(roc_auc_score(tested.answerable, odds))


if __name__ == "__main__":
    main()
