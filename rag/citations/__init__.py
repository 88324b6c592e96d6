"""Claims and what supports them: each sentence of a draft is aligned with the exact sentences it rests on."""

from rag.citations.checker import Checker
from rag.citations.claims import clean, numbers_next
from rag.citations.facts import content_words

__all__ = ["Checker", "clean", "content_words", "numbers_next"]
