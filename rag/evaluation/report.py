"""The report of a run as one self-contained page. All text of questions and articles is escaped.

Knows nothing about how cases were made; the page itself is report.html beside this file.
"""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from rag.evaluation import plots
from rag.evaluation.cases import Case
from rag.evaluation.metrics import is_right
from rag.evaluation.outcomes import ABOUT, OUTCOMES, outcome

_GOOD = {"right", "refused rightly", "found"}
_NEUTRAL = {"not judged"}


def render(metrics: Mapping[str, Any], cases: Sequence[Case]) -> str:
    """Return report.html for the contents of metrics.json and the cases they were computed from."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("rag.evaluation").joinpath("report.html").read_text("utf-8"))
    names = [outcome(case) for case in cases]
    return template.render(
        run=metrics,
        groups=_groups(metrics),
        plots=_plots(cases),
        outcomes=[
            {"name": name, "about": ABOUT[name], "n": names.count(name), "tone": _tone(name)}
            for name in OUTCOMES
            if name in names
        ],
        items=[_item(case, name) for case, name in zip(cases, names, strict=True)],
        number=number,
    )


def number(value: float | None, unit: str) -> str:
    """Return a value as people read it: three decimals for a share, seconds and tokens with their unit."""
    if value is None:
        return "not applicable"
    return {"share": f"{value:.3f}", "seconds": f"{value:.2f} s", "tokens": f"{value:,.0f}"}[unit]


def _tone(name: str) -> str:
    return "good" if name in _GOOD else "neutral" if name in _NEUTRAL else "bad"


def _groups(metrics: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for name, value in metrics["metrics"].items():
        groups.setdefault(value["group"], []).append({"name": name, **value})
    for rows in groups.values():
        for row in rows:
            alike = [other["high"] or other["value"] or 0 for other in rows if other["unit"] == row["unit"]]
            row["scale"] = 1 if row["unit"] == "share" else max(alike) or 1
    return groups


def _plots(cases: Sequence[Case]) -> list[dict[str, Any]]:
    judged = [(case, right) for case in cases if not case.failed and (right := is_right(case)) is not None]
    ranked = [(case.confidence, not right) for case, right in judged if case.confidence is not None]
    asked = sum(
        case.written and case.question.answerable is not None and not case.question.underspecified for case in cases
    )
    found = []
    if len(ranked) > 1:
        confidences, wrong = zip(*ranked, strict=True)
        found.append(("Risk and coverage", plots.risk_coverage(confidences, wrong, asked=asked)))
    times = {
        label: [t for case in cases if not case.failed and (t := case.prediction["timings"].get(name)) is not None]
        for name, label in (("search_s", "sources"), ("first_word_s", "first word"), ("total_s", "whole answer"))
    }
    if times := {label: values for label, values in times.items() if values}:
        found.append(("Time", plots.latency(times)))
    return [{"title": title, "svg": Markup(svg)} for title, svg in found]  # noqa: S704 - made of numbers alone


def _item(case: Case, name: str) -> dict[str, Any]:
    prediction = case.prediction
    if case.failed:
        return {"case": case, "outcome": name, "tone": _tone(name)}
    gold = {g.article_id for g in case.gold}
    return {
        "case": case,
        "outcome": name,
        "tone": _tone(name),
        "claims": prediction.get("claims", []),
        "citations": [{**c, "gold": case.is_gold(c)} for c in prediction.get("citations", [])],
        "evidence": [
            {"text": e.get("text", ""), "gold": case.is_gold(e)} for e in reversed(prediction["evidence"])
        ],
        "hits": [{**hit, "gold": hit["article_id"] in gold} for hit in prediction["hits"]],
        "missed": [_rank(case, article) for article in dict.fromkeys(g.article_id for g in case.gold)],
        "times": {name.removesuffix("_s").replace("_", " "): value for name, value in prediction["timings"].items()
                  if value is not None and name.endswith("_s")},
    }  # fmt: skip


def _rank(case: Case, article: str) -> int | None:
    """Return the rank of an article, from 1; None where it is not among those ranked."""
    return case.ranking.index(article) + 1 if article in case.ranking else None
