"""Articles for the tests of the check."""

from rag.chunking import sentences
from rag.types import Article, Evidence, Origin


def evidence(text: str, *, title: str = "News") -> list[Evidence]:
    """Return all sentences of an article."""
    article = Article("id", text, (Origin(path="a.txt", title=title),))
    return [Evidence(article, span.start, span.end) for span in sentences(text)]
