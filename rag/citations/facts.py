"""What a sentence states that can be compared without a model: words, numbers, names, quotations, negation, direction.

Each is brought into one form first, so that "Nov. 28" is "November 28", "seven thousand" is "7,000" and "U.S." is
"United States". Knows nothing about evidence, questions or verdicts.
"""

import functools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import islice

from text_to_num import alpha2digit

from rag.citations.verbs import BASE
from rag.lexical import FUNCTION_WORDS, terms
from rag.phrases import word_set

_CALENDAR = (
    "January February March April May June July August September October November December "
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
)
MONTHS = tuple(_CALENDAR.split()[:12])
_MONTH = {name[:3].lower(): name for name in MONTHS} | {"sept": "September"}
_MONTH_SHORT = re.compile(r"\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)(?:\.|(?= \d))")
_SCALES = {"hundred": 10**2, "thousand": 10**3, "k": 10**3, "million": 10**6, "m": 10**6, "mn": 10**6}
_SCALES |= {"billion": 10**9, "bn": 10**9, "trillion": 10**12, "tn": 10**12}
_SCALED = re.compile(
    rf"(\d[\d,]{{0,30}}(?:\.\d{{1,9}})?)[ -]?({'|'.join(sorted(_SCALES, key=len, reverse=True))})\b", re.IGNORECASE
)
_STATES = {"US": "United States", "USA": "United States", "UK": "United Kingdom", "UN": "United Nations"}
_STATE = re.compile(r"\b(?:USA?|UK|UN)\b")
_HYPHEN = re.compile(r"(?<=[a-z])-(?=[a-z])")
_DOTTED = re.compile(r"\b(?:[A-Z]\.){2,}")
_NUMBER = re.compile(r"\d{1,2}:\d\d|\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_BOUND = re.compile(
    r"\b(at (?:least|most)|(?:more|fewer|less) than|as (?:many|much) as|nearly|almost|around|roughly|approximately"
    rf"|close to|an estimated)\s+(?:[A-Z]{{0,3}}[$£€]\s?)?({_NUMBER.pattern})",
    re.IGNORECASE,
)
"""A number that is not meant exactly, and what says so."""
_TOKEN = re.compile(rf"({_NUMBER.pattern})(?:st|nd|rd|th|s)?(?![^\W_])|[^\W\d_]+(?:['’][^\W\d_]+)?|\w")
_QUOTED = re.compile(r"[“”„«\"]([^“”„«»\"]+)[“”»\"]")
_WORD = re.compile(r"\w+")
_APOSTROPHE = re.compile("['’]")
_NOT = ("n't", "n’t")
_LEAST_QUOTED = 3
"""Words in quotation marks; fewer are an expression set off, or a title."""
_NEGATORS = word_set("not no never none nobody nothing neither nor without cannot hardly")
_DENIALS = word_set(
    "lack lacks lacked fail fails failed deny denies denied refuse refuses refused reject rejects rejected unable "
    "unlikely false untrue prevent prevents prevented"
)
"""Words that may stand for a negation where another text has one."""
_MODALS = word_set("may might could")
_HEDGES = (
    _MODALS
    | _DENIALS
    | word_set(
        "perhaps possibly possible potentially potential probably probable likely apparently reportedly allegedly "
        "supposedly purportedly unclear unconfirmed whether if unless seem seems seemed appear appears appeared "
        "believe believes believed think thinks thought suspected feared rumoured rumored alleged accuse accuses "
        "accused charged expect expects expected plan plans planned planning intend intends intended propose "
        "proposes proposed consider considers considered considering hope hopes hoped want wants wanted try tries "
        "tried attempt attempts attempted threaten threatens threatened demand demands demanded urge urges urged "
        "request requests requested would will shall"
    )
)
"""Words behind which something need not be so: Hyland, "Hedging in Scientific Research Articles" (1998)."""
_CAME_TRUE = word_set("later eventually ultimately go")
"""Behind "would" they tell what then happened: "he would go on to win"."""
_OWING = word_set("has have needs need scheduled yet is are offer offers offered offering")
"""Before "to" they tell what is still to be done: "has to be approved"."""
_UNSURE = _HEDGES | word_set("would should can will must shall offer offers offered offering")
"""A text with one of these does not tell what it tells as a fact."""
_LONGEST_NUMBER = 40
_LONGEST_DATE = 60
_REACH = 4
"""Among so many words after a negator, the first that carries meaning is negated."""
_VOTES = word_set("vote votes voted voting")
_MAY = re.compile(r"May \d")
"""The month, also where a sentence begins with it."""
_HEDGED, _FAR = 2, 6
"""So many words that carry meaning, among so many words after a hedge, are hedged."""
_LIKE = 5
"""Two words that begin with as many letters alike may be forms of one: Pakistan, Pakistani."""
_PREFIXES = word_set("extra hyper infra inter intra micro multi super trans ultra under")
"""But for those that begin many: "Inter-Services" is no interview."""

_OPPOSITES = (
    "increase increased increases increasing rise rises rose risen grow grows grew grown gained climbed higher more "
    "greater up / decrease decreased decreases decreasing fall falls fell fallen drop dropped drops decline declined "
    "lower less fewer smaller reduced reduce down",
    "before prior earlier / after following later",
    "above over exceed exceeded exceeds / below under",
    "support supports supported favour favoured favor favored / oppose opposes opposed",
    "accept accepted accepts approve approved approves / reject rejected rejects refuse refused refuses",
    "won win wins winning / lost lose loses losing",
    "allow allowed allows permit permitted / ban banned bans forbid forbidden prohibit prohibited",
    "include included includes including / exclude excluded excludes excluding",
    "largest biggest highest most maximum longest greatest best / smallest lowest least minimum shortest worst",
    "oldest / youngest newest",
    "north northern / south southern",
    "east eastern / west western",
    "buy bought buys / sell sold sells",
    "guilty convicted / innocent acquitted",
    "alive survived survive / dead died killed",
    "legal lawful / illegal unlawful",
    "possible / impossible",
    "public / private",
    "majority / minority",
    "internal / external",
    "am / pm",
    "same equal identical / different unequal",
)
_SIDES = {
    word: (pair, side)
    for pair, line in enumerate(_OPPOSITES)
    for side, words in enumerate(line.split(" / "))
    for word in words.split()
}
"""Words of comparison and direction: which pair of opposites each belongs to, and which side of it."""
_INITIALS = 10
"""No abbreviation has more letters."""
_PAUSE = re.compile(r"[,;:()—–]")
_ASKS = re.compile(r"[?？؟][\W_]*$")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text states. Words are stems without accents; numbers are in their plain form, as words are."""

    sequence: tuple[str, ...]
    """Words and numbers that carry meaning, in order."""
    words: frozenset[str]
    numbers: frozenset[str]
    calendar: frozenset[str]
    """Months and days of the week."""
    named: tuple[tuple[str, ...], ...]
    """Words that are capitalised within a sentence, as stems, those that stand side by side together."""
    initials: frozenset[str]
    """The initials of capitalised words in a row: "us" for "United States"."""
    quotations: tuple[str, ...]
    """What stands in quotation marks, three words or more, as words in lower case."""
    negated: frozenset[str]
    """Words that stand behind a negation wherever they occur."""
    denied: frozenset[str]
    """Words that stand behind a negation once at least."""
    negative: bool
    """Whether anything is negated or denied."""
    hedged: Mapping[str, str]
    """Words behind a hedge, each with that hedge: what "may have caused" it."""
    bounded: Mapping[str, str]
    """Numbers that are not meant exactly, each with what says so: "at least"."""
    sure: bool
    """Whether nothing is hedged, or to come."""
    sides: frozenset[tuple[int, int]]
    """Which of two opposites it names: more or less, before or after."""
    spelt: Mapping[str, str]
    """Each word and number as the text has it first."""
    plain: str
    """All words in order and in lower case, for looking up quotations."""

    @property
    def names(self) -> tuple[str, ...]:
        """The words of all names."""
        return tuple(word for run in self.named for word in run)


@functools.lru_cache(maxsize=1024)
def facts(text: str) -> Facts:
    """Read what a text states."""
    normal = normalise_forms(text)
    tokens = [_Token.read(match) for match in _TOKEN.finditer(normal)]
    content = [token for token in tokens if token.is_content()]
    words = frozenset(token.key for token in content)
    negators = [i for i, token in enumerate(tokens) if token.negates()]
    behind = frozenset(i for n in negators for i in _negated(tokens, n))
    return Facts(
        sequence=tuple(token.key for token in content),
        words=words,
        numbers=frozenset(token.key for token in tokens if token.number),
        calendar=frozenset(t.key for t in tokens if t.is_date()),
        named=_named(tokens),
        initials=_initials(tokens),
        quotations=tuple(q for q in map(_bare, _QUOTED.findall(text)) if q.count(" ") + 1 >= _LEAST_QUOTED),
        negated=frozenset(t.key for i, t in enumerate(tokens) if i in behind)
        - {t.key for i, t in enumerate(tokens) if i not in behind},
        denied=frozenset(tokens[i].key for i in behind),
        negative=bool(negators) or any(token.text.lower() in _DENIALS for token in tokens),
        hedged=dict(_hedged(tokens, normal)),
        bounded=_bounded(tokens, normal),
        sure=not any(token.side() in _UNSURE or _is_owed(tokens, i) for i, token in enumerate(tokens)),
        sides=frozenset(_SIDES[word] for t in tokens if (word := t.side()) in _SIDES),
        spelt={token.key: token.text for token in reversed(tokens)},
        plain=_bare(text),
    )


def is_date(text: str) -> bool:
    """Tell whether a text is a day and nothing else, as the line above an article is."""
    if len(text) > _LONGEST_DATE:
        return False
    stated = facts(text)
    return bool(stated.calendar and stated.numbers) and stated.words <= stated.numbers | stated.calendar


def is_question(text: str) -> bool:
    """Tell whether a sentence asks, as an interviewer's does: it tells nothing by itself."""
    return bool(_ASKS.search(text))


def content_words(text: str) -> frozenset[str]:
    """Return the stems of the words of `text` that carry meaning, numbers in their plain form."""
    return facts(text).words


def normalise_forms(text: str) -> str:
    """Return a text with months, numbers and acronyms written out in one way."""
    text = text.encode("utf-8", "replace").decode()  # no lone surrogates
    text = _MONTH_SHORT.sub(lambda m: _MONTH[m[1].lower()], text)
    text = _DOTTED.sub(lambda m: m[0].replace(".", ""), text)
    text = _STATE.sub(lambda m: _STATES[m[0]], text)
    text = _SCALED.sub(lambda m: _number(f"{Decimal(m[1].replace(',', '')) * _SCALES[m[2].lower()]:f}"), text)
    text = _HYPHEN.sub(" ", text)
    return "\n".join(alpha2digit(line, "en", 1.5) for line in text.split("\n"))


def occurs(word: str, words: frozenset[str]) -> bool:
    """Tell whether a stem, or another form of its word, is among some stems."""
    return word in words or any(alike(word, other) for other in words)


def alike(word: str, other: str) -> bool:
    """Tell whether two stems may be forms of one word: Pakistan and Pakistani, Norman and Normandy."""
    size = max(_LIKE, min(len(word), len(other)) - 1)
    return word[:size] == other[:size] and min(len(word), len(other)) >= _LIKE and _PREFIXES.isdisjoint({word, other})


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    key: str
    number: bool
    start: int
    end: int
    opens: bool

    @classmethod
    def read(cls, match: re.Match[str]) -> "_Token":
        text = match[0]
        before = match.string[: match.start()].rstrip(" \t“”\"'‘’(")
        opens = (not before or before[-1] in ".!?\n:;") and not _MAY.match(match.string, match.start())
        if match[1]:
            return cls(text, _number(match[1]), number=True, start=match.start(), end=match.end(), opens=opens)
        key = _stem(text.lower() if opens else text)  # "Built of stone": a verb, "Rose" within a sentence a name
        return cls(text, key, number=False, start=match.start(), end=match.end(), opens=opens)

    def is_content(self) -> bool:
        word = self.text.lower()
        if word == "may" and self.is_capitalised() and not self.opens:  # the month, or a name
            return True
        is_function = _APOSTROPHE.split(word)[0] in FUNCTION_WORDS or word.endswith(_NOT)  # "he's" is "he"
        return self.number or (len(self.key) > 1 and not is_function)

    def is_capitalised(self) -> bool:
        return self.text[0].isupper()

    def is_date(self) -> bool:
        return self.is_capitalised() and self.key in _calendar()

    def side(self) -> str:
        """Return the word as it may take a side: one of a name does not ("Middle East")."""
        return self.text.lower() if self.opens else self.text

    def negates(self) -> bool:
        if self.is_capitalised():  # of a title, or an answer by itself: "Never Let Me Go", "No, …"
            return False
        return self.text in _NEGATORS or self.text.endswith(_NOT)


def _negated(tokens: list[_Token], negator: int) -> Iterator[int]:
    """Yield where the word stands that a negator negates; to vote "no" negates none."""
    if negator and tokens[negator].text == "no" and tokens[negator - 1].text.lower() in _VOTES:
        return
    reach = range(negator + 1, min(negator + 1 + _REACH, len(tokens)))
    # "not legally binding" is not binding
    yield from islice((i for i in reach if tokens[i].is_content() and not tokens[i].text.endswith("ly")), 1)


def _hedged(tokens: list[_Token], text: str) -> Iterator[tuple[str, str]]:
    """Yield the words behind each hedge and before a comma, with it; "May" at the beginning is a name or a month."""
    for i, hedge in enumerate(tokens):
        owed = _is_owed(tokens, i)
        if not owed and ((word := hedge.side()) not in _HEDGES or (hedge.opens and word in _MODALS)):
            continue
        if hedge.text == "would" and not _CAME_TRUE.isdisjoint(t.text for t in tokens[i + 1 : i + 2]):
            continue
        said = f"{tokens[i - 1].text} to" if owed and hedge.text == "to" else hedge.text
        pause = _PAUSE.search(text, hedge.end)
        near = (t for t in tokens[i + 1 : i + 1 + _FAR] if t.is_content() and not (pause and t.start > pause.start()))
        yield from ((token.key, said) for token in islice(near, _HEDGED))


def _is_owed(tokens: list[_Token], i: int) -> bool:
    """Tell whether token `i` is the "to" before what is still to be done, or offers to go."""
    before, follows = tokens[i - 1].text if i else "", [token.text for token in tokens[i + 1 : i + 4]]
    if tokens[i].text == "offered":
        return "resignation" in follows
    is_verb = bool(follows) and (follows[0] == "be" or (tokens[i + 1].is_content() and follows[0] != "date"))
    return tokens[i].text == "to" and before in _OWING and is_verb


def _bounded(tokens: list[_Token], text: str) -> dict[str, str]:
    """Return the numbers of which every mention is bounded, each with what bounds it."""
    found = [(_number(match[2]), match[1]) for match in _BOUND.finditer(text)]
    mentions = Counter(token.key for token in tokens if token.number)
    bounds = Counter(number for number, _ in found)
    return {number: bound for number, bound in found if mentions[number] <= bounds[number]}


def _named(tokens: list[_Token]) -> tuple[tuple[str, ...], ...]:
    """Return capitalised words by runs; the first of a sentence only where another one follows."""
    runs: list[list[str]] = []
    end = -1
    for i, token in enumerate(tokens):
        follows = i + 1 < len(tokens) and tokens[i + 1].is_capitalised() and tokens[i + 1].start == token.end + 1
        if not (token.is_capitalised() and token.is_content() and (not token.opens or follows)):
            continue
        if token.is_date():
            continue
        if runs and token.start == end + 1:
            runs[-1].append(token.key)
        else:
            runs.append([token.key])
        end = token.end
    return tuple(map(tuple, runs))


def _initials(tokens: list[_Token]) -> frozenset[str]:
    found, run = set(), ""
    for token in [*tokens, None]:
        if token and token.is_capitalised():
            run += token.text[0].lower()
        elif token is None or token.text.lower() not in FUNCTION_WORDS:
            found |= {run[i:j] for i in range(len(run)) for j in range(i + 2, min(i + _INITIALS, len(run)) + 1)}
            run = ""
    return frozenset(found)


@functools.cache
def _calendar() -> frozenset[str]:
    return frozenset(terms(_CALENDAR))


@functools.lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    found = terms(BASE.get(word, word))
    if len(found) > 1 and not _APOSTROPHE.search(word):  # of a script without spaces, or whose signs split words
        return " ".join(found)
    return found[0] if found else word.lower()


def _number(text: str) -> str:
    """Return a number in its plain form: "7000" for "7,000", "2.5" for "2.50"."""
    if len(text) > _LONGEST_NUMBER:
        return text
    try:
        value = Decimal(re.sub("[,:]", "", text))
    except InvalidOperation:  # digits of a script that Decimal does not read
        return text
    return f"{value.normalize():f}"


def _bare(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))
