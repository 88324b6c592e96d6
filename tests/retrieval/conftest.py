"""An index of a few texts, searched with the toy embedder."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from rag.index import Index, sync
from rag.retrieval import Retriever
from rag.testing import ToyEmbedder
from rag.types import Reranker

WORDS = ("goggles", "rifles", "rain")
Build: TypeAlias = Callable[..., Retriever]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Return what indexes texts, or records of text, title, date and source, and opens them for searching."""

    def make(
        *articles: str | dict[str, str],
        reranker: Reranker | None = None,
        languages: frozenset[str] | None = None,
    ) -> Retriever:
        embedder = ToyEmbedder(*WORDS, languages=languages)
        root = tmp_path / "articles"
        root.mkdir()
        for i, article in enumerate(articles):
            record = {"title": "Untitled", "text": article} if isinstance(article, str) else article
            (root / f"{i}.jsonl").write_text(json.dumps(record))
        sync([root], tmp_path / "index", embedder, passage_tokens=32, max_file_bytes=10_000)
        return Retriever(Index.open(tmp_path / "index", embedder), embedder, reranker)

    return make
