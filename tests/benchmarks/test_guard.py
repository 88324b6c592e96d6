"""What `make bench-check` calls slower, over a clock that the work itself moves."""

from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path

import pytest

from benchmarks import guard


class Clock:
    """Tells the seconds that were worked."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def work(self, seconds: Iterator[float]) -> Callable[[], None]:
        """Return work that takes the next of `seconds` each time."""

        def run() -> None:
            self.now += next(seconds)

        return run


def measured(search: Iterator[float], *, reference: float = 1.0) -> dict[str, float]:
    clock = Clock()
    return guard.ratios([("search", clock.work(search))], clock.work(repeat(reference)), clock=clock)


def test_a_version_half_as_slow_again_fails_and_is_named() -> None:
    known = measured(repeat(20.0))
    assert known == {"search": 20.0}
    assert not list(guard.wrong(measured(repeat(21.0)), known))
    [problem] = guard.wrong(measured(repeat(30.0)), known)
    assert "search is 1.50 times as slow as it was" in problem
    assert "benchmarks.guard --write" in problem


def test_a_slower_machine_and_a_disturbed_round_are_no_slower_version() -> None:
    known = measured(repeat(20.0))
    assert measured(repeat(60.0), reference=3.0) == known
    disturbed = iter([500.0, 20.0, 20.0, 90.0, 20.0, 80.0, 20.0, 70.0])  # the first is to warm up
    assert measured(disturbed) == known


def test_every_phase_has_a_limit_and_does_something(tmp_path: Path) -> None:
    work = guard.Work(tmp_path, articles=4)
    turns = dict(work.turns())
    for phase in turns.values():
        phase()
    assert work.index is not None
    assert work.index.catalogue.counts()["articles"] == 4
    assert work.index.catalogue.speakers()
    work.index.close()
    assert all(work.hits)
    assert all("Article: " in prompt for prompt in work.rendered)
    assert turns.keys() == guard.known().keys()


def test_a_limit_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [problem] = guard.wrong({"search": 20.0, "build": 5.0}, {"search": 20.0})
    assert problem.startswith("no limit for 'build' in guard.json")
    monkeypatch.setattr(guard, "LIMITS", tmp_path / "guard.json")
    assert len(list(guard.wrong({"search": 20.0, "build": 5.0}, guard.known()))) == 2
