"""The page over fakes, in a real browser: each thing a reader does."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from rag.evaluation.questions import read_questions
from rag.web import login
from tests.conftest import ROOT, chrome, offline_environment
from tests.web.fake_page import ARTICLES
from tests.web.helpers import ask, click, idle, log, texts, wait

pytestmark = pytest.mark.browser

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


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page over four articles that all tests of this file share."""
    with serving(tmp_path_factory.mktemp("page")) as page:
        yield page


@pytest.fixture
def fresh(browser: webdriver.Chrome, page: Page) -> webdriver.Chrome:
    """The browser, as somebody who was never here."""
    return visit(browser, page.address)


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


# Reading


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


# Asking


def test_an_edited_question_takes_the_place_of_what_followed(fresh: webdriver.Chrome) -> None:
    answered(fresh, QUESTION)
    answered(fresh, "Who repaired the bridge after the flood with steel?", 2)
    fresh.execute_script("document.querySelector('#chat .question button').click()")
    box = fresh.find_element(By.CSS_SELECTOR, "#question textarea")
    wait(lambda: box.get_attribute("value") == QUESTION)
    assert texts(fresh, "#editing")[0].strip() == "Editing question 1: what follows it is asked anew. Cancel"
    box.send_keys(Keys.CONTROL, "a")
    answered(fresh, "What of the goggles?")
    assert texts(fresh, "#chat .question h2") == ["What of the goggles?"]


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
    assert fresh.find_element(By.CSS_SELECTOR, "#question textarea").get_attribute("value") == "Another?"
    click(fresh, "#stop")
    wait(lambda: not page.writing and idle(fresh), 5)
    assert len(texts(fresh, "#chat .question")) == 1


def test_why_and_what_was_left_out_can_be_opened(fresh: webdriver.Chrome) -> None:
    answered(fresh, QUESTION)
    why = fresh.find_element(By.CSS_SELECTOR, ".why")
    assert why.get_attribute("open") is None
    click(fresh, ".why summary")
    assert [text.split(" ")[0] for text in texts(fresh, ".why caption")] == ["Passages", "Sentences"]
    assert "repeats" in texts(fresh, ".why dl")[0]


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


def test_a_judgement_becomes_a_test_question(fresh: webdriver.Chrome, page: Page) -> None:
    answered(fresh, QUESTION)
    fresh.execute_script("document.querySelector('[data-reason=good]').click()")
    wait(lambda: "Kept as a test question: good" in texts(fresh, "#chat .tools")[0])
    kept = read_questions(page.folder / "data" / "judged.jsonl").questions
    assert [(q.question, q.evidence[0].quote) for q in kept if q.question == QUESTION] == [(QUESTION, CITED)]


# Going on


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
    wait(lambda: "No conversation" in texts(fresh, "#past")[0])


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


# Articles


def test_articles_are_found_chosen_and_asked_within(fresh: webdriver.Chrome) -> None:
    tab(fresh, "articles")
    wait(lambda: len(texts(fresh, "#rows li")) == 4)
    assert texts(fresh, "#timeline rect title") == ["2023-04: 1 article", "2023-05: 2 articles", "2023-07: 1 article"]
    type_in(fresh, "search-articles", "goggles")
    wait(lambda: len(texts(fresh, "#rows li")) == 1)
    click(fresh, "#rows input")
    click(fresh, "#ask-within")
    wait(lambda: "1 chosen article" in texts(fresh, "#limits button")[0])
    answered(fresh, QUESTION)
    assert "only in 1 chosen article" in texts(fresh, ".chip")
    assert texts(fresh, "#chat .strip .title") == ["The minister said the goggles were green."]


def test_a_month_and_a_collection_can_be_chosen(fresh: webdriver.Chrome) -> None:
    tab(fresh, "articles")
    wait(lambda: len(texts(fresh, "#rows li")) == 4)
    fresh.execute_script(
        "document.querySelectorAll('#timeline rect')[1].dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    wait(lambda: len(texts(fresh, "#rows li")) == 2)
    fresh.execute_script("document.querySelectorAll('#rows input').forEach((box) => box.click())")
    click(fresh, "#keep-collection")
    wait(lambda: "a collection needs a name" in texts(fresh, "#articles-told")[0])
    type_in(fresh, "collection-name", "of May")
    click(fresh, "#keep-collection")
    wait(lambda: "2 articles put into “of May”" in texts(fresh, "#articles-told")[0])
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
        type_in(browser, "paste", "The market of Delft opened in June.")
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
        click(browser, "#reader [data-do=removed]")
        wait(lambda: len(texts(browser, "#rows li")) == 1)
        browser.refresh()
        wait(lambda: "was withdrawn" in " ".join(texts(browser, "#chat .flag")))
        assert "Delft" not in " ".join(texts(browser, "#chat .source"))


def test_the_state_of_the_index_is_told(fresh: webdriver.Chrome) -> None:
    tab(fresh, "articles")
    click(fresh, "#state button")
    click(fresh, "#check")
    wait(lambda: texts(fresh, "#findings p") == ["The index is sound."])


# Without a model, behind a login


def test_without_a_model_a_sentence_answers_and_the_page_says_so(browser: webdriver.Chrome, tmp_path: Path) -> None:
    with serving(tmp_path, "--no-model") as page:
        visit(browser, page.address)
        assert "rag models fetch" in texts(browser, ".notice")[0]
        answered(browser, QUESTION)
        assert texts(browser, "#chat .claim")[0].startswith("It was damaged by")


def test_a_login_is_asked_for_where_there_are_some(browser: webdriver.Chrome, tmp_path: Path) -> None:
    login.add("Ann", "correct horse", tmp_path / "logins")
    with serving(tmp_path, "--login") as page:
        with pytest.raises(HTTPError, match="401") as refused:
            urlopen(Request(f"{page.address}/config"))
        refused.value.close()
        blank(browser)
        browser.get(page.address)
        fields = wait(lambda: len(f := browser.find_elements(By.CSS_SELECTOR, "input, textarea")) >= 2 and f)
        fields[0].send_keys("Ann")
        fields[1].send_keys("correct horse", Keys.ENTER)
        begun(browser)
        answered(browser, QUESTION)


def test_beside_another_interface_it_answers_and_stays_shielded(browser: webdriver.Chrome, tmp_path: Path) -> None:
    with serving(tmp_path, "--mounted") as page:
        with urlopen(f"{page.address}/v1/models") as models:
            assert json.load(models) == ["repeats"]
        with pytest.raises(HTTPError, match="404") as refused:
            urlopen(f"{page.address}/gradio_api/info")
        refused.value.close()
        visit(browser, page.address)
        answered(browser, QUESTION)
        assert texts(browser, "#chat mark") == [CITED]


# What the server gives


@pytest.mark.parametrize(
    "path", ["index/catalogue.sqlite", "articles/war.txt", "data/conversations.sqlite", "../../../../etc/passwd"]
)
def test_no_file_but_its_own_is_served(page: Page, path: str) -> None:
    with pytest.raises(HTTPError) as refused:
        urlopen(f"{page.address}/gradio_api/file={page.folder / path}")
    refused.value.close()
    assert refused.value.code in (403, 404)


def test_no_function_of_the_page_is_offered_as_an_interface(page: Page) -> None:
    with urlopen(f"{page.address}/config") as config:
        functions = json.load(config)["dependencies"]
    assert len(functions) > 20
    assert [fn["api_name"] for fn in functions if fn["api_visibility"] != "private"] == []


def test_another_page_cannot_ask(page: Page) -> None:
    body = json.dumps({"data": [], "fn_index": 0, "session_hash": "x"}).encode()
    headers = {"Content-Type": "application/json", "Host": "rebound.example"}
    with pytest.raises(HTTPError, match="421") as refused:
        urlopen(Request(f"{page.address}/gradio_api/queue/join", data=body, headers=headers))
    refused.value.close()


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
