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


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Question: $question", r"lacks \$evidence"),
        ("$evidence $question $date", r"names \$date"),
        ("$evidence $question costs $ 5", "stray"),
    ],
)
def test_a_wrong_template_is_found_out_at_load(folder: Path, text: str, problem: str) -> None:
    (folder / "answer.user.txt").write_text(text)
    with pytest.raises(PromptError, match=problem):
        Prompts.load(folder)


def test_a_missing_template_is_named(folder: Path) -> None:
    (folder / "rewrite.user.txt").unlink()
    with pytest.raises(PromptError, match=r"rewrite\.user\.txt"):
        Prompts.load(folder)


def test_the_digest_changes_with_any_template(folder: Path) -> None:
    before = Prompts.load(folder).sha256
    assert Prompts.load().sha256 == before
    (folder / "rewrite.system.txt").write_text("Another.")
    assert Prompts.load(folder).sha256 != before
