"""Claims: sentences of a draft, without markers, pointers and a yes before them. Knows nothing about evidence."""

import re

_MARKERS = re.compile(
    r"\s*[\[(](?:passages? |excerpts? )?\d{1,2}(?:\s*[,;–-]\s*\d{1,2})*[\])]|\s*【[^】]*】", re.IGNORECASE
)
_POINTED = (
    r"(?:the )?(?:provided |given )?(?:passages?|excerpts?|articles?|information provided|provided text|context|text)"
)
_PREAMBLE = re.compile(
    rf"^(?:[-*•]\s+|\d+\.\s+|(?:example )?answer:\s*|(?:yes|no)(?:[,;:]| [–—-])\s+"
    rf"|(?:according to|based on|as stated in|from) {_POINTED}"
    r"(?: provided| given| above)?(?: \[?\d+\]?)?,?\s*|"
    rf"{_POINTED}(?: \[?\d+\]?)? (?:states?|says?|mentions?)(?: that)?,?\s*)+",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?<=[\w)”\"]),? ?\(?\b(?:as (?:stated|mentioned|noted)|according to|supported by) (?:in |by )?"
    rf"{_POINTED} ?\[?\d*\]?\)?(?=[.,;!?]|$)",
    re.IGNORECASE,
)

_CAPITALS = r"[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.'’/-]"
_DATELINE = re.compile(
    rf"{_CAPITALS}{{2,}}(?: {_CAPITALS}+)*(?:, [A-Z][\w.]+(?: [A-Z0-9][\w.]*)*)?"
    r"(?P<agency> ?\([^()\n]{1,40}\))?\s?(?:--|[-–—])\s+(?=[A-Z“\"‘'])"
)
"""Before the first sentence of a report: "KYIV, Ukraine (AP) — "."""
_DASH = re.compile(r"\s(?:--|[-–—])\s")
_NUMBERING = re.compile(r"\(?\d{1,2}[.)]")


def numbers_next(sentence: str) -> bool:
    """Tell whether a sentence that another follows is only the number of that one, in a list: "2."."""
    return _NUMBERING.fullmatch(sentence.strip()) is not None


def without_dateline(sentence: str) -> str:
    """Return a sentence without the place, and the agency, that news names before its first one."""
    found = _DATELINE.match(sentence)
    is_one = found and (found["agency"] or not _DASH.search(sentence, found.end()))  # "NASA — the agency — said"
    return sentence[found.end() :] if found and is_one else sentence


def clean(sentence: str) -> str:
    """Return a sentence of a draft without the markers and phrases by which models point at passages.

    A yes or no before it goes too: the sentence is what is checked, and may hold without being a reason for it. One
    that ends in a letter or a digit gets a full stop, where letters have cases: others have signs of their own.
    """
    bare = without_dateline(_PREAMBLE.sub("", _ASIDE.sub("", _MARKERS.sub("", sentence).strip()).strip()))
    last = bare[-1:]
    return bare[:1].upper() + bare[1:] + "." * (last.isdigit() or last.lower() != last.upper())
