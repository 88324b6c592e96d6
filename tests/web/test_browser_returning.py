"""Reloads, kills, past conversations and other visitors, in a real browser over fakes."""

from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from tests.conftest import chrome
from tests.web.browsing import QUESTION, Page, answered, serving, tab, type_in, visit
from tests.web.helpers import ask, click, idle, texts, wait

pytestmark = pytest.mark.browser


def test_a_reload_in_the_middle_of_an_answer_brings_the_question_back(fresh: webdriver.Chrome, page: Page) -> None:
    answered(fresh, QUESTION)
    ask(fresh, "What of the rifles? Go on endlessly")
    wait(lambda: page.writing)
    fresh.refresh()
    wait(lambda: not page.writing, 3)
    wait(lambda: texts(fresh, "#chat .question h2") == [QUESTION], 30)
    box = fresh.find_element(By.CSS_SELECTOR, "#question textarea")
    assert wait(lambda: box.get_attribute("value")) == "What of the rifles? Go on endlessly"


def test_a_server_that_was_killed_goes_on_where_it_was(browser: webdriver.Chrome, tmp_path: Path) -> None:
    with serving(tmp_path) as page:
        visit(browser, page.address)
        answered(browser, QUESTION)
        page.kill()
        page.start()
        browser.refresh()
        wait(lambda: texts(browser, "#chat .question h2") == [QUESTION], 30)
        answered(browser, "What of the goggles?", 2)
        tab(browser, "past")
        wait(lambda: "2 questions" in texts(browser, "#past")[0])


def test_past_conversations_are_found_and_gone_on_with(fresh: webdriver.Chrome) -> None:
    answered(fresh, QUESTION)
    click(fresh, "#new")
    wait(lambda: not texts(fresh, "#chat .question"))
    answered(fresh, "What of the goggles?")
    tab(fresh, "past")
    wait(lambda: len(texts(fresh, "#past li")) == 2)
    type_in(fresh, "search-past", "great flood")
    wait(lambda: len(texts(fresh, "#past li")) == 1)
    click(fresh, "#past [data-do=resume]")
    wait(lambda: texts(fresh, "#chat .question h2") == [QUESTION])
    tab(fresh, "past")
    click(fresh, "#past [data-do=forget]")
    assert texts(fresh, "#past [data-do=forget]") == ["Delete for good"]
    click(fresh, "#past [data-do=forget]")
    wait(lambda: "No conversation" in texts(fresh, "#past")[0])
    tab(fresh, "ask")
    assert not texts(fresh, "#chat .question"), "it is not there to be gone on with"


def test_two_visitors_see_nothing_of_each_other_and_wait_for_each_other(
    fresh: webdriver.Chrome, page: Page, tmp_path: Path
) -> None:
    ask(fresh, "What of the flood? Go on endlessly")
    wait(lambda: page.writing)
    mine = fresh.execute_script("return sessionStorage.getItem('rag')")
    with chrome(tmp_path) as other:
        visit(other, page.address)
        ask(other, "What of the goggles?")
        wait(lambda: "1 answer before yours" in " ".join(texts(other, "#chat .status")))
        assert texts(other, "#chat .strip"), "sources do not wait"
        click(fresh, "#stop")
        wait(lambda: texts(other, "#chat mark") and idle(other))
        other.execute_script("sessionStorage.setItem('rag', arguments[0])", mine)
        other.refresh()
        wait(lambda: texts(other, ".welcome"))
        assert not texts(other, "#chat .question"), "knowing its name is not enough"
        tab(other, "past")
        wait(lambda: texts(other, "#past li"))
        assert "endlessly" not in texts(other, "#past")[0]


def test_a_closed_tab_frees_its_answer(fresh: webdriver.Chrome, page: Page) -> None:
    ask(fresh, "What of the flood? Go on endlessly")
    wait(lambda: page.writing)
    fresh.get("about:blank")
    wait(lambda: not page.writing, 3)
