"""What kind of thing a question asks for, and which sentences hold one: number, age, time, name, reason, words said ….

The expected answer types of question answering (Li and Roth, "Learning question classifiers", 2002), as few as can be
seen without a model. Knows nothing about passages, scores or language models.
"""

import re
from enum import Enum

from rag.citations.casualties import CASUALTIES
from rag.citations.facts import MONTHS, Facts, facts, normalise_forms
from rag.phrases import FRONTED, REPORTING

_NAMED = (
    "agenc(?:y|ies) airlines? airports? actors? actress(?:es)? authors? bands? bod(?:y|ies) church(?:es)? cit(?:y|ies) "
    "clubs? compan(?:y|ies) colleges? continents? countr(?:y|ies) districts? films? groups? hospitals? hotels? "
    "hurricanes? islands? jails? kings? languages? laws? leaders? ministers? ministr(?:y|ies) mountains? museums? "
    "newspapers? organi[sz]ations? part(?:y|ies) people person places? planets? presidents? "
    "prisons?(?!\\s(?:sentence|term)) provinces? queens? regions? religions? restaurants? rivers? schools? senators? "
    "singers? stadiums? states? streets? teams? towns? treat(?:y|ies) universit(?:y|ies) villages? writers?"
)
_MEASURED = "amount distance population price rate score size speed sum"
_WHAT = r"\b(?:what|which) (?:(?:is|was|are|were) the (?:\w+ )?)?"
_WHICH = (
    r"\b(?:what|which) (?:(?:is|was|are|were) (?:the|his|her|its|their) |of (?:the|these|those) )?"
    r"(?:(?!(?:an?|are|can|could|did|do|does|for|had|has|have|in|is|kind|of|sort|the|type|was|were|will|would)\b)\w+ )"
    r"{0,3}"
)
"""Up to the noun that says what is asked for: not "What did the company make?"."""
_MONEY = "dollars? euros? pounds? cents?"
_DATED = "century date day decade month time year"


def _any(words: str) -> str:
    return "|".join(words.split())


class AnswerType(Enum):
    """What is asked for; each value is how a question asks."""

    AGE = (
        r"\bhow old\b|\b(?:what|which) (?:(?:is|was) (?:the|his|her|their|its) (?:average |median )?)?age\b"
        r"(?! group| limit)"
    )
    SHARE = (
        rf"(?:\bhow (?:big|great|high|large) an? |{_WHAT})(?:fraction|per ?cent(?:age)?|proportion|share(?! price))\b"
        r"|\bhow many per ?cent\b"
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
        rf"|\bnames?\b|{_WHICH}(?:{_any(_NAMED)})\b"
    )
    PLACE = r"\bwhere\b"
    WORDS = (
        r"\bwhat did\b.*\b(?:say|said|tell|told|call|called|think|thought|describe|comment|respond|react|argue|claim)\b"
    )


_INTERROGATIVE = re.compile(r"\b(?:how|what|when|where|which|who(?:m|se)?|why)\b", re.IGNORECASE)
_AND = re.compile(r"\band (?:(?:in|at|on|by|for) )?\Z", re.IGNORECASE)
_ASKS = {kind: re.compile(kind.value, re.IGNORECASE | re.DOTALL) for kind in AnswerType}
_WHETHER = re.compile(
    rf"\W*(?:(?:and|but|so|then)\W+)?(?:{FRONTED})(?:n['’]t)?\b(?!.*\bor\b)", re.IGNORECASE | re.DOTALL
)
_INDIRECT = re.compile(
    r"\W*\w+ (?:you|we|any(?:one|body)|some(?:one|body)) (?:please )?(?:know|remember|tell|find out|work out)"
    rf"(?: me| us)? {_INTERROGATIVE.pattern}",
    re.IGNORECASE,
)
"""It asks what it asks whether somebody knows: "Do you know when it ends?"."""
_MONTH = f"(?:{'|'.join(MONTHS)})"
_YEAR = r"\b(?:in|since|by|until|from|during|of|after|before|early|late) (?:1\d|20)\d\d\b"
_DATE = re.compile(rf"\b{_MONTH} \d{{1,2}}\b(?:, \d{{4}})?|\b\d{{1,2}} {_MONTH}\b(?: \d{{4}})?|{_YEAR}", re.IGNORECASE)
_A_NUMBER = re.compile(
    r"\b(?:dozens?|hundreds|thousands|millions|billions|half|twice|double|none|nobody|no one|nothing|several|few|"
    r"no(?! (?:longer|doubt|comment|evidence)\b)|one(?! (?:of|day|another|point)\b)|single|both|couple|pair|never|free|"
    r"every|hourly|daily|weekly|monthly|yearly|annual(?:ly)?)\b",
    re.IGNORECASE,
)
_AN_AGE = re.compile(
    r"\b(?:\w+[- ](?:years?|months?|weeks?|days?)[- ](?:old|of age)"
    r"|\d+ (?:(?:m|b)illion )?(?:years?|months?|weeks?|days?)|decades|centuries|century|born|birthday"
    r"|built|founded|established|completed|erected|opened|dat(?:es?|ed|ing)"
    r"|(?:was|is|were|turned|just|only|aged?|age of|aged about) \d{1,3}(?!\d|[,.]\d|%|\s(?:people|others|per ?cent))"
    r"|teen(?:s|aged?|agers?)|(?:twen|thir|for|fif|six|seven|eigh|nine)ties)\b"
    r"|(?<!\d)[,(] ?\d{1,3}(?=[,).;]|$)",
    re.IGNORECASE,
)
_SMALL = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)"
_A_SHARE = re.compile(
    r"%|\b(?:per ?cent(?:age)?|half|halves|majority|most|none"
    r"|(?:an?|one|two|three|four) (?:third|quarter|fifth|sixth|seventh|eighth|ninth|tenth)s?"
    rf"|{_SMALL} (?:in|out of) (?:every )?{_SMALL})\b",
    re.IGNORECASE,
)
_COUNTS_NOTHING = re.compile(
    r"(?:\b(?:US|A|C|NZ|HK))?[$£€]\s?\d[\d.,]*(?:\s(?:thousand|million|billion|trillion))?"
    rf"|\b\d[\d.,]*(?:[ -](?:thousand|million|billion|trillion))?[ -](?:{_any(_MONEY)})\b|\d[\d.,]*\s?(?:%|per ?cent\b)"
    r"|\b(?:1[89]|20)\d\d[–-](?:\d\d|(?:1[89]|20)\d\d)\b|\b[a-z]+-\d+\b"
    r"|\b\d{1,2}(?::\d\d)?\s?[ap]\.?m\b|\b\d{1,2}:\d\d\b",
    re.IGNORECASE,
)
"""Money, shares, ranges of years, names such as COVID-19 and times of day are numbers of nothing."""
_MONEY_ASKED = re.compile(
    r"\bhow much(?! (?:longer|of|time)\b)(?: \w+){0,8}? (?:cash|money|costs?|earn(?:ed|s)?|pays?|worth)\b",
    re.IGNORECASE,
)
_DURATION = re.compile(
    r"(?:(?<![\d.,])\d[\d.,]{0,12}|\b[a-z]+)[ -](?:second|minute|hour|day|week|month|year|decade)s?\b", re.IGNORECASE
)
"""No sum of money."""
_OFTEN = re.compile(r"\bhow (?:often|quickly)\b", re.IGNORECASE)
_LASTS = re.compile(r"\bhow long\b(?! (?:is|are|was|were) (?:the|a)\b)", re.IGNORECASE)
_LASTING = re.compile(
    r"\b(?:seconds?|minutes?|hours?|days?|nights?|weekends?|weeks?|months?|seasons?|terms?|years?|decades?|centur(?:y|ies)|"
    r"lif(?:e|etime)|since|from|between|until|till|through|throughout|by|overnight|ever|forever|indefinite(?:ly)?)\b"
    r"|\d\d[–-]\d\d",
    re.IGNORECASE,
)
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


COUNTED = frozenset({AnswerType.AGE, AnswerType.SHARE, AnswerType.NUMBER})
"""What cannot be given without a sign of it, whatever else a sentence says again of the question."""
CERTAIN = COUNTED | {AnswerType.AMOUNT, AnswerType.TIME, AnswerType.NAME}
"""What is seen wherever it is given; the others may be given without a sign."""


def asked_for(question: str) -> AnswerType | None:
    """Return what kind of thing a question asks for first; None where that cannot be told, or seen in a sentence.

    Nor of one that asks yes or no: "Was she in court when he pleaded guilty?".
    """
    if asks_whether(question) and not _INDIRECT.match(question):
        return None
    found = {kind: match for kind in AnswerType if (match := _ASKS[kind].search(question))}
    kind = min(found, key=lambda kind: found[kind].start(), default=None)
    asks = _INTERROGATIVE.search(question)
    if not (kind and asks and _INTERROGATIVE.match(found[kind].group())):
        return kind
    # behind another one it only says which is meant, "what of the man who left", but not in "what and where"
    before = question[: found[kind].start()]
    return kind if asks.start() == len(before) or _AND.search(before) else None


def asks_whether(question: str) -> bool:
    """Tell whether a question asks yes or no."""
    return bool(_WHETHER.match(question))


def asks_particular(question: str) -> bool:
    """Tell whether a question asks who, what, when, where, why or how, not whether something is so."""
    return not asks_whether(question) and bool(_INTERROGATIVE.search(question))


def holds(sentence: str, kind: AnswerType, question: str) -> bool:
    """Tell whether a sentence holds something of a kind that is not of the question itself."""
    asked, stated = facts(question), facts(sentence)
    match kind:
        case AnswerType.NUMBER:
            tolls = [one.sentence for one in CASUALTIES if one.question.search(question)]
            is_short = len(sentence.split()) <= _FEW
            told = not tolls or is_short or any(tells.search(sentence) for tells in tolls)
            return told and _counts(_COUNTS_NOTHING.sub(" ", sentence), asked)
        case AnswerType.AMOUNT:
            if _LASTS.search(question):
                return bool(_LASTING.search(sentence)) and _holds_a_time(sentence, stated, asked)
            counted = _DURATION.sub(" ", sentence) if _MONEY_ASKED.search(question) else sentence
            return _counts(counted, asked) or bool(_OFTEN.search(question) and _holds_a_time(sentence, stated, asked))
        case AnswerType.AGE | AnswerType.SHARE:
            sign = _AN_AGE if kind is AnswerType.AGE else _A_SHARE
            said = f"{sentence}\n{normalise_forms(sentence)}"  # "ninety-two" is 92
            new = any(match[0].lower() not in question.lower() for match in sign.finditer(said))
            return new or (len(sentence.split()) <= _FEW and _counts(sentence, asked))
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
