"""Whoever asks, in a real browser over fakes: limits, stopping, saving, judging."""

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from rag.evaluation.questions import read_questions
from tests.web.browsing import CITED, QUESTION, Page, answered, type_in
from tests.web.helpers import ask, click, idle, texts, told, wait

pytestmark = pytest.mark.browser


def test_an_edited_question_takes_the_place_of_what_followed_and_an_empty_one_does_not(fresh: webdriver.Chrome) -> None:
    answered(fresh, QUESTION)
    answered(fresh, "Who repaired the bridge after the flood with steel?", 2)
    fresh.execute_script("document.querySelector('#chat .question button').click()")
    box = fresh.find_element(By.CSS_SELECTOR, "#question textarea")
    wait(lambda: box.get_attribute("value") == QUESTION)
    assert texts(fresh, "#editing")[0].strip() == "Editing question 1: later ones will be deleted. Cancel"
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys(Keys.BACKSPACE, Keys.ENTER)
    wait(lambda: "Type a question first." in told(fresh))
    assert texts(fresh, "#editing"), "nothing was asked, and the question is edited still"
    answered(fresh, "What of the goggles?")
    assert texts(fresh, "#chat .question h2") == ["What of the goggles?"]


def test_where_nothing_follows_editing_warns_of_nothing_and_escape_ends_it(fresh: webdriver.Chrome) -> None:
    answered(fresh, QUESTION)
    fresh.execute_script("document.querySelector('#chat .question button').click()")
    wait(lambda: [text.strip() for text in texts(fresh, "#editing")] == ["Editing question 1. Cancel"])
    fresh.find_element(By.CSS_SELECTOR, "#question textarea").send_keys(Keys.ESCAPE)
    wait(lambda: not fresh.find_elements(By.ID, "editing"))


def test_a_limit_is_shown_as_a_chip_and_can_be_dropped(fresh: webdriver.Chrome) -> None:
    click(fresh, "#limits button")
    wait(lambda: fresh.find_element(By.CSS_SELECTOR, "#from textarea, #from input").is_displayed())
    type_in(fresh, "from", "June 2023")
    wait(lambda: "June 2023" in texts(fresh, "#limits button")[0])
    answered(fresh, QUESTION)
    assert "only since 2023-06-01" in texts(fresh, ".chip")
    click(fresh, ".chip.drop")
    wait(lambda: texts(fresh, "#chat mark") == [CITED])
    assert "only since 2023-06-01" not in texts(fresh, ".chip")


def test_stop_ends_an_answer_and_frees_the_model(fresh: webdriver.Chrome, page: Page) -> None:
    ask(fresh, "What of the flood? Go on endlessly")
    wait(lambda: page.writing and texts(fresh, "#chat .draft"))
    ask(fresh, "Another?")
    wait(lambda: "An answer is being written" in told(fresh))
    assert fresh.find_element(By.CSS_SELECTOR, "#question textarea").get_attribute("value") == "Another?"
    click(fresh, "#stop")
    wait(lambda: not page.writing and idle(fresh), 5)
    assert len(texts(fresh, "#chat .question")) == 1


def test_why_and_what_was_left_out_can_be_opened(fresh: webdriver.Chrome) -> None:
    answered(fresh, QUESTION)
    why = fresh.find_element(By.CSS_SELECTOR, ".why")
    assert why.get_attribute("open") is None
    click(fresh, ".why summary")
    assert texts(fresh, ".why caption") == ["Passages found", "Sentences read", "Sentences written"]
    assert "repeats" in texts(fresh, ".why dl")[0]


def test_a_question_that_follows_stands_at_the_top(fresh: webdriver.Chrome) -> None:
    answered(fresh, QUESTION)
    answered(fresh, "What of the goggles?", 2)
    script = """
    const [, last] = document.querySelectorAll('#chat .question');
    return last.getBoundingClientRect().top - last.closest('.panel-wrap').getBoundingClientRect().top"""
    wait(lambda: abs(fresh.execute_script(script)) <= 1)


def test_a_menu_opens_where_there_is_room(fresh: webdriver.Chrome) -> None:
    answered(fresh, QUESTION)
    answered(fresh, "Who repaired the bridge after the flood with steel?", 2)
    script = """
    const menu = document.querySelectorAll('.tools details')[arguments[0]], tools = menu.closest('.tools');
    const log = tools.closest('.panel-wrap');
    log.scrollTop += tools.getBoundingClientRect().top - 60 - 400 * arguments[0];
    menu.open = true;
    return new Promise((told) => setTimeout(() => {
      const shown = menu.querySelector('.menu').getBoundingClientRect();
      told(shown.top >= log.getBoundingClientRect().top && shown.bottom <= innerHeight);
    }, 300));"""
    assert fresh.execute_script(script, 0), "at the top it opens downward"
    assert fresh.execute_script(script, 2), "beneath an answer upward"


def test_an_answer_can_be_copied_and_saved(fresh: webdriver.Chrome) -> None:
    answered(fresh, QUESTION)
    fresh.execute_script(
        "window.taken = []; window.rag.deliver = (parcel) => window.taken.push([parcel.how, parcel.name, parcel.text])"
    )
    for n, name in enumerate(("Copy", "Copy as Markdown", "Download as Markdown", "Download as HTML"), start=1):
        buttons = fresh.find_elements(By.CSS_SELECTOR, "#chat .tools [data-do=export]")
        one = next(b for b in buttons if b.get_attribute("textContent") == name)
        fresh.execute_script("arguments[0].click()", one)
        wait(lambda n=n: len(fresh.execute_script("return window.taken")) == n)  # type: ignore[misc]
    taken = fresh.execute_script("return window.taken")
    assert [(how, name) for how, name, _ in taken] == [
        ("copy", "answer.txt"),
        ("copy", "answer.md"),
        ("download", "answer.md"),
        ("download", "answer.html"),
    ]
    assert "[1]" in taken[0][2]
    assert "[^1-1]: " in taken[1][2]
    assert "<q>It was damaged by the “great” 🌊 flood &amp; rain.</q>" in taken[3][2]


def test_a_judgement_becomes_a_test_question_and_closes_nothing(fresh: webdriver.Chrome, page: Page) -> None:
    answered(fresh, QUESTION)
    click(fresh, ".why summary")
    fresh.execute_script("document.querySelector('[data-reason=good]').click()")
    wait(lambda: "Noted: good" in texts(fresh, "#chat .tools")[0])
    kept = read_questions(page.folder / "data" / "judged.jsonl").questions
    assert [(q.question, q.evidence[0].quote) for q in kept if q.question == QUESTION] == [(QUESTION, CITED)]
    wait(lambda: fresh.find_element(By.CSS_SELECTOR, ".why").get_attribute("open") is not None)
    click(fresh, ".why summary")
    answered(fresh, "Who repaired the bridge after the flood with steel?", 2)
    assert not fresh.find_elements(By.CSS_SELECTOR, ".why[open]")
