"""How text stands in the terminal, and in a file."""

from pathlib import Path

import pytest

from tests.conftest import Run
from tests.world import write


@pytest.mark.usefixtures("toy")
def test_what_is_piped_has_nothing_behind_its_lines(run: Run, tmp_path: Path) -> None:
    run("index", write(tmp_path / "news", a="Rain fell.", b="Snow fell, and it was cold for many days."))
    printed = [run(*command) for command in (("search", "rain"), ("show", "b.txt"))]
    assert all(line == line.rstrip() for outcome in printed for line in outcome.out.splitlines())
    assert [outcome.code for outcome in printed] == [0, 0]


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(("columns", "widest"), [(40, 40), (3, 22)])
def test_text_beside_a_marker_is_wrapped_however_narrow_the_terminal(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: int, widest: int
) -> None:
    text = "Rain fell on the old town " * 4
    run("index", write(tmp_path / "news", a=text))
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = run("search", "rain", "-k", "1").out.splitlines()
    assert max(map(len, lines)) <= widest + 1
    assert " ".join(" ".join(lines).split()).endswith(text.strip())
