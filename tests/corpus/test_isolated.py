"""The reading process: it may die, hang or ask for too much, and reading goes on."""

import os
import signal
import sys
import zlib
from pathlib import Path

import pytest

from rag.corpus import FileReader, Limits, Skipped
from rag.types import Article
from tests.files import STORY, message, page, pdf, zipped

BOMB = b"<p " + b" ".join(b"a%d=1" % n for n in range(300_000)) + b">It rained.</p>"
"""A page that trafilatura takes minutes to read: each attribute is compared with all others."""
QUICK = Limits(reader_seconds=4)


def described(result: Article | Skipped) -> str:
    return f"{result.path}: {result.reason}" if isinstance(result, Skipped) else result.origin.path


def test_of_a_file_with_too_many_articles_the_first_are_read() -> None:
    rows = "text\n" + "".join(f"It rained in town {n}.\n" for n in range(5))
    with FileReader(Limits(file_articles=3)) as reader:
        *articles, last = reader.read("a.csv", rows.encode())
        assert [a.text for a in articles if isinstance(a, Article)] == [f"It rained in town {n}." for n in range(3)]
        assert last == Skipped(
            "a.csv", "has more articles, over the limit of 3 (RAG_FILE_ARTICLES); the rest was left out"
        )
        assert len([*reader.read("b.csv", b"text\nIt snowed.\n")]) == 1  # what was left is not taken for another's


def test_what_is_read_elsewhere_is_what_is_read_here() -> None:
    mail = message(STORY[0], {"a.pdf": pdf([[(60, 700, 10, "Rain.")], [(60, 700, 10, "Snow.")]])}, Subject="Dam")
    with FileReader() as reader:
        first, second = reader.read("a.eml", mail.as_bytes())
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert (first.text, first.origin.title) == (STORY[0], "Dam")
    assert second.origin.pages == (0, 7)
    assert second.origin.page(second.text.index("Snow")) == 2


def test_a_page_that_takes_too_long_is_skipped_and_the_next_is_read() -> None:
    with FileReader(QUICK) as reader:
        [skipped] = reader.read("a.html", BOMB)
        assert skipped == Skipped("a.html", "takes more than 4 seconds to read (RAG_READER_SECONDS)")
        [found] = reader.read("b.html", page().encode())
    assert isinstance(found, Article)


def test_the_members_behind_one_that_takes_too_long_are_read() -> None:
    members = {"a.html": page().encode(), "b.html": BOMB, "c.txt": b"It rained.", "d/e.txt": b"It snowed."}
    with FileReader(QUICK) as reader:
        found = [described(result) for result in reader.read("a.zip", zipped(members))]
    assert found == [
        "a.zip/a.html",
        "a.zip/b.html: takes more than 4 seconds to read (RAG_READER_SECONDS)",
        "a.zip/c.txt",
        "a.zip/d/e.txt",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_a_parser_that_crashes_costs_what_it_reads_alone() -> None:
    members = {"a.txt": b"It rained."} | {f"{n}.html": page().encode() for n in range(3)}
    with FileReader() as reader:
        results = reader.read("a.zip", zipped(members))
        first = next(results)
        os.kill(reader._worker._process.pid, signal.SIGSEGV)  # type: ignore[union-attr]
        rest = list(results)
        assert reader._worker is not None
    assert isinstance(first, Article)
    given = {result.origin.path for result in rest if isinstance(result, Article)}
    crashed = [result for result in rest if isinstance(result, Skipped)]
    # it may have said all before the signal came; what it had not said is read by another process, but for one member
    assert given | {skipped.path for skipped in crashed} >= {f"a.zip/{n}.html" for n in range(3)}
    assert len(crashed) <= 1
    assert all(skipped.reason == "its parser crashed (SIGSEGV)" for skipped in crashed)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit memory")
def test_a_file_that_takes_too_much_memory_is_skipped() -> None:
    packer = zlib.compressobj(1, wbits=31)
    packed = b"".join([packer.compress(bytes(10_000_000)) for _ in range(80)] + [packer.flush()])
    limits = Limits(reader_bytes=600_000_000, member_bytes=10**9, archive_bytes=10**9)
    with FileReader(limits) as reader:
        [skipped] = reader.read("a.txt.gz", packed)
        assert skipped == Skipped("a.txt.gz", "needs too much memory (RAG_READER_BYTES)")
        [found] = reader.read("b.html", page().encode())
    assert isinstance(found, Article)


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
def test_a_reading_process_that_nobody_ends_ends_itself() -> None:
    reader = FileReader(Limits(reader_seconds=1))
    results = reader.read("a.zip", zipped({"a.txt": b"It rained.", "b.html": BOMB}))
    next(results)
    process = reader._worker._process  # type: ignore[union-attr]
    assert process.wait(timeout=60) == -signal.SIGXCPU  # nobody has asked for more meanwhile
    assert [described(r) for r in results] == ["a.zip/b.html: takes more than 1 seconds to read (RAG_READER_SECONDS)"]
    reader.close()


def test_who_stops_listening_does_not_hear_the_rest_later() -> None:
    members = {f"{n}.html": page().encode() for n in range(9)}
    with FileReader() as reader:
        results = reader.read("a.zip", zipped(members))
        next(results)
        results.close()  # type: ignore[attr-defined]
        assert [described(result) for result in reader.read("b.html", page().encode())] == ["b.html"]


def test_a_file_of_which_much_is_skipped_is_summed_up() -> None:
    with FileReader() as reader:
        found = list(reader.read("a.jsonl", b"broken\n" * 1500))
    assert len(found) == 1001
    assert found[-1] == Skipped("a.jsonl", "500 more parts of it were skipped")


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with FileReader() as reader:
        [pipe] = reader.read_file(tmp_path / "pipe.txt", max_bytes=100)
        [folder] = reader.read_file(tmp_path, max_bytes=100)
    assert [described(pipe), described(folder)] == [
        f"{tmp_path}/pipe.txt: a named pipe, no file",
        f"{tmp_path}: a folder",
    ]


def test_the_reading_process_can_write_no_file(tmp_path: Path) -> None:
    import subprocess

    script = (
        "from rag.corpus.worker import _confine\n_confine(10**9)\n"
        f"import pathlib\npathlib.Path({str(tmp_path / 'out.txt')!r}).write_text('x' * 10)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "File too large" in done.stderr
    assert (tmp_path / "out.txt").read_text() == ""
