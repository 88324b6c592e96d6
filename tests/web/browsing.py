"""The page over fakes in a process of its own, and what a reader does there."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from selenium import webdriver
from selenium.webdriver.common.by import By

from tests.conftest import offline_environment
from tests.web.fake_page import ARTICLES
from tests.web.helpers import ask, click, idle, texts, wait

FLOOD = ARTICLES["flood.txt"].removeprefix("date 2023-05-02 ")
QUESTION = "What did the flood do to it?"
CITED = "It was damaged by the “great” 🌊 flood & rain."


class Page:
    """The page in a process of its own, which can be killed and started again."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._flags = flags
        self.start()

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def writing(self) -> bool:
        """Whether its language model writes."""
        return (self.folder / "writing").exists()

    def start(self) -> None:
        """Start it, and wait until it serves."""
        command = [sys.executable, "-m", "tests.web.fake_page", str(self.folder), str(self.port), *self._flags]
        self._process = subprocess.Popen(command, env=offline_environment())
        wait(self._answers, 60)

    def _answers(self) -> bool:
        assert self._process.poll() is None, "it ended"
        try:
            with urlopen(f"{self.address}/robots.txt"):
                return True
        except URLError:
            return False

    def kill(self) -> None:
        """End it at once."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


@contextmanager
def serving(folder: Path, *flags: str) -> Iterator[Page]:
    """Serve the page while inside."""
    page = Page(folder, *flags)
    try:
        yield page
    finally:
        page.kill()


def visit(browser: webdriver.Chrome, address: str) -> webdriver.Chrome:
    """Open the page with an empty browser, and wait until it has begun."""
    blank(browser)
    browser.get(address)
    begun(browser)
    return browser


def blank(browser: webdriver.Chrome) -> None:
    """Go to a new tab, which has a session of its own, and forget all cookies."""
    old = browser.current_window_handle
    browser.switch_to.new_window("tab")
    new = browser.current_window_handle
    browser.switch_to.window(old)
    browser.close()
    browser.switch_to.window(new)
    browser.execute_cdp_cmd("Network.clearBrowserCookies", {})


def begun(browser: webdriver.Chrome) -> None:
    """Wait until the server has told the page where it was left."""
    wait(lambda: browser.execute_script("return sessionStorage.getItem('rag')"), 30)


def answered(browser: webdriver.Chrome, question: str, n: int = 1) -> None:
    """Ask, and wait for the nth finished answer."""
    ask(browser, question)
    wait(lambda: len(texts(browser, "#chat .tools")) == n and idle(browser), 30)


def tab(browser: webdriver.Chrome, name: str) -> None:
    """Go to a tab."""
    click(browser, f"#tab-{name}-button, #{name}-button")


def read(browser: webdriver.Chrome) -> None:
    """Wait until an article is open."""
    wait(lambda: browser.find_elements(By.CSS_SELECTOR, "#reader[data-open] .reader"), 20)


def type_in(browser: webdriver.Chrome, field: str, text: str) -> None:
    """Type into a field."""
    wait(lambda: browser.find_elements(By.CSS_SELECTOR, f"#{field} textarea, #{field} input"))[0].send_keys(text)
