"""Folders without articles, and indexes that hold none."""

from pathlib import Path

import pytest

from tests.conftest import Run
from tests.world import write


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize("again", [False, True])
def test_a_folder_in_which_nothing_is_an_article_is_an_error_each_time(
    run: Run, tmp_path: Path, *, again: bool
) -> None:
    folder = write(tmp_path / "news", a="")
    if again:
        run("index", folder)
    outcome = run("index", folder)
    assert outcome.code == 1
    assert "error: the index holds no articles; put some there (.txt, " in outcome.err


@pytest.mark.usefixtures("toy")
def test_an_index_whose_articles_were_taken_away_is_no_error(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path / "news", a="Rain fell.")
    run("index", folder)
    (folder / "a.txt").unlink()
    assert [run("index", folder, "--prune").code for _ in range(2)] == [0, 0]


@pytest.mark.usefixtures("toy")
def test_a_folder_that_is_watched_may_be_without_articles_yet(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.index.watch.changes", lambda _: iter([True, False]))
    outcome = run("index", write(tmp_path / "news", a=""), "--watch")
    assert (outcome.code, "error" in outcome.err) == (0, False)


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize("command", [("ask", "Why?", "--extractive"), ("search", "rain"), ("chat", "--extractive")])
def test_where_there_are_no_articles_it_is_said_and_nothing_is_answered(
    run: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    folder = write(tmp_path / "news", a="Rain fell.")
    run("index", folder)
    (folder / "a.txt").unlink()
    assert run("index", folder, "--prune").code == 0
    outcome = run(*command)
    assert (outcome.code, outcome.out) == (1, "")
    assert "the index in 'index' holds no articles; read some: rag index PATH" in outcome.err
