"""Articles as HTML: one at a place, a list, the timeline."""

import html as parser
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.index.rows import Withdrawal
from rag.types import Article, Origin, Span
from rag.web import articles


def read(text: str, **origin: object) -> Article:
    """Return an article of one origin."""
    return Article("a" * 32, text, (Origin("folder/x.txt", "Title", **origin),))  # type: ignore[arg-type]


@given(st.text(min_size=1), st.data())
def test_the_mark_holds_the_cited_characters_and_all_the_text_is_there(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    place = Span(start, data.draw(st.integers(start + 1, len(text))))
    shown = articles.article(read(text), place=place)
    mark = re.search(r'<mark tabindex="-1">(.*)</mark>', shown, re.DOTALL)
    assert mark
    expected = "".join(parser.unescape(parser.escape(c)) for c in place.of(text))
    assert parser.unescape(mark[1]) == expected
    body = shown.split('<div class="body">')[1]
    assert "<script" not in body
    assert re.sub(r"</?mark[^>]*>|</div></article>$", "", body).count("<") == 0


def test_a_place_outside_the_text_marks_nothing() -> None:
    assert "<mark" not in articles.article(read("He left."), place=Span(5, 99))
    assert "<mark" not in articles.article(read("He left."), place=Span(3, 3))


def test_paragraphs_stand_one_empty_line_apart_and_the_mark_as_it_is() -> None:
    text = "It rained.\n\n \n\nHe\n\n\nleft.\n\n\n\nShe stayed."
    shown = articles.article(read(text), place=Span(text.index("He"), text.index("left.") + 5))
    lines = shown.replace("&#10;", "|")
    assert "It rained.||<mark" in lines
    assert ">He|||left.</mark>||She stayed." in lines


def test_of_a_long_article_what_stands_around_the_place_is_shown() -> None:
    text = "a" * 100_000 + "HERE" + "b" * 100_000
    shown = articles.article(read(text), place=Span(100_000, 100_004))
    assert "HERE</mark>" in shown
    assert "200,004 characters; these are 80,004 of them" in shown


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://a.example"])
def test_only_web_addresses_are_links(url: str) -> None:
    assert "<a " not in articles.article(read("He left.", url=url))


def test_an_address_cannot_end_its_attribute() -> None:
    shown = articles.article(read("He left.", url='https://a.example/"onclick="x'))
    assert 'href="https://a.example/%22onclick=%22x"' in shown
    assert 'rel="noopener noreferrer"' in shown


def test_where_it_came_from_is_told() -> None:
    shown = articles.article(read("He left.", source="Dawn & Co", published="2023-04-11", record=3))
    assert "Dawn &amp; Co · 2023-04-11 · x.txt, record 3" in shown


def test_what_became_of_an_article_that_went_is_told() -> None:
    corrected = articles.gone(Withdrawal("a", "2023-05-01T00:00", "b" * 32, by_hand=False))
    assert "corrected on 2023-05-01" in corrected
    assert f'data-article="{"b" * 32}"' in corrected
    assert "removed on" in articles.gone(Withdrawal("a", "2023-05-01T00:00", None, by_hand=True))
    assert "not here" in articles.gone(None)


def test_the_list_says_how_many_there_are_and_escapes_titles() -> None:
    found = [("a" * 32, Origin("x", "<b>One</b>", published="2023-04-11", source="Dawn"))]
    shown = articles.rows(found, total=30, alike={"a" * 32: 3})
    assert "1 of 30 articles" in shown
    assert "&lt;b&gt;One" in shown
    assert "one of 3 of this story" in shown
    assert "No article fits" in articles.rows([], total=0)


def test_the_timeline_has_a_bar_for_each_month_with_articles() -> None:
    shown = articles.timeline({"": 2, "2022-12": 1, "2023-02": 4})
    assert re.findall(r'data-month="([\d-]+)"', shown) == ["2022-12", "2023-02"]
    assert "most in 2023-02: 4" in shown
    assert "2 without a date" in shown
    assert articles.timeline({"2023-02": 4}) == ""


def test_removal_is_asked_for_first() -> None:
    shown = articles.sure(["<i>One</i>"] * 7, ["a", "b"])
    assert "Remove 7 articles?" in shown
    assert "and 2 more" in shown
    assert "<i>" not in shown
    assert 'data-do="removed" data-articles="a b"' in shown
