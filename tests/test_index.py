"""The catalogue in step with files, and the index that searches it."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock

from rag.chunking import EMBED_TEXT_VERSION
from rag.errors import CatalogueError, CorpusError
from rag.index import Catalogue, Index, Report, check_roots, derived, sync
from rag.index.vectors import VectorIndex
from rag.lexical import WORDS_VERSION
from rag.testing import ToyEmbedder
from rag.types import Passage, Vectors

WORDS = ("goggles", "rifles", "rain")
TABLES = ("article", "origin", "passage", "vector", "file", "root", "meta")


def write(root: Path, **texts: str) -> Path:
    """Write NAME.txt for each text into `root`, and return it."""
    root.mkdir(exist_ok=True)
    for name, text in texts.items():
        (root / f"{name}.txt").write_text(text, encoding="utf-8")
    return root


def build(
    *roots: Path, folder: Path, embedder: ToyEmbedder | None = None, passage_tokens: int = 32, **options: Any
) -> Report:
    """Sync `roots` into `folder` with a toy embedder."""
    toy = embedder or ToyEmbedder(*WORDS)
    return sync(roots, folder, toy, passage_tokens=passage_tokens, max_file_bytes=10_000, **options)


def rows(folder: Path, table: str) -> list[tuple[Any, ...]]:
    """Return all rows of a table, in order."""
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as db:
        return sorted(db.execute(f"SELECT * FROM {table}").fetchall())


def state(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything the catalogue holds."""
    return {table: rows(folder, table) for table in TABLES}


def revision(folder: Path) -> str:
    """Return the revision of the catalogue in `folder`."""
    with closing(Catalogue.open(folder)) as catalogue:
        return catalogue.revision


def found(folder: Path, question: str, *, embedder: ToyEmbedder | None = None) -> list[tuple[Passage, float]]:
    """Open the index anew and return all passages for a question, best first."""
    embedder = embedder or ToyEmbedder(*WORDS)
    return Index.open(folder, embedder).search(embedder.embed([question])[0], 100)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the index goes."""
    return tmp_path / "index"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two articles."""
    return write(tmp_path / "articles", a="The goggles are green.", b="The rifles are old.")


def holding(folder: Path, word: bytes) -> list[str]:
    """Return the files beneath an index folder that hold a word."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if word in path.read_bytes().lower()]


class FailingEmbedder(ToyEmbedder):
    """Has the digest of a toy embedder, but cannot embed."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Fail."""
        raise RuntimeError("out of memory")


# Files in, articles out


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


# Roots


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


# How it was made


def test_opening_with_another_embedder_names_the_command_that_mends_it(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    with pytest.raises(CatalogueError, match="rag index --rebuild"):
        Index.open(folder, ToyEmbedder("other", "words", "here"))


def test_syncing_with_another_embedder_names_the_command_that_mends_it(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    with pytest.raises(CatalogueError, match="rag index --rebuild"):
        build(root, folder=folder, embedder=ToyEmbedder("other", "words", "here"))


def test_another_passage_size_names_the_command_that_mends_it(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    with pytest.raises(CatalogueError, match=r"passage_tokens 32, now it is 16.*rag index --rebuild"):
        build(root, folder=folder, passage_tokens=16)


def test_a_rebuild_with_another_embedder_is_searched_with_it(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    before = revision(folder)
    other = ToyEmbedder("old")
    report = build(root, folder=folder, embedder=other, rebuild=True)
    assert (report.unchanged, report.embedded) == (2, 2)
    assert revision(folder) != before
    best, _ = found(folder, "old", embedder=other)[0]
    with closing(Catalogue.open(folder)) as catalogue:
        assert catalogue.article(best.article_id).text == "The rifles are old."


def test_a_rebuild_in_the_same_way_gives_the_same_revision(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    before = state(folder)
    assert build(root, folder=folder, rebuild=True).embedded == 2
    assert state(folder) == before


def test_a_newer_format_is_an_error_whatever_its_manifest_holds(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as db:
        newer = json.dumps({"format_version": 99, "what": "nobody knows yet"})
        db.execute("UPDATE meta SET value = ? WHERE key = 'manifest'", (newer,))
        db.commit()
    with pytest.raises(CatalogueError, match="has format 99, this rag reads 4; use the rag that made it"):
        Catalogue.open(folder)


def test_the_manifest_says_how_the_index_was_made(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    files = manifest.pop("files")
    assert f"vectors-{revision(folder)}.faiss" in files
    assert all(file.keys() == {"bytes", "sha256"} for file in files.values())
    assert manifest == {
        "format_version": 4,
        "embedder": "toy",
        "embedder_digest": "toy:goggles,rifles,rain",
        "dimension": 4,
        "embed_text_version": EMBED_TEXT_VERSION,
        "passage_tokens": 32,
        "revision": revision(folder),
        "words_version": WORDS_VERSION,
        "articles": 2,
        "passages": 2,
    }


# Damage


def delete(path: Path) -> None:
    """Remove a file."""
    path.unlink()


def garble(path: Path) -> None:
    """Put something else in place of a file."""
    path.unlink()  # it may be mapped into memory still
    path.write_bytes(b"garbage" * 100)


def truncate(path: Path) -> None:
    """Cut a file in half."""
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[: len(data) // 2])


def derived_file(folder: Path, kind: str) -> Path:
    """Return the manifest, or a file of the vectors or of the words."""
    if kind == "manifest":
        return folder / "manifest.json"
    return next(folder.glob("vectors-*")) if kind == "vectors" else next(folder.glob("words-*/*.idx"))


damages = pytest.mark.parametrize("damage", [delete, garble, truncate])
kinds = pytest.mark.parametrize("kind", ["vectors", "words", "manifest"])


@kinds
@damages
def test_a_damaged_derived_file_is_no_loss(kind: str, damage: Callable[[Path], None], root: Path, folder: Path) -> None:
    build(root, folder=folder)
    before = found(folder, "old rifles")
    damage(derived_file(folder, kind))
    assert found(folder, "old rifles") == before


@kinds
@damages
def test_the_next_sync_mends_a_damaged_derived_file(
    kind: str, damage: Callable[[Path], None], root: Path, folder: Path
) -> None:
    build(root, folder=folder)
    before = found(folder, "old rifles")
    damage(derived_file(folder, kind))
    build(root, folder=folder)
    assert derived.damaged(folder) == []
    assert found(folder, "old rifles") == before


def test_derived_files_of_another_revision_are_not_used(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    shutil.copytree(folder, folder.with_name("stale"))
    write(root, a="Rain fell on the parade.")
    build(root, folder=folder)
    before = found(folder, "rain")
    derived.clear(folder, keep=None)
    for path in folder.with_name("stale").iterdir():
        if path.name.startswith(("vectors", "words", "manifest")):
            (shutil.copytree if path.is_dir() else shutil.copy)(path, folder / path.name)
    assert found(folder, "rain") == before


@pytest.mark.parametrize("shape", [(1, 4), (3, 4), (2, 7)], ids=["too few", "too many", "too long"])
def test_derived_files_that_vouch_for_other_vectors_are_not_used(
    shape: tuple[int, int], root: Path, folder: Path
) -> None:
    build(root, folder=folder)
    before = found(folder, "old rifles")
    numbers = np.arange(shape[0], dtype=np.int64)
    other = VectorIndex.build(lambda: [(numbers, np.ones(shape, np.float32))], count=shape[0], dimension=shape[1])
    path = derived_file(folder, "vectors")
    other.save(path)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][path.name]["bytes"] = path.stat().st_size
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert found(folder, "old rifles") == before


@pytest.mark.parametrize("name", ["revision", "passages", "dimension", "files"])
def test_a_manifest_that_lacks_something_is_no_loss(name: str, root: Path, folder: Path) -> None:
    build(root, folder=folder)
    before = found(folder, "old rifles")
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest[name]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert found(folder, "old rifles") == before


@pytest.mark.parametrize("damage", [garble, truncate])
def test_a_damaged_catalogue_is_an_error(damage: Callable[[Path], None], root: Path, folder: Path) -> None:
    build(root, folder=folder)
    damage(folder / "catalogue.sqlite")
    for attempt in (lambda: Index.check(folder), lambda: build(root, folder=folder)):
        with pytest.raises(CatalogueError, match="cannot be read as an index"):
            attempt()


def test_no_catalogue_is_an_error(folder: Path) -> None:
    with pytest.raises(CatalogueError, match=r"no index in .*; build it: rag index PATH"):
        Index.open(folder, ToyEmbedder(*WORDS))


def test_an_index_folder_that_is_a_file_is_an_error(root: Path, folder: Path) -> None:
    folder.write_text("in the way")
    with pytest.raises(CatalogueError, match="cannot write an index"):
        build(root, folder=folder)


# One writer, many readers


def test_an_open_index_sees_what_was_synced_since(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    embedder = ToyEmbedder(*WORDS)
    index = Index.open(folder, embedder)
    before = index.revision
    write(root, c="Rain, rain, rain.")
    build(root, folder=folder)
    best, score = index.search(embedder.embed(["rain"])[0], 1)[0]
    assert index.catalogue.article(best.article_id).text == "Rain, rain, rain."
    assert score == pytest.approx(1, abs=1e-3)
    assert index.revision == revision(folder) != before


def test_a_second_writer_is_refused(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    with FileLock(folder / ".lock"), pytest.raises(CatalogueError, match="another rag is writing"):
        build(root, folder=folder)


@pytest.mark.parametrize("rebuild", [False, True], ids=["sync", "rebuild"])
def test_a_failure_in_between_leaves_the_catalogue_as_it_was(root: Path, folder: Path, rebuild: bool) -> None:
    build(root, folder=folder)
    before = state(folder)
    write(root, a="Rain fell.", c="Rain stopped.")
    with pytest.raises(RuntimeError, match="out of memory"):
        build(root, folder=folder, embedder=FailingEmbedder(*WORDS), rebuild=rebuild)
    assert state(folder) == before


def test_the_next_sync_does_what_a_failed_one_did_not(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    write(root, c="Rain stopped.")
    with pytest.raises(RuntimeError, match="out of memory"):
        build(root, folder=folder, embedder=FailingEmbedder(*WORDS))
    assert build(root, folder=folder).added == 1


def test_above_a_size_the_best_are_scored_again_exactly(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    texts = {f"a{n}": " ".join(rng.choice(["goggles", "rifles", "rain", "sun"], 9)) + f" {n}." for n in range(300)}
    build(write(tmp_path / "many", **texts), folder=folder)
    exact = found(folder, "goggles rain rain")
    derived.clear(folder, keep=None)
    monkeypatch.setattr("rag.index.vectors.EXACT_UP_TO", 100)
    approximate = found(folder, "goggles rain rain")
    assert [score for _, score in approximate[:10]] == pytest.approx([score for _, score in exact[:10]], abs=1e-4)
    assert {passage for passage, _ in approximate[:10]} <= {p for p, score in exact if score >= exact[9][1] - 1e-4}
