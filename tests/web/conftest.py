"""A page over fakes, and a browser that comes to it."""

from collections.abc import Iterator

import pytest
from selenium import webdriver

from tests.web.browsing import Page, serving, visit


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page over four articles that all tests of this file share."""
    with serving(tmp_path_factory.mktemp("page")) as page:
        yield page


@pytest.fixture
def fresh(browser: webdriver.Chrome, page: Page) -> webdriver.Chrome:
    """The browser, as somebody who was never here."""
    return visit(browser, page.address)
