"""Broad questions: those that name somebody or something and ask nothing particular of it.

"Who is Kay Ivey?", "What was the oVert project?", "Tell me about Gdansk", or the name alone: TREC calls these
definition questions (Voorhees, "Overview of the TREC 2003 Question Answering Track"). So are "What happened in Gdansk?"
and, with no topic, "What did Kay Ivey say?". Knows nothing about models.
"""

import re
from collections.abc import Sequence

from rag.citations import content_words
from rag.lexical import FUNCTION_WORDS
from rag.phrases import JOINTS
from rag.retrieval.speakers import words_asked_of
from rag.types import Evidence, Query

_ARTICLES = "articles?|texts?|documents?|sources?|news|reports?"
_BE = r"(?: (?:is|are|was|were)|['’]s)"
_ABOUT = (
    rf"what{_BE} (?:known|said|written|reported|told|new) (?:about|of|on|with)|describe|define|explain"
    rf"|what (?:do|does|did|can) (?:you|we|(?:the|these|my|your) (?:{_ARTICLES})) (?:say|tell|know|report|write)"
    r"(?: (?:me|us))? (?:about|of|on)|(?:tell|show|give) me (?:\w+ ){0,2}?(?:about|on|of)"
    rf"|(?:anything|everything|something|more|(?:{_ARTICLES})) (?:about|on|of)"
    r"|what (?:has |had )?happened (?:to|in|at|on|with|near|during)"
)
_ASKS = re.compile(
    rf"\s*(?:(?:so|and|please|can you|could you|do you)[ ,]+)*"
    rf"(?:(?P<about>{_ABOUT})|(?P<who>who(?: or what)?(?P<be>{_BE}))|what(?: exactly)?{_BE})\s+(?=\S)",
    re.IGNORECASE,
)
_OWNER = ("'s", "’s", "s'", "s’")
_DOES = ("ing", "ed")
_LONGEST, _PLAIN = 6, 3
"""A name has so many words at most, common nouns are so many: more are a sentence, or a title."""
_THINKS = content_words("think thinks believe believes")


def asks_all_words(question: str) -> bool:
    """Tell whether a question asks what somebody says and names no topic: "What did Asif say?"."""
    said = words_asked_of(question)
    return bool(said) and content_words(question) <= content_words(" ".join(said)) | _THINKS


def is_broad(query: Query, evidence: Sequence[Evidence]) -> bool:
    """Tell whether a query asks who or what somebody or something is, or what is told of it, and nothing else.

    What somebody says is asked broadly where no topic is named and some of the evidence is said by them.

    Behind a name, which has capitals or digits, one common noun may stand: "What is the oVert project?". Common nouns
    by themselves count where no more than a definition can be meant: "What is bone marrow?", not "What is the death
    toll?".
    """
    question = query.spelt
    if asks_all_words(question):
        return any(one.speaker in query.speakers for one in evidence)
    asks = _ASKS.match(question)
    words = question[asks.end() if asks else 0 :].rstrip(" ?!.").split()
    article = words[0].lower() if words and words[0].lower() in ("the", "a", "an") else ""
    words = words[bool(article) :]
    if not words or not all(word[0].isalnum() for word in words if word != "&"):
        return False
    owned = any(word.endswith(_OWNER) for word in words[:-1])
    if asks and asks["who"] and (owned or (article == "the" and asks["be"].lower() not in (" are", " were"))):
        return False  # "Who is the King of Spain?" asks for his name
    named = _named(words)
    rest = words[named:]
    if named:
        particular = bool(rest) and (not asks or bool(asks["who"]) or owned or len(rest) > 1 or _does(rest))
        return named <= _LONGEST and not particular
    common = bool(asks) and not owned and len(rest) <= _PLAIN and not _does(rest)
    return common and (bool(asks and asks["about"]) or article != "the")


def _named(words: Sequence[str]) -> int:
    """Return how many words a name has that these begin with: those with a capital or a digit, and what joins them."""
    marked = [any(c.isupper() or c.isdigit() for c in word) for word in words]
    inner = [is_marked or word in JOINTS or word == "&" for word, is_marked in zip(words, marked, strict=True)]
    ends = (i + 1 for i in reversed(range(len(words))) if marked[i] and all(inner[:i]))
    return next(ends, 0) if marked[:1] == [True] else 0


def _does(words: Sequence[str]) -> bool:
    return any(word in FUNCTION_WORDS or word.endswith(_DOES) for word in words)
