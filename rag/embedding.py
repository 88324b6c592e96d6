"""The embedder: sentence-transformers behind the `Embedder` protocol.

The only module that imports sentence_transformers and torch, and only when a model is loaded. Weights
are safetensors from a local folder; nothing is unpickled, nothing is fetched.
"""

import hashlib
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import ModelError
from rag.types import Span, Vectors

_BATCH = 32


class SentenceTransformerEmbedder:
    """A sentence-transformers folder on the processor, in float32; its weights load when first used."""

    def __init__(self, folder: Path, *, name: str, digest: str) -> None:
        self._folder = folder
        self.name = name
        self.digest = digest

    @classmethod
    def open(cls, folder: Path, *, name: str) -> "SentenceTransformerEmbedder":
        """Open a folder that holds `modules.json` and `model.safetensors`; raises `ModelError`."""
        weights = folder / "model.safetensors"
        for needed in (folder / "modules.json", weights):
            if not needed.is_file():
                raise ModelError(
                    f"{str(folder)!r} is no sentence-transformers folder with safetensors weights: "
                    f"{needed.name} is missing; name a model of: rag models list"
                )
        with weights.open("rb") as file:
            return cls(folder, name=name, digest=hashlib.file_digest(file, "sha256").hexdigest())

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._model.get_embedding_dimension())

    @property
    def max_tokens(self) -> int:
        """How many tokens the model reads, special tokens included."""
        return int(self._model.max_seq_length)

    @cached_property
    def _model(self) -> Any:
        os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", TOKENIZERS_PARALLELISM="false")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        quieten: Any = logging
        quieten.set_verbosity_error()
        quieten.disable_progress_bar()
        try:
            return SentenceTransformer(
                str(self._folder),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:
            raise ModelError(
                f"the embedder in {str(self._folder)!r} does not load ({error}); check it: rag models verify"
            ) from error

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 vectors of length 1, shape (len(texts), dimension)."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        vectors: Vectors = self._model.encode(
            list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.ascontiguousarray(vectors, np.float32)

    def tokens(self, text: str) -> list[Span]:
        """Return the span of every token of `text`, special tokens left out, nothing cut off."""
        encoded = self._model.tokenizer(
            text, add_special_tokens=False, return_offsets_mapping=True, truncation=False, verbose=False
        )
        return [Span(start, end) for start, end in encoded["offset_mapping"] if end > start]
