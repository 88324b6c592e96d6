"""Sources as text, for those who see nothing but text: a numbered list at the end of an answer."""

import re
from collections.abc import Sequence

from rag.types import Citation

SOURCES = "\n\nSources:\n"
_LINK = re.compile(r"(?<=\])(?=\()|(?<=!)(?=\[)|(?=<)|(?=`)")


def footnotes(citations: Sequence[Citation]) -> str:
    """Return the sources as text, to stand at the end of an answer: one a line, by marker."""
    lines = []
    for c in citations:
        origin = c.article.origin
        about = " · ".join(filter(None, [origin.title, origin.source, origin.day]))
        lines.append(plain(f"{c.marker}. {about}: “{' '.join(c.quote.split())}”"))
    return SOURCES + "\n".join(lines) if lines else ""


def plain(text: str) -> str:
    """Return text in which Markdown, which many clients show, makes no link, picture or HTML of what articles say."""
    return _LINK.sub(r"\\", text)
