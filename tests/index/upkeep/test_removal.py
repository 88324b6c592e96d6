"""Articles that were removed by hand, withdrawn or corrected."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from rag.corpus import article_id
from rag.errors import UsageError
from rag.index import Catalogue
from rag.index.doctor import examine
from rag.index.remove import bring_back, remove
from rag.index.schema import ASIDE
from rag.index.sync import Report
from tests.index.upkeep.built import RAIN, build, found


def test_a_removed_article_leaves_nothing_behind_and_is_not_read_again(articles: Path, folder: Path) -> None:
    [removed] = remove(["a.txt"], folder)
    assert removed.id == RAIN
    assert examine(folder) == []
    assert not any(b"wien" in path.read_bytes().lower() for path in folder.rglob("*") if path.is_file())
    (articles / "a.txt").touch()
    (articles / "d.txt").write_text((articles / "a.txt").read_text())
    report = build(articles, folder)
    assert (report.articles, report.left_out) == (2, 1)
    with closing(Catalogue.open(folder)) as catalogue:
        assert catalogue.withdrawal(RAIN) is not None
        assert catalogue.withdrawal(RAIN).by_hand  # type: ignore[union-attr]


@pytest.mark.parametrize("text", [None, "date 2023-04-11 Rain fell in Bern."])
def test_what_a_repair_kept_goes_with_a_text(articles: Path, folder: Path, text: str | None) -> None:
    (folder / ASIDE).write_text("Rain fell in Wien.")
    (articles / "d.txt").write_text("Hail fell.")
    build(articles, folder)
    assert (folder / ASIDE).exists()
    (articles / "a.txt").unlink()
    if text:
        (articles / "a.txt").write_text(text)
    build(articles, folder)
    assert not (folder / ASIDE).exists()


def test_what_was_removed_can_be_brought_back(articles: Path, folder: Path) -> None:
    before = found(folder, "rain")
    remove([RAIN], folder)
    bring_back([RAIN[:8]], folder)
    report = build(articles, folder)
    assert (report.articles, report.embedded) == (3, 1)
    assert found(folder, "rain") == before
    with closing(Catalogue.open(folder)) as catalogue:
        assert catalogue.withdrawal(RAIN) is None


@pytest.mark.parametrize("name", ["nothing", "ffff", "%", "_.txt", "txt", ""])
def test_a_name_of_no_article_is_an_error(folder: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no article"):
        remove([name], folder)
    with pytest.raises(UsageError, match="no removed article"):
        bring_back([name], folder)


def test_a_name_of_several_articles_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "news.jsonl"
    file.write_text('{"text": "Rain fell."}\n{"text": "Snow fell."}')
    build(file, tmp_path / "index")
    with pytest.raises(UsageError, match="is the name of 2 articles"):
        remove(["news.jsonl"], tmp_path / "index")


def test_a_corrected_file_names_what_replaced_it(articles: Path, folder: Path) -> None:
    (articles / "a.txt").write_text("Rain fell in Bern.")
    report = build(articles, folder)
    assert (report.new, report.corrected, report.withdrawn) == (0, 1, 0)
    with closing(Catalogue.open(folder)) as catalogue:
        gone = catalogue.withdrawal(RAIN)
    assert gone is not None
    assert gone.replaced_by == article_id("Rain fell in Bern.")
    assert gone.at.endswith("+00:00")
    with pytest.raises(UsageError, match="was replaced by"):
        remove([RAIN], folder)


def test_records_are_followed_by_their_own_ids(tmp_path: Path) -> None:
    file, index = tmp_path / "news.jsonl", tmp_path / "index"

    def write(*records: tuple[str | None, str]) -> Report:
        lines = [{"id": i, "text": text} if i else {"text": text} for i, text in records]
        file.write_text("\n".join(map(json.dumps, lines)))
        return build(file, index)

    write(("one", "Rain fell."), ("two", "Snow fell."), (None, "Wind blew."))
    report = write((None, "Hail fell."), ("two", "Snow fell, they say."), ("one", "Rain fell."), (None, "Wind blew."))
    assert (report.new, report.corrected, report.withdrawn, report.embedded) == (1, 1, 0, 2)
    report = write(("two", "Snow fell, they say."), (None, "Wind blew hard."))
    assert (report.new, report.corrected, report.withdrawn) == (1, 0, 3)
    assert examine(index) == []


def test_an_article_that_comes_back_is_not_withdrawn_any_more(articles: Path, folder: Path) -> None:
    text = (articles / "a.txt").read_text()
    (articles / "a.txt").unlink()
    assert build(articles, folder).withdrawn == 1
    (articles / "a.txt").write_text(text)
    assert build(articles, folder).new == 1
    with closing(Catalogue.open(folder)) as catalogue:
        assert catalogue.withdrawal(RAIN) is None


def test_an_edit_into_another_articles_text_is_counted_as_it_is(articles: Path, folder: Path) -> None:
    (articles / "a.txt").write_text((articles / "b.txt").read_text())
    report = build(articles, folder)
    assert (report.new, report.corrected, report.withdrawn, report.articles) == (0, 0, 1, 2)


def test_record_ids_that_repeat_name_no_correction(tmp_path: Path) -> None:
    file = tmp_path / "news.jsonl"
    file.write_text('{"id": "x", "text": "Rain fell."}\n{"id": "x", "text": "Snow fell."}')
    build(file, tmp_path / "index")
    file.write_text('{"id": "x", "text": "Snow fell."}')
    report = build(file, tmp_path / "index")
    assert (report.new, report.corrected, report.withdrawn) == (0, 0, 1)


@pytest.mark.parametrize("name", ["A.TXT", "\udcff", "x" * 60_000, RAIN[:3], "a%"])
def test_a_name_means_just_what_it_says(folder: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no article"):
        remove([name], folder)
