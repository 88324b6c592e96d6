"""Files become articles, or a reason why not."""

import inspect
import json
import os
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.corpus import Skipped, article_id, find_files, normalise, read_file, scan
from rag.corpus.articles import TITLE_CHARS
from rag.types import Article, Origin
from tests.conftest import ROOT

SURROGATES = st.text(alphabet=st.characters(categories=["Cs", "Mn", "Ll", "Zs", "Cc"]))


def read(path: Path, data: bytes | str, max_bytes: int = 10_000) -> list[Article | Skipped]:
    """Write `data` to `path` and read it as articles."""
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(read_file(path, max_bytes=max_bytes))


def one(path: Path, data: bytes | str) -> Article:
    """Return the one article of a file."""
    (article,) = read(path, data)
    assert isinstance(article, Article)
    return article


def origin_of(path: Path, **fields: object) -> Origin:
    """Return the origin of a JSONL record with these fields and a text."""
    return one(path / "a.jsonl", json.dumps({"text": "It rained.", **fields})).origin


def names(root: Path) -> list[str]:
    """Return the files found, as paths beneath `root`."""
    return [path.relative_to(root).as_posix() for path in find_files(root)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with one visible file, beside a file and a folder that are not beneath it."""
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "c.txt").write_text("x")
    (tmp_path / "out.txt").write_text("x")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "d.txt").write_text("x")
    return folder


def test_the_seed_article() -> None:
    (article,) = [a for path in find_files(ROOT / "seeds") for a in read_file(path, max_bytes=10**6)]
    assert isinstance(article, Article)
    assert article.origin.published == "2023-04-11"
    assert article.text.startswith("Amid a surge in attacks")
    assert article.origin.title.startswith("Amid a surge in attacks")
    assert article.origin.title.endswith("Khawaja Asif …")
    assert article.id == article_id(article.text)


def test_a_jsonl_record_keeps_its_own_fields(tmp_path: Path) -> None:
    fields = {"id": 7, "title": " A\ntitle ", "date": "4 January 2019", "source": "S", "url": "u"}
    assert origin_of(tmp_path, **fields) == Origin(
        path=str(tmp_path / "a.jsonl"),
        title="A title",
        record=1,
        source_id="7",
        published="2019-01-04",
        source="S",
        url="u",
    )


def test_what_a_record_does_not_say_is_none(tmp_path: Path) -> None:
    assert origin_of(tmp_path) == Origin(path=str(tmp_path / "a.jsonl"), title="It rained.", record=1)


@pytest.mark.parametrize("value", [True, None, ["S"], {"name": "S"}, "", " \n "])
def test_a_field_that_is_no_text_and_no_number_is_none(tmp_path: Path, value: object) -> None:
    assert origin_of(tmp_path, source=value).source is None


@pytest.mark.parametrize("date", ["April 2019", "soon", "2019-01-04 10:00 +9999"])
def test_a_date_that_names_no_day_is_none(tmp_path: Path, date: str) -> None:
    assert origin_of(tmp_path, date=date).published is None


def test_a_date_at_the_start_of_a_record_is_part_of_its_text(tmp_path: Path) -> None:
    article = one(tmp_path / "a.jsonl", '{"text": "date 2023-04-11 Amid"}')
    assert (article.text, article.origin.published) == ("date 2023-04-11 Amid", None)


@pytest.mark.parametrize(
    "broken", ["broken", '{"text": "cut', '{"id": 1}', '{"text": 1}', "[1]", "null", "[" * 100_000]
)
def test_a_broken_record_is_named_by_its_line_and_the_rest_is_read(tmp_path: Path, broken: str) -> None:
    lines = f'{{"text": "One."}}\n\n{broken}\n{{"text": "Two."}}\n'
    first, skipped, last = read(tmp_path / "a.jsonl", lines, max_bytes=1_000_000)
    assert isinstance(first, Article)
    assert isinstance(last, Article)
    assert isinstance(skipped, Skipped)
    assert (first.text, last.text) == ("One.", "Two.")
    assert (first.origin.record, skipped.record, last.origin.record) == (1, 3, 4)


def test_an_empty_record_is_skipped_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    assert read(path, '{"text": " "}') == [Skipped(str(path), "empty", 1)]


def test_a_line_separator_within_a_record_does_not_end_it(tmp_path: Path) -> None:
    assert one(tmp_path / "a.jsonl", '{"text": "One.\u2028Two."}').text == "One.\u2028Two."


def test_a_lone_surrogate_in_a_record_can_be_stored(tmp_path: Path) -> None:
    article = one(tmp_path / "a.jsonl", '{"text": "a\\ud800b", "title": "\\udfff"}')
    assert (article.text, article.origin.title) == ("a\ufffdb", "\ufffd")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.pdf", b"x", "no .pdf: its content is something else"),
        ("a.xlsx", b"x", "unknown kind '.xlsx'"),
        ("README", b"x", "unknown kind 'README'"),
        ("a.txt", b"a\0b", "binary"),
        ("a.jsonl", b"\0", "binary"),
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n ", "empty"),
        ("a.txt", b"\xef\xbb\xbf", "empty"),
        ("a.txt", b"date 2023-04-11 ", "empty"),
    ],
)
def test_what_cannot_be_read_is_skipped_with_its_reason(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    (skipped,) = read(tmp_path / name, data)
    assert isinstance(skipped, Skipped)
    assert reason in skipped.reason
    assert (skipped.path, skipped.record) == (str(tmp_path / name), None)


def test_a_file_that_is_gone_is_skipped(tmp_path: Path) -> None:
    (skipped,) = read_file(tmp_path / "a.txt", max_bytes=10)
    assert isinstance(skipped, Skipped)
    assert skipped.reason == "cannot be read: No such file or directory"


def test_a_file_may_be_as_large_as_the_limit_and_not_a_byte_larger(tmp_path: Path) -> None:
    (within,) = read(tmp_path / "a.txt", "x" * 2000, max_bytes=2000)
    (over,) = read(tmp_path / "b.txt", "x" * 2001, max_bytes=2000)
    assert isinstance(within, Article)
    assert isinstance(over, Skipped)
    assert over.reason == "2,001 bytes, over the limit of 2,000 (RAG_FILE_BYTES)"


def test_the_kind_of_a_file_may_be_in_capitals(tmp_path: Path) -> None:
    assert one(tmp_path / "A.TXT", "It rained.").text == "It rained."


@pytest.mark.parametrize(
    "data",
    [
        "\ufeffCaf\u00e9.\n\nIt rained.",
        "Caf\u00e9.\r\n\r\nIt rained.\r\n",
        "Caf\u00e9.\r\rIt rained.",
        "Cafe\u0301.\n\nIt rained.",
        " date 2023-04-11 Caf\u00e9.\n\nIt rained.",
    ],
    ids=["byte-order-mark", "crlf", "cr", "decomposed", "dated"],
)
def test_the_same_text_written_in_another_way_has_the_same_id(tmp_path: Path, data: str) -> None:
    assert one(tmp_path / "a.txt", data).id == article_id("Caf\u00e9.\n\nIt rained.")


def test_another_text_has_another_id() -> None:
    assert article_id("It rained.") != article_id("It rained")
    assert len(article_id("It rained.")) == 32


def test_without_a_title_the_first_sentence_is_the_title(tmp_path: Path) -> None:
    assert one(tmp_path / "a.txt", "It rained. It snowed.").origin.title == "It rained."


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_a_line_that_is_a_date_is_the_articles_and_no_title(tmp_path: Path, name: str) -> None:
    text = "Friday, January 4, 2019\n\nIt rained. It snowed."
    found = one(tmp_path / name, text)
    assert (found.text, found.origin.title, found.origin.published) == (text, "It rained.", "2019-01-04")
    assert one(tmp_path / name, f"date 2023-04-11 {text}").origin.published == "2023-04-11"
    assert one(tmp_path / name, "Friday, January 4, 2019").origin.title == "Friday, January 4, 2019"


def test_a_long_title_is_cut_between_words(tmp_path: Path) -> None:
    title = origin_of(tmp_path, title="word " * 50).title
    assert title == "word " * 21 + "…"
    assert len(title) <= TITLE_CHARS


def test_a_long_title_without_spaces_is_cut_within_it(tmp_path: Path) -> None:
    assert one(tmp_path / "a.txt", "漢" * 200).origin.title == "漢" * TITLE_CHARS


@given(st.text() | SURROGATES)
def test_normalised_text_is_nfc_can_be_stored_and_stays_as_it_is(text: str) -> None:
    stored = normalise(text)
    assert stored.encode().decode() == stored
    assert unicodedata.is_normalized("NFC", stored)
    assert "\r" not in stored
    assert stored == stored.strip()
    assert normalise(stored) == stored


def test_two_surrogates_that_belong_together_are_one_character() -> None:
    assert normalise("\ud83d\ude00") == "😀"


def test_files_are_found_in_the_same_order_at_any_depth(root: Path) -> None:
    (root / "b" / "deep").mkdir(parents=True)
    (root / "b" / "deep" / "a.txt").write_text("x")
    (root / "a.jsonl").write_text("x")
    assert names(root) == ["a.jsonl", "b/deep/a.txt", "c.txt"]


def test_a_file_is_its_own_root_even_if_hidden(tmp_path: Path) -> None:
    (tmp_path / ".a.txt").write_text("x")
    assert find_files(tmp_path / ".a.txt") == [tmp_path / ".a.txt"]


def test_hidden_files_and_folders_are_left_out(root: Path) -> None:
    (root / ".git").mkdir()
    for name in (".git/a.txt", ".b.txt"):
        (root / name).write_text("x")
    assert names(root) == ["c.txt"]


def test_a_root_beneath_a_hidden_folder_is_read(tmp_path: Path) -> None:
    folder = tmp_path / ".cache" / "articles"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("x")
    assert names(folder) == ["a.txt"]


def test_folders_may_lie_deeper_than_the_stack(root: Path) -> None:
    deep = root.joinpath(*["d"] * 200)
    deep.mkdir(parents=True)
    (deep / "a.txt").write_text("x")
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(len(inspect.stack()) + 100)
        assert len(find_files(root)) == 2
    finally:
        sys.setrecursionlimit(limit)


def test_what_is_no_file_is_named_and_not_opened(root: Path) -> None:
    os.mkfifo(root / "pipe.txt")
    files, odd = scan(root)
    assert [path.name for path in files] == ["c.txt"]
    assert odd == [Skipped(str(root / "pipe.txt"), "a named pipe, no file")]


def test_a_loop_of_links_is_left_out(root: Path) -> None:
    (root / "loop.txt").symlink_to(root / "loop.txt")
    (root / "folder").symlink_to(root, target_is_directory=True)
    assert names(root) == ["c.txt"]


def test_links_that_lead_out_are_left_out(root: Path) -> None:
    (root / "file.txt").symlink_to(root.parent / "out.txt")
    (root / "folder").symlink_to(root.parent / "out", target_is_directory=True)
    (root / "gone.txt").symlink_to(root.parent / "none.txt")
    assert names(root) == ["c.txt"]


def test_a_link_that_stays_within_is_followed(root: Path) -> None:
    (root / "d.txt").symlink_to(root / "c.txt")
    assert names(root) == ["c.txt", "d.txt"]
