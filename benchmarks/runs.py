"""The tables of docs/benchmarks.md from runs of `rag eval`: `python -m benchmarks.runs METRIC[,METRIC …] RUN [RUN …]`.

Each RUN is a folder that `rag eval --out` made; prints a row for each, with 95 % intervals. With `--unchecked` a second
row tells what the same drafts would have scored had nobody checked them: every sentence that was written is shown, none
is quoted in its place, and only what was declined before anything was written is a refusal.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rag.evaluation.cases import Case
from rag.evaluation.metrics import BY_NAME
from rag.evaluation.run import Run
from rag.evaluation.statistics import Value, measure


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("metrics", type=lambda names: names.split(","))
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--unchecked", action="store_true")
    given = parser.parse_args()
    print("| run | asked |", " | ".join(given.metrics), "|")
    print("|---" * (len(given.metrics) + 2) + "|")
    for folder in given.runs:
        run = Run.load(folder)
        row(folder.name, run.cases, given.metrics, seed=run.about["seed"])
        if given.unchecked:
            cases = [unchecked(case) if case.written else case for case in run.cases]
            row(f"{folder.name}, unchecked", cases, given.metrics, seed=run.about["seed"])


def row(name: str, cases: Sequence[Case], metrics: Sequence[str], *, seed: int) -> None:
    """Print one row."""
    cells = (cell(measure(BY_NAME[metric], BY_NAME[metric].rows(cases), seed=seed)) for metric in metrics)
    print(f"| {name} | {len(cases)} |", " | ".join(cells), "|")


def unchecked(case: Case) -> Case:
    """Return a case in which all that was written is shown, and nothing else."""
    claims = [claim for claim in case.prediction["claims"] if not is_quote(claim)]
    shown = [{**claim, "withheld": False} for claim in claims]
    return replace(case, prediction={**case.prediction, "claims": shown, "refused": not shown})


def is_quote(claim: dict[str, object]) -> bool:
    """Tell whether a claim is a sentence of an article that the check put there: these are sure."""
    return claim["probability"] == 1.0


def cell(value: Value) -> str:
    """Return a value with its interval, or why there is none."""
    if value.value is None:
        return "–"
    if value.low is None or value.high is None:
        return f"{value.value:.3f}"
    return f"{value.value:.3f} ({value.low:.2f}–{value.high:.2f})"


if __name__ == "__main__":
    main()
