"""Noun phrases of English news, found by rules: names, roles, bodies and pronouns.

Knows nothing about sentences, verbs or speakers. No parser: kinds of words are told by lists and endings.
"""

import functools
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass


def word_set(text: str) -> frozenset[str]:
    """Return the words of a list."""
    return frozenset(text.split())


REPORTING = word_set(
    "said says say told tells added adds claimed claims claim stated states argued argues argue warned warns warn "
    "tweeted announced announces noted notes asked asks insisted insists admitted admits recalled recalls denied "
    "denies stressed stresses wrote writes replied replies answered explained explains commented remarked declared "
    "declares reported reports confirmed confirms expressed urged urges suggested suggests acknowledged conceded "
    "reiterated maintained emphasised emphasized vowed pledged promised predicted estimated described describes "
    "accused accuses criticised criticized condemned praised alleged testified observed complained advised "
    "revealed demanded proclaimed characterised characterized joked quipped blamed concluded indicated countered "
    "ruled lamented asserted asserts contended contends apologised apologized informed called calls pointed"
)
PARTICIPLES = word_set(
    "saying adding stating claiming noting arguing warning telling announcing describing calling insisting explaining "
    "declaring writing suggesting tweeting alleging accusing stressing denying urging asking"
)
DAYS = word_set("monday tuesday wednesday thursday friday saturday sunday yesterday today")
AUXILIARIES = word_set(
    "has have had did does do both also then later earlier further once again repeatedly subsequently previously "
    "recently now himself herself already always never often only additionally however nevertheless publicly "
    "initially still"
)
PASSIVE = word_set("is are was were be been being gets got")
FRONTED = "is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|must"
"""Verbs with which a question begins that asks yes or no, as alternatives of a regular expression."""
DETERMINERS = word_set(
    "the a an his her its their our my this that these those some several many two three one another"
)
_PRONOUNS = word_set("he she it they")
_FUNCTION_WORDS = word_set(  # no noun phrase goes on over these
    "of in on at by for from to with without about against among before after during since until under over between "
    "into through via near as if when while where whereas although though because unless despite amid following and "
    "according but or nor yet so than who whom whose which what how why not no more most there here will would can "
    "could may might must shall should i we you me us him them tomorrow late ago last next meanwhile instead thus "
    "therefore indeed both all each every other others such like speaking citing including afterwards afterward "
    "thereafter moreover furthermore finally nationally part up out just even too very january february march april "
    "may june july august september october november december"
)
_PLACING = word_set("outside inside beyond across along around behind beside")
_IRREGULAR_VERBS = word_set(
    "became began bought broke brought built came chose drew fell fought found gave got grew held hit kept knew led "
    "left lost made met paid put ran rose sat saw sent shot sold spoke stood struck swore thought threw took went won"
)
_STOPS = _FUNCTION_WORDS | _PLACING | _IRREGULAR_VERBS | AUXILIARIES | PASSIVE | DAYS | DETERMINERS | _PRONOUNS
LINKS = word_set("of for in at from with to and on")  # what may join a noun phrase to the one it belongs to
_OPENS_NONE = _STOPS - DETERMINERS  # no noun phrase begins with one of these, nor with a sign
_OBJECT = LINKS | DETERMINERS | {"about", "that"}  # what follows a participle rather than a name
_WHETHER = word_set("about by how if what when where whether who why")
TITLES = word_set(
    "mr mrs ms miss dr prof lt gen col sgt capt maj sen rep gov sir lord lady dame hon rev fr queen prince princess "
    "pope president president-elect vice-president minister premier chancellor senator representative congressman "
    "congresswoman governor mayor secretary general lieutenant colonel captain sergeant major admiral commander chief "
    "chairman chairwoman chairperson chair director ceo judge justice attorney prosecutor sheriff commissioner "
    "officer ambassador envoy spokesman spokeswoman spokesperson speaker deputy leader head professor doctor bishop "
    "archbishop cardinal imam coach manager analyst economist scientist researcher author journalist lawyer solicitor "
    "activist councillor delegate superintendent inspector detective constable member founder candidate nominee "
    "coordinator adviser advisor expert editor reporter correspondent historian actor singer player driver pilot "
    "resident clerk politician official witness mp mep wife husband son daughter father mother brother sister "
    "nephew niece uncle aunt cousin grandson granddaughter grandfather grandmother widow widower stepfather stepmother "
    "publicist engineer owner defendant suspect selectman whip lawmaker"
)
GENDERED = dict.fromkeys(
    word_set("mr sir husband son father brother nephew uncle grandson grandfather widower stepfather"), "he"
) | dict.fromkeys(
    word_set(
        "mrs ms miss lady dame chairwoman spokeswoman congresswoman wife daughter mother sister niece aunt "
        "granddaughter grandmother widow stepmother"
    ),
    "she",
)
"""Titles that say which pronoun stands for whoever has them; women are chairmen, too."""
_ORGANISATIONS = word_set(  # names built on these go on over "of", "for" and "on"
    "ministry department bank house university court institute council office bureau centre center federation union "
    "league association board chamber conference voice party church academy college society school agency commission "
    "committee state secretary republic times museum army islamic united constitution act organisation organization"
)
_BODIES = _ORGANISATIONS | word_set(
    "police government company military navy force service city county authority administration group team club "
    "campaign embassy hospital airline airport firm parliament senate congress press people staff management crew "
    "fire militant rebel opposition family relative critic media network foundation corporation tribunal assembly "
    "kremlin cabinet coalition authorities"
)
_PUBLISHERS = word_set("newspaper magazine website channel broadcaster station daily tabloid programme program agency")
_DOCUMENTS = word_set(
    "report study studies paper research source poll survey data article statement book media ruling law record "
    "account projection analysis estimate figure news document rumour rumor post remark comment finding result "
    "judgment judgement"
)
_KINDS = (
    dict.fromkeys(_BODIES, "body")
    | dict.fromkeys(_PUBLISHERS, "publisher")
    | dict.fromkeys(_DOCUMENTS, "document")
    | dict.fromkeys(TITLES, "title")
)
PARTICLES = word_set("de da di del la le van von der den bin al el ibn ter du dos")
JOINTS = PARTICLES | {"of", "for", "on", "and", "the", "&"}
_MINISTRIES = word_set("ministry department institute bureau office agency")  # names that go on over "and" as well
_CACHED = 1 << 16  # words of which it is kept what they are
_ALSO_NAMES = word_set("may will march june april august today")


_TITLE_DOT = r"(?:Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Sgt|Capt|Maj|Sen|Rep|Gov|St|Jr|Sr|Rev|Hon)\."
TOKEN = re.compile(rf"{_TITLE_DOT}|(?:[^\W\d_]\.)+|\d+(?:[.,:]\d+)+|\w+(?:[-'’&.]\w+)*['’]?|[^\w\s]")
_POSSESSIVE = re.compile(r"(?:['’]s|(?<=s)['’])$")
_NAMED_SO = re.compile(r"[A-Z].*['’]s$")
_SAY = word_set("said says told tells")
_CONTRACTED = word_set(  # before 's for "is" and "has"
    "let here there who what where when how why everyone everybody everything someone somebody something anyone "
    "anybody anything nobody nothing that it he she"
)
_PREFIXED = re.compile(r"(?:a[dlnrstz]|ash|el|d|l)['’-][^\W\d_a-z]")
_GROUP = re.compile(r".{3}(?:ers|ors|ists|ians|men|women)$")
NATIONALITY = re.compile(r"(?:an|ese|ish|ni|qi|li|ch)$")
"""How words end that say where somebody is from, and some others."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase, tokens `[start, end)`: a name, a role, both, or a pronoun; false where it is none of these."""

    start: int
    end: int
    name: str = ""
    role: tuple[str, ...] = ()
    written: str = ""
    pronoun: str = ""
    possessor: str = ""
    definite: bool = False

    def __bool__(self) -> bool:
        return bool(self.name or self.role or self.pronoun)


def phrase_at(tokens: Sequence[str], start: int) -> Phrase:
    """Return the noun phrase that begins at token `start`; false, and one token long at least, if none does."""
    first, following = tokens[start].lower(), "".join(tokens[start + 1 : start + 2])
    if first in _PRONOUNS:
        return Phrase(start, start + 1, pronoun=first)
    is_name = first in _PLACING and _proper(tokens[start]) and _proper(following)  # Beyond Meat
    if not first[0].isalnum() or (first in _OPENS_NONE and not is_name):
        return Phrase(start, start + 1)
    opens = (first.endswith("ly") and following == ",") or (first.endswith("ing") and following in _OBJECT)
    if start == 0 and (opens or (first == "asked" and following in _WHETHER)):
        return Phrase(start, start + 1)  # "Notably, …", "Speaking to …", "Asked whether …"
    begin = end = start + (first in DETERMINERS)
    while end < min(len(tokens), begin + 12) and _continues(tokens, begin, end):
        end += 1
    head = max((i + 1 for i in range(begin, end) if _POSSESSIVE.search(tokens[i])), default=begin)
    if head == end > start and _owns_nothing(tokens, start, end):
        head = begin
    possessor = _POSSESSIVE.sub("", _split(tokens[begin:head])[1]) if head > begin else ""
    role, name, size = _read(tokens[head:end])
    end = max(head + size, start + 1)
    if name and not role and first in {"a", "an"} and name.endswith(tokens[end - 1]):
        role, name = (name.lower(),), ""  # "a Democrat"
    written = " ".join([first, *tokens[start + 1 : end]]) if begin > start else " ".join(tokens[start:end])
    written = written.lower() if end - start == 1 and role else written
    return Phrase(start, end, name, role, written, possessor=possessor, definite=first == "the")


def _owns_nothing(tokens: Sequence[str], start: int, end: int) -> bool:
    """Tell whether the last of tokens `[start, end)`, a possessive, is the end of a name that speaks: Moody's said.

    Only before "said" and the like: others are adjectives or nouns as well, "Iran's claimed losses", "Iran's claims".
    """
    before, earlier = (tokens[i].lower() if i >= 0 else "" for i in (start - 1, start - 2))
    if not _NAMED_SO.search(tokens[end - 1]) or before in {"of", "&"}:  # a friend of Jane Doe's, Standard & Poor's
        return False
    base = tokens[end - 1][:-2].lower()
    if base in _STOPS | _CONTRACTED or kind(base):
        return False
    after = next((tokens[i] for i in range(end, len(tokens)) if tokens[i] not in AUXILIARIES), "")
    is_object = before in _SAY or (earlier, before) == ("according", "to")
    return after in _SAY or (is_object and not after[:1].isalnum())


def _continues(tokens: Sequence[str], begin: int, i: int) -> bool:
    """Tell whether token `i` goes on with the noun phrase whose first word is token `begin`."""
    token, word, before = tokens[i], tokens[i].lower(), tokens[i - 1] if i > begin else ""
    after = tokens[i + 1] if i + 1 < len(tokens) else ""
    proper = _proper(after) and after.lower() not in _STOPS
    if word == "and" and kind(before) == "title" and kind(after) == "title":
        return True  # President and Chief Executive
    if word == "and":
        return proper and i > begin + 2 and tokens[i - 2] == "of" and tokens[i - 3].lower() in _MINISTRIES
    if word == "&":
        return _proper(before) and proper and not _POSSESSIVE.search(after)  # Smith & Sons
    if word in {"of", "for", "on"} and _proper(before):
        joins = before.lower() in _ORGANISATIONS or (word == "of" and kind(before) == "title")
        return joins and (proper or after == "the")
    if word == "the":
        return before in {"of", "for", "on"} and proper
    if _proper(token) and word in _ALSO_NAMES:
        return _proper(before)
    is_name = i == begin and _proper(token) and proper and word in _IRREGULAR_VERBS | _PLACING  # the Met Office
    if not token[0].isalnum() or (word in _STOPS and not is_name):
        return False
    if _proper(token) or not before:
        return _proper(token) or (word not in REPORTING and word not in PARTICIPLES)
    modifies = word.endswith("ing") and kind(before) == "title"  # a lawyer representing …
    return not (modifies or word in REPORTING or word in PARTICIPLES or word.endswith(("ed", "ly")))


@functools.lru_cache(_CACHED)
def _proper(word: str) -> bool:
    """Tell whether a word is capitalised: Assadi, al-Assadi, d'Estaing."""
    return word[:1].isupper() or _PREFIXED.match(word) is not None


@functools.lru_cache(_CACHED)
def kind(word: str) -> str:
    """Return what a word says of a speaker: "title", "body", "publisher", "document", or ""."""
    lower = word.lower().rstrip(".")
    group = "body" if word == lower and _GROUP.search(word) else ""
    return _KINDS.get(lower) or _KINDS.get(lower.removesuffix("s")) or group


def _read(words: Sequence[str]) -> tuple[tuple[str, ...], str, int]:
    """Return role and name of the speaker that `words` begin with, and how many of them it takes."""
    if not words:
        return (), "", 0
    last = max((i for i, word in enumerate(words) if kind(word)), default=-1)
    leading = list(itertools.takewhile(lambda word: _proper(word) or word in JOINTS, words))
    if _proper(words[-1]) or (words[-1][0].isdigit() and leading):  # News 12
        return *_split(words), len(words)
    if last == len(words) - 1 and kind(words[last]) in {"document", "publisher"}:  # the Dawn newspaper
        names = [word for word in words if _proper(word) and not NATIONALITY.search(word)]
        return (), _split(names)[1], len(words)
    if last >= len(leading) and kind(words[last]) == "document":  # Doe's remarks came …
        return (), "", last + 1
    if last >= len(leading):
        return tuple(word.lower() for word in words[: last + 1]), "", last + 1
    return *_split(leading), len(leading)


def _split(words: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return the role and the name that make up a noun phrase: "Defence Minister", "Jane Doe"."""
    begin = len(words)
    while begin > 0 and (_proper(words[begin - 1]) or words[begin - 1][0].isdigit() or words[begin - 1] in JOINTS):
        begin -= 1
    titles = [i for i in range(begin, len(words)) if kind(words[i]) == "title"]
    if titles:
        begin = titles[-1] + 1
        if words[begin : begin + 1] == ["of"]:  # Secretary of State, President of the United States
            begin += 2 + (words[begin + 1 : begin + 2] == ["the"])
            begin += words[begin - 1 : begin] == ["United"]
    elif len(words) - begin == 1 and kind(words[begin]):
        begin = len(words)  # Police
    while begin < len(words) and not _proper(words[begin]):
        begin += 1
    role = tuple(word.lower().rstrip(".") for word in words[:begin])
    if role and kind(role[-1]) == "document":
        role = ()
    return role if begin == len(words) or any(map(kind, role)) else (), " ".join(words[begin:])
