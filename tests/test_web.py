"""The page: its HTML by itself, and the real page in a real browser."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from rag import Assistant
from rag.retrieval.said import Said
from rag.types import Answer, Article, Citation, Claim, Draft, Hit, Origin, Passage, Query, Statement
from rag.web import render
from rag.web.examples import example_questions
from tests.offline.sitecustomize import is_here

TEXT = "He spoke.\n\n<script>alert(1)</script> said *no* & left. It rained."
ARTICLE = Article("a" * 32, TEXT, (Origin(path="x.txt", title="<b>Title</b>", published="2023-04-11"),))
HIT = Hit(ARTICLE, Passage(ARTICLE.id, 0, len(TEXT)), 0.5, {"dense": 1}, kept=True)
START = TEXT.index("<script>")
CITATION = Citation(1, 0, ARTICLE, START, TEXT.index(" It rained"), "supported")


def answer(**changes: Any) -> Answer:
    """Return an answer with one claim and one citation."""
    values: dict[str, Any] = {
        "question": "Who?",
        "query": Query("Who?"),
        "hits": (HIT,),
        "claims": (Claim("<i>Someone</i> left.", "supported", (1,)),),
        "citations": (CITATION,),
    }
    return Answer(**values | changes)


def test_text_of_articles_questions_and_answers_is_escaped() -> None:
    html = render.answer(0, answer()) + render.question("<img src=x>") + render.error("<u>")
    for tag in ("<script>", "<i>", "<img", "<u>", "<b>Title</b></b>"):
        assert tag not in html
    assert "<mark>&lt;script&gt;alert(1)&lt;/script&gt; said *no* &amp; left.</mark>" in html


def test_a_message_is_one_line_so_that_no_markdown_is_read_in_it() -> None:
    assert "\n" not in render.answer(0, answer()) + render.question("a\n\nb")


def test_a_later_version_is_named_beneath_its_source_and_its_title_is_escaped() -> None:
    later = Article("b" * 32, TEXT, (Origin(path="y.txt", title="<i>Later</i>", published="2023-04-12"),))
    told = "A later version of this story: <b>&lt;i&gt;Later&lt;/i&gt;</b> · 2023-04-12"
    hit = replace(HIT, later=later)
    assert told in render.answer(0, answer(hits=(hit,)))
    assert told in render.answer(
        0, answer(hits=(hit,), citations=(), claims=(), refused=True, reason="not-in-evidence")
    )
    assert told not in render.answer(0, answer())


def test_a_language_that_the_embedder_does_not_know_is_said() -> None:
    note = "the question is in German, which toy does not know: words carry the search"
    assert f"Searched: {note}" in render.answer(0, answer(query=Query("Who?", language="de", note=note)))


def test_a_marker_leads_to_its_source() -> None:
    html = render.answer(3, answer())
    assert 'href="#source-3-1"' in html
    assert 'id="source-3-1"' in html


def test_a_refusal_shows_the_nearest_article_and_no_citation() -> None:
    html = render.answer(0, answer(claims=(), citations=(), refused=True, reason="not-in-evidence"))
    assert "Not in these articles." in html
    assert "Related, not an answer" in html
    assert "<mark>" not in html


def test_withheld_sentences_are_counted_not_shown() -> None:
    html = render.answer(0, answer(claims=(*answer().claims, Claim("Invented.", "unsupported", withheld=True))))
    assert "Invented" not in html
    assert "1 sentence was left out" in html


def test_a_partly_supported_sentence_says_what_is_missing() -> None:
    claim = Claim("Rain fell.", "partly", (1,), missing=("'<b>' is not in the source",))
    html = render.answer(1, Answer("Rain?", Query("Rain?"), (), claims=(claim,)))
    assert "partly supported; &#x27;&lt;b&gt;&#x27; is not in the source</span>" in html


def test_statements_are_listed_with_who_speaks_and_escaped() -> None:
    text = "Asif said <b>no</b>."
    said = Said(Article("a" * 32, text, (Origin("a.txt", "T"),)), Statement(0, len(text), "Asif & Co", direct=False))
    html = render.statements("<i>", [said])
    assert "Asif said &lt;b&gt;no&lt;/b&gt;." in html
    assert "Asif &amp; Co speaks" in html
    assert "No statement by &lt;i&gt; was found" in render.statements("<i>", [])


def test_what_was_searched_is_shown_where_it_is_more_than_the_question() -> None:
    query = Query("Who left <them>?", from_="2023-04-01", to="2023-04-30", respelled=(("Khwaja", "khawaja"),))
    html = render.answer(0, answer(question="And them?", query=query))
    assert "Who left &lt;them&gt;?" in html
    assert "preferring 2023-04-01 to 2023-04-30 · Khwaja also as khawaja" in html
    assert "Edit" in html
    assert "searched" not in render.answer(0, answer(question="Who?", query=Query("Who?")))


def test_the_running_draft_is_told_apart() -> None:
    from rag.types import Found

    shown = render.Progress(turn=0, question="Who?").found(Found(Query("Who?"), (HIT,))).draft(Draft("Some").text)
    assert '<span class="draft">Some</span>' in shown.html()
    assert "Not yet checked" in shown.html()


@pytest.mark.model
def test_example_questions_are_made_from_the_articles(seed_assistant: Assistant) -> None:
    questions = example_questions(seed_assistant)
    assert len(questions) == 3
    assert any("Asif" in question for question in questions)


def wait(condition: Callable[[], Any], seconds: float = 90) -> Any:
    """Return the first true value of `condition`; fail after so many seconds."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"waited {seconds} s in vain"
        time.sleep(0.02)
    return value


def ask(browser: webdriver.Chrome, question: str) -> None:
    """Type a question and press Enter."""
    box = wait(lambda: browser.find_elements(By.CSS_SELECTOR, "#question textarea"))[0]
    box.send_keys(question, Keys.ENTER)


def texts(browser: webdriver.Chrome, selector: str) -> list[str]:
    """Return the text of all elements that match, as the page has it now."""
    script = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)"
    found: list[str] = browser.execute_script(script, selector)
    return found


def log(browser: webdriver.Chrome, kind: str) -> list[Any]:
    """Return what Chromium logged of a kind since the last call."""
    untyped: Any = browser
    entries: list[Any] = untyped.get_log(kind)
    return entries


def idle(browser: webdriver.Chrome) -> bool:
    """Tell whether no answer is running."""
    return bool(browser.execute_script("return !!document.querySelector('#send')?.offsetParent"))


@pytest.mark.model
@pytest.mark.browser
class TestInTheBrowser:
    """One visit, in order."""

    def test_it_opens_with_examples(self, browser: webdriver.Chrome, chat_address: str) -> None:
        browser.get(chat_address)
        wait(lambda: len(browser.find_elements(By.CSS_SELECTOR, "button.example")) == 3)
        assert "Ask your articles" in browser.find_element(By.TAG_NAME, "body").text

    def test_sources_come_before_the_first_word_then_the_cited_sentence_is_marked(
        self, browser: webdriver.Chrome
    ) -> None:
        ask(browser, "What did Asif say about weapons?")
        wait(lambda: texts(browser, "#chat .source"))
        assert not texts(browser, "#chat .claim, #chat .draft")
        wait(lambda: texts(browser, "#chat mark") and idle(browser))
        assert texts(browser, "#chat mark") == [
            "Asif also said that the banned militant group was equipped with advanced weapons, such as night vision "
            "goggles left behind by the American forces when they withdrew from Afghanistan in August 2021."
        ]

    def test_a_marker_lights_its_source(self, browser: webdriver.Chrome) -> None:
        browser.find_element(By.CSS_SELECTOR, "a.cite").click()
        assert wait(lambda: texts(browser, ".source.lit"))[0].startswith("1Amid a surge")
        assert browser.current_url.endswith("/"), "the marker must not leave the page"

    def test_a_follow_up_uses_the_conversation(self, browser: webdriver.Chrome) -> None:
        ask(browser, "And who left them behind?")
        wait(lambda: len(texts(browser, "#chat mark")) == 2 and idle(browser))
        assert "American forces" in texts(browser, "#chat .answer .text")[-1]
        assert texts(browser, "#chat .searched")[-1].startswith("Searched: Who left")

    def test_markup_in_a_question_stays_text_and_a_refusal_is_plain(self, browser: webdriver.Chrome) -> None:
        ask(browser, "<img src=x onerror=document.title='hit'> **What** is the population of Pakistan?")
        wait(lambda: texts(browser, "#chat .refusal") and idle(browser))
        assert texts(browser, "#chat .question")[-1].startswith("<img src=x onerror")
        assert not browser.find_elements(By.CSS_SELECTOR, "#chat .question img")
        assert browser.title == "rag"

    def test_what_was_searched_can_be_edited(self, browser: webdriver.Chrome) -> None:
        browser.execute_script("[...document.querySelectorAll('a.edit')].at(-1).click()")
        box = browser.find_element(By.CSS_SELECTOR, "#question textarea")
        asked = str(box.get_attribute("value"))
        assert asked.startswith("Who left")
        box.send_keys(Keys.END, Keys.BACKSPACE * len(asked))

    def test_limits_beside_the_chat_filter(self, browser: webdriver.Chrome) -> None:
        browser.find_element(By.CSS_SELECTOR, ".toggle-button").click()
        first = wait(lambda: browser.find_elements(By.CSS_SELECTOR, "#from textarea, #from input"))[0]
        wait(first.is_displayed)
        first.send_keys("2024")
        ask(browser, "What did Asif say about weapons?")
        wait(lambda: "none within these limits" in texts(browser, "#chat .answer")[-1] and idle(browser))
        assert "only since 2024-01-01" in texts(browser, "#chat .searched")[-1]
        first.send_keys(Keys.BACKSPACE * 4)

    def test_a_collection_can_be_asked_within(self, browser: webdriver.Chrome) -> None:
        field = browser.find_element(By.CSS_SELECTOR, "#collection input")
        field.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
        wait(lambda: field.get_attribute("value") == "of one")
        ask(browser, "When did the ceasefire end?")
        wait(lambda: "only in 1 chosen article" in texts(browser, "#chat .searched")[-1] and idle(browser))

    def test_everything_somebody_said_is_listed(self, browser: webdriver.Chrome) -> None:
        browser.find_element(By.CSS_SELECTOR, "#who textarea, #who input").send_keys("Asif", Keys.ENTER)
        wait(lambda: len(texts(browser, "#statements .source")) > 10)
        assert "statements by Khawaja Asif" in texts(browser, "#statements .status")[0]
        browser.find_element(By.CSS_SELECTOR, ".toggle-button").click()

    def test_stop_ends_an_answer(self, browser: webdriver.Chrome) -> None:
        ask(browser, "Who was in the delegation to Kabul?")
        before = len(texts(browser, "#chat .answer"))
        wait(lambda: browser.execute_script("return !!document.querySelector('#stop')?.offsetParent"))
        browser.find_element(By.CSS_SELECTOR, "#stop").click()
        started = time.monotonic()
        wait(lambda: idle(browser), 10)
        assert time.monotonic() - started < 5
        assert len(texts(browser, "#chat .answer")) >= before

    def test_the_page_asked_no_other_machine_and_logged_no_error(self, browser: webdriver.Chrome) -> None:
        requests = [json.loads(entry["message"])["message"] for entry in log(browser, "performance")]
        urls = [r["params"]["request"]["url"] for r in requests if r["method"] == "Network.requestWillBeSent"]
        assert urls
        foreign = {
            url for url in urls if urlsplit(url).scheme.startswith("http") and not is_here(urlsplit(url).hostname)
        }
        assert foreign == set()
        assert [entry for entry in log(browser, "browser") if entry["level"] == "SEVERE"] == []


def test_the_entry_is_short() -> None:
    assert len((Path(__file__).parent.parent / "app.py").read_text().splitlines()) < 100
