"""A text and where it came from become an article. Knows nothing about files and their formats."""

import hashlib
import re
import textwrap
import unicodedata
from dataclasses import replace

from rag.chunking import sentences
from rag.corpus.limits import Limits, over
from rag.corpus.source import Skipped
from rag.dates import parse_date
from rag.types import Article, Origin

TITLE_CHARS = 110
_LEAD_CHARS = 2_000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")


def normalise(text: str) -> str:
    r"""Return `text` as it is stored: Unicode NFC, `\n` line ends, no white space around it.

    A lone surrogate, which no file can hold, becomes U+FFFD.
    """
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def article_id(text: str) -> str:
    """Return the id of a normalised text: the first 32 hex digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def line(value: object) -> str | None:
    """Return a fact about an article as one line of text; None where it is empty, or neither text nor number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return " ".join(normalise(str(value)).split()) or None


def article(text: str, origin: Origin, *, limits: Limits) -> Article | Skipped:
    """Return the article of a text, titled by its first sentence that is no date where it has no title; or why none."""
    text = normalise(text)
    if not text:
        return Skipped(origin.path, "empty", origin.record)
    if len(text) > limits.article_chars:
        reason = over(f"a text of {len(text):,} characters", limits.article_chars, "article_chars")
        return Skipped(origin.path, reason, origin.record)
    lead = text[:_LEAD_CHARS]
    whole = line(origin.title) or _opening(lead)
    title = textwrap.shorten(whole, TITLE_CHARS, placeholder=" …")
    if title == "…":  # its first word alone is too long, as where a script writes no spaces
        title = whole[:TITLE_CHARS]
    language = origin.language if origin.language and _LANGUAGE.fullmatch(origin.language) else None
    return Article(article_id(text), text, (replace(origin, title=title, language=language),))


def _opening(lead: str) -> str:
    """Return the first sentence that is no date; where all are dates, the first."""
    said = [span.of(lead) for span in sentences(lead)]
    return next((one for one in said if not parse_date(one)), said[0])
