"""How what was measured grows with the passages."""

from pathlib import Path

import pytest

from benchmarks.index import exponents, plot

GROWN = [{"passages": n, "build, s": 0.5 * n, "search p50, ms": 3 * n**0.25} for n in (1_000.0, 10_000.0, 100_000.0)]


def test_the_exponent_is_that_of_the_power_by_which_it_grows() -> None:
    assert exponents(GROWN) == pytest.approx({"build, s": 1.0, "search p50, ms": 0.25})


def test_the_plot_names_each_power(tmp_path: Path) -> None:
    plot(GROWN, tmp_path / "growth.svg")
    assert "power 0.25" in (tmp_path / "growth.svg").read_text("utf-8")
