"""Archives, tables and standard input in an index: kept, changed, removed."""

import io
import json
import re
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from rag.index import Catalogue, Report, sync
from rag.index.doctor import examine, repair
from rag.index.remove import bring_back, remove
from rag.testing import ToyEmbedder
from tests.conftest import Run
from tests.files import pdf, zipped


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "news.zip").write_bytes(zipped({"a.txt": b"It rained.", "b.txt": b"It snowed."}))
    (folder / "c.txt").write_text("Hail fell.")
    return folder


def index(*roots: Path, **options: object) -> Report:
    folder = roots[0].parent / "index"
    return sync(list(roots), folder, ToyEmbedder(), passage_tokens=32, max_file_bytes=10_000, **options)  # type: ignore[arg-type]


def found(root: Path) -> dict[str, str]:
    """Return text by path beneath `root` of all that the index holds."""
    with closing(Catalogue.open(root.parent / "index")) as catalogue:
        articles = [catalogue.article(i) for i in catalogue.article_ids()]
    return {o.path.removeprefix(f"{root}/"): a.text for a in articles for o in a.origins}


def test_members_of_an_archive_come_and_go_with_it(root: Path) -> None:
    assert (index(root).added, index(root).unchanged) == (2, 2)
    assert found(root) == {"news.zip/a.txt": "It rained.", "news.zip/b.txt": "It snowed.", "c.txt": "Hail fell."}
    (root / "news.zip").write_bytes(zipped({"a.txt": b"It poured.", "d.txt": b"It froze."}))
    report = index(root)
    assert (report.changed, report.new, report.corrected, report.withdrawn) == (1, 1, 1, 1)
    assert found(root) == {"news.zip/a.txt": "It poured.", "news.zip/d.txt": "It froze.", "c.txt": "Hail fell."}
    (root / "news.zip").unlink()
    assert index(root).removed == 1
    assert found(root) == {"c.txt": "Hail fell."}
    assert examine(root.parent / "index") == []


def test_a_folder_may_take_the_place_of_an_archive(root: Path) -> None:
    index(root)
    (root / "news.zip").unlink()
    (root / "news.zip").mkdir()
    (root / "news.zip" / "a.txt").write_text("It rained.")
    index(root)
    assert found(root) == {"news.zip/a.txt": "It rained.", "c.txt": "Hail fell."}
    assert examine(root.parent / "index") == []


def test_a_repair_keeps_archives_pages_and_columns(root: Path) -> None:
    (root / "d.pdf").write_bytes(pdf([[(60, 700, 10, "Rain.")], [(60, 700, 10, "Snow.")]]))
    index(root, columns={"text": "body"})
    folder = root.parent / "index"

    def state() -> list[object]:
        with closing(Catalogue.open(folder)) as catalogue:
            return [catalogue.columns(), [catalogue.article(i) for i in catalogue.article_ids()]]

    before = state()
    with closing(Catalogue.open(folder, writable=True)) as catalogue, catalogue.transaction():
        catalogue._db.execute("UPDATE vector SET crc = crc + 1")
    repair(folder, ToyEmbedder(), passage_tokens=32)
    assert state() == before
    assert examine(folder) == []
    index(root)
    assert state() == before


def test_the_columns_of_a_table_are_remembered_with_its_root(root: Path) -> None:
    (root / "t.csv").write_text("body,words\nno,Fog came.\n")
    index(root)
    assert found(root)["t.csv"] == "no"
    index(root, columns={"text": "words"})
    assert found(root)["t.csv"] == "Fog came."
    (root / "t.csv").write_text("body,words\nno,Fog went.\n")
    index(root)
    assert found(root)["t.csv"] == "Fog went."
    assert index(root).changed == 0


def test_what_comes_through_a_pipe_stays_until_it_is_removed_or_replaced(root: Path) -> None:
    index(root)
    assert index(root, piped={"stdin:a": b"Fog came."}).added == 1
    folder = root.parent / "index"
    alone = sync([], folder, ToyEmbedder(), passage_tokens=32, max_file_bytes=10_000, piped={"stdin:a": b"Fog came."})
    assert (alone.unchanged, alone.removed) == (1, 0)
    index(root)
    assert found(root)["stdin:a"] == "Fog came."
    assert index(root, piped={"stdin:a": b"Fog went."}).corrected == 1
    [gone] = remove(["stdin:a"], folder)
    assert "stdin:a" not in found(root)
    report = index(root, piped={"stdin:b": b"Fog went."})
    assert report.left_out == 1
    bring_back([gone.id], folder)
    index(root, piped={"stdin:b": b"Fog went."})
    assert found(root)["stdin:b"] == "Fog went."


@pytest.mark.usefixtures("toy")
class TestCommand:
    """`rag index` with what it is given."""

    def pipe(self, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))

    def test_standard_input_is_an_article(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pipe(monkeypatch, b"Fog came over the goggles.")
        assert "1 new" in run("index", "-").out
        [one] = json.loads(run("list", "--json").out)["articles"]
        assert re.fullmatch("stdin:[0-9a-f]{12}", one["path"])
        assert "Fog came" in run("show", one["path"]).out

    def test_standard_input_may_have_a_name(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pipe(monkeypatch, b"words\nFog came.\n")
        run("index", "-", "--name", "news.csv", "--columns", "text=words")
        assert json.loads(run("show", "stdin:news.csv", "--json").out)["text"] == "Fog came."

    @pytest.mark.parametrize(
        ("data", "message"), [(b" \n", "nothing came on standard input"), (b"x" * 99, "RAG_FILE_BYTES")]
    )
    def test_nothing_or_too_much_is_an_error(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, data: bytes, message: str
    ) -> None:
        monkeypatch.setenv("RAG_FILE_BYTES", "50")
        self.pipe(monkeypatch, data)
        outcome = run("index", "-")
        assert (outcome.code, message in outcome.err) == (1, True)

    @pytest.mark.parametrize("columns", ["words", "texts=words", "text="])
    def test_columns_that_say_nothing_are_an_error(self, run: Run, root: Path, columns: str) -> None:
        outcome = run("index", root, "--columns", columns)
        assert (outcome.code, "should be one of text, title" in outcome.err) == (2, True)

    def test_much_that_is_skipped_is_summed_up_by_reason(self, run: Run, root: Path) -> None:
        for n in range(30):
            (root / f"{n:02}.txt").write_bytes(b"")
        (root / "x.exe").write_bytes(b"MZ")
        lines = [line for line in run("index", root).err.splitlines() if line]
        assert [line.endswith(": empty") for line in lines[:3]] == [True] * 3
        assert lines[3] == "   and 27 more like it: empty"
        assert lines[4].startswith(f"skipped {root}/x.exe: unknown kind '.exe'")
        assert lines[5] == "skipped 31 in all; each by name: rag index -v"
        assert sum(line.startswith("skipped") for line in run("index", root, "-v").err.splitlines()) == 31
