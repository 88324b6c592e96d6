"""Prompt templates: complete, or an error when they are loaded."""

import shutil
from pathlib import Path

import pytest

from rag.errors import PromptError
from rag.prompts import Prompts
from tests.conftest import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the project's prompts."""
    return Path(shutil.copytree(ROOT / "prompts", tmp_path / "prompts"))


def test_variables_are_filled_in_and_only_once(folder: Path) -> None:
    messages = Prompts.load(folder).messages("answer", evidence="- $question", question="Why?")
    assert [message.role for message in messages] == ["system", "user"]
    assert messages[1].content == "- $question\n\nQuestion: Why?"


def test_a_variable_that_is_not_given_is_an_error(folder: Path) -> None:
    with pytest.raises(KeyError, match="evidence"):
        Prompts.load(folder).messages("answer", question="Why?")


def test_two_dollar_signs_are_one(folder: Path) -> None:
    (folder / "answer.system.txt").write_text("Never spend $$5.")
    messages = Prompts.load(folder).messages("answer", evidence="", question="")
    assert messages[0].content == "Never spend $5."


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Question: $question", r"lacks \$evidence"),
        ("$evidence $question $date", r"names \$date"),
        ("$evidence $question costs $ 5", "stray"),
        ("", r"lacks \$evidence"),
    ],
)
def test_a_wrong_template_is_found_out_at_load(folder: Path, text: str, problem: str) -> None:
    (folder / "answer.user.txt").write_text(text)
    with pytest.raises(PromptError, match=problem):
        Prompts.load(folder)


def test_a_template_that_takes_nothing_says_so(folder: Path) -> None:
    (folder / "answer.system.txt").write_text("Answer $question.")
    with pytest.raises(PromptError, match=r"names \$question.*it takes: nothing"):
        Prompts.load(folder)


@pytest.mark.parametrize("name", ["answer.system", "answer.user", "rewrite.system", "rewrite.user"])
def test_a_missing_template_is_named(folder: Path, name: str) -> None:
    (folder / f"{name}.txt").unlink()
    with pytest.raises(PromptError, match=rf"{name}\.txt.*RAG_PROMPTS_DIR"):
        Prompts.load(folder)


def test_a_template_that_is_not_utf_8_is_named(folder: Path) -> None:
    (folder / "rewrite.user.txt").write_bytes(b"caf\xe9 $question")
    with pytest.raises(PromptError, match=r"rewrite\.user\.txt"):
        Prompts.load(folder)


def test_without_a_folder_the_prompts_of_the_package_are_used(folder: Path) -> None:
    assert Prompts.load().sha256 == Prompts.load(folder).sha256


@pytest.mark.parametrize("name", ["answer.system", "answer.user", "rewrite.system", "rewrite.user"])
def test_the_digest_changes_with_any_template(folder: Path, name: str) -> None:
    before = Prompts.load(folder).sha256
    with (folder / f"{name}.txt").open("a") as template:
        template.write(".")
    assert Prompts.load(folder).sha256 != before
