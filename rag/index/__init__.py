"""What is built from articles: the catalogue (SQLite, the one source of truth) and what is derived from it.

`sync` brings the catalogue in step with files; `Index` opens it for searching. Knows nothing about
questions, prompts or answers.
"""

from rag.index.catalogue import Catalogue
from rag.index.index import Index
from rag.index.schema import Manifest
from rag.index.sync import Report, check_roots, sync

__all__ = ["Catalogue", "Index", "Manifest", "Report", "check_roots", "sync"]
