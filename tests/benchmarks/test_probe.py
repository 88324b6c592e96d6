"""What a model's hidden states know: of a made set by arithmetic, and of the seed article with the real model."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import probe
from rag import Assistant


def made(seed: int, *, telling: bool) -> probe.Seen:
    """Return a set of 80 questions, of eight articles, whose states tell or do not tell which can be answered."""
    rng = np.random.default_rng(seed)
    answerable = np.arange(80) % 2 == 0
    states = rng.normal(size=(80, 1, 6)).astype(np.float32)
    if telling:
        states[:, 0, 3] += 4 * answerable
    titles = np.array([f"Article {i // 10}" for i in range(80)])
    return probe.Seen(states, rng.normal(size=80), titles, answerable)


def test_states_that_tell_are_found_out_in_their_own_set_and_in_another() -> None:
    learnt, tested = made(1, telling=True), made(2, telling=True)
    for odds in (probe.across(learnt, tested, 0), probe.within(tested, 0)):
        assert probe.area(tested, odds) > 0.9
        assert probe.area(tested, probe.both(tested.gate, odds)) > probe.area(tested, tested.gate)


def test_states_that_do_not_tell_are_no_better_than_chance() -> None:
    blank = made(3, telling=False)
    assert 0.3 < probe.area(blank, probe.within(blank, 0)) < 0.7


def test_states_are_read_once_and_tested_from_set_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read: list[int] = []

    def seen(_data: Path, _index: Path, count: int) -> probe.Seen:
        read.append(count)
        one = made(len(read), telling=True)
        return replace(one, titles=np.char.replace(one.titles, "7", "6"))  # fewer articles than folds

    monkeypatch.setattr(probe, "seen", seen)
    monkeypatch.setattr(probe, "LAYERS", (18,))
    monkeypatch.setattr(sys, "argv", ["probe", "a=x=x", "b=x=x", "--kept", str(tmp_path / "kept"), "--questions", "80"])
    probe.main()
    first = capsys.readouterr().out
    rows = [line.strip("| ").split(" | ") for line in first.splitlines()[2:]]
    assert [row[:3] for row in rows] == [["18", one, other] for one in "ab" for other in "ab"]
    assert all(float(row[4]) > 0.9 for row in rows)
    probe.main()
    assert capsys.readouterr().out == first
    assert read == [80, 80]


@pytest.mark.model
def test_the_states_of_a_prompt_are_those_of_its_last_token(seed_assistant: Assistant) -> None:
    states = probe.States(seed_assistant._llm, [0, 16])
    first, logits = states.read(list(range(100, 140)))
    other, _ = states.read([*range(100, 120), *range(300, 320)])
    again, logits_again = states.read(list(range(100, 140)))  # twenty tokens of it are there already
    assert first.shape == (2, 1536)
    assert np.abs(first - other).max() > 1
    np.testing.assert_allclose(first, again, atol=0.5)
    assert logits.argmax() == logits_again.argmax()
