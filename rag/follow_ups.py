"""Follow-ups: whether a question leans on the conversation before it, and how it is made to stand alone.

Knows nothing about language models, searching or whose turn it is.
"""

import re
from calendar import month_abbr, month_name
from collections.abc import Sequence

from rag.chunking import sentences
from rag.citations import content_words
from rag.lexical import FUNCTION_WORDS
from rag.phrases import DAYS
from rag.types import Answer, Claim, Query

_CONNECTIVE = re.compile(r"^(?:and|but|so|or|also|then|what about|how about)\b", re.IGNORECASE)
_CORRECTION = re.compile(
    r"^(?:(?:no|yes|yeah|ok|okay)[,.;:!]|(?:actually|sorry|i mean|i meant|i(?:'m| am) asking)\b)", re.IGNORECASE
)
_PRONOUN = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|theirs|this|that|these|those|"
    r"the (?:same|former|latter|others?))\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=\S\s)[\"“„«(]?((?=[^\W\d_a-zß-ÿ])\w[\w.]+)")  # a capital that does not begin the question
_FIRST = re.compile(r"[\"“„«(]?((?=[^\W\d_a-zß-ÿ])\w\w+)")
_DAYS = DAYS | {name.lower() for name in (*month_name, *month_abbr)}
_ASKS = re.compile(
    r"\?|\b(?:who|whom|whose|what|when|where|which|why|how|is|are|was|were|do|does|did|can|could|will|would|should|"
    r"has|have|had|may|might|must)\b|^(?:tell|list|give|show|name|find|explain|describe|summari[sz]e|compare|define)\b",
    re.IGNORECASE,
)
_INTERROGATIVE = re.compile(r"(?:who(?:m|se)?|what|when|where|which|why|how)\b(?! about\b)", re.IGNORECASE)
_HE_OR_SHE = re.compile(r"\b(?:he|him|his|himself|she|her|hers|herself)\b", re.IGNORECASE)
_OWNING = re.compile(r"\b(?:his|her) (?!about\b)[a-z]", re.IGNORECASE)
_WHOLE_NAME = re.compile(r"(?<=\S\s)[A-Z][\w.-]*(?: [A-Z][\w.-]*)*")
_ELSE = re.compile(r"\belse\b|\banything (?:more|further)\b|\btell (?:me|us) more\b", re.IGNORECASE)
_FEW_WORDS = 2
_BARE = 3
"""A question that names nothing and has so many words of its own is about what was spoken of."""
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
    return bool(_PRONOUN.search(question)) and not _names(question)


def points_back(question: str) -> bool:
    """Tell whether a question behind another is about the same: it says "he" or "that", or names nothing by itself."""
    return bool(_PRONOUN.search(question)) or not _names_or_counts(question)


def is_bare(question: str) -> bool:
    """Tell whether a question names nothing and says little, as "How many people died?" does."""
    return not _names_or_counts(question) and len(content_words(question)) <= _BARE


def _names_or_counts(question: str) -> bool:
    first = _FIRST.match(question)
    begins = first and not _ASKS.match(first[1]) and first[1].lower() not in FUNCTION_WORDS  # "Brexit: what happened?"
    return bool(begins) or _names(question) or any(map(str.isdigit, question))


def _names(question: str) -> bool:
    """Tell whether there is a capital within a question that is not the name of a day or month."""
    return any(name.lower().strip(".") not in _DAYS for name in _NAME.findall(question))


def asks_for_more(question: str) -> bool:
    """Tell whether a question asks for what was not told yet."""
    return bool(_ELSE.search(question))


def goes_on(question: str, history: Sequence[Answer]) -> bool:
    """Tell whether a question, as it stands, says too little without the conversation before it."""
    return bool(history) and (leans(question) or is_bare(question))


def begun_with(history: Sequence[Answer]) -> str:
    """Return the last question that said enough by itself."""
    last = history[-1].query
    return last.after or last.text


def recalled(question: str, text: str, history: Sequence[Answer]) -> Answer:
    """Return an answer that was given before, as far as its text tells: without sources; none where it says nothing."""
    claims = tuple(Claim(span.of(text)) for span in sentences(text))
    query = Query(question, after=begun_with(history) if goes_on(question, history) else None)
    return Answer(question, query, (), claims=claims, refused=not claims)


def conversation(history: Sequence[Answer]) -> str:
    """Return the last question, as it was searched, and how its answer begins."""
    answered = " ".join(_shown(history[-1]).split()[:_READ])
    return f"Question: {history[-1].query.sought}\nAnswer: {answered}"


def standing_alone(written: str, question: str, history: Sequence[Answer]) -> str | None:
    """Return a question as it was rewritten; None where that lost or made up words, or left it as it was.

    Half of the question's own words must be in it, and none that were not said before.
    """
    rewritten = _asks_the_same(question, written.strip().split("\n")[0].strip())
    said = f"{question}\n{history[-1].query.sought}\n{_shown(history[-1])}"
    words, own = content_words(rewritten), content_words(question)
    if words == own or not words <= content_words(said) or 2 * len(own & words) < len(own):
        return None
    return _of_the_same(question, rewritten, history)


def _asks_the_same(question: str, rewritten: str) -> str:
    """Return a rewriting with the question's own interrogative: "What did she say?" is no "Who did Lind say?"."""
    asked = _INTERROGATIVE.match(_CONNECTIVE.sub("", question).lstrip(" ,"))
    written = _INTERROGATIVE.match(rewritten)
    if not (asked and written):
        return rewritten
    return asked[0].capitalize() + rewritten[written.end() :]


def _of_the_same(question: str, rewritten: str, history: Sequence[Answer]) -> str | None:
    """Return a rewriting in which "he" is nobody who was "she" before; None where it is not known who is meant."""
    pronoun = _gender(question)
    known = [(gender, _name_for(one.question, one.query.text)) for one in history if (gender := _gender(one.question))]
    name = _name_for(question, rewritten)
    if not (pronoun and name) or not any(gender != pronoun and other == name for gender, other in known):
        return rewritten
    meant = next((other for gender, other in reversed(known) if gender == pronoun and other), None)
    return rewritten.replace(name, meant) if meant else None


def _gender(question: str) -> str | None:
    """Return which of "he" and "she" a question says; None where it says neither, or both."""
    said = {
        "he" if word[0].lower() in {"he", "him", "his", "himself"} else "she" for word in _HE_OR_SHE.finditer(question)
    }
    return said.pop() if len(said) == 1 else None


def _name_for(question: str, rewritten: str) -> str | None:
    """Return the first name in a rewriting that the question has not: whom "he" stands for.

    "Lind's lawyer" is what "his lawyer" stands for, but not "she".
    """
    owned = bool(_OWNING.search(question))
    runs = (run for run in _WHOLE_NAME.finditer(rewritten) if run[0] not in question)
    return next((run[0] for run in runs if owned or rewritten[run.end() : run.end() + 2] not in {"'s", "’s"}), None)


def _shown(answer: Answer) -> str:
    return " ".join(claim.text for claim in answer.shown)
