"""The tab of articles, in a real browser over fakes."""

from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.web.browsing import QUESTION, answered, read, serving, tab, type_in, visit
from tests.web.helpers import click, texts, wait

pytestmark = pytest.mark.browser


def test_articles_are_found_chosen_and_asked_within(fresh: webdriver.Chrome) -> None:
    tab(fresh, "articles")
    wait(lambda: len(texts(fresh, "#rows li")) == 4)
    assert texts(fresh, "#timeline rect title") == ["2023-04: 1 article", "2023-05: 2 articles", "2023-07: 1 article"]
    assert not fresh.find_element(By.ID, "ask-within").is_displayed(), "nothing is chosen"
    type_in(fresh, "search-articles", "goggles")
    wait(lambda: len(texts(fresh, "#rows li")) == 1)
    click(fresh, "#rows input")
    click(fresh, "#ask-within")
    wait(lambda: "1 chosen article" in texts(fresh, "#limits button")[0])
    answered(fresh, QUESTION)
    assert "only in 1 chosen article" in texts(fresh, ".chip")
    assert texts(fresh, "#chat .strip .title") == ["The minister said the goggles were green."]


def test_what_is_chosen_stays_chosen_and_nothing_else_is(fresh: webdriver.Chrome) -> None:
    tab(fresh, "articles")
    wait(lambda: len(texts(fresh, "#rows li")) == 4)
    click(fresh, "#rows li:first-child input")
    [first] = texts(fresh, "#rows li:has(:checked)")
    assert "goggles" not in first
    type_in(fresh, "search-articles", "goggles")
    wait(lambda: len(texts(fresh, "#rows li")) == 1)
    assert not texts(fresh, "#rows li:has(:checked)")
    fresh.find_element(By.CSS_SELECTOR, "#search-articles textarea, #search-articles input").send_keys("\b" * 7)
    wait(lambda: len(texts(fresh, "#rows li")) == 4)
    assert texts(fresh, "#rows li:has(:checked)") == [first]
    told = "return getComputedStyle(document.querySelector('#with-chosen'), '::before').content"
    assert fresh.execute_script(told) == '"1 chosen"'


def test_a_month_and_a_collection_can_be_chosen(fresh: webdriver.Chrome) -> None:
    tab(fresh, "articles")
    wait(lambda: len(texts(fresh, "#rows li")) == 4)
    fresh.find_elements(By.CSS_SELECTOR, "#timeline rect")[1].send_keys(Keys.ENTER)
    wait(lambda: len(texts(fresh, "#rows li")) == 2)
    fresh.execute_script("document.querySelectorAll('#rows input').forEach((box) => box.click())")
    click(fresh, "#keep-collection")
    wait(lambda: "Name the collection first." in texts(fresh, "#articles-told")[0])
    type_in(fresh, "collection-name", "of May")
    click(fresh, "#keep-collection")
    wait(lambda: "2 articles put into “of May”" in texts(fresh, "#articles-told")[0])
    click(fresh, "#choose-none")
    wait(lambda: not fresh.find_element(By.ID, "choose-none").is_displayed())
    assert not texts(fresh, "#rows li:has(:checked)")
    tab(fresh, "ask")
    click(fresh, "#limits button")
    field = wait(lambda: fresh.find_elements(By.CSS_SELECTOR, "#collection input"))[0]
    wait(field.is_displayed)
    field.click()
    wait(lambda: "of May" in " ".join(texts(fresh, "[role=option]")))


def test_what_is_brought_can_be_asked_and_removed(browser: webdriver.Chrome, tmp_path: Path) -> None:
    with serving(tmp_path, "--empty") as page:
        visit(browser, page.address)
        wait(lambda: "Bring your articles" in browser.find_element(By.TAG_NAME, "body").text)
        tab(browser, "articles")
        wait(lambda: browser.find_element(By.ID, "paste").is_displayed())
        file = tmp_path / "delft.txt"
        file.write_text("The steel beams came from Delft.")
        wait(lambda: browser.find_elements(By.CSS_SELECTOR, "#files input"))[0].send_keys(str(file))
        wait(lambda: "You can ask now" in texts(browser, "#added")[0])
        wait(lambda: len(texts(browser, "#rows li")) == 1)
        type_in(browser, "paste", "The market opened. Jan Visser said it was small. Piet Visser said it was big.")
        type_in(browser, "paste-title", "The market")
        click(browser, "#add-text")
        wait(lambda: len(texts(browser, "#rows li")) == 2)
        tab(browser, "ask")
        answered(browser, "Where did the steel come from?")
        assert texts(browser, "#chat mark") == ["The steel beams came from Delft."]
        click(browser, "button.cite")
        read(browser)
        click(browser, "#reader [data-do=remove]")
        wait(lambda: "Remove 1 article?" in texts(browser, "#reader")[0])
        tab(browser, "articles")
        assert not browser.find_elements(By.CSS_SELECTOR, "#reader[data-open]")  # what was asked there is over
        click(browser, "#rows li:has([aria-label*=Delft]) input")
        click(browser, "#remove-chosen")
        wait(lambda: "Remove 1 article?" in texts(browser, "#reader")[0])
        click(browser, "#reader [data-do=removed]")
        wait(lambda: len(texts(browser, "#rows li")) == 1)
        assert not browser.find_elements(By.CSS_SELECTOR, "#rows :checked, #reader[data-open]")
        tab(browser, "ask")
        browser.refresh()
        wait(lambda: "was withdrawn" in " ".join(texts(browser, "#chat .flag")))
        assert "Delft" not in " ".join(texts(browser, "#chat .source"))
        answered(browser, "What did Visser say of the market?", 2)
        click(browser, ".chip[data-whole*=Piet]")
        wait(lambda: texts(browser, "#chat .question h2")[1:] == ["What did Piet Visser say of the market?"])
        wait(lambda: len(texts(browser, "#chat .tools")) == 2)


def test_the_state_of_the_index_is_told(fresh: webdriver.Chrome) -> None:
    tab(fresh, "articles")
    click(fresh, "#state button")
    click(fresh, "#check")
    wait(lambda: texts(fresh, "#findings p") == ["The index is sound."])
