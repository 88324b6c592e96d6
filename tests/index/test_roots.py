"""Which folders and files a sync follows, and what becomes of those that are lost."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.errors import CorpusError
from rag.index import check_roots
from tests.index.building import build, rows, state, write


def test_a_missing_root_is_an_error(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(CorpusError, match="no such file or folder"):
        build(tmp_path / "nowhere", folder=folder)


def test_an_empty_root_is_an_error(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(CorpusError, match="no files in"):
        build(write(tmp_path / "articles"), folder=folder)


def test_no_root_at_all_is_an_error(folder: Path) -> None:
    with pytest.raises(CorpusError, match="nothing to index"):
        check_roots([], folder)


def test_without_roots_those_given_before_are_synced(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    write(root, c="Rain fell.")
    assert build(folder=folder).added == 1


def empty(root: Path) -> None:
    """Remove all files of a folder."""
    for path in root.iterdir():
        path.unlink()


@pytest.fixture(params=[shutil.rmtree, empty], ids=["vanished", "emptied"])
def lost(request: pytest.FixtureRequest, root: Path, folder: Path) -> Path:
    """An indexed root that has vanished since, or was emptied."""
    build(root, folder=folder)
    lose: Callable[[Path], None] = request.param
    lose(root)
    return root


def test_a_lost_root_deletes_nothing_and_is_reported(lost: Path, folder: Path) -> None:
    before = state(folder)
    report = build(lost, folder=folder)
    assert report.kept_missing == [str(lost)]
    assert report.removed == 0
    assert state(folder) == before


def test_a_lost_root_is_removed_with_prune(lost: Path, folder: Path) -> None:
    report = build(lost, folder=folder, prune=True)
    assert (report.removed, report.kept_missing, report.articles, report.passages) == (2, [], 0, 0)
    assert rows(folder, "article") == rows(folder, "passage") == rows(folder, "vector") == rows(folder, "file") == []


def test_a_root_that_was_not_given_is_left_alone(tmp_path: Path, root: Path, folder: Path) -> None:
    build(root, folder=folder)
    (root / "a.txt").unlink()
    report = build(write(tmp_path / "more", c="Rain fell."), folder=folder)
    assert (report.removed, report.articles) == (0, 3)


def test_a_file_beneath_two_roots_is_counted_once(root: Path, folder: Path) -> None:
    inner = write(root / "inner", c="Rain fell.", d="Rain stopped.")
    build(root, inner, folder=folder)
    (inner / "c.txt").unlink()
    report = build(root, inner, folder=folder)
    assert (report.removed, report.unchanged) == (1, 3)


def test_a_lost_root_within_another_deletes_nothing(root: Path, folder: Path) -> None:
    inner = write(root / "inner", c="Rain fell.")
    build(root, inner, folder=folder)
    shutil.rmtree(inner)
    report = build(root, inner, folder=folder)
    assert (report.removed, report.kept_missing, report.articles) == (0, [str(inner)], 3)
