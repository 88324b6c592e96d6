"""Which kind a file is: its content where that has a mark of its own, else its suffix."""

import re
from pathlib import PurePosixPath

from rag.corpus.archives import PACKED, is_tar
from rag.corpus.source import UnreadableError

SUFFIXES = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".eml": "eml",
    ".mbox": "mbox",
    ".rss": "feed",
    ".atom": "feed",
    ".rdf": "feed",
    ".xml": "feed",
    ".zip": "zip",
    ".tar": "tar",
    ".gz": "packed",
    ".tgz": "packed",
    ".bz2": "packed",
    ".tbz2": "packed",
    ".xz": "packed",
    ".txz": "packed",
}
KNOWN = ", ".join(suffix for n, suffix in enumerate(SUFFIXES) if SUFFIXES[suffix] not in [*SUFFIXES.values()][:n])
"""What people are told: one suffix of each kind."""
HEAD = 65_536
"""How many bytes of a file are looked at."""

_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html[\s>])", re.I | re.S
)
_FEED = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<(?:\?|!--).{0,2000}?>\s*)*<(?:rss|feed|rdf:RDF)[\s>]", re.I | re.S
)
_MBOX = re.compile(rb"From \S[^\n]*\d{4}[^\n]*\n[\w-]+: ")
_HEADER = re.compile(rb"(?:[A-Za-z][\w-]*:[ \t][^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*){2}")
_MAIL = re.compile(rb"^(?:from|date|subject|message-id|received): ", re.I | re.M)
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_OTHERS = {
    b"\xd0\xcf\x11\xe0": "an old Word, Excel or Outlook file; save it as .docx or .pdf",
    b"{\\rtf": "RTF; save it as .docx or .pdf",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"%!PS": "PostScript; make it a .pdf: ps2pdf IN OUT",
}


def kind_of(name: str, data: bytes, *, guess: bool = False) -> str:
    """Return the kind of a file by its name and content; raises `UnreadableError` where it is none of those known.

    With `guess`, a text of no known kind is plain text.
    """
    suffix = PurePosixPath(name).suffix.lower()
    named = SUFFIXES.get(suffix)
    marked = _marked(data[:HEAD])
    if marked == "zip" and (named == "docx" or _lists(data, b"word/document.xml")):
        return "docx"
    if marked == "zip" and not named and suffix:  # of a program, such as .xlsx or .jar
        marked = None
    if marked == "html" and named == "feed":
        return "html"
    if marked in ("html", "feed") and named in ("eml", "mbox", "csv", "jsonl", "json", "markdown"):
        return named
    if marked:
        return marked
    for magic, what in _OTHERS.items():
        if data.startswith(magic):
            raise UnreadableError(what)
    if named in ("zip", "tar", "packed", "pdf") and data:
        raise UnreadableError(f"no {suffix}: its content is something else")
    if named:
        return named
    if not suffix or guess:
        if weakly := _weakly_marked(data[:HEAD]):
            return weakly
        if guess:
            return "text"
    raise UnreadableError(f"unknown kind {suffix or PurePosixPath(name).name!r}; known: {KNOWN}")


def _marked(head: bytes) -> str | None:
    """Return the kind of a content that says what it is."""
    if b"%PDF-" in head[:1024] and not head[:64].isspace() and head.lstrip()[:5] == b"%PDF-":
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if any(head.startswith(magic) for magic in PACKED):
        return "packed"
    if is_tar(head):
        return "tar"
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            head = head.decode(encoding, "replace").encode()
    if _HTML.match(head):
        return "html"
    return "feed" if _FEED.match(head) else None


def _lists(archive: bytes, name: bytes) -> bool:
    """Return whether a zip file's own list of members, its last, has a name: what is stored in it may have one too."""
    end = archive.rfind(b"PK\x05\x06")
    size = int.from_bytes(archive[end + 12 : end + 16], "little")
    return archive.find(name, max(end - size, 0), end) >= 0


def _weakly_marked(head: bytes) -> str | None:
    """Return the kind of a text that looks like one, where no suffix says otherwise."""
    if _MBOX.match(head):
        return "mbox"
    if _HEADER.match(head) and _MAIL.search(head):
        return "eml"
    return "jsonl" if re.match(rb'\s*\{\s*"[^"\n]{1,100}"\s*:', head) else None
