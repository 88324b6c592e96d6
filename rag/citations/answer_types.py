"""What kind of thing a question asks for, and which sentences hold one: number, time, reason, name, place, words said.

The expected answer types of question answering (Li and Roth, "Learning question classifiers", 2002), as few as can be
seen without a model. Knows nothing about passages, scores or language models.
"""

import re
from enum import Enum

from rag.citations.facts import MONTHS, Facts, facts
from rag.phrases import REPORTING

_NAMED = (
    "agenc(?:y|ies) actors? actress(?:es)? authors? bands? bod(?:y|ies) cit(?:y|ies) clubs? compan(?:y|ies) colleges? "
    "continents? countr(?:y|ies) districts? films? groups? hospitals? islands? kings? languages? laws? leaders? "
    "ministers? ministr(?:y|ies) mountains? newspapers? organi[sz]ations? part(?:y|ies) people person places? planets? "
    "presidents? provinces? queens? regions? religions? rivers? schools? senators? singers? states? teams? towns? "
    "treat(?:y|ies) universit(?:y|ies) villages? writers?"
)
_MEASURED = (
    "age amount distance level number percent percentage population price proportion rate score share size speed sum"
)
_DATED = "century date day decade month time year"


def _any(words: str) -> str:
    return "|".join(words.split())


class AnswerType(Enum):
    """What is asked for; each value is how a question asks."""

    NUMBER = (
        r"\bhow (?:big|deep|far|fast|heavy|high|large|long|many|much|often|old|quickly|tall|wide)\b"
        rf"|\b(?:what|which) (?:{_any(_MEASURED)})\b|\bnumber of\b|\bby how\b"
    )
    TIME = rf"\bwhen\b|\b(?:what|which) (?:{_any(_DATED)})\b"
    REASON = r"\bwhy\b"
    NAME = (
        r"\bwho(?:m|se)?\b(?! (?:is|was|are|were) \w+(?: \w+){0,2}\W*$)"
        rf"|\bnames?\b|\b(?:what|which) (?:\w+ ){{0,3}}(?:{_any(_NAMED)})\b"
    )
    PLACE = r"\bwhere\b"
    WORDS = (
        r"\bwhat did\b.*\b(?:say|said|tell|told|call|called|think|thought|describe|comment|respond|react|argue|claim)\b"
    )


_INTERROGATIVE = re.compile(r"\b(?:how|what|when|where|which|who(?:m|se)?|why)\b", re.IGNORECASE)
_ASKS = {kind: re.compile(kind.value, re.IGNORECASE | re.DOTALL) for kind in AnswerType}
_MONTH = f"(?:{'|'.join(MONTHS)})"
_YEAR = r"\b(?:in|since|by|until|from|during|of|after|before|early|late) (?:1\d|20)\d\d\b"
_DATE = re.compile(rf"\b{_MONTH} \d{{1,2}}\b(?:, \d{{4}})?|\b\d{{1,2}} {_MONTH}\b(?: \d{{4}})?|{_YEAR}", re.IGNORECASE)
_A_NUMBER = re.compile(
    r"\b(?:dozens?|hundreds|thousands|millions|billions|half|twice|double|none|nobody|no one|several|few|"
    r"every|hourly|daily|weekly|monthly|yearly|annual(?:ly)?)\b",
    re.IGNORECASE,
)
_LASTS = re.compile(r"\bhow (?:long|often|quickly)\b", re.IGNORECASE)
_A_TIME = re.compile(
    r"\b(?:ago|century|years?|months?|weeks?|days?|hours?|morning|evening|night|yesterday|today|noon|midnight|"
    r"spring|summer|autumn|winter|weekend|decades?|during|before|after|until|later|earlier)\b",
    re.IGNORECASE,
)
_A_REASON = re.compile(
    r"\b(?:because|due to|since|so that|in order to|to (?:prevent|avoid|protect|ensure|make|help|allow)|as a result|"
    r"caused|after|owing|citing|reasons?|for fear|over concerns|therefore|would|might|could)\b",
    re.IGNORECASE,
)
_FEW = 4
"""So few words may be a name by themselves, which is not seen at the beginning of a sentence."""
_SAID = re.compile(rf"[\"“”]|\b(?:{'|'.join(sorted(REPORTING))})\b")


CERTAIN = frozenset({AnswerType.NUMBER, AnswerType.TIME, AnswerType.NAME})
"""What is seen wherever it is given; the others may be given without a sign."""


def asked_for(question: str) -> AnswerType | None:
    """Return what kind of thing a question asks for first; None where that cannot be told, or seen in a sentence."""
    found = {kind: match for kind in AnswerType if (match := _ASKS[kind].search(question))}
    kind = min(found, key=lambda kind: found[kind].start(), default=None)
    asks = _INTERROGATIVE.search(question)
    if not (kind and asks and _INTERROGATIVE.fullmatch(found[kind].group())):
        return kind
    # behind another one it only says which is meant, "what of the man who left", but not in "what and where"
    before = question[: found[kind].start()]
    return kind if asks.start() == len(before) or before.endswith("and ") else None


def holds(sentence: str, kind: AnswerType, question: str) -> bool:
    """Tell whether a sentence holds something of a kind that is not of the question itself."""
    asked, stated = facts(question), facts(sentence)
    match kind:
        case AnswerType.NUMBER:
            new = facts(_DATE.sub(" ", sentence)).numbers - asked.numbers
            lasts = _LASTS.search(question) and _holds_a_time(sentence, stated, asked)
            return bool(new or lasts or _A_NUMBER.search(sentence))
        case AnswerType.TIME:
            return _holds_a_time(sentence, stated, asked)
        case AnswerType.NAME | AnswerType.PLACE:
            return _names_another(sentence, stated, asked)
        case AnswerType.REASON:
            return bool(_A_REASON.search(sentence))
        case AnswerType.WORDS:
            return bool(_SAID.search(sentence))


def _holds_a_time(sentence: str, stated: Facts, asked: Facts) -> bool:
    new = (stated.numbers | stated.calendar) - asked.numbers - asked.calendar
    return bool(new or _A_TIME.search(sentence))


def _names_another(sentence: str, stated: Facts, asked: Facts) -> bool:
    if len(sentence.split()) <= _FEW:
        return any(stated.spelt[word][0].isupper() for word in stated.words - asked.words)
    return any(word not in asked.words for run in stated.named for word in run)
