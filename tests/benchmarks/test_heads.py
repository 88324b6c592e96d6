"""Where a model looks, of sets made by arithmetic."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import heads

LOOKS = (1, 2)
"""The head that looks at what answers, by layer and number."""


def made(seed: int) -> heads.Seen:
    """Return a set of 60 questions over four sentences each, the last of which is not there; half have an answer."""
    rng = np.random.default_rng(seed)
    attention = rng.uniform(0.02, 0.1, (60, 4, 2, 3))
    before = np.tile([0.2, 0.3, 0.5, 0.0], (60, 1))
    answerable = np.arange(60) % 2 == 0
    gold = (rng.integers(0, 3, 60)[:, None] == np.arange(4)) & answerable[:, None]
    attention[:, :, *LOOKS] += 0.5 * gold
    attention[:, 3] = 0
    return heads.Seen(attention.astype(np.float16), before, gold)


def test_the_head_that_looks_at_answers_is_found() -> None:
    assert heads.best([made(1), made(2)], 1) == [LOOKS]


def test_what_is_heeded_tells_which_sentence_answers() -> None:
    learnt, tested = made(1), made(2).telling
    by = heads.weights([learnt], [LOOKS])
    assert by[0] > 0
    assert heads.found(tested, heads.reweighed(tested, [LOOKS], by)).mean() > 0.95
    assert heads.found(tested, tested.before).mean() < 0.6


def test_sentences_that_are_not_there_are_never_chosen() -> None:
    one = made(3)
    assert not np.isfinite(heads.reweighed(one, [LOOKS], (1.0, -1.0))[:, 3]).any()


def test_sets_are_read_once_and_the_heads_put_into_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read: list[int] = []

    def seen(_data: Path, _index: Path, count: int) -> heads.Seen:
        read.append(count)
        return made(len(read))

    monkeypatch.setattr(heads, "seen", seen)
    command = ["heads", "a=x=x", "b=x=x", "--kept", str(tmp_path / "kept"), "--questions", "60"]
    monkeypatch.setattr(sys, "argv", command)
    heads.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith(f"| {LOOKS[0]} | {LOOKS[1]} | 1.00 | 1.00 |")
    for line in lines[-2:]:
        before, after = map(float, line.strip("| ").split(" | ")[2:])
        assert before < after
    np.savez(tmp_path / "kept" / "a.npz", gate=np.zeros(3))  # of an earlier form
    heads.main()
    assert capsys.readouterr().out.splitlines()[2].startswith(f"| {LOOKS[0]} | {LOOKS[1]} | 1.00 | 1.00 |")
    assert read == [60, 60, 60]
    (tmp_path / "probe.json").write_text('{"layer": 1}')
    monkeypatch.setattr(sys, "argv", [*command, "--write", str(tmp_path / "probe.json")])
    heads.main()
    assert capsys.readouterr().out.startswith(f"heads: {LOOKS}")
    written = json.loads((tmp_path / "probe.json").read_text())
    assert (written["layer"], written["heads"][0]) == (1, [*LOOKS])
    assert read == [60, 60, 60]
