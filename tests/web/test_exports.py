"""Answers to take away, in three forms."""

from dataclasses import replace

import pytest

from rag.types import Article, Claim, Origin
from rag.web import exports
from tests.web.helpers import CITATION, answer

GIVEN = answer(claims=(Claim("He *left*.", "supported", (1,)), Claim("Invented.", "unsupported", withheld=True)))


def test_text_has_markers_and_sources() -> None:
    assert exports.to_text([GIVEN]) == (
        "Who?\n\nHe *left*. [1]\n\n[1] <b>Title</b> · 2023-04-11\n    “<script>alert(1)</script> said *no* & left.”\n"
    )


def test_markdown_has_footnotes_and_escapes_what_would_be_markup() -> None:
    said = exports.to_markdown([GIVEN, GIVEN])
    assert "He \\*left\\*.[^1-1]" in said
    assert "[^2-1]: \\<b\\>Title\\</b\\> · 2023-04-11 “\\<script\\>" in said
    assert "Invented" not in said


def test_markdown_cannot_begin_a_list_or_a_heading() -> None:
    said = exports.to_markdown([answer(question="# 1. - no", claims=(Claim("- one"), Claim("2) two")), citations=())])
    assert "## \\# 1. - no" in said
    assert "\\- one 2\\) two" in said


def test_html_is_escaped_and_holds_no_script() -> None:
    page = exports.to_html([GIVEN])
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert '<a href="#n1-1">1</a>' in page
    assert '<li id="n1-1"' in page


def test_a_refusal_says_why() -> None:
    refusal = answer(claims=(), citations=(), refused=True, reason="no-passages")
    for write in (exports.to_text, exports.to_markdown, exports.to_html):
        assert "Not in these articles. There are no articles to answer from" in write([refusal])


def test_a_part_that_is_not_answered_is_told() -> None:
    given = replace(GIVEN, unanswered=("who <sat>?",))
    assert "[1] Not in these articles: “who <sat>?”" in exports.to_text([given])
    assert "Not in these articles: “who \\<sat\\>?”" in exports.to_markdown([given]).replace("\\:", ":").replace(
        "\\?", "?"
    )
    assert "Not in these articles: “who &lt;sat&gt;?”" in exports.to_html([given])


@pytest.mark.parametrize(("url", "linked"), [("https://a.example/x", True), ("javascript:alert(1)", False)])
def test_only_web_addresses_are_links(url: str, linked: bool) -> None:
    article = Article("a" * 32, CITATION.article.text, (Origin("x", "T", url=url),))
    given = answer(citations=(replace(CITATION, article=article),))
    assert (url in exports.to_html([given])) is linked
    assert (url in exports.to_markdown([given])) is linked
