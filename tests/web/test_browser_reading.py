"""A reader of an answer, in a real browser over fakes: markers, keyboard, script that stays text."""

from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.conftest import ROOT
from tests.web.browsing import CITED, FLOOD, QUESTION, answered, read, tab, type_in
from tests.web.fake_page import ARTICLES
from tests.web.helpers import click, log, texts, wait

pytestmark = pytest.mark.browser


def test_a_marker_opens_the_article_at_the_cited_characters(fresh: webdriver.Chrome) -> None:
    answered(fresh, QUESTION)
    assert texts(fresh, "#chat mark") == [CITED]
    click(fresh, "button.cite")
    read(fresh)
    assert texts(fresh, "#reader mark") == [CITED]
    assert texts(fresh, "#reader .body") == [FLOOD]
    start = fresh.execute_script(
        "const all = document.createRange(), mark = document.querySelector('#reader mark');"
        "all.selectNodeContents(mark.parentElement); all.setEndBefore(mark); return [...all.toString()].length"
    )
    assert FLOOD[start : start + len(CITED)] == CITED
    place = fresh.execute_script("return document.querySelector('#reader mark').getBoundingClientRect().toJSON()")
    assert 0 < place["top"] < place["bottom"] < fresh.execute_script("return innerHeight"), "it can be seen"


def test_a_sentence_under_the_pointer_lights_its_source_and_back(fresh: webdriver.Chrome) -> None:
    answered(fresh, QUESTION)
    ActionChains(fresh).move_to_element(fresh.find_element(By.CSS_SELECTOR, ".claim")).perform()
    assert wait(lambda: texts(fresh, ".source.lit"))[0].startswith("1")
    ActionChains(fresh).move_to_element(fresh.find_element(By.CSS_SELECTOR, "#question")).perform()
    wait(lambda: not texts(fresh, ".lit"))
    ActionChains(fresh).move_to_element(fresh.find_element(By.CSS_SELECTOR, ".source .passage")).perform()
    wait(lambda: texts(fresh, ".claim.lit"))


def test_the_keyboard_alone_is_enough(fresh: webdriver.Chrome) -> None:
    answered(fresh, QUESTION)

    def focused() -> str:
        script = "const e = document.activeElement; return [e.className, e.textContent.trim()].join(' | ')"
        return str(fresh.execute_script(script))

    def press(*keys: str) -> None:
        ActionChains(fresh).send_keys(*keys).perform()

    for _ in range(40):
        press(Keys.SHIFT + Keys.TAB + Keys.NULL)
        if focused() == "cite | 1":
            break
    assert focused() == "cite | 1"
    assert texts(fresh, ".source.lit"), "focus lights the source too"
    outline = "return getComputedStyle(document.activeElement).outlineStyle"
    assert fresh.execute_script(outline) == "solid"
    press(Keys.ENTER)
    read(fresh)
    wait(lambda: "flood" in focused())
    press(Keys.ESCAPE)
    wait(lambda: not fresh.find_elements(By.CSS_SELECTOR, "#reader[data-open]"))
    assert focused() == "cite | 1", "the focus comes back"


def test_script_in_an_article_stays_text(fresh: webdriver.Chrome) -> None:
    answered(fresh, "When did the market open?")
    tab(fresh, "articles")
    wait(lambda: len(texts(fresh, "#rows li")) == 4)
    type_in(fresh, "search-articles", "market")
    wait(lambda: len(texts(fresh, "#rows li")) == 1)
    click(fresh, "#rows button")
    read(fresh)
    assert texts(fresh, "#reader .body") == [ARTICLES["evil.txt"].removeprefix("date 2023-05-09 ")]
    assert fresh.title == "rag"
    assert not fresh.find_elements(By.CSS_SELECTOR, "#chat img, #reader img, #rows img")


def test_a_script_that_got_in_would_not_run(fresh: webdriver.Chrome) -> None:
    fresh.execute_script(
        "document.body.insertAdjacentHTML('beforeend', `<img src=x onerror=\"document.title='hit'\" id=probe>`)"
    )
    wait(lambda: any("Content Security Policy" in entry["message"] for entry in log(fresh, "browser")), 10)
    assert fresh.title == "rag"


def test_text_from_right_to_left_is_read_so(fresh: webdriver.Chrome) -> None:
    answered(fresh, "جسر؟")
    way = "return getComputedStyle(document.querySelector(arguments[0])).direction"
    assert fresh.execute_script(way, "#chat .answer .text") == "rtl"
    assert fresh.execute_script(way, "#chat .question h2") == "rtl"
    assert fresh.execute_script(way, "#chat .tools") == "ltr"


def test_the_page_is_accessible(fresh: webdriver.Chrome) -> None:
    axe = ROOT / "tests" / ".axe" / "node_modules" / "axe-core" / "axe.min.js"
    if not axe.is_file():
        pytest.skip("axe-core is not here; bring it: tests/install-axe.sh")
    answered(fresh, QUESTION)
    fresh.execute_script("document.querySelectorAll('details').forEach((one) => one.open = !one.matches('.drop-down'))")
    found: list[str] = []
    for theme in ("light", "dark"):
        fresh.execute_script("document.body.classList.toggle('dark', arguments[0] == 'dark')", theme)
        for name in ("ask", "articles", "said", "past"):
            tab(fresh, name)
            wait(lambda name=name: fresh.find_element(By.ID, f"tab-{name}").is_displayed())  # type: ignore[misc]
            found += [f"{theme} {name}: {one}" for one in problems(fresh, axe)]
    tab(fresh, "ask")
    click(fresh, "button.cite")
    read(fresh)
    found += [f"reader: {one}" for one in problems(fresh, axe)]
    assert found == []


def problems(browser: webdriver.Chrome, axe: Path) -> list[str]:
    """Return what axe-core holds for serious or critical, once all that moves is where it stays."""
    browser.execute_script(
        "for (const one of document.getAnimations()) { try { one.finish() } catch { one.cancel() } }"
    )
    browser.execute_script(axe.read_text("utf-8"))
    found = browser.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "axe.run().then((r) => done(r.violations.filter((v) => ['serious', 'critical'].includes(v.impact))"
        ".map((v) => v.id + ' ' + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 120)).join(' ; '))))"
    )
    return list(found)
