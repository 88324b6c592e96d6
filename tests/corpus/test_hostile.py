"""A folder of hostile files is indexed to its end: each one is an article or named with a reason, nothing is harmed."""

import os
import resource
from contextlib import closing
from pathlib import Path

from rag.corpus import Limits
from rag.index import Catalogue, Report, sync
from rag.index.doctor import examine
from rag.testing import ToyEmbedder
from tests.hostile import SMALL_LIMIT, make

LIMITS = Limits(
    article_chars=500_000,
    member_bytes=SMALL_LIMIT,
    archive_bytes=2 * SMALL_LIMIT,
    archive_members=2000,
    pdf_pages=100,
    reader_seconds=4,
    reader_bytes=1_000_000_000,
)


def index(root: Path, folder: Path) -> Report:
    return sync([root], folder, ToyEmbedder(), passage_tokens=64, max_file_bytes=10_000_000, limits=LIMITS)


def state_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of change of all that lies beneath a folder, links not followed."""
    found = {}
    folders = [str(folder)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                found[entry.path] = (status.st_size, status.st_mtime_ns)
                folders += [entry.path] if entry.is_dir(follow_symlinks=False) else []
    return found


def peak() -> int:
    """Return the most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def check(tmp_path: Path, count: int, *, slow: bool) -> Report:
    """Index a folder of that many hostile files, and look that each is accounted for."""
    root, folder = tmp_path / "hostile", tmp_path / "index"
    make(root, count, slow=slow)
    before = state_of(root)
    outside = set(tmp_path.parent.iterdir())
    report = index(root, folder)
    assert state_of(root) == before
    assert set(tmp_path.parent.iterdir()) == outside
    assert not Path("/etc/outside.txt").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"hostile", "index"}
    with closing(Catalogue.open(folder)) as catalogue:
        read = {origin.file or origin.path for i in catalogue.article_ids() for origin in catalogue.article(i).origins}
        texts = [catalogue.article(i).text for i in catalogue.article_ids()]
    assert not any("root:x:0" in text or "nobody looks" in text for text in texts)
    named = {skipped.path for skipped in report.skipped}
    for path in before:
        name = path.removeprefix(f"{root}/")
        if os.path.isdir(path) or name in (".hidden.txt", "out.txt", "gone.txt", "loop.txt", "loop"):  # noqa: PTH112
            continue
        assert path in read or path in named or any(one.startswith(f"{path}/") for one in named), name
    assert all(skipped.reason for skipped in report.skipped)
    assert examine(folder) == []
    return report


def test_hostile_files_are_each_an_article_or_named_with_a_reason(tmp_path: Path) -> None:
    check(tmp_path, 150, slow=False)


def test_a_thousand_hostile_files_are_read_to_the_end_in_bounded_memory(tmp_path: Path) -> None:
    before = peak()
    report = check(tmp_path, 1000, slow=True)
    for name, why in {
        "sparse.txt": "(RAG_FILE_BYTES)",
        "one-line.txt": "(RAG_ARTICLE_CHARS)",
        "bomb.zip/zeros.txt": "(RAG_MEMBER_BYTES)",
        "bomb.docx": "(RAG_MEMBER_BYTES)",
        "parts.zip": "(RAG_ARCHIVE_BYTES)",
        "nested.zip/4-0.zip/3-0.zip/2-0.zip": "(RAG_ARCHIVE_DEPTH)",
        "many.zip": "(RAG_ARCHIVE_MEMBERS)",
        "many-pages.pdf": "(RAG_PDF_PAGES)",
        "attributes.html": "(RAG_READER_SECONDS)",
        "pipe.txt": "a named pipe",
        "locked.pdf": "locked by a password",
        "scanned.pdf": "no text layer",
        "clash.zip/a.zip/b.txt": "another member of this path",
        "laughs.rss": "defines XML entities",
    }.items():
        path = str(tmp_path / "hostile" / name)
        assert any(why in skipped.reason for skipped in report.skipped if skipped.path == path), name
    assert peak() - before < 500_000_000  # the reading process has a limit of its own
