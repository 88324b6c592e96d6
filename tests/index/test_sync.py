"""The catalogue in step with files."""

import json
import os
from contextlib import closing
from pathlib import Path

import pytest

from rag.index import Catalogue, Index, sync
from rag.testing import ToyEmbedder
from tests.index.building import WORDS, build, found, holding, revision, rows, state, write


def test_the_first_build_indexes_every_file(root: Path, folder: Path) -> None:
    report = build(root, folder=folder)
    assert (report.added, report.articles, report.passages, report.embedded) == (2, 2, 2, 2)


def test_building_again_embeds_nothing(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    embedder = ToyEmbedder(*WORDS)
    report = build(root, folder=folder, embedder=embedder)
    assert (report.added, report.changed, report.removed, report.unchanged) == (0, 0, 0, 2)
    assert embedder.embedded == []


def test_building_again_changes_nothing(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    before, revision_before = state(folder), revision(folder)
    build(root, folder=folder)
    assert state(folder) == before
    assert revision(folder) == revision_before


def test_a_file_that_was_only_touched_is_unchanged(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    os.utime(root / "a.txt", ns=(1, 1))
    embedder = ToyEmbedder(*WORDS)
    assert build(root, folder=folder, embedder=embedder).unchanged == 2
    assert embedder.embedded == []


def test_a_changed_file_replaces_its_old_self(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    before = revision(folder)
    write(root, a="Rain fell on the parade.")
    report = build(root, folder=folder)
    assert (report.changed, report.articles) == (1, 2)
    assert sorted(text for _, text in rows(folder, "article")) == ["Rain fell on the parade.", "The rifles are old."]
    assert len(rows(folder, "origin")) == len(rows(folder, "passage")) == len(rows(folder, "vector")) == 2
    assert revision(folder) != before


def test_a_vanished_file_leaves_no_row_behind(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    kept = state(folder)
    write(root, c="Zanzibar sank.\n\nZanzibar rose.")
    build(root, folder=folder)
    assert state(folder) != kept
    (root / "c.txt").unlink()
    assert build(root, folder=folder).removed == 1
    assert state(folder) == kept


def test_a_vanished_file_leaves_no_word_behind(root: Path, folder: Path) -> None:
    write(root, c="Zanzibar sank.")
    build(root, folder=folder)
    assert holding(folder, b"zanzibar") == ["catalogue.sqlite"]
    before = {path.name for path in folder.rglob("*")}
    (root / "c.txt").unlink()
    build(root, folder=folder)
    assert holding(folder, b"zanzibar") == []
    # tantivy compresses its words: none of the files that knew the article may be left
    assert not {path.name for path in folder.glob("words-*/*.*") if len(path.stem) > 30} & before
    assert Index.open(folder, ToyEmbedder(*WORDS)).search_words("zanzibar", 5) == []


def test_a_vanished_file_is_not_found_any_more(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    (root / "a.txt").unlink()
    build(root, folder=folder)
    assert len(found(folder, "goggles")) == 1


def test_a_file_that_can_no_longer_be_read_as_text_loses_its_article(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    (root / "a.txt").write_bytes(b"\0binary now")
    report = build(root, folder=folder)
    assert (report.changed, report.articles, report.skipped[0].reason) == (1, 1, "binary, not text")


def test_what_cannot_be_read_is_reported_and_the_rest_is_indexed(root: Path, folder: Path) -> None:
    (root / "picture.png").write_bytes(b"png")
    report = build(root, folder=folder)
    assert report.articles == 2
    assert [Path(skipped.path).name for skipped in report.skipped] == ["picture.png"]


def test_a_file_whose_name_is_not_utf8_is_reported_and_the_rest_is_indexed(root: Path, folder: Path) -> None:
    try:
        (root / os.fsdecode(b"\xff.txt")).write_text("Its name is odd.")
    except (OSError, UnicodeError):
        pytest.skip("this file system holds no such name")
    report = build(root, folder=folder)
    assert report.articles == 2
    assert [skipped.reason for skipped in report.skipped] == ["its name is not UTF-8; rename it"]


def test_the_same_text_in_two_files_is_one_article_with_two_origins_ordered_by_path(root: Path, folder: Path) -> None:
    text = "Rain fell on the parade."
    write(root, z=text)
    build(root, folder=folder)
    write(root, c=text)
    report = build(root, folder=folder)
    assert (report.articles, report.embedded) == (3, 0)
    with closing(Catalogue.open(folder)) as catalogue:
        article = next(catalogue.article(i) for i, t in rows(folder, "article") if t == text)
        assert [Path(origin.path).name for origin in article.origins] == ["c.txt", "z.txt"]


def test_an_article_stays_while_one_of_its_files_is_left(root: Path, folder: Path) -> None:
    write(root, c="The goggles are green.")
    build(root, folder=folder)
    (root / "a.txt").unlink()
    assert build(root, folder=folder).articles == 2
    assert [Path(row[0]).name for row in rows(folder, "origin")] == ["b.txt", "c.txt"]


def test_the_order_in_which_files_come_does_not_matter(tmp_path: Path) -> None:
    one = tmp_path / "one.jsonl"
    two = tmp_path / "two.jsonl"
    one.write_text('{"text": "Rain fell.", "title": "First"}\n{"text": "Rifles rust."}')
    two.write_text('{"text": "Rain fell.", "title": "Second"}\n{"text": "Goggles shine."}')
    build(one, two, folder=tmp_path / "forth")
    build(two, folder=tmp_path / "back")
    build(one, folder=tmp_path / "back")
    for table in ("article", "origin", "passage", "vector"):
        assert rows(tmp_path / "forth", table) == rows(tmp_path / "back", table)
    assert revision(tmp_path / "forth") == revision(tmp_path / "back")


def test_a_new_title_is_a_new_revision(tmp_path: Path, folder: Path) -> None:
    file = tmp_path / "one.jsonl"
    file.write_text('{"text": "Rain fell.", "title": "First"}')
    build(file, folder=folder)
    before = revision(folder)
    file.write_text('{"text": "Rain fell.", "title": "Another"}')
    build(file, folder=folder)
    assert revision(folder) != before


def test_a_record_keeps_what_it_says_of_itself(tmp_path: Path, folder: Path) -> None:
    file = tmp_path / "news.jsonl"
    record = {
        "id": "doc-7",
        "text": "Rain fell.",
        "title": "Weather",
        "date": "2023-04-11",
        "source": "Dawn",
        "url": "u",
        "author": "Ann",
        "language": "en",
    }
    file.write_text(f"\n{json.dumps(record)}\n")
    build(file, folder=folder)
    [(disk, path, number, _, *fields)] = rows(folder, "origin")
    assert (disk, path, number) == (str(file), str(file), 2)
    assert fields == ["Weather", "doc-7", "2023-04-11", "Dawn", "u", "Ann", "en", None]


def test_titles_come_newest_first(tmp_path: Path, folder: Path) -> None:
    texts = {"a": "date 2021-01-01 Old.", "b": "Undated.", "c": "date 2023-01-01 New."}
    build(write(tmp_path / "articles", **texts), folder=folder)
    with closing(Catalogue.open(folder)) as catalogue:
        assert [title for _, title in catalogue.titles(2)] == ["New.", "Old."]


def test_passages_are_spans_of_the_text_in_order(tmp_path: Path, folder: Path) -> None:
    text = "\n\n".join(f"Paragraph {n} says “naïve” 🌧 things. " + "It rained again. " * n for n in range(9))
    build(write(tmp_path / "articles", a=text), folder=folder, passage_tokens=16)
    [(_, stored)] = rows(folder, "article")
    spans = sorted((start, end) for _, _, start, end, _ in rows(folder, "passage"))
    assert len(spans) > 9
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(stored[start:end].strip() for start, end in spans)
    assert "".join("".join(stored[start:end] for start, end in spans).split()) == "".join(stored.split())


def test_progress_ends_with_all_files_done(root: Path, folder: Path) -> None:
    steps: list[tuple[float, int]] = []
    build(root, folder=folder, progress=lambda done, total: steps.append((done, total)))
    assert steps == [(0, 2), (1, 2), (2, 2)]


def test_progress_is_told_within_a_long_file(tmp_path: Path, folder: Path) -> None:
    file = tmp_path / "long.jsonl"
    file.write_text("\n".join(json.dumps({"text": f"Rain number {n} fell."}) for n in range(1200)))
    steps: list[float] = []
    sync(
        [file],
        folder,
        ToyEmbedder(*WORDS),
        passage_tokens=32,
        max_file_bytes=10**6,
        progress=lambda done, total: steps.append(done / total),
    )
    assert steps == sorted(steps)
    assert any(0.3 < step < 0.5 for step in steps)
    assert steps[-1] == 1
