"""Broad questions: those that name somebody or something and ask nothing particular of it.

"Who is Kay Ivey?", "What was the oVert project?", "Tell me about Gdansk", or the name alone: TREC calls these
definition questions (Voorhees, "Overview of the TREC 2003 Question Answering Track"). So are "What happened in Gdansk?"
and, with no topic, "What did Kay Ivey say?". Told by their form; knows nothing about models.
"""

import re
from collections.abc import Sequence

from rag.citations import content_words
from rag.lexical import FUNCTION_WORDS
from rag.phrases import DAYS, JOINTS, TITLES, word_set
from rag.retrieval.speakers import words_asked_of
from rag.types import Evidence, Query

_ARTICLES = "articles?|texts?|documents?|sources?|news|reports?"
_BE = r"(?: (?:is|are|was|were)|['’]s)"
_ABOUT = (
    rf"what{_BE} (?:known|said|written|reported|told|new) (?:about|of|on|with)|describe|define|explain"
    r"|summari[sz]e|sum up|outline"
    r"|(?:give (?:me|us) )?(?:an?|the) (?:short |brief )?(?:outline|overview|summary) (?:of|on)"
    rf"|what (?:do|does|did|can) (?:you|we|(?:the|these|my|your) (?:{_ARTICLES})) (?:say|tell|know|report|write)"
    r"(?: (?:me|us))? (?:about|of|on)"
    rf"|(?:(?:tell|show|give) me )?(?:anything|everything|something|more|all|(?:{_ARTICLES})) (?:about|on|of)"
    r"|(?:tell|show) me about|(?P<event>what (?:has |had )?happened (?:to|in|at|on|with|near|during))"
)
_ASKS = re.compile(
    rf"\s*(?:(?:so|and|please|can you|could you|do you)[ ,]+)*"
    rf"(?:(?P<about>{_ABOUT})|(?P<who>who(?: or what)?{_BE})|what(?: exactly)?{_BE})\s+(?=\S)",
    re.IGNORECASE,
)
_PARTICULAR = FUNCTION_WORDS | DAYS | word_set("happening missing wrong next")
_VALUES = word_set(  # what has a value to be told, rather than a definition
    "age area budget capital cause cost currency date depth distance gdp height language length motto name number "
    "population price rate reason result score size speed temperature toll value weather weight worth"
)
_OFFICES = TITLES | word_set("king emperor winner")
_OWNER = ("'s", "’s", "s'", "s’")
_DOES = ("ing", "ed")
_LONGEST, _PLAIN = 6, 3
"""A name has so many words at most, common nouns are so many: more are a sentence, or a title."""
_WORDS = content_words("think thinks believe believes statements remarks comments views opinions position response")
_OTHERWISE = re.compile(r"\b(?:who|when|where|why|how|which|not)\b|n['’]t\b", re.IGNORECASE)


def asks_all_words(question: str) -> bool:
    """Tell whether a question asks what somebody says and names no topic: "What did Asif say?"."""
    said = words_asked_of(question)
    all_of = bool(said) and content_words(question) <= content_words(" ".join(said)) | _WORDS
    return all_of and not _OTHERWISE.search(question)


def is_broad(query: Query, evidence: Sequence[Evidence]) -> bool:
    """Tell whether a query asks who or what somebody or something is, or what is told of it, and nothing else.

    What somebody says is asked broadly where no topic is named and some of the evidence is said by them. A name has
    capitals or digits, in the question or in the evidence; behind it one common noun may stand: "What is the oVert
    project?". Common nouns by themselves count where no more than a definition can be meant: "What is bone marrow?",
    not "What is the death toll?".
    """
    question = query.spelt
    if asks_all_words(question):
        return any(one.speaker in query.speakers for one in evidence)
    asks = _ASKS.match(question)
    words = [word.strip("\"“”„«»'‘") for word in question[asks.end() if asks else 0 :].rstrip(" ?!.").split()]
    article = words[0].lower() if words and words[0].lower() in ("the", "a", "an") else ""
    words = words[bool(article) :]
    if not words or not all(word == "&" or word[:1].isalnum() for word in words) or _shouts(question):
        return False
    named = _named(words, evidence)
    rest = words[named:]
    if not asks:
        return bool(named) and not rest and named <= _LONGEST
    owned = any(word.endswith(_OWNER) for word in words[:-1])
    value = words[0].lower() in _VALUES or words[-1] in _VALUES
    if asks["who"]:
        office = _OFFICES.intersection(word.lower() for word in words) and (
            "of" in words or words[-1].lower() in _OFFICES
        )
        return not (owned or office or rest) and named <= _LONGEST
    if named:
        odd = owned or len(rest) > 1 or any(word in _PARTICULAR or word.endswith(_DOES) for word in rest)
        return named <= _LONGEST and not value and not (rest and odd)
    plain = len(rest) <= _PLAIN and _PARTICULAR.isdisjoint(map(str.lower, rest))
    common = plain and not (owned or value)
    return common and not asks["event"] and bool(asks["about"] or article != "the")


def _named(words: Sequence[str], evidence: Sequence[Evidence]) -> int:
    """Return how many words a name has that these begin with."""
    written = [word.strip('.,;:!?"“”()') for one in evidence for word in one.quote.split()]
    names = {word.lower() for word in written if word[:1].isupper()} - {word for word in written if word.islower()}
    marked = [any(c.isupper() or c.isdigit() for c in word) or word in names for word in words]
    first = words[0]
    odd = first.lower() in _PARTICULAR and not first.isupper()  # "Did Trump Lose?", not "WHO"
    if odd or not marked[0] or not any(map(str.isalpha, first)):
        return 0
    inner = [is_marked or word in JOINTS or word == "&" for word, is_marked in zip(words, marked, strict=True)]
    return next(i + 1 for i in reversed(range(len(words))) if marked[i] and all(inner[:i]))


def _shouts(question: str) -> bool:
    """Tell whether several words are all in capitals, so that these tell nothing."""
    return question.isupper() and " " in question.strip()
