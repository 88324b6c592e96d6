"""Bytes become text, whatever they were written in. The only module that imports charset-normalizer."""

import codecs
import re
from contextlib import suppress

from rag.corpus.source import UnreadableError
from rag.phrases import word_set

_SAMPLE = 32_768
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ALIASES = {"iso8859-1": "cp1252", "ascii": "cp1252"}
"""What browsers read them as (WHATWG): the difference is in characters that nobody means."""
_NO_CHARSETS = {"punycode", "idna", "raw-unicode-escape", "unicode-escape", "undefined"}
_EXCLUDED = word_set(
    "utf_16 utf_16_le utf_16_be utf_32 utf_32_le utf_32_be utf_7 mac_iceland mac_roman mac_latin2 mac_turkish "
    "mac_cyrillic mac_greek cp037 cp273 cp424 cp437 cp500 cp720 cp737 cp775 cp850 cp852 cp855 cp856 cp857 cp858 "
    "cp860 cp861 cp862 cp863 cp864 cp865 cp866 cp869 cp875 cp1006 cp1026 cp1125 cp1140 hp_roman8 iso8859_3 "
    "iso8859_4 iso8859_6 iso8859_10 iso8859_13 iso8859_14 iso8859_16 johab kz1048 ptcp154 tis_620"
)
"""Never guessed, since a short text in one of the usual ones (Windows, ISO, KOI8, CJK) is taken for them."""


def decode(data: bytes, *, declared: str | None = None) -> str:
    """Return the text: by its byte order mark, what it declares, UTF-8, or a guess; raises `UnreadableError`."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _by(name, data)
    names = [declared, "utf-8"] if data.isascii() else ["utf-8", declared]  # some in ASCII alone mean other letters
    for name in filter(None, [*names, _unmarked_utf16(data)]):
        with suppress(LookupError, UnicodeError):
            text = data.decode(_known(name))
            if "\0" not in text:
                return text
    if b"\0" in data:
        raise UnreadableError("binary, not text")
    text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    if sum(not c.isascii() for c in text) > 10 * damaged:  # UTF-8 with a few broken letters, no other encoding
        return text
    return data.decode(_guess(data), "replace")


def _by(name: str, data: bytes) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"begins as {name} and is not: {error.reason} at byte {error.start:,}") from error


def _known(name: str) -> str:
    name = codecs.lookup(name.replace("\0", "")).name
    if name in _NO_CHARSETS:
        raise LookupError(name)
    return _ALIASES.get(name, name)


def _unmarked_utf16(data: bytes) -> str | None:
    """Return the byte order of text in UTF-16 without a mark, by where its zeros are; None where it is none."""
    head = data[:_SAMPLE]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if len(head) < 4 or max(even, odd) < 0.3 * len(head) / 2 or min(even, odd) > 0.02 * len(head):
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    middle = len(data) // 2
    sample = data if len(data) <= 2 * _SAMPLE else data[:_SAMPLE] + b"\n" + data[middle : middle + _SAMPLE]
    if len(re.findall(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", sample)) > 0.02 * len(sample):
        raise UnreadableError("binary, not text")
    matches = from_bytes(sample, cp_exclusion=sorted(_EXCLUDED))
    best = matches.best()
    if best is None:
        raise UnreadableError("neither UTF-8 nor any other encoding known here; convert it: iconv -t UTF-8")
    western = next((m for m in matches if "cp1252" in m.could_be_from_charset), None)
    if western and western.chaos <= best.chaos and western.coherence >= best.coherence:
        return "cp1252"
    return best.encoding
