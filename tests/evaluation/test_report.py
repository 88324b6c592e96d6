"""The report as a page: what it says, that text stays text, and how it behaves in a real browser."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from rag.evaluation.questions import read_questions
from rag.evaluation.report import number
from rag.evaluation.run import Run
from tests.evaluation.test_run import BEAMS, BRIDGE, GREEN, SAID
from tests.web.helpers import wait
from tests.world import World

SCRIPT = "<script>document.title='hit'</script>"
HOSTILE = {"id": SCRIPT, "question": f"What of the goggles {SCRIPT}?", "answers": [f"green {SCRIPT}"],
           "evidence": [{"doc_id": "2.txt", "quote": f"goggles {SCRIPT}"}]}  # fmt: skip


@pytest.fixture
def report(tmp_path: Path, questions: Callable[..., Path]) -> Path:
    """The report of four questions over fakes: two right, one refused rightly, one with markup in every place."""
    texts = ["The minister said the goggles were green.", "Dutch engineers repaired it. The flood came.",
             f"Other goggles {SCRIPT} were seen."]  # fmt: skip
    world = World(tmp_path, *SAID, "The red goggles were expensive.", texts=texts)
    path = questions(GREEN, BRIDGE, BEAMS, HOSTILE, {"broken": SCRIPT}, name=f"{SCRIPT[8:16]}.jsonl")
    run = Run.create(tmp_path / "run", read_questions(path), world.assistant, name=path.name)
    run.go_on(world.assistant)
    run.finish()
    return run.folder / "report.html"


def test_it_is_one_page_that_reaches_for_nothing(report: Path) -> None:
    html = report.read_text("utf-8")
    assert "default-src 'none'" in html
    without_names = re.sub(r'xmlns(:\w+)?="[^"]*"', "", html)
    assert not re.findall(r"""(?:https?:)?//[a-z]|(?:src|href)=["'](?!#)""", without_names)


def test_text_of_questions_and_articles_stays_text(report: Path) -> None:
    html = report.read_text("utf-8")
    assert "<script>document" not in html
    assert "&lt;script&gt;document.title=&#39;hit&#39;&lt;/script&gt;" in html


def test_what_a_metric_lacks_is_said_and_nothing_is_nan(report: Path) -> None:
    html = report.read_text("utf-8")
    assert "not applicable: no underspecified question" in html
    assert not re.search(r"\bnan\b", html, re.IGNORECASE)


def test_a_run_stopped_before_its_first_question_has_a_report_too(
    tmp_path: Path, questions: Callable[..., Path]
) -> None:
    path = questions(GREEN)
    run = Run.create(tmp_path / "run", read_questions(path), World(tmp_path).assistant, name=path.name)
    assert run.finish()["asked"] == 0
    assert "not applicable" in (run.folder / "report.html").read_text("utf-8")


def test_every_verdict_has_its_place(tmp_path: Path, questions: Callable[..., Path]) -> None:
    world = World(tmp_path, "American soldiers left crates behind. Soldiers left 90 rifles.")
    path = questions({"question": "What of the goggles?"})
    run = Run.create(tmp_path / "run", read_questions(path), world.assistant, name=path.name)
    run.go_on(world.assistant)
    assert [claim["verdict"] for claim in run.cases[0].prediction["claims"]] == [
        "partly",
        "unsupported",
        "supported",
    ]
    run.finish()
    html = (run.folder / "report.html").read_text("utf-8")
    assert '<span class="badge neutral">partly</span>' in html
    assert '<span class="badge bad">unsupported, withheld</span>' in html


def test_no_two_things_have_the_same_id(report: Path) -> None:
    ids = re.findall(r' id="([^"]+)"', report.read_text("utf-8"))
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.12345, "share", "0.123"),
        (1.5, "seconds", "1.50 s"),
        (1234.4, "tokens", "1,234"),
        (None, "share", "not applicable"),
    ],
)
def test_numbers_as_people_read_them(value: float | None, unit: str, shown: str) -> None:
    assert number(value, unit) == shown


@pytest.mark.browser
def test_in_a_browser(report: Path, browser: webdriver.Chrome) -> None:
    untyped: Any = browser
    untyped.get_log("browser")
    browser.get(report.as_uri())

    def shown() -> list[str]:
        return [e.text for e in browser.find_elements(By.CSS_SELECTOR, ".item .question") if e.is_displayed()]

    assert len(shown()) == 4
    assert browser.title.endswith("rag eval")
    browser.find_element(By.CSS_SELECTOR, 'button[data-outcome="refused rightly"]').click()
    assert shown() == [BRIDGE["question"]]
    assert browser.find_element(By.ID, "shown").text == "1 of 4 shown"
    browser.find_element(By.CSS_SELECTOR, 'button[data-outcome=""]').click()
    browser.find_element(By.CSS_SELECTOR, 'a[href="#refused rightly"]').click()
    wait(lambda: shown() == [BRIDGE["question"]])  # a link works a second time
    browser.find_element(By.CSS_SELECTOR, 'button[data-outcome=""]').click()
    browser.find_element(By.CSS_SELECTOR, "input[type=search]").send_keys("REPAIRED engineers")
    assert shown() == [BEAMS["question"]]
    browser.find_element(By.XPATH, "//details[not(@hidden)]/summary[contains(., 'repaired')]").click()
    body = browser.find_element(By.CSS_SELECTOR, "details[open] .body").text
    assert "Searched Who repaired the old bridge?" in body
    assert browser.find_elements(By.CSS_SELECTOR, "details[open] mark")
    assert len(browser.find_elements(By.CSS_SELECTOR, "figure svg")) == 2
    assert [entry for entry in untyped.get_log("browser") if entry["level"] == "SEVERE"] == []

    metrics = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        browser.get("about:blank")
        browser.get(report.as_uri() + "#refused%20rightly")
        assert shown() == [BRIDGE["question"]]
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
