"""What is built from articles: the catalogue (SQLite, the one source of truth) and what is derived from it.

`sync` brings the catalogue in step with files; `Index` opens it for searching. Knows nothing about
questions, prompts or answers.
"""

from rag.index.catalogue import Catalogue
from rag.index.index import Candidate, Finding, Index
from rag.index.reader import Reader
from rag.index.schema import Manifest
from rag.index.sync import Report, check_roots, sync

__all__ = ["Candidate", "Catalogue", "Finding", "Index", "Manifest", "Reader", "Report", "check_roots", "sync"]
