"""Files become articles, or a reason why not."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.corpus import Skipped, article_id, find_files, normalise, read_file
from rag.types import Article
from tests.conftest import ROOT


def read(path: Path, data: bytes | str, max_bytes: int = 10_000) -> list[Article | Skipped]:
    """Write `data` to `path` and read it as articles."""
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(read_file(path, max_bytes=max_bytes))


def one(path: Path, data: bytes | str) -> Article:
    """Return the one article of a file."""
    (article,) = read(path, data)
    assert isinstance(article, Article)
    return article


def test_the_seed_article() -> None:
    (article,) = read_file(next((ROOT / "seeds").glob("*.txt")), max_bytes=10**6)
    assert isinstance(article, Article)
    assert article.origin.published == "2023-04-11"
    assert article.text.startswith("Amid a surge in attacks")
    assert article.origin.title.endswith("Khawaja Asif …")
    assert article.id == article_id(article.text)


def test_a_jsonl_record_keeps_its_own_fields(tmp_path: Path) -> None:
    record = {"id": 7, "title": " A\ntitle ", "text": "It rained.", "date": "4 January 2019", "source": "S", "url": "u"}
    origin = one(tmp_path / "a.jsonl", json.dumps(record)).origin
    assert (origin.source_id, origin.title, origin.published) == ("7", "A title", "2019-01-04")
    assert (origin.source, origin.url, origin.record) == ("S", "u", 1)


def test_a_broken_record_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    results = read(tmp_path / "a.jsonl", '{"text": "One."}\nbroken\n\n{"id": 1}\n{"text": "Two."}')
    assert [r.text for r in results if isinstance(r, Article)] == ["One.", "Two."]
    assert [r.record for r in results if isinstance(r, Skipped)] == [2, 4]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.pdf", b"x", "unknown kind '.pdf'"),
        ("a.txt", b"a\0b", "binary"),
        ("a.txt", b"caf\xe9", "not UTF-8 at byte 3"),
        ("a.txt", b" \n ", "empty"),
        ("a.txt", b"date 2023-04-11 ", "empty"),
        ("a.txt", b"x" * 10_001, "over the limit"),
    ],
)
def test_what_cannot_be_read_is_skipped_with_its_reason(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    (skipped,) = read(tmp_path / name, data)
    assert isinstance(skipped, Skipped)
    assert reason in skipped.reason


def test_line_ends_byte_order_mark_and_composition_do_not_matter(tmp_path: Path) -> None:
    plain = one(tmp_path / "a.txt", "Caf\u00e9.\n\nIt rained.\n")
    other = one(tmp_path / "b.txt", "\ufeffCafe\u0301.\r\n\r\nIt rained.")
    assert plain.id == other.id


@given(st.text() | st.text(alphabet=st.characters(categories=["Cs", "Mn", "Ll"])))
def test_normalised_text_is_nfc_can_be_stored_and_stays_as_it_is(text: str) -> None:
    stored = normalise(text)
    assert stored.encode().decode() == stored
    assert unicodedata.is_normalized("NFC", stored)
    assert "\r" not in stored
    assert normalise(stored) == stored


def test_hidden_files_and_links_that_lead_out_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "out.txt").write_text("x")
    root = tmp_path / "root"
    (root / ".git").mkdir(parents=True)
    for name in (".git/a.txt", ".b.txt", "c.txt"):
        (root / name).write_text("x")
    (root / "link.txt").symlink_to(tmp_path / "out.txt")
    assert [path.name for path in find_files(root)] == ["c.txt"]
