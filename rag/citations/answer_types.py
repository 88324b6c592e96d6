"""What kind of thing a question asks for, and which sentences hold one: number, age, time, name, reason, words said ….

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
_MEASURED = "amount distance population price rate score size speed sum"
_WHAT = r"\b(?:what|which) (?:(?:is|was|are|were) (?:the|an?) (?:\w+ )?)?"
_MONEY = "dollars? euros? pounds? cents?"
_DATED = "century date day decade month time year"


def _any(words: str) -> str:
    return "|".join(words.split())


class AnswerType(Enum):
    """What is asked for; each value is how a question asks."""

    AGE = rf"\bhow old\b|{_WHAT}age\b"
    SHARE = (
        rf"(?:\bhow (?:big|great|high|large) an? |\bhow many |{_WHAT})(?:fraction|per ?cent(?:age)?|proportion|share)\b"
    )
    AMOUNT = (
        r"\bhow (?:big|deep|far|fast|heavy|high|large|long|much|often|quickly|tall|wide)\b"
        rf"|\bhow many (?:\w+ ){{0,2}}(?:{_any(_MONEY)})\b|{_WHAT}(?:{_any(_MEASURED)})\b|\bby how\b"
    )
    NUMBER = rf"\bhow many\b|{_WHAT}number\b"
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
    r"\b(?:dozens?|hundreds|thousands|millions|billions|half|twice|double|none|nobody|no one|nothing|several|few|"
    r"one(?! of\b)|single|every|hourly|daily|weekly|monthly|yearly|annual(?:ly)?)\b",
    re.IGNORECASE,
)
_AN_AGE = re.compile(
    r"\b(?:\w+[- ]years?[- ](?:old|of age)|\d+ (?:years?|months?|weeks?|days?)|decades|centuries|century"
    r"|born|built|founded|aged? (?:\w+ ){0,2}\d{1,3}|teen(?:s|aged?|agers?)"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ties)\b"
    r"|[,(] ?\d{1,3}(?=[,).;]|$)",
    re.IGNORECASE,
)
_FRACTIONS = "half halves thirds? quarters? fifths? sixths? sevenths? eighths? ninths? tenths?"
_SMALL = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)"
_A_SHARE = re.compile(
    rf"%|\b(?:per ?cent(?:age)?|{_any(_FRACTIONS)}|majority|most|all|none"
    rf"|{_SMALL} (?:in|out of) (?:every )?{_SMALL})\b",
    re.IGNORECASE,
)
_COUNTS_NOTHING = re.compile(
    r"(?:\b(?:US|A|C|NZ|HK))?[$£€]\s?\d[\d.,]*(?:\s(?:thousand|million|billion|trillion))?"
    r"|\d[\d.,]*\s?(?:%|per ?cent\b)|\b\d{4}[–-]\d{2,4}\b|\b[a-z]+-\d+\b"
    r"|\b\d{1,2}(?::\d\d)?\s?[ap]\.?m\b|\b\d{1,2}:\d\d\b",
    re.IGNORECASE,
)
"""Money, shares, years, names such as COVID-19 and times of day are numbers of nothing."""
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


COUNTED = frozenset({AnswerType.AGE, AnswerType.SHARE, AnswerType.AMOUNT, AnswerType.NUMBER})
"""What is no answer without a number."""
CERTAIN = COUNTED | {AnswerType.TIME, AnswerType.NAME}
"""What is seen wherever it is given; the others may be given without a sign."""


def asked_for(question: str) -> AnswerType | None:
    """Return what kind of thing a question asks for first; None where that cannot be told, or seen in a sentence."""
    found = {kind: match for kind in AnswerType if (match := _ASKS[kind].search(question))}
    kind = min(found, key=lambda kind: found[kind].start(), default=None)
    asks = _INTERROGATIVE.search(question)
    if not (kind and asks and _INTERROGATIVE.match(found[kind].group())):
        return kind
    # behind another one it only says which is meant, "what of the man who left", but not in "what and where"
    before = question[: found[kind].start()]
    return kind if asks.start() == len(before) or before.endswith("and ") else None


def holds(sentence: str, kind: AnswerType, question: str) -> bool:
    """Tell whether a sentence holds something of a kind that is not of the question itself."""
    asked, stated = facts(question), facts(sentence)
    match kind:
        case AnswerType.NUMBER:
            return _counts(_COUNTS_NOTHING.sub(" ", sentence), asked)
        case AnswerType.AMOUNT:
            return _counts(sentence, asked) or bool(_LASTS.search(question) and _holds_a_time(sentence, stated, asked))
        case AnswerType.AGE | AnswerType.SHARE:
            sign = _AN_AGE if kind is AnswerType.AGE else _A_SHARE
            return bool(sign.search(sentence)) or (len(sentence.split()) <= _FEW and _counts(sentence, asked))
        case AnswerType.TIME:
            return _holds_a_time(sentence, stated, asked)
        case AnswerType.NAME | AnswerType.PLACE:
            return _names_another(sentence, stated, asked)
        case AnswerType.REASON:
            return bool(_A_REASON.search(sentence))
        case AnswerType.WORDS:
            return bool(_SAID.search(sentence))


def _counts(sentence: str, asked: Facts) -> bool:
    return bool(facts(_DATE.sub(" ", sentence)).numbers - asked.numbers or _A_NUMBER.search(sentence))


def _holds_a_time(sentence: str, stated: Facts, asked: Facts) -> bool:
    new = (stated.numbers | stated.calendar) - asked.numbers - asked.calendar
    return bool(new or _A_TIME.search(sentence))


def _names_another(sentence: str, stated: Facts, asked: Facts) -> bool:
    if len(sentence.split()) <= _FEW:
        return any(stated.spelt[word][0].isupper() for word in stated.words - asked.words)
    return any(word not in asked.words for run in stated.named for word in run)
