"""Cross-encoders of sentence-transformers, which read two texts together: one ranks, one checks.

Behind the protocols `Reranker` and `Entailment`. Weights are safetensors from a local folder; nothing is fetched.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.errors import ModelError

_BATCH = 16
_ENTAILED = "entailment"


class CrossEncoderReranker:
    """A cross-encoder with one label, on the processor."""

    def __init__(self, model: Any, *, name: str) -> None:
        self._model = model
        self.name = name

    @classmethod
    def load(cls, folder: Path, *, name: str) -> "CrossEncoderReranker":
        """Load a folder that holds `config.json` and `model.safetensors`; raises `ModelError`."""
        model = _load(folder, setting="RAG_RERANKER")
        if (labels := model.num_labels) != 1:
            raise ModelError(
                f"the cross-encoder in {str(folder)!r} has {labels} labels, a reranker has one; name another"
            )
        return cls(model, name=name)

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        """Return for each passage how probable it is that it answers the question, 0 to 1."""
        if not passages:
            return []
        pairs = [(question, passage) for passage in passages]
        return [float(s) for s in self._model.predict(pairs, batch_size=_BATCH, show_progress_bar=False)]


class CrossEncoderEntailment:
    """A cross-encoder for natural language inference (Bowman et al., 2015), one of whose labels is "entailment"."""

    def __init__(self, model: Any, *, label: int, name: str) -> None:
        self._model = model
        self._label = label
        self.name = name

    @classmethod
    def load(cls, folder: Path, *, name: str) -> "CrossEncoderEntailment":
        """Load a folder that holds `config.json` and `model.safetensors`; raises `ModelError`."""
        model = _load(folder, setting="RAG_NLI")
        labels = {str(label).casefold(): number for number, label in model.config.id2label.items()}
        if _ENTAILED not in labels:
            raise ModelError(
                f"the cross-encoder in {str(folder)!r} has no label {_ENTAILED!r}, only {', '.join(labels)}; "
                "name a model for natural language inference, or leave RAG_NLI empty"
            )
        return cls(model, label=int(labels[_ENTAILED]), name=name)

    def follows(self, claim: str, premise: str) -> float:
        """Return how probable it is that `claim` follows from `premise`, 0 to 1."""
        [shares] = self._model.predict([(premise, claim)], apply_softmax=True, show_progress_bar=False)
        return float(shares[self._label])


def _load(folder: Path, *, setting: str) -> Any:
    for needed in ("config.json", "model.safetensors"):
        if not (folder / needed).is_file():
            raise ModelError(
                f"{str(folder)!r} is no cross-encoder with safetensors weights: {needed} is missing; "
                f"name the folder of one, or leave {setting} empty"
            )
    os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", TOKENIZERS_PARALLELISM="false")
    from sentence_transformers import CrossEncoder
    from torch import nn

    try:
        model = CrossEncoder(
            str(folder),
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
        if model.num_labels == 1:
            model.activation_fn = nn.Sigmoid()
    except Exception as error:  # of whatever kind: here alone it becomes one of ours
        raise ModelError(f"the cross-encoder in {str(folder)!r} does not load ({error}); name another") from error
    return model
