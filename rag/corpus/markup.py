"""A tree of HTML becomes text: paragraphs with a blank line between them, items and rows on lines of their own.

Knows nothing about which part of a page is its story. Imports lxml when used.
"""

import re
from collections.abc import Set
from typing import TYPE_CHECKING

from rag.phrases import word_set

if TYPE_CHECKING:
    from lxml.etree import _Element

UNSEEN = word_set(
    "head title script style noscript template svg math iframe object embed canvas button select textarea input"
)
"""Elements of HTML whose text is not part of what is read."""
_BLOCKS = word_set(
    "p div section article aside main header footer nav h1 h2 h3 h4 h5 h6 head quote blockquote ul ol list dl table "
    "pre figure figcaption address hr form fieldset details summary center body"
)
_LINES = frozenset(["br", "lb", "li", "item", "tr", "row", "dt", "dd", "option", "caption"])
_CELLS = frozenset({"td", "th", "cell"})
_IN_LAYOUT = ("p", "div", "table", "ul", "ol", "h1", "h2", "h3", "h4", "blockquote", "tr")
_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0\u200b]+")


def text_of_html(html: str) -> str:
    """Return the text of a piece of HTML, all of it; "" where there is none."""
    tree = parse(html)
    return "" if tree is None else text_of(tree)


def parse(html: str) -> "_Element | None":
    """Return the tree of an HTML text, of at most 256 levels; None where there is nothing in it."""
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(html.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None


def text_of(tree: "_Element", *, unseen: Set[str] = UNSEEN) -> str:
    """Return the text of a tree without the elements named `unseen`; no recursion, whatever its depth."""
    from lxml import etree

    writer = _Writer()
    walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event == "start":
            if element.tag in unseen:
                walk.skip_subtree()
            else:
                writer.start(element)
        elif event == "end" and element.tag not in unseen:
            writer.end(element)
        if event != "start" and element is not tree:
            writer.add(element.tail)
    return writer.text()


class _Writer:
    """Collects runs of text and the breaks between them: 0 none, 1 a line end, 2 a blank line."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._break = 0
        self._rows = 0
        self._pre = 0

    def start(self, element: "_Element") -> None:
        tag = str(element.tag)
        if tag in ("tr", "row") and next(element.iterdescendants(*_IN_LAYOUT), None) is None:
            self._broken(1)
            self._rows += 1
        elif tag in _CELLS and self._rows:
            if element.getprevious() is not None:
                self._parts.append(" | ")
        else:
            self._broken(2 if tag in _BLOCKS else 1 if tag in _LINES or tag in _CELLS else 0)
        self._pre += tag == "pre"
        self.add(element.text)

    def end(self, element: "_Element") -> None:
        tag = str(element.tag)
        self._pre -= tag == "pre"
        if tag in ("tr", "row") and self._rows:
            self._rows -= 1
        self._broken(2 if tag in _BLOCKS else 1 if tag in _LINES or tag in _CELLS else 0)

    def add(self, text: str | None) -> None:
        if not text:
            return
        if self._pre:
            lines = text.split("\n")
            for n, one in enumerate(lines):
                self._broken(1 if n else 0)
                self._write(one)
            return
        self._write(_SPACE.sub(" ", text))

    def text(self) -> str:
        joined = "".join(self._parts)
        return re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", joined)).strip()

    def _broken(self, size: int) -> None:
        if self._rows:
            if size:
                self._parts.append(" ")
            return
        self._break = max(self._break, size)

    def _write(self, text: str) -> None:
        if not text.strip() and (self._break or not self._parts):
            return
        if self._break and self._parts:
            self._parts.append("\n" * self._break)
        self._break = 0
        self._parts.append(text)
