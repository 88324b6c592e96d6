"""Sources become text that is safe to show."""

import pytest

from rag.citations.footnotes import footnotes, plain
from rag.types import Article, Citation, Origin


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("See ![x](http://evil/p.png) now.", r"See !\[x]\(http://evil/p.png) now."),
        ("[click](javascript:x)", r"[click]\(javascript:x)"),
        ("<img src=x> `code`", r"\<img src=x> \`code\`"),
        ("Beans! [1][2] (and rice)", "Beans! [1][2] (and rice)"),
    ],
)
def test_what_articles_say_makes_no_link_picture_or_html(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_sources_are_numbered_lines() -> None:
    article = Article(
        "a", "Rain\nfell. Snow.", (Origin("a.txt", "On [rain](x)", published="2023-04-11", source="BBC"),)
    )
    assert footnotes([Citation(1, 0, article, 0, 10)]) == (
        "\n\nSources:\n1. On [rain]\\(x) · BBC · 2023-04-11: “Rain fell.”"
    )
    assert footnotes([]) == ""
