"""Questions that are several: "Who won the election, and how many votes did she get?". Told by their form, in English.

Knows nothing about searching or models.
"""

import re

from rag.citations import content_words
from rag.phrases import FRONTED
from rag.retrieval.speakers import asks_their_words

_VERB = rf"(?:{FRONTED})\b"
_DETERMINED = r"(?:he|she|it|they|you|we|there|the|a|an|this|that|these|those|his|her|its|their)\b"
_SUBJECT = rf"(?:{_DETERMINED}|any|(?-i:[A-Z]))"
_MEASURE = r"(?:much|many|long|far|old|often|big|high|fast|well|soon|likely)\b"
_OF = r"(?:at|by|for|from|in|on|since|to|until|up to|with) "
_ASKS = (
    rf"(?:{_OF})?(?:(?:who|whose|which)\b(?! {_DETERMINED})|wh(?:at|om)\b(?! {_SUBJECT})"
    rf"|(?:when|where|why) {_VERB}|(?:when|where|why|how)['’]s\b|how (?:{_VERB}|{_MEASURE})|{_VERB} {_SUBJECT})"
)
"""How a further question begins; "how they escaped", "what Trump said" and "was shot" go on with one."""
_FIRST = re.compile(rf"(?:{_OF})?(?:who|whom|whose|which|what|when|where|why|how|{_VERB})", re.IGNORECASE)
_FURTHER = re.compile(_ASKS, re.IGNORECASE)
_AND = re.compile(rf"\? (?:and )?(?=\S)|(?P<comma>,)? and (?={_ASKS})", re.IGNORECASE)
_ASKED = re.compile(r"\b(?:who|whom|whose|what|which|when|where|why|how|whether|between)\b", re.IGNORECASE)
_MANY = re.compile(rf"(?:{_OF})?(?:how (?:much|many)|which|what (?:kind|sort|type)s?)\b", re.IGNORECASE)
_DOES = re.compile(rf"\b(?:{_VERB}|[a-z]{{2,}}ed\b)")
_QUOTES = re.compile('["“”]')
_MOST = 3
_FEW_WORDS = 2


def parts(question: str) -> list[str]:
    """Return the questions that one is made of, in their order: itself, where it is one.

    The first says enough by itself; of "When and where was it?" and "Who won, and by how much?" none would. None asks
    what "she" said: whose words are meant would be lost.
    """
    found, start = [], 0
    for cut in _AND.finditer(question):
        part = question[start : cut.start()].strip(" ,?")
        if cut[0][0] != "?" and not _may_end(part, sure=bool(cut["comma"])):
            continue
        found.append(part)
        start = cut.end()
    found.append(question[start:].strip(" ,?"))
    first, *rest = found
    alone = _FIRST.match(first) and len(content_words(first)) >= _FEW_WORDS
    full = all(
        _FURTHER.match(part) and content_words(part) and len(part.split()) > _FEW_WORDS and not asks_their_words(part)
        for part in rest
    )
    return [f"{part}?" for part in found] if 1 < len(found) <= _MOST and alone and full else [question]


def _may_end(part: str, *, sure: bool) -> bool:
    """Tell whether a question may end before an "and": it has a verb, no quotation is open, and it holds no other.

    Where it is `sure`, by a comma, it may hold another: "... when he died, and where ...".
    """
    inner = len(_ASKED.findall(part)) - bool(_ASKED.match(part))
    return (
        (sure or not inner) and not len(_QUOTES.findall(part)) % 2 and bool(not _MANY.match(part) or _DOES.search(part))
    )
