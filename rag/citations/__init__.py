"""Claims and what supports them: each sentence of a draft is aligned with the exact sentences it rests on."""

from rag.citations.answer_types import asked_for, holds
from rag.citations.checker import Checker
from rag.citations.claims import clean, numbers_next
from rag.citations.disagreement import takes_back
from rag.citations.facts import content_words, is_date, is_question

__all__ = [
    "Checker",
    "asked_for",
    "clean",
    "content_words",
    "holds",
    "is_date",
    "is_question",
    "numbers_next",
    "takes_back",
]
