"""The reranker: a cross-encoder of sentence-transformers behind the `Reranker` protocol.

Reads question and passage together. Weights are safetensors from a local folder; nothing is fetched.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.errors import ModelError

_BATCH = 16


class CrossEncoderReranker:
    """A cross-encoder with one label, on the processor."""

    def __init__(self, model: Any, *, name: str) -> None:
        self._model = model
        self.name = name

    @classmethod
    def load(cls, folder: Path, *, name: str) -> "CrossEncoderReranker":
        """Load a folder that holds `config.json` and `model.safetensors`; raises `ModelError`."""
        for needed in ("config.json", "model.safetensors"):
            if not (folder / needed).is_file():
                raise ModelError(
                    f"{str(folder)!r} is no cross-encoder with safetensors weights: {needed} is missing; "
                    "name the folder of one, or leave RAG_RERANKER empty"
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
                activation_fn=nn.Sigmoid(),
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:  # of whatever kind: here alone it becomes one of ours
            raise ModelError(f"the cross-encoder in {str(folder)!r} does not load ({error}); name another") from error
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
