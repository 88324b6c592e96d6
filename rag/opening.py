"""Opens the models that the settings name, each in a file or behind a server's address.

Knows nothing about indexes, questions or answers.
"""

from functools import partial
from pathlib import Path

from rag import models
from rag.cross_encoders import CrossEncoderEntailment, CrossEncoderReranker
from rag.embedding import SentenceTransformerEmbedder
from rag.llm import Deferred, LlamaCpp, Probe
from rag.remote import RemoteEmbedder, RemoteLLM, is_address
from rag.settings import Settings, revealed
from rag.types import LLM, Embedder, Entailment, Reranker


def check_llm(settings: Settings) -> None:
    """Raise `ModelError` where the language model's file is not here, or is none, without opening it."""
    if not is_address(settings.llm):
        LlamaCpp.check(_path(settings.llm, settings))


def embedder(settings: Settings) -> Embedder:
    """Open the embedder. Raises `ModelError`."""
    name = settings.embedder
    if is_address(name):
        return RemoteEmbedder.open(
            name,
            key=revealed(settings.embedder_api_key),
            max_tokens=settings.embedder_tokens,
            timeout_s=settings.remote_timeout_s,
        )
    known = models.registry().get(name)
    return SentenceTransformerEmbedder.open(
        _path(name, settings),
        name=name,
        cache=settings.models_dir / "compiled",
        languages=known.languages if known and known.languages else None,
    )


def llm(settings: Settings, *, prompts: str, deferred: bool = False) -> LLM:
    """Open the language model; `prompts` is the SHA-256 of those it will read. Raises `ModelError`.

    With `deferred` a file is opened when the model is first asked, and only then is it told what is wrong inside.
    """
    name, size = settings.llm, settings.context_tokens
    if is_address(name):
        key = revealed(settings.llm_api_key)
        return RemoteLLM.open(name, key=key, context_tokens=size, timeout_s=settings.remote_timeout_s)
    load = partial(
        LlamaCpp.load,
        _path(name, settings),
        name=name,
        context_tokens=size,
        threads=settings.threads,
        cache=settings.models_dir / "begun",
        probe=Probe.of(name, prompts=prompts),
    )
    return Deferred(load, name=name, context_tokens=size) if deferred else load()


def reranker(settings: Settings) -> Reranker | None:
    """Open the model that orders passages anew, if one is named. Raises `ModelError`."""
    name = settings.reranker
    return CrossEncoderReranker.load(_path(name, settings), name=name) if name else None


def entailment(settings: Settings) -> Entailment | None:
    """Open the model that tells whether a sentence follows from others, if one is named. Raises `ModelError`."""
    name = settings.nli
    return CrossEncoderEntailment.load(_path(name, settings), name=name) if name else None


def _path(name: str, settings: Settings) -> Path:
    return models.resolve(name, models_dir=settings.models_dir)
