"""PDF files with a text layer: their paragraphs, and on which page each stands. The only module that imports pypdfium2.

PDFium knows where every letter stands; `layout` makes paragraphs of that.
"""

import ctypes
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from rag.corpus import layout
from rag.corpus.articles import article, line
from rag.corpus.layout import HYPHEN, Line, Row
from rag.corpus.limits import over
from rag.corpus.source import Result, Skipped, Source, UnreadableError
from rag.dates import dateline, parse_date
from rag.types import Origin

_DATE = re.compile(r"D:(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(?:(Z)|([+-])(\d\d)'?(\d\d)?)?")
_NO_TITLE = re.compile(r"(?:^Microsoft \w+ - |^untitled|^document\d*$|\.\w{2,5}$)", re.IGNORECASE)
_CUTS = (2, 0xFFFE)
"""PDFium's signs for a hyphen at the end of a line, after which it goes on with the next without a sign for its end."""
_WIDE_GAP = 2.0
"""Between two letters, in heights of a letter: what is further apart lies in two columns."""


def read_pdf(source: Source) -> Iterator[Result]:
    """Yield the one article of a file, then which pages have no text; raises `UnreadableError` where none has."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(source.data)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise UnreadableError("locked by a password" if locked else f"no PDF, or a broken one: {error}") from error
    with document:
        if len(document) > (limit := source.job.limits.pdf_pages):
            raise UnreadableError(over(f"{len(document):,} pages", limit, "pdf_pages"))
        pages: list[Sequence[Row]] = []
        pictures: list[int] = []
        chars = 0
        for number in range(len(document)):
            try:
                rows, count, objects = _rows(document, number)
            except pypdfium2.PdfiumError:
                rows, count, objects = [], 0, 1
            chars += count
            if chars > source.job.limits.article_chars:
                raise UnreadableError(over("a longer text", source.job.limits.article_chars, "article_chars"))
            pages.append(rows)
            if not rows and objects:
                pictures.append(number + 1)
        facts = {name: line(value) for name, value in document.get_metadata_dict().items()}
    text, starts = layout.text_of(pages)
    if not text.strip():
        raise UnreadableError("no text layer: its pages are pictures; recognise them first: ocrmypdf IN OUT")
    title = facts.get("Title") or ""
    origin = Origin(
        path=source.path,
        title="" if _NO_TITLE.search(title) else title,
        published=dateline(text) or _moment(facts.get("CreationDate") or ""),
        author=facts.get("Author"),
        pages=starts,
        file=source.file,
    )
    yield article(text, origin, limits=source.job.limits)
    if pictures:
        named = ", ".join(map(str, pictures[:10])) + (" …" if len(pictures) > 10 else "")
        yield Skipped(source.path, f"no text layer on {len(pictures):,} of its {len(pages):,} pages: {named}")


def _rows(document: Any, number: int) -> tuple[Sequence[Row], int, int]:
    """Return what is written on a page, line by line, how many letters that is, and how many objects there are."""
    import pypdfium2.raw as pdfium

    page = document[number]
    text = page.get_textpage()
    try:
        rows = _Rows()
        place = pdfium.FS_RECTF()
        count = pdfium.FPDFText_CountChars(text)
        codes = [pdfium.FPDFText_GetUnicode(text, n) for n in range(count)]
        blank = [code < 33 or code in _CUTS or chr(code).isspace() for code in codes]
        begins = [True, *blank]  # a word
        ends = [*blank[1:], True]
        for n, code in enumerate(codes):
            if code in (10, 13):
                rows.close()
            elif code in _CUTS:
                rows.add(HYPHEN)
                rows.close()
            elif blank[n]:
                rows.add(" ")
            elif not (begins[n] or ends[n]):  # within a word: not asked where it stands, which takes as long again
                rows.add(chr(code))
            elif pdfium.FPDFText_GetLooseCharBox(text, n, ctypes.byref(place)):
                rows.add(chr(code), (place.left, place.right, place.bottom, place.top), begins=begins[n])
        rows.close()
        return rows.rows, max(count, 0), pdfium.FPDFPage_CountObjects(page)
    finally:
        text.close()
        page.close()


class _Rows:
    """Makes lines of letters with boxes, and rows of the lines that stand beside each other."""

    def __init__(self) -> None:
        self.rows: list[list[Line]] = []
        self._letters: list[str] = []
        self._box = (0.0, 0.0, 0.0, 0.0)

    def add(self, letter: str, box: tuple[float, float, float, float] | None = None, *, begins: bool = False) -> None:
        """Add a letter, which may begin a word; one without a box stands where those around it do."""
        if box is None:
            if self._letters:
                self._letters.append(letter)
            return
        left, right, bottom, top = box
        if self._letters and begins:
            _, end, low, high = self._box
            if left - end > _WIDE_GAP * max(top - bottom, 1) or (low + high) / 2 > top or (low + high) / 2 < bottom:
                self.close()
        if self._letters:
            before = self._box
            box = (min(before[0], left), max(before[1], right), min(before[2], bottom), max(before[3], top))
        self._box = box
        self._letters.append(letter)

    def close(self) -> None:
        """End a line."""
        if written := "".join(self._letters).rstrip():
            line = Line(written, *self._box)
            last = self.rows[-1][-1] if self.rows else None
            beside = last and abs(last.bottom - line.bottom) < 0.3 * line.height and line.left > last.right
            if beside:
                self.rows[-1].append(line)
            else:
                self.rows.append([line])
        self._letters = []


def _moment(text: str) -> str | None:
    """Return when the file was made: `D:20210603142000+02'00'`."""
    if not (match := _DATE.match(text)):
        return None
    year, month, day, hour, minute, second, utc, sign, zone, minutes = match.groups()
    time = f"T{hour}:{minute}:{second or '00'}" if hour else ""
    offset = "+00:00" if utc else f"{sign}{zone}:{minutes or '00'}" if sign and time else ""
    with suppress(ValueError):
        return parse_date(f"{year}-{month}-{day}{time}{offset}")
    return None
