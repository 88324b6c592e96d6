"""Answers from your own articles, each sentence checked against the exact place it comes from."""

from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.errors import RagError
    from rag.settings import Settings
    from rag.types import Answer, Citation, Claim, Hit

__all__ = ["Answer", "Assistant", "Citation", "Claim", "Hit", "RagError", "Settings"]
__version__ = metadata.version("rag")

_HOMES = {"Assistant": "rag.assistant", "RagError": "rag.errors", "Settings": "rag.settings"}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import rag` costs next to nothing."""
    if name in __all__:
        return getattr(import_module(_HOMES.get(name, "rag.types")), name)
    raise AttributeError(f"module 'rag' has no attribute {name!r}")
