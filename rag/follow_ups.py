"""Follow-ups: whether a question leans on the conversation before it, and how it is made to stand alone.

Knows nothing about language models, searching or whose turn it is.
"""

import re
from collections.abc import Sequence

from rag.citations import content_words
from rag.types import Answer

_CONNECTIVE = re.compile(r"^(?:and|but|so|or|also|then|what about|how about)\b", re.IGNORECASE)
_CORRECTION = re.compile(
    r"^(?:(?:no|yes|yeah|ok|okay)[,.;:!]|(?:actually|sorry|i mean|i meant|i(?:'m| am) asking)\b)", re.IGNORECASE
)
_PRONOUN = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|theirs|this|that|these|those|"
    r"the (?:same|former|latter|others?))\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"\S\s+[\"“„«(]?(?=[^\W\d_a-zß-ÿ])\w\w")  # a capital that does not begin the question
_ASKS = re.compile(
    r"\?|\b(?:who|whom|whose|what|when|where|which|why|how|is|are|was|were|do|does|did|can|could|will|would|should|"
    r"has|have|had|may|might|must)\b|^(?:tell|list|give|show|name|find|explain|describe|summari[sz]e|compare|define)\b",
    re.IGNORECASE,
)
_FEW_WORDS = 2
_SHORT = 4
_READ = 60
"""So many words of the last answer are read again."""


def leans(question: str) -> bool:
    """Tell whether a question seems to need the conversation before it to be understood.

    It does if it goes on or corrects ("And the bridge?", "I mean the old one"), holds hardly a word of its own, is a
    few words that ask nothing ("Dutch engineers"), or says "he", "that" and names nobody.
    """
    if _CONNECTIVE.search(question) or _CORRECTION.search(question) or len(content_words(question)) < _FEW_WORDS:
        return True
    if len(question.split()) <= _SHORT and not _ASKS.search(question):
        return True
    return bool(_PRONOUN.search(question)) and not _NAME.search(question)


def conversation(history: Sequence[Answer]) -> str:
    """Return the last question, as it was searched, and how its answer begins."""
    answered = " ".join(_shown(history[-1]).split()[:_READ])
    return f"Question: {history[-1].query.text}\nAnswer: {answered}"


def standing_alone(written: str, question: str, history: Sequence[Answer]) -> str:
    """Return the question to search for: as it was rewritten, or after the last one where that lost or made up words.

    Half of the question's own words must be in it, and none that were not said before.
    """
    rewritten = written.strip().split("\n")[0].strip()
    said = f"{question}\n{history[-1].query.text}\n{_shown(history[-1])}"
    words, own = content_words(rewritten), content_words(question)
    if rewritten and words <= content_words(said) and 2 * len(own & words) >= len(own):
        return rewritten
    begun = history[-1].query.text.removesuffix(f" {history[-1].question}")  # it may be such a pair itself
    return f"{begun} {question}"


def _shown(answer: Answer) -> str:
    return " ".join(claim.text for claim in answer.shown)
