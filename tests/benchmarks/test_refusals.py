"""The gate fitted anew on numbers that an earlier run kept."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks import refusals
from benchmarks.refusals import Asked
from rag.refusal import ANSWERED, answerable

ANSWERABLE, LOOK_ALIKE, OTHER = refusals.KINDS


def some(kind: str, *numbers: tuple[float, float], of: str = "s") -> list[Asked]:
    return [Asked(of, kind, f"{kind} {i}", *pair) for i, pair in enumerate(numbers)]


def tables(
    known: Sequence[Asked], folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[list[str]]:
    kept, data = folder / "kept.jsonl", folder / "questions.jsonl"
    kept.write_text("".join(json.dumps(asdict(one)) + "\n" for one in known), "utf-8")
    data.write_text("", "utf-8")
    monkeypatch.setattr(refusals, "asked", lambda *_: iter(()))
    monkeypatch.setattr(sys, "argv", ["refusals", f"s={folder}=i", f"t={folder}=i", "--kept", str(kept)])
    refusals.main()
    lines = capsys.readouterr().out.splitlines()
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line and "---" not in line]


def test_each_set_is_tested_with_the_gate_of_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    apart = [(0.9, 0.1), (0.8, 0.2), (0.7, 0.1)], [(0.1, 0.9), (0.2, 0.8), (0.3, 0.9)]
    known = [
        one for name in "st" for one in some(ANSWERABLE, *apart[0], of=name) + some(LOOK_ALIKE, *apart[1], of=name)
    ]
    rows = tables(known, tmp_path, monkeypatch, capsys)
    fitted = {(row[0], row[2]): row[3] for row in rows if row[0] in "st" and len(row) == 5}
    assert fitted == {("s", "t"): "1.000", ("t", "s"): "1.000"}


def test_what_the_inside_says_is_kept_and_weighed(tmp_path: Path) -> None:
    known = [Asked("s", ANSWERABLE, "a", 0.5, 0.5, (9.0, 5.0)), Asked("s", ANSWERABLE, "b", 0.5, 0.5, None)]
    (tmp_path / "kept").write_text("".join(json.dumps(asdict(one)) + "\n" for one in known), "utf-8")
    assert refusals.kept(tmp_path / "kept") == known
    assert answerable(0.5, 0.5) < ANSWERED
    assert refusals.declined(known) == "0.500 of 2"


def test_an_area_needs_both_kinds() -> None:
    assert refusals.area(some(ANSWERABLE, (0.9, 0.1)), (1.0, -1.0, 0.0), OTHER) == "–"
