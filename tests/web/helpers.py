"""What the tests of the page share: a small answer, and how to wait for a browser."""

import time
from collections.abc import Callable
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from rag.types import Answer, Article, Citation, Claim, Hit, Origin, Passage, Query

TEXT = "He spoke.\n\n<script>alert(1)</script> said *no* & left. It rained."
ARTICLE = Article("a" * 32, TEXT, (Origin(path="x.txt", title="<b>Title</b>", published="2023-04-11"),))
HIT = Hit(ARTICLE, Passage(ARTICLE.id, 0, len(TEXT)), 0.5, {"dense": 1}, kept=True)
CITATION = Citation(1, 0, ARTICLE, TEXT.index("<script>"), TEXT.index(" It rained"), "supported")


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


def told(browser: webdriver.Chrome) -> str:
    """Return what the page says in passing."""
    return " ".join(texts(browser, ".toast-body"))


def click(browser: webdriver.Chrome, selector: str) -> None:
    """Click on the last element that matches, once it is there and can be seen."""

    def seen() -> Any:
        found = [element for element in browser.find_elements(By.CSS_SELECTOR, selector) if element.is_displayed()]
        return found and found[-1]

    browser.execute_script("arguments[0].click()", wait(seen, 20))


def idle(browser: webdriver.Chrome) -> bool:
    """Tell whether no answer is running."""
    return bool(browser.execute_script("return !!document.querySelector('#send')?.offsetParent"))


def log(browser: webdriver.Chrome, kind: str) -> list[Any]:
    """Return what Chromium logged of a kind since the last call."""
    untyped: Any = browser
    entries: list[Any] = untyped.get_log(kind)
    return entries
