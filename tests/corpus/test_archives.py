"""Archives and packed files: members are read in memory, whatever they are called and however much they hold."""

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.corpus import Limits, Skipped
from rag.types import Article
from tests.corpus.reading import article, read_bytes, reason
from tests.files import docx, page, paragraph, zipped
from tests.hostile import tarred

RAIN = b"It rained."
PACKERS: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


def paths(found: list[Article | Skipped]) -> list[str]:
    return [result.origin.path if isinstance(result, Article) else f"- {result.path}" for result in found]


def test_members_have_paths_beneath_the_archive_and_name_it() -> None:
    members = {
        "2021/a.html": page().encode(),
        "b.docx": docx(paragraph("It snowed.")),
        "c/in.zip": zipped({"d.txt": RAIN}),
    }
    found = read_bytes("news.zip", zipped(members))
    assert paths(found) == ["news.zip/2021/a.html", "news.zip/b.docx", "news.zip/c/in.zip/d.txt"]
    assert {a.origin.file for a in found if isinstance(a, Article)} == {"news.zip"}


@pytest.mark.parametrize("kind", PACKERS)
def test_a_packed_file_is_read_by_its_inner_name(kind: str) -> None:
    found = article(f"a.jsonl.{kind}", PACKERS[kind](b'{"text": "It rained."}'))
    assert (found.origin.path, found.origin.record) == (f"a.jsonl.{kind}/a.jsonl", 1)


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("name", ["a.tar.{}", "a.t{}", "a"])
def test_a_packed_tar_archive_is_one_whatever_its_name(kind: str, name: str) -> None:
    packed = PACKERS[kind](tarred({"x/a.txt": RAIN, "b.txt": b"It snowed."}))
    path = name.format(kind)
    assert paths(read_bytes(path, packed)) == [f"{path}/x/a.txt", f"{path}/b.txt"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/a.txt", "etc/a.txt"),
        ("/etc/a.txt", "etc/a.txt"),
        ("C:\\dir\\a.txt", "dir/a.txt"),
        ("./a.txt", "a.txt"),
        ("x/../a.txt", "x/a.txt"),
    ],
)
def test_a_name_that_leads_out_is_shown_beneath_the_archive(name: str, shown: str) -> None:
    assert paths(read_bytes("a.zip", zipped({name: RAIN}))) == [f"a.zip/{shown}"]
    assert paths(read_bytes("a.tar", tarred({name: RAIN}))) == [f"a.tar/{shown}"]


def test_hidden_members_are_left_out_like_hidden_files() -> None:
    hidden = {".git/a.txt": RAIN, "__MACOSX/._a.txt": RAIN, "x/.b.txt": RAIN, "c.txt": RAIN, "folder/": b""}
    assert paths(read_bytes("a.zip", zipped(hidden))) == ["a.zip/c.txt"]


def test_names_without_a_mark_are_utf_8_or_of_dos() -> None:
    data = zipped({"caf\u00e9.txt": RAIN})
    dos = data.replace("caf\u00e9".encode(), b"caf\x82?").replace(b"?", b"")
    assert paths(read_bytes("a.zip", data)) == ["a.zip/café.txt"]
    assert dos != data


def test_a_member_that_is_broken_does_not_hide_the_others() -> None:
    data = bytearray(zipped({"a.txt": b"It rained all day long.", "b.txt": b"It snowed."}))
    data[data.index(b"a.txt") + 7] ^= 255
    found = read_bytes("a.zip", bytes(data))
    assert paths(found) == ["- a.zip/a.txt", "a.zip/b.txt"]


def test_each_limit_says_which_setting_it_is() -> None:
    many = zipped({f"{n}.txt": b"x" * 100 for n in range(5)})
    few = Limits(archive_members=3)
    assert paths(read_bytes("a.zip", many, limits=few)) == ["a.zip/0.txt", "a.zip/1.txt", "a.zip/2.txt", "- a.zip"]
    *_, last = read_bytes("a.zip", many, limits=Limits(archive_bytes=250))
    assert last == Skipped("a.zip", "unpacks to more, over the limit of 250 (RAG_ARCHIVE_BYTES); the rest was left out")
    *_, last = read_bytes("a.tar.gz", gzip.compress(tarred({"a.txt": b"x" * 9000})), limits=Limits(archive_bytes=8000))
    assert "(RAG_ARCHIVE_BYTES)" in str(last)
    first, *_ = read_bytes("a.zip", many, limits=Limits(member_bytes=99))
    assert first == Skipped("a.zip/0.txt", "unpacks to more, over the limit of 99 (RAG_MEMBER_BYTES)")
    nested = zipped({"b.zip": zipped({"c.txt": RAIN})})
    assert "(RAG_ARCHIVE_DEPTH)" in reason("a.zip", nested, limits=Limits(archive_depth=1))
    assert "(RAG_ARCHIVE_DEPTH)" in reason("a.zip", nested, limits=Limits(archive_depth=0))
    assert "(RAG_MEMBER_BYTES)" in reason("a.txt.gz", gzip.compress(b"x" * 100), limits=Limits(member_bytes=99))
    assert "(RAG_ARTICLE_CHARS)" in reason("a.txt", b"x" * 100, limits=Limits(article_chars=99))


def test_a_member_as_large_as_the_limit_is_read(tmp_path: Path) -> None:
    assert len(article("a.txt.gz", gzip.compress(b"x" * 100), limits=Limits(member_bytes=100)).text) == 100
