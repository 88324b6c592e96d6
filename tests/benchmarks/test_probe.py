"""What a model's hidden states know, of sets made by arithmetic."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import probe, sets
from rag.llm.probe import Probe
from rag.refusal import _ALONE, _INSIDE, _READ, _REST


def made(seed: int, *, telling: bool) -> probe.Seen:
    """Return a set of 80 questions, of eight articles, whose states tell or do not tell which can be answered.

    20 more had their answers taken out.
    """
    rng = np.random.default_rng(seed)
    cut = np.arange(100) >= 80
    answerable = (np.arange(100) % 2 == 0) & ~cut
    states = rng.normal(size=(100, 1, 6))
    if telling:
        states[:, 0, 3] += 4 * answerable
    titles = np.array([f"Article {i // 10 % 8}" for i in range(100)])
    alone = states + rng.normal(size=states.shape)
    seen = states.astype(np.float16), alone.astype(np.float16)
    return probe.Seen(*seen, rng.normal(size=100), titles, answerable, cut)


def test_states_that_tell_are_found_out_in_another_set_and_in_other_articles() -> None:
    learnt, tested = made(1, telling=True), made(2, telling=True)
    asked = tested.where(~tested.cut)
    across = probe.over(probe.fitted([learnt], 0), asked, 0)
    within = probe.of_other_articles({"one": tested}, "one", 0)
    for odds in (across, within):
        of_all, of_best = odds.T
        assert probe.area(asked, of_all) > 0.9
        assert probe.area(asked, probe.together(of_all, of_best)) > probe.area(asked, of_best) > 0.8
        assert probe.area(asked, probe.together(asked.gate, of_all)) > probe.area(asked, asked.gate)


def test_states_that_do_not_tell_are_no_better_than_chance() -> None:
    blank = made(3, telling=False)
    found = probe.of_other_articles({"one": blank}, "one", 0)
    assert 0.3 < probe.area(blank.where(~blank.cut), found[:, 0]) < 0.7


def test_a_fit_goes_on_from_an_earlier_one() -> None:
    few, known = made(2, telling=True).where(np.arange(100) < 12), made(1, telling=True)
    prior = probe.fitted([known], 0)
    again, anew = probe.fitted([known], 0, prior), probe.fitted([known], 0, (0 * prior[0], 0.0))
    assert again[0][3] < prior[0][3] + anew[0][3]  # what is known already moves it less
    after, alone = probe.fitted([few], 0, prior), probe.fitted([few], 0)
    assert after[0][3] > max(prior[0][3], alone[0][3])
    tested = made(4, telling=True)
    said = [probe.over(one, tested, 0)[:, 0] for one in (prior, alone, after)]
    losses = [np.logaddexp(0, np.where(tested.answerable, -odds, odds)).mean() for odds in said]
    assert losses[2] == min(losses)


def test_a_probe_is_scaled_to_the_weights_of_the_gate() -> None:
    weak: dict[str, probe.Seen] = {}
    for name, one in (("one", made(1, telling=True)), ("two", made(2, telling=True))):
        states = one.states.copy()
        states[:, 0, 3] -= 3 * one.answerable
        weak[name] = replace(one, states=states, alone=states, gate=np.zeros(100))
    scale, shift = probe.scaled(weak, 0)
    table, labels, each = probe._told(weak, 0, None)

    def loss(scale: float, shift: float) -> float:
        odds = _INSIDE * (scale * table[:, 0] + shift) + _ALONE * (scale * table[:, 1] + shift)
        odds += _REST * table[:, 2] + _READ
        return float(each @ np.logaddexp(0, np.where(labels, -odds, odds)))

    for other in ((0.8 * scale, shift), (1.25 * scale, shift), (scale, shift - 0.3), (scale, shift + 0.3)):
        assert loss(scale, shift) < loss(*other)


def test_a_large_set_counts_no_more_than_a_small_one_nor_one_answer_than_the_other() -> None:
    large, small = made(1, telling=True), made(2, telling=True)
    small = small.where(np.arange(100) < 30)
    weights = sets.alike([large.answerable, small.answerable])
    assert weights[:100].sum() == pytest.approx(weights[100:].sum())
    assert weights[:100][large.answerable].sum() == pytest.approx(weights[:100][~large.answerable].sum())


def test_states_are_read_once_and_tested_from_set_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read: list[int] = []

    def seen(_data: Path, _index: Path, count: int) -> probe.Seen:
        read.append(count)
        one = made(len(read), telling=True)
        return replace(one, titles=np.array([f"Article {i // 10 % 4}" for i in range(100)]))  # fewer than folds

    monkeypatch.setattr(probe, "seen", seen)
    monkeypatch.setattr(probe, "LAYERS", (18,))
    command = ["probe", "a=x=x", "b=x=x", "c=x=x", "--kept", str(tmp_path / "kept"), "--questions", "80"]
    monkeypatch.setattr(sys, "argv", command)
    probe.main()
    first = capsys.readouterr().out
    rows = [line.strip("| ").split(" | ") for line in first.splitlines()[2:]]
    assert [row[1:3] for row in rows[:4]] == [[one, "a"] for one in ("b", "c", "the others", "all, other articles")]
    assert len(rows) == 12
    assert all(float(row[4]) > 0.9 for row in rows)
    probe.main()
    assert capsys.readouterr().out == first
    assert read == [80, 80, 80]

    monkeypatch.setattr(sys, "argv", [*command, "--write", str(tmp_path / "probe.json")])
    probe.main()
    told = capsys.readouterr().out
    assert told.startswith("gate: ")
    assert float(told.split()[1]) > 0
    written = json.loads((tmp_path / "probe.json").read_text())
    assert int(np.argmax(np.abs(written["weights"]))) == 3
    assert written["heads"] == []
    for less in ("0", "0.8"):
        monkeypatch.setattr(sys, "argv", [*command, "--write", str(tmp_path / f"{less}.json"), "--scaled", less])
        probe.main()
    capsys.readouterr()
    bold, careful = (json.loads((tmp_path / f"{less}.json").read_text()) for less in ("0", "0.8"))
    assert careful["weights"] == bold["weights"] != written["weights"]
    assert careful["intercept"] == pytest.approx(bold["intercept"] - 0.8)
    monkeypatch.setattr(sys, "argv", [*command, "--scaled", "0.8"])
    with pytest.raises(SystemExit):
        probe.main()
    capsys.readouterr()
    (tmp_path / "probe.json").write_text(json.dumps({**written, "heads": [[20, 1]]}))
    monkeypatch.setattr(sys, "argv", [*command, "--after", str(tmp_path / "probe.json")])
    probe.main()
    table = capsys.readouterr().out.splitlines()[2:]
    assert [row.split(" | ")[1] for row in table[:5]] == ["before", "b", "c", "the others", "all, other articles"]
    monkeypatch.setattr(sys, "argv", [*sys.argv, "--write", str(tmp_path / "after.json")])
    probe.main()
    assert json.loads((tmp_path / "after.json").read_text())["heads"] == [[20, 1]]
    for wrong in ({"layer": 16}, {"prompts": "others"}):
        (tmp_path / "probe.json").write_text(json.dumps({**written, **wrong}))
        with pytest.raises(SystemExit):
            probe.main()
        assert "fit anew" in capsys.readouterr().err
    assert Probe(18, np.array(written["weights"]), written["intercept"]).odds(np.eye(6, dtype=np.float32)[3] * 4) > 0
