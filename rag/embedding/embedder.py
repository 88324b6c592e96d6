"""The embedder: a sentence-transformers folder behind the `Embedder` protocol.

Knows where compiled models are kept and which of the two ways of running one is taken; knows nothing about how they
work. Weights are safetensors from a local folder; nothing is unpickled, nothing is fetched.
"""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from rag.embedding.compiled import Compiled
from rag.embedding.reference import Reference
from rag.errors import ModelError
from rag.types import Span, Vectors

_CODE = 2


class SentenceTransformerEmbedder:
    """A sentence-transformers folder on the processor; its weights load when first used."""

    def __init__(
        self, folder: Path, *, name: str, digest: str, cache: Path | None, languages: frozenset[str] | None
    ) -> None:
        self._folder = folder
        self.languages = languages
        self._cache = cache
        self.name = name
        self.digest = digest

    @classmethod
    def open(
        cls, folder: Path, *, name: str, cache: Path | None = None, languages: frozenset[str] | None = None
    ) -> "SentenceTransformerEmbedder":
        """Open a folder that holds `modules.json` and `model.safetensors`; raises `ModelError`.

        What is compiled of it is kept in `cache`; without one it runs as it is. The languages it knows are those given,
        or what its model card says of them: see `card_languages`.
        """
        weights = folder / "model.safetensors"
        for needed in (folder / "modules.json", weights):
            if not needed.is_file():
                raise ModelError(
                    f"{str(folder)!r} is no sentence-transformers folder with safetensors weights: "
                    f"{needed.name} is missing; name a model of: rag models list"
                )
        with weights.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(folder, name=name, digest=digest, cache=cache, languages=languages or card_languages(folder))

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._engine.dimension

    @property
    def max_tokens(self) -> int:
        """How many tokens the model reads, special tokens included."""
        return self._engine.max_tokens

    @cached_property
    def _engine(self) -> Compiled | Reference:
        if self._cache is None:
            return Reference(self._folder)
        return Compiled.of(self._folder, self._cache / self.digest[:32]) or Reference(self._folder)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 vectors of length 1, shape (len(texts), dimension)."""
        return self._engine.embed(texts)

    def tokens(self, text: str) -> list[Span]:
        """Return the span of every token of `text`, special tokens left out, nothing cut off."""
        return self._engine.tokens(text)


def card_languages(folder: Path) -> frozenset[str] | None:
    """Return the languages that the model card in `folder` names, as ISO 639-1.

    None where there is no card, it names none, or it says "multilingual" without naming all.
    """
    from huggingface_hub import metadata_load

    try:
        named = (metadata_load(folder / "README.md") or {}).get("language") or []
    except Exception:  # a card that is not there, or not written as it should be: of whatever kind
        return None
    codes = [named] if isinstance(named, str) else named
    if not isinstance(codes, list) or not all(isinstance(code, str) and len(code) == _CODE for code in codes):
        return None
    return frozenset(code.lower() for code in codes) or None
