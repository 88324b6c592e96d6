"""A sentence-transformers model as it is: torch, in float32.

With `rag.cross_encoders`, the only module that imports sentence_transformers, when a model is loaded.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import ModelError
from rag.types import Span, Vectors

_BATCH = 32


class Reference:
    """What every other way of running the model has to agree with. Raises `ModelError` where it does not load."""

    def __init__(self, folder: Path) -> None:
        # torch keeps threads and memory for each thread it is called from: 65 at once took 460 MB, one 30 MB
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedder")
        os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", TOKENIZERS_PARALLELISM="false")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        quieten: Any = logging
        quieten.set_verbosity_error()
        quieten.disable_progress_bar()
        try:
            self.model: Any = SentenceTransformer(
                str(folder),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:
            raise ModelError(
                f"the embedder in {str(folder)!r} does not load ({error}); check it: rag models verify"
            ) from error

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.model.get_embedding_dimension())

    @property
    def max_tokens(self) -> int:
        """How many tokens the model reads, special tokens included."""
        return int(self.model.max_seq_length)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 vectors of length 1, shape (len(texts), dimension)."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        return self._thread.submit(self._encode, list(texts)).result()

    def _encode(self, texts: list[str]) -> Vectors:
        vectors: Vectors = self.model.encode(
            texts, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.ascontiguousarray(vectors, np.float32)

    def tokens(self, text: str) -> list[Span]:
        """Return the span of every token of `text`, special tokens left out, nothing cut off."""
        encoded = self.model.tokenizer(
            text, add_special_tokens=False, return_offsets_mapping=True, truncation=False, verbose=False
        )
        return [Span(start, end) for start, end in encoded["offset_mapping"] if end > start]
