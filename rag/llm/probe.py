"""What a model's inside says of a question: a linear probe of one layer's state at the prompt's last token.

Whether the answer stands in what was read is linearly separable in a model's hidden states, often more surely than in
what it then says (Slobodkin et al., 2023, "The Curious Case of Hallucinatory (Un)answerability"). The weights beside
this module, a file for each model, are fitted by `python -m benchmarks.probe --write` and hold for one set of prompts.
Knows nothing about questions, evidence or the gate.
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

State = NDArray[np.float32]
"""What a layer makes of one token, shape (width,)."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A logistic regression over the state of one layer."""

    layer: int
    weights: NDArray[np.float64]
    intercept: float

    @classmethod
    def of(cls, model: str, *, prompts: str) -> "Probe | None":
        """Return what was fitted to a model of this name and prompts of this SHA-256; None where nothing was."""
        files = (importlib.resources.files(__package__) / "probes").iterdir()
        file = next((one for one in files if one.name == f"{model}.json"), None)
        fitted: dict[str, Any] = json.loads(file.read_text("utf-8")) if file else {}
        if fitted.get("prompts") != prompts:
            return None
        return cls(fitted["layer"], np.array(fitted["weights"]), fitted["intercept"])

    def to_json(self, *, prompts: str) -> str:
        """Return what `of` reads, of weights to four digits; `prompts` is the SHA-256 of those it was fitted with."""
        weights = [float(f"{weight:.4g}") for weight in self.weights]
        return json.dumps({"prompts": prompts, "layer": self.layer, "intercept": self.intercept, "weights": weights})

    def odds(self, state: State) -> float:
        """Return the log odds that the question can be answered."""
        return float(self.weights @ state + self.intercept)


class States:
    """Takes from a model, as it reads, what some layers make of the last token read."""

    def __init__(self, model: Any, layers: Sequence[int]) -> None:
        """Put a context that tells in the place of that of `model`, a `llama_cpp.Llama`.

        What it has read is forgotten, and so are the callbacks it had. Raises `AttributeError` or `OSError` where this
        llama-cpp-python is built otherwise, before anything is changed, and `ModelError` where memory does not suffice.
        """
        import llama_cpp
        from llama_cpp import _ctypes_extensions, _internals
        from llama_cpp import llama_cpp as bindings

        self._layers = {f"l_out-{layer}".encode(): layer for layer in layers}
        self._width = model.n_embd()
        ggml = _ctypes_extensions.load_shared_library("ggml-base", Path(bindings._base_path))
        self._name = ggml.ggml_get_name
        self._name.restype, self._name.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
        self._bytes = ggml.ggml_nbytes
        self._bytes.restype, self._bytes.argtypes = ctypes.c_size_t, [ctypes.c_void_p]
        self._get = ggml.ggml_backend_tensor_get
        self._get.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t]
        self.last: dict[int, State] = {}
        self._callback = llama_cpp.ggml_backend_sched_eval_callback(self._seen)  # llama.cpp calls it: keep it alive
        model.context_params.cb_eval = self._callback
        model._ctx.close()
        try:
            context = _internals.LlamaContext(model=model._model, params=model.context_params, verbose=False)
        except ValueError as error:
            raise ModelError(f"the language model does not fit ({error}); set RAG_CONTEXT_TOKENS lower") from error
        model._ctx = model._stack.enter_context(closing(context))
        model.reset()

    def _seen(self, tensor: int, ask: Any, _data: Any) -> bool:
        """Tell whether a tensor is wanted, or, once it is there, take its last row and go on."""
        layer = self._layers.get(self._name(tensor))
        if ask:
            return layer is not None
        if layer is not None:
            row = np.empty(self._width, np.float32)
            self._get(tensor, row.ctypes.data, self._bytes(tensor) - row.nbytes, row.nbytes)
            self.last[layer] = row
        return True
