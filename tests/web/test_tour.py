"""The tour: the real page over the real models and the seed article, in a real browser."""

import json
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from rag import Assistant
from rag.web.examples import example_questions
from tests.offline.sitecustomize import is_here
from tests.web.helpers import ask, click, idle, log, texts, wait


@pytest.mark.model
def test_example_questions_are_made_from_the_articles(seed_assistant: Assistant) -> None:
    questions = example_questions(seed_assistant.index.catalogue)
    assert len(questions) == 3
    assert any("Asif" in question for question in questions)


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
        wait(lambda: texts(browser, "#chat .strip"))
        assert not texts(browser, "#chat .claim, #chat .draft")
        wait(lambda: texts(browser, "#chat mark") and idle(browser))
        assert texts(browser, "#chat mark") == [
            "Asif also said that the banned militant group was equipped with advanced weapons, such as night vision "
            "goggles left behind by the American forces when they withdrew from Afghanistan in August 2021."
        ]

    def test_a_marker_opens_the_article_at_the_cited_sentence(self, browser: webdriver.Chrome) -> None:
        click(browser, "button.cite")
        wait(lambda: texts(browser, "#reader mark") == texts(browser, "#chat mark"))
        assert "According to the report" in texts(browser, "#reader .body")[0]
        click(browser, "#reader .close")

    def test_a_follow_up_uses_the_conversation(self, browser: webdriver.Chrome) -> None:
        ask(browser, "And who left them behind?")
        wait(lambda: len(texts(browser, "#chat mark")) == 2 and idle(browser))
        assert "American forces" in texts(browser, "#chat .answer .text")[-1]
        assert texts(browser, "#chat .searched")[-1].startswith("SearchedWho left")

    def test_markup_in_a_question_stays_text_and_a_refusal_is_plain(self, browser: webdriver.Chrome) -> None:
        ask(browser, "<img src=x onerror=document.title='hit'> **What** is the population of Pakistan?")
        wait(lambda: texts(browser, "#chat .refusal") and idle(browser))
        assert texts(browser, "#chat .question h2")[-1].startswith("<img src=x onerror")
        assert not browser.find_elements(By.CSS_SELECTOR, "#chat .question img")
        assert browser.title == "rag"

    def test_what_was_searched_can_be_changed(self, browser: webdriver.Chrome) -> None:
        browser.execute_script("document.querySelectorAll('#chat .answer')[1].querySelector('button.chip').click()")
        box = browser.find_element(By.CSS_SELECTOR, "#question textarea")
        assert wait(lambda: box.get_attribute("value")).startswith("Who left")
        click(browser, "#editing")
        wait(lambda: not box.get_attribute("value"))

    def test_a_collection_can_be_asked_within(self, browser: webdriver.Chrome) -> None:
        click(browser, "#limits button")
        field = wait(lambda: browser.find_elements(By.CSS_SELECTOR, "#collection input"))[0]
        wait(field.is_displayed)
        field.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
        wait(lambda: field.get_attribute("value") == "of one")
        ask(browser, "When did the ceasefire end?")
        wait(lambda: "only in 1 chosen article" in texts(browser, "#chat .searched")[-1] and idle(browser))

    def test_everything_somebody_said_is_listed(self, browser: webdriver.Chrome) -> None:
        click(browser, "#tab-said-button, #said-button")
        name = wait(lambda: browser.find_elements(By.CSS_SELECTOR, "#who textarea, #who input"))[0]
        wait(name.is_displayed)
        name.send_keys("Asif", Keys.ENTER)
        wait(lambda: len(texts(browser, "#statements .source")) > 10)
        assert "statements by Khawaja Asif" in texts(browser, "#statements .status")[0]
        click(browser, "#tab-ask-button, #ask-button")

    def test_stop_ends_an_answer(self, browser: webdriver.Chrome) -> None:
        before = len(texts(browser, "#chat .answer"))
        ask(browser, "Who was in the delegation to Kabul?")
        click(browser, "#stop")
        wait(lambda: idle(browser), 5)
        assert len(texts(browser, "#chat .answer")) == before + 1

    def test_the_page_asked_no_other_machine_and_logged_no_error(
        self, browser: webdriver.Chrome, chat_address: str
    ) -> None:
        requests = [json.loads(entry["message"])["message"] for entry in log(browser, "performance")]
        urls = [r["params"]["request"]["url"] for r in requests if r["method"] == "Network.requestWillBeSent"]
        assert urls
        foreign = {
            url for url in urls if urlsplit(url).scheme.startswith("http") and not is_here(urlsplit(url).hostname)
        }
        assert foreign == set()
        logged = [entry for entry in log(browser, "browser") if chat_address in entry["message"]]  # not of other tests
        assert [entry for entry in logged if entry["level"] == "SEVERE"] == []
