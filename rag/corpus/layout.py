"""Lines on pages become paragraphs: columns in order, hyphens joined, what repeats at the edges of pages left out.

Knows nothing about PDF: lines come with their boxes, in points, y growing upwards, in the order they were written.
"""

import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.corpus.articles import normalise

HYPHEN = "\u0002"
"""Stands at the end of a line whose last word goes on in the next."""

_EDGE = 3
"""So many lines at the top and at the bottom of a page may be repeated ones."""
_HYPHENED = frozenset(
    ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "self", "non", "ex", "vice"]
)
"""First parts of words that are written with a hyphen."""
_MARGIN = 0.08
"""So much of the height of what is written lies at the edge."""
_REPEATS = 3
_DENSE = 4
"""Points: what is nearer to the line above stands beside it."""
_SPACE = re.compile(rf"\s+|{HYPHEN}(?=.)")
_ENDS = re.compile(r"(?<!\d)[.!?…:;][\"'”’»)\]\d]*$|\d[.!?]$")
_PAGE_NUMBER = re.compile(
    r"(?:page|seite|p\.) ?\d{1,4}|[-–] ?\d{1,4} ?[-–]|\d{1,4} ?(?:/|of|von|sur|de) ?\d{1,4}", re.IGNORECASE
)
_BULLET = re.compile(r"(?:[•●▪‣◦*-]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, or the part of it that lies in one column; `parted`: made of parts, as a row of a table is."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    parted: bool = False

    @property
    def height(self) -> float:
        """The height of its letters."""
        return self.top - self.bottom


Row = Sequence[Line]
"""What lies on one line, parts of it where there are wide gaps."""


def text_of(pages: Sequence[Sequence[Row]]) -> tuple[str, tuple[int, ...]]:
    """Return the text of the pages, paragraphs with a blank line between them, and the offset at which each begins."""
    columns = [_in_columns(page) for page in pages]
    repeated, pitch = _repeated(columns), _pitch(columns)
    text = ""
    starts: list[int] = []
    before: Line | None = None
    for number, lines in enumerate(columns):
        kept = [line for place, line in _places(lines) if (number, place) not in repeated and line.text.strip()]
        begun = _breaks(kept, pitch)
        starts.append(len(text))
        for n, line in enumerate(kept):
            begins = not _goes_on(before, line) if before and not n else line in begun
            row = line.parted and before and before.parted
            text, start = _joined(
                text, "\n\n" if begins else "\n" if row else " ", normalise(_SPACE.sub(" ", line.text))
            )
            if not n:
                starts[-1] = start if number else 0
            before = line
    for number in range(len(starts) - 2, -1, -1):  # an empty page began behind a hyphen that has gone
        starts[number] = min(starts[number], starts[number + 1])
    return text.replace(HYPHEN, "-"), tuple(starts)


def _joined(text: str, joint: str, content: str) -> tuple[str, int]:
    """Return the text with more of it, and where that begins: a word cut at the end of a line is made whole."""
    if joint == " " and text.endswith((HYPHEN, "-", "\u00ad")):
        head = text[:-1]
        soft = text.endswith("\u00ad") or _is_cut(head, content)
        text = head if soft else text
        return text + content, len(text)
    text += joint if text else ""
    return text + content, len(text)


def _is_cut(head: str, content: str) -> bool:
    """Return whether a hyphen at the end of a line was put there to cut a word: not in "Anglo-French"."""
    before, after = re.search(r"[^\W\d_]+$", head), re.match(r"[^\W\d_]+", content)
    return bool(before and after and before[0][-1].islower() and after[0][0].islower() and before[0] not in _HYPHENED)


def _in_columns(page: Sequence[Row]) -> list[Line]:
    """Return the lines of a page in reading order: where rows were written across columns, one column after another."""
    cuts = [right.left for row in page for right in row[1:]]
    gutter = statistics.median(cuts) if cuts else 0.0
    near = [row for row in page if len(row) == 2 and abs(row[1].left - gutter) < 12]
    long = [len(part.text) for row in near for part in row]
    if len(near) < 3 or statistics.mean(long) < 20:  # a table, or words that stand apart
        return [_whole(row) for row in page if row]
    ordered: list[Line] = []
    right: list[Line] = []
    for row in page:
        whole = _whole(row)
        if len(row) == 1 and whole.left < gutter - 12 < whole.right - 12:  # across both columns
            ordered, right = [*ordered, *right, whole], []
        else:
            for part in row:
                (right if part.left > gutter - 12 else ordered).append(part)
    return [*ordered, *right]


def _whole(row: Row) -> Line:
    return Line(
        " ".join(part.text for part in row),
        min(part.left for part in row),
        max(part.right for part in row),
        min(part.bottom for part in row),
        max(part.top for part in row),
        parted=len(row) > 1,
    )


def _pitch(pages: Sequence[Sequence[Line]]) -> float:
    """Return how far apart the lines of a paragraph are: not the mean, since most paragraphs may be of one line."""
    pitches = sorted(a.bottom - b.bottom for lines in pages for a, b in pairwise(lines) if a.bottom - b.bottom > _DENSE)
    return pitches[len(pitches) // 5] if pitches else 0.0


def _breaks(lines: Sequence[Line], pitch: float) -> set[Line]:
    """Return the lines of a page that begin a paragraph."""
    begun = set()
    for n, (a, b) in enumerate(pairwise(lines), start=1):
        down = a.bottom - b.bottom
        if down < 0:  # the next column
            begins = not _goes_on(a, b)
        elif down < 0.3 * max(a.height, 1):  # on the same line, further right
            begins = False
        else:
            width = max(line.right for line in lines[max(0, n - 12) : n + 12] if abs(line.left - a.left) < 24) - a.left
            word = len(b.text.split(None, 1)[0]) + 1  # it would have found room behind `a`, were it the same paragraph
            long = a.right - a.left
            short = long < 0.85 * width and long + word * long / len(a.text) < width
            begins = (
                down > 1.35 * pitch
                or abs(a.height - b.height) > 0.15 * max(a.height, b.height)
                or b.left - a.left > 0.7 * b.height
                or (short and bool(_ENDS.search(a.text.rstrip())))
                or bool(_BULLET.match(b.text))
            )
        if begins:
            begun.add(b)
    return begun


def _goes_on(a: Line, b: Line) -> bool:
    """Return whether a paragraph goes on from the last line of a page or column to the first of the next."""
    text = a.text.rstrip()
    same = abs(a.height - b.height) <= 0.15 * max(a.height, b.height)
    return same and not _ENDS.search(text) and not _BULLET.match(b.text)


def _places(lines: Sequence[Line]) -> Iterator[tuple[int | None, Line]]:
    """Yield each line with its place from the top (0, 1, …) or the bottom (-1, -2, …), None where it is in between."""
    order = sorted(range(len(lines)), key=lambda n: -lines[n].bottom)
    top = order[: min(_EDGE, (len(lines) + 1) // 2)]
    bottom = order[max(len(top), len(lines) - _EDGE) :]
    places = {n: place for place, n in enumerate(top)}
    places |= {n: place - len(bottom) for place, n in enumerate(bottom)}
    for n, line in enumerate(lines):
        yield places.get(n), line


def _repeated(pages: Sequence[Sequence[Line]]) -> set[tuple[int, int]]:
    """Return page and place of the lines at the edges that stand at one height on many pages, but for their numbers."""
    found: dict[tuple[str, int], list[tuple[int, int]]] = {}
    highest = max((line.top for page in pages for line in page), default=0)
    lowest = min((line.bottom for page in pages for line in page), default=0)
    edge = _MARGIN * (highest - lowest)
    for number, lines in enumerate(pages):
        for place, line in _places(lines):
            if place is not None and (highest - line.top < edge or line.bottom - lowest < edge):
                shape = re.sub(r"\d+", "0", " ".join(line.text.split()).lower())
                found.setdefault((shape, round(line.bottom / 6)), []).append((number, place))
    often = 2 if len(pages) == 2 else max(_REPEATS, 0.3 * len(pages))
    repeated = {spot for spots in found.values() if len({page for page, _ in spots}) >= often for spot in spots}
    numbers = {
        (page, place)
        for page, lines in enumerate(pages)
        for place, line in _places(lines)
        if place in (0, -1) and len(lines) > 1 and _PAGE_NUMBER.fullmatch(line.text.strip())
    }
    counts = Counter(page for page, _ in repeated | numbers)
    whole = {page for page, n in counts.items() if n == len(pages[page]) > 1}  # nothing else on it: then it is its text
    return {spot for spot in repeated | numbers if spot[0] not in whole}
