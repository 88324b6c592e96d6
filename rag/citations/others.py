"""Whether a sentence is about what a question asks about, or another of its kind: another person, office, year, code.

Knows nothing about how well it supports a claim, or how probably it answers.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from rag.chunking import sentences
from rag.citations.answer_types import asks_whether
from rag.citations.facts import Facts, facts, occurs
from rag.citations.speakers import is_person
from rag.citations.support import Source
from rag.phrases import FRONTED, REPORTING, Phrase, word_set
from rag.statements import subject
from rag.types import Article, Evidence

_WHO = re.compile(r"\bwho(?:m|se)?\b|\b(?:what|which) \w*(?:man|person|people)\b", re.IGNORECASE)
"""Asked so, another person may be what is asked for."""
_OWNER = re.compile(r"(?:[A-Z][\w-]* )*[A-Z][\w-]*['’](?:s\b|(?= ))")
"""What is somebody's may be another person: "Doe's lawyer"."""
FIRST_PERSON = re.compile(r"\b(?:I|my|My|me|we|We|our|Our)\b")
_RELATIVE = re.compile(r"(?P<who>\b(?:[A-Z][\w’'-]{0,40}\.? ){0,4}[A-Z][\w’'-]{0,40}),? (?P<told>who [^,;.()]*)")
"""Somebody by name, and what is said of them: "Holm, who had led it for 22 years"."""
_OF = r"(?:of|for|by|in|on|at|with|from|to|about)\b"
_NOBODY_ELSE = r"(?! (?!when|while|as|after|before)\w+(?: that)? [A-Z])"
"""Not "did Lind say Berg had", nor "did Lind meet Berg"."""
_SAYS = "|".join(sorted(REPORTING))
_OF_THEMSELVES = re.compile(
    rf"\b(?:{_SAYS})\b(?: \w+)? (?:that )?(?:he|she|his|her)\b|\b(he|she)\b[^“”\"]*, \1 (?:{_SAYS})\b", re.IGNORECASE
)
"""Of whoever says it: "said she had left", "she had left, she said"."""
_THEIRS = re.compile(r"\W*(?:His|Her|Their) ")
_THEY = word_set("he she him they them")
_BACK, _FAR = 6, 2_400
"""So many sentences, and code points, back whoever "he" is has a name."""
_YEAR = re.compile(r"(?<![\d.,$£€])(?:1[5-9]|20)\d\d(?![\d%s]|['’]s|[.,]\d)")
_CODE = re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Z])[A-Za-z\d]+(?:-[A-Za-z\d]+)*\b")
_DIGITS = re.compile(r"\d+")
_MINISTER = re.compile(
    r"\b(?:(\w+) and )?(prime|interior|foreign|finance|justice|health|education|transport(?:ation)?|defen[cs]e|labou?r|"
    r"energy|environment|agriculture|economy|trade|housing|culture|home)(?: affairs)? (?:minister|secretary)\b",
    re.IGNORECASE,
)
_KIND = 4
"""So many letters tell one portfolio from another, however it is spelt: "defence", "defense"."""
_HEADS = "chair(?:man|woman)?|chief|director|governor|mayor|minister|president|principal|sheriff"
_OFFICE = re.compile(
    r"\b(?P<beside>(?:assistant|deputy|vice)[ -])?"
    rf"(?P<office>{_HEADS})\b"
    r"(?P<whose>['’]s? (?:\w+ )?(?:aide|advis[eo]r|assistant|brother|chief of staff|daughter|deputy|husband|lawyer|"
    r"secretary|sister|son|spokes\w+|wife)\b)?",
    re.IGNORECASE,
)
"""An office, or somebody beside it: "the deputy mayor", "the mayor's chief of staff"."""
_TITLED = re.compile(rf"\b(?i:{_HEADS}|secretary) ((?:[A-Z][\w’'-]+ ?)+)")
"""Who holds it: "Prime Minister Jane Doe"."""
_OPENING = 6
"""So many words of a sentence tell whom it is about."""


def about_another(question: str, span: Evidence) -> str | None:
    """Return what is wrong with a sentence as an answer, since it is about another person, office, year or code."""
    return next((f"it is about {other}" for other in _others(question, span)), None)


def merges(claim: str, spans: Sequence[Evidence]) -> str | None:
    """Return what is wrong with a claim about somebody that rests on sentences about another person, or office."""
    told = f"That {claim}"  # so that a name in its first word is one
    people = (other for span in spans for other in _people(told, span))
    others = chain(people, _offices(claim, " ".join(span.quote for span in spans)))
    return next((f"a source is about {other}" for other in others), None)


def _others(question: str, span: Evidence) -> Iterator[str]:
    yield from _codes(question, span)
    yield from _years(question, span)
    if asks_whether(question):
        yield from _offices(question, span.quote)
    if not _WHO.search(question):
        yield from _people(question, span)


def _codes(question: str, span: Evidence) -> Iterator[str]:
    """Yield a code of the sentence that is formed as one that is asked about, of which the article holds nothing."""
    asked, stated = set(_CODE.findall(question)), _CODE.findall(span.quote)
    for other in stated if asked else ():
        alike = {code for code in asked if _DIGITS.sub("0", code) == _DIGITS.sub("0", other)}
        if alike and alike.isdisjoint(_CODE.findall(span.article.text)):
            yield other


def _years(question: str, span: Evidence) -> Iterator[str]:
    """Yield a year of the sentence where another is asked about, which the article neither is of nor tells of near."""
    asked = set(_YEAR.findall(question))
    told = _YEAR.findall(span.quote)
    published = (span.article.origin.published or "")[:4]
    if asked and told and asked.isdisjoint([*told, published]) and asked.isdisjoint(Source(span).near.numbers):
        yield told[0]


def _offices(question: str, told: str) -> Iterator[str]:
    """Yield the office that a sentence opens with, where the question asks about one that the sentence does not name.

    "The interior minister resigned" tells nothing of the prime minister, "the mayor's aide left" nothing of the mayor.
    What they say may, and so may a sentence that names who holds the office that is asked about.
    """
    opening = " ".join(told.split()[:_OPENING])
    holders = facts(" ".join(_TITLED.findall(question))).words
    if any(occurs(name, facts(told).words) for name in holders) or not REPORTING.isdisjoint(opening.lower().split()):
        return
    asked, stated = _ministers(question), _ministers(told)
    if asked and asked.isdisjoint(stated) and (other := _MINISTER.search(opening)):
        yield f"the {other[0].lower()}"
    held, beside = _held(question)
    told_of, _ = _held(told)
    _, opens_beside = _held(opening)
    yield from (f"another than the {office}" for office in sorted((held - beside) & (opens_beside - told_of)))


def _ministers(text: str) -> set[str]:
    """Return the beginnings of the portfolios that a text names."""
    return {kind[:_KIND].lower() for kinds in _MINISTER.findall(text) for kind in kinds if kind}


def _held(text: str) -> tuple[set[str], set[str]]:
    """Return the offices that a text names, and those beside which it names somebody."""
    held: set[str] = set()
    beside: set[str] = set()
    for one in _OFFICE.finditer(text):
        (beside if one["beside"] or one["whose"] else held).add(one["office"].lower())
    return held, beside


def _people(question: str, span: Evidence) -> Iterator[str]:
    """Yield whom the sentence is about, where it names nobody whom the question names, and means none of them."""
    asked, text = facts(_OWNER.sub(" ", question)), span.article.text
    runs = [run for run in asked.named if is_person(" ".join(asked.spelt[word] for word in run), text)]
    if not runs:
        return
    if any(occurs(word, facts(span.quote).words) for word in runs[0]):
        yield from _told_of(asked, runs[0], span)
        return
    who = subject(span.quote)
    if span.speaker and FIRST_PERSON.search(span.quote):
        name = span.speaker
    elif span.speaker and (_THEIRS.match(span.quote) or not _OF_THEMSELVES.search(span.quote)):
        return  # what somebody says may be about anybody
    elif who and who.pronoun in {"he", "she"}:
        name = _meant(span.article, span.start, runs[0])
    elif who and _THEY.isdisjoint(span.quote.lower().split()):
        name = who.name
    else:
        return
    meant = runs[:1] if _is_subject(question, asked.spelt[runs[0][-1]]) else runs
    if is_person(name, text) and not any(occurs(word, facts(name).words) for run in meant for word in run):
        yield name


def _is_subject(question: str, name: str) -> bool:
    """Tell whether it is asked about a name alone: "How old was the president, Lind, when Berg died?"."""
    asked = rf"\b(?:{FRONTED})(?:n['’]t)? (?:(?!{_OF})[\w’'-]+,? ){{0,5}}?{re.escape(name)}\b{_NOBODY_ELSE}"
    return re.search(asked, question) is not None


def _told_of(asked: Facts, name: Sequence[str], span: Evidence) -> Iterator[str]:
    """Yield whom a clause with "who" tells of, not `name`, if all that is held of the question is told there."""
    quote, words = span.quote, asked.words.difference(asked.names)
    for clause in _RELATIVE.finditer(quote):
        who, told = clause["who"], facts(clause["told"]).words
        rest = facts(quote[: clause.start("told")] + quote[clause.end("told") :]).words
        others = not any(occurs(word, told | facts(who).words) for word in name)
        alone = any(occurs(word, told) for word in words) and not any(occurs(word, rest) for word in words)
        if others and alone and is_person(who, span.article.text):
            yield who


def _meant(article: Article, end: int, words: Sequence[str]) -> str:
    """Return whom "he" or "she" means in the sentence that begins at `end`; "" where one of `words` stands before."""
    for sentence in _before(article, end):
        if any(occurs(word, facts(sentence).words) for word in words):
            return ""
        if _THEIRS.match(sentence):  # "Her daughter, Mia Berg": the next "she" is perhaps not Mia
            continue
        who: Phrase | None = subject(sentence)
        if who and who.name and is_person(who.name, article.text):
            return who.name
    return ""


def _before(article: Article, end: int) -> Iterator[str]:
    """Yield the sentences before a place, the last one first."""
    text = article.text[max(0, end - _FAR) : end]
    yield from (span.of(text) for span in sentences(text)[: -_BACK - 1 : -1])
