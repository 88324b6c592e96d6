"""Word documents (.docx): paragraphs, tables, foot and end notes, as they read with all changes accepted.

Read from their XML directly: python-docx leaves out footnotes, text boxes and what a tracked change inserted.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.corpus.articles import article, line
from rag.corpus.limits import over
from rag.corpus.source import Result, Source, UnreadableError
from rag.dates import dateline, parse_date
from rag.types import Origin

if TYPE_CHECKING:
    from lxml.etree import _Element

MAIN = "word/document.xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_UNSEEN = {f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr", "tblPr", "sectPr")} | {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # the same again, for old programs
}
_SIGNS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_NOTES = ("word/footnotes.xml", "word/endnotes.xml")
_DC = "{http://purl.org/dc/elements/1.1/}"


def read_docx(source: Source) -> Iterator[Result]:
    """Yield the one article of a document; raises `UnreadableError` where it is none, or is locked by a password."""
    try:
        package = zipfile.ZipFile(io.BytesIO(source.data))
    except zipfile.BadZipFile as error:
        locked = source.data.startswith(b"\xd0\xcf\x11\xe0")
        why = "locked by a password, or an old .doc; save it as .docx without one" if locked else f"no .docx: {error}"
        raise UnreadableError(why) from error
    with package:
        if MAIN not in package.namelist():
            raise UnreadableError("no .docx: it has no word/document.xml")
        parts = _paragraphs(_part(package, MAIN, source))
        for name in _NOTES:
            if name in package.namelist():
                parts += _notes(_part(package, name, source))
        facts = _facts(package, source)
    if not parts:
        raise UnreadableError("no text in it")
    text = "\n\n".join(parts)
    origin = Origin(
        path=source.path,
        title=facts.get(f"{_DC}title") or "",
        published=dateline(text) or parse_date(facts.get("{http://purl.org/dc/terms/}created") or ""),
        author=facts.get(f"{_DC}creator"),
        language=facts.get(f"{_DC}language"),
        file=source.file,
    )
    yield article(text, origin, limits=source.job.limits)


def _part(package: zipfile.ZipFile, name: str, source: Source) -> "_Element":
    from lxml import etree

    limit = source.job.limits.member_bytes
    with package.open(name) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise UnreadableError(over(f"{name} in it unpacks to more", limit, "member_bytes"))
    source.job.count(len(data))
    if b"<!DOCTYPE" in data[:10_000]:
        raise UnreadableError(f"{name} in it declares a document type, which no .docx does")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(data, parser)


def _paragraphs(tree: "_Element") -> list[str]:
    """Return the paragraphs of a part, a table as one with a line for each row, in reading order."""
    from lxml import etree

    found: list[str] = []
    rows: list[list[str]] = []
    runs: list[str] = []
    tables = 0
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if tag in _UNSEEN:
            if event == "start":
                walk.skip_subtree()
        elif event == "start":
            tables += tag == f"{_W}tbl"
            if tag == f"{_W}tr" and tables == 1:
                rows.append([])
            elif tag == f"{_W}tc" and tables == 1:
                rows = rows or [[]]
                rows[-1].append("")
            elif tag == f"{_W}t":
                runs.append(element.text or "")
            elif tag in _SIGNS:
                runs.append(_SIGNS[tag])
        elif tag == f"{_W}p":
            text = re.sub(r"[ \t]+", " ", "".join(runs)).strip()
            runs = []
            if tables and rows and rows[-1]:
                rows[-1][-1] = " ".join(filter(None, [rows[-1][-1], " ".join(text.split())]))
            elif text:
                found.append(text)
        elif tag == f"{_W}tbl":
            tables -= 1
            if not tables:
                found += ["\n".join(filter(None, (" | ".join(filter(None, row)) for row in rows)))]
                rows = []
    return [one for one in found if one]


def _notes(tree: "_Element") -> list[str]:
    """Return the notes, by number; separators, which are kept among them, have none."""
    notes = [note for note in tree if note.tag in (f"{_W}footnote", f"{_W}endnote") and not note.get(f"{_W}type")]
    texts = ("\n".join(_paragraphs(note)) for note in notes)
    return [f"Note {number}: {text}" for number, text in enumerate(texts, start=1) if text]


def _facts(package: zipfile.ZipFile, source: Source) -> dict[str, str | None]:
    if "docProps/core.xml" not in package.namelist():
        return {}
    return {str(element.tag): line(element.text) for element in _part(package, "docProps/core.xml", source)}
