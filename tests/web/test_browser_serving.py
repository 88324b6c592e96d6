"""What the page's server gives, to whom, and without a model, in a real browser over fakes."""

import json
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from rag.web import login
from tests.web.browsing import CITED, QUESTION, Page, answered, begun, blank, serving, visit
from tests.web.helpers import texts, wait

pytestmark = pytest.mark.browser


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
