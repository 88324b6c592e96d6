"""Takes pictures of the real page: `make screenshots`. Those of docs/images/ are committed, the others to be looked at.

Needs the models, an index in index/ and Chromium; starts the page itself, with a folder of its own for conversations.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By

from tests.conftest import ROOT, chrome, offline_environment
from tests.web.helpers import ask, click, idle, texts, wait

PORT = 7898
COMMITTED = ("chat", "chat-dark", "chat-phone", "article")
QUESTIONS = ("What did Asif say about weapons?", "And who left them behind?")


def welcome(browser: webdriver.Chrome) -> None:
    """Nothing was asked yet."""
    wait(lambda: texts(browser, ".example"))


def conversation(browser: webdriver.Chrome) -> None:
    """Two questions and their answers."""
    welcome(browser)
    for n, question in enumerate(QUESTIONS, start=1):
        ask(browser, question)
        wait(lambda n=n: len(texts(browser, "#chat .tools")) == n and idle(browser), 180)  # type: ignore[misc]


def article(browser: webdriver.Chrome) -> None:
    """The article, open at the sentence cited."""
    conversation(browser)
    click(browser, "button.cite")
    wait(lambda: texts(browser, "#reader[data-open] mark"))


def why(browser: webdriver.Chrome) -> None:
    """Why an answer came out as it did."""
    conversation(browser)
    click(browser, ".why summary")
    browser.execute_script("document.querySelector('.panel-wrap').scrollBy(0, 260)")


def articles(browser: webdriver.Chrome) -> None:
    """The articles, and where to bring more."""
    welcome(browser)
    click(browser, "#articles-button, #tab-articles-button")
    wait(lambda: texts(browser, "#rows li"))
    click(browser, "#add button")
    wait(lambda: browser.find_element(By.ID, "paste").is_displayed())


def past(browser: webdriver.Chrome) -> None:
    """Past conversations."""
    conversation(browser)
    click(browser, "#past-button, #tab-past-button")
    wait(lambda: texts(browser, "#past li"))


SHOTS: dict[str, tuple[int, int, str, Callable[[webdriver.Chrome], None]]] = {
    "chat": (1000, 860, "light", conversation),
    "chat-dark": (1000, 860, "dark", conversation),
    "chat-phone": (390, 844, "light", conversation),
    "article": (1400, 860, "light", article),
    "article-phone": (360, 780, "dark", article),
    "why": (1000, 860, "light", why),
    "articles": (1000, 860, "light", articles),
    "past": (1000, 860, "dark", past),
    "welcome-phone": (360, 780, "light", welcome),
}
EMPTY = {"empty": (1000, 860, "light", lambda browser: wait(lambda: texts(browser, ".welcome")))}


def main() -> None:
    """Take all of them, or those that are named."""
    names = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        for index, shots in ((ROOT / "index", SHOTS), (Path(folder) / "index", EMPTY)):
            wanted = {name: shot for name, shot in shots.items() if name in names or not names}
            if wanted:
                with serving(index, Path(folder) / "data"):
                    for name, (width, height, theme, show) in wanted.items():
                        take(name, show, width=width, height=height, theme=theme)


@contextmanager
def serving(index: Path, data: Path) -> Iterator[None]:
    """Serve the page while inside."""
    command = [sys.executable, str(ROOT / "app.py"), "--port", str(PORT), "--index", str(index), "--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=offline_environment()) as chat:
        try:
            assert chat.stdout
            print(chat.stdout.readline().strip())
            yield
        finally:
            chat.terminate()


def take(name: str, show: Callable[[webdriver.Chrome], object], *, width: int, height: int, theme: str) -> None:
    """Save NAME.png."""
    with tempfile.TemporaryDirectory() as profile, chrome(Path(profile)) as browser:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        browser.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
        browser.get(f"http://127.0.0.1:{PORT}/?__theme={theme}")
        wait(lambda: browser.execute_script("return sessionStorage.getItem('rag')"), 60)
        show(browser)
        browser.execute_script("document.activeElement.blur()")
        time.sleep(0.5)  # what moves comes to rest
        folder = ROOT / ("docs/images" if name in COMMITTED else "build/screenshots")
        folder.mkdir(parents=True, exist_ok=True)
        browser.save_screenshot(str(folder / f"{name}.png"))


if __name__ == "__main__":
    main()
