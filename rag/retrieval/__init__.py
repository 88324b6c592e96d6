"""From a question to passages and the sentences of them to answer from.

Knows nothing about language models or answers.
"""

from rag.retrieval.broad import is_broad
from rag.retrieval.evidence import sentences_of
from rag.retrieval.parts import parts
from rag.retrieval.reading import clearer, describe, filters, read
from rag.retrieval.retriever import Retriever, rank_articles, relevance
from rag.retrieval.speakers import words_asked_of

__all__ = [
    "Retriever",
    "clearer",
    "describe",
    "filters",
    "is_broad",
    "parts",
    "rank_articles",
    "read",
    "relevance",
    "sentences_of",
    "words_asked_of",
]
