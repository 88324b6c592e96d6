"""The report's plots, as SVG text that takes its colours from the page.

The only module that imports matplotlib. Knows nothing about how the numbers were made.
"""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

_TEXT, _LINES = "#010203", "#040506"  # stand-ins, replaced by the page's variables
_COLOURS = {
    "#010203": "var(--soft)",
    "#040506": "var(--line)",
    "#0a0b0c": "var(--c1)",
    "#0d0e0f": "var(--c2)",
    "#101112": "var(--c3)",
}
_SERIES = ["#0a0b0c", "#0d0e0f", "#101112"]


def risk_coverage(confidences: Sequence[float], wrong: Sequence[bool], *, asked: int) -> str:
    """Plot the share of wrong answers against the share of questions answered, the most confident first."""
    order = np.argsort(-np.asarray(confidences), kind="stable")
    answered = np.arange(1, len(order) + 1)
    risk = np.cumsum(np.asarray(wrong, float)[order]) / answered
    figure, axes = _axes("questions answered", "of them wrong")
    axes.plot(answered / asked, risk, color=_SERIES[0], linewidth=1.6)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.xaxis.set_major_formatter(_percent())
    axes.yaxis.set_major_formatter(_percent())
    return _svg(figure, "risk")


def latency(seconds: Mapping[str, Sequence[float]]) -> str:
    """Plot, for up to three named times, the share of questions that were done within so many seconds."""
    figure, axes = _axes("seconds since the question", "of the questions")
    for colour, (name, values) in zip(_SERIES, seconds.items(), strict=False):
        axes.ecdf(values, label=name, color=colour, linewidth=1.6)
    axes.set(ylim=(0, 1), xlim=(0, None))
    axes.yaxis.set_major_formatter(_percent())
    axes.legend(frameon=False, labelcolor=_TEXT, loc="lower right")
    return _svg(figure, "time")


def _axes(x: str, y: str) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.6, 3.0), layout="constrained")
    axes = figure.add_subplot()
    axes.set_xlabel(x, color=_TEXT)
    axes.set_ylabel(y, color=_TEXT)
    axes.tick_params(colors=_TEXT, length=0)
    axes.grid(color=_LINES, linewidth=0.6)
    axes.spines[:].set_visible(False)
    return figure, axes


def _percent() -> Any:
    from matplotlib.ticker import PercentFormatter

    return PercentFormatter(1, decimals=0)


def _svg(figure: Any, name: str) -> str:
    """Return a figure as SVG whose ids begin with `name`, so that several can stand in one page."""
    import matplotlib as mpl

    out = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "rag", "font.family": "sans-serif", "font.size": 10}):
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' (?:width|height)="[\d.]+pt"', "", svg)
    svg = re.sub(r'( id="|href="#|url\(#)', rf"\g<1>{name}-", svg)
    for stand_in, colour in _COLOURS.items():
        svg = svg.replace(stand_in, colour)
    return svg
