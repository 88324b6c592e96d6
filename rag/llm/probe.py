"""What a model's inside says of a prompt at its last token: a probe of one layer's state, and what some heads look at.

Whether the answer stands in what was read is linearly separable in a model's hidden states, often more surely than in
what it then says (Slobodkin et al., 2023, "The Curious Case of Hallucinatory (Un)answerability"). And a few of its
heads look, when it begins to answer, at where the answer stands (Wu et al., 2024, "Retrieval Head Mechanistically
Explains Long-Context Factuality"). The files beside this module, one for each model, are fitted by `benchmarks.probe`
and `benchmarks.heads` and hold for one set of prompts. Knows nothing about questions, evidence or the gate.
"""

import ctypes
import importlib.resources
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError

LEAST_HEEDED = 1e-3
"""A share of attention that is less counts as this."""
State = NDArray[np.float32]
"""What a layer makes of one token, shape (width,)."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A logistic regression over the state of one layer, and the heads that look at answers, by layer and number."""

    layer: int
    weights: NDArray[np.float64]
    intercept: float
    heads: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, model: str, *, prompts: str) -> "Probe | None":
        """Return what was fitted to a model of this name and prompts of this SHA-256; None where nothing was."""
        files = (importlib.resources.files(__package__) / "probes").iterdir()
        file = next((one for one in files if one.name == f"{model}.json"), None)
        fitted: dict[str, Any] = json.loads(file.read_text("utf-8")) if file else {}
        if fitted.get("prompts") != prompts:
            return None
        heads = tuple((layer, head) for layer, head in fitted["heads"])
        return cls(fitted["layer"], np.array(fitted["weights"]), fitted["intercept"], heads)

    def to_json(self, *, prompts: str) -> str:
        """Return what `of` reads, of weights to four digits; `prompts` is the SHA-256 of those it was fitted with."""
        weights = [float(f"{weight:.4g}") for weight in self.weights]
        state = {"layer": self.layer, "intercept": self.intercept, "weights": weights}
        return json.dumps({"prompts": prompts, "heads": self.heads, **state})

    def odds(self, state: State) -> float:
        """Return the log odds that the question can be answered."""
        return float(self.weights @ state + self.intercept)


class States:
    """Takes from a model, as it reads, what some layers make of the last token read, and what some heads look at.

    `last` has the state of each layer, `seen` for each head the share of attention that each token read so far gets.
    """

    def __init__(self, model: Any, layers: Sequence[int], heads: Sequence[tuple[int, int]] = ()) -> None:
        """Put a context that tells in the place of that of `model`, a `llama_cpp.Llama`.

        What it has read is forgotten, and so are the callbacks it had. Raises `AttributeError` or `OSError` where this
        llama-cpp-python is built otherwise, before anything is changed, and `ModelError` where memory does not suffice.
        """
        import llama_cpp
        from llama_cpp import _ctypes_extensions, _internals
        from llama_cpp import llama_cpp as bindings

        self._layers = {f"l_out-{layer}".encode(): layer for layer in layers}
        self._count = llama_cpp.llama_model_n_head(model._model.model)
        self._heads: dict[bytes, list[tuple[int, int]]] = {}
        for layer, head in heads:
            if head < self._count:  # under its name there may be another file
                self._heads.setdefault(f"kq_soft_max-{layer}".encode(), []).append((layer, head))
        ggml = _ctypes_extensions.load_shared_library("ggml-base", Path(bindings._base_path))
        self._name = ggml.ggml_get_name
        self._name.restype, self._name.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
        self._rows, self._elements = ggml.ggml_nrows, ggml.ggml_nelements
        for size in (self._rows, self._elements):
            size.restype, size.argtypes = ctypes.c_int64, [ctypes.c_void_p]
        self._get = ggml.ggml_backend_tensor_get
        self._get.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t]
        self.last: dict[int, State] = {}
        self.seen: dict[tuple[int, int], State] = {}
        self._callback = llama_cpp.ggml_backend_sched_eval_callback(self._told)  # llama.cpp calls it: keep it alive
        model.context_params.cb_eval = self._callback
        model._ctx.close()
        try:
            context = _internals.LlamaContext(model=model._model, params=model.context_params, verbose=False)
        except ValueError as error:
            raise ModelError(f"the language model does not fit ({error}); set RAG_CONTEXT_TOKENS lower") from error
        model._ctx = model._stack.enter_context(closing(context))
        model.reset()

    def _told(self, tensor: int, ask: Any, _data: Any) -> bool:
        """Tell whether a tensor is wanted, or, once it is there, take what is wanted of it and go on."""
        name = self._name(tensor)
        layer, heads = self._layers.get(name), self._heads.get(name, ())
        if ask:
            return layer is not None or bool(heads)
        rows = self._rows(tensor)
        if layer is not None:  # a row for each token
            self.last[layer] = self._row(tensor, rows - 1)
        for one in heads:  # for each head a row for each token
            self.seen[one] = self._row(tensor, (one[1] + 1) * (rows // self._count) - 1)
        return True

    def _row(self, tensor: int, number: int) -> State:
        """Return one row of a tensor of float32."""
        row = np.empty(self._elements(tensor) // self._rows(tensor), np.float32)
        self._get(tensor, row.ctypes.data, number * row.nbytes, row.nbytes)
        return row
