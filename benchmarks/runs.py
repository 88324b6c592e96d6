"""The tables of docs/benchmarks.md from runs of `rag eval`: `python -m benchmarks.runs METRIC[,METRIC …] RUN [RUN …]`.

Each RUN is a folder that `rag eval --out` made; prints a row for each, with 95 % intervals.
"""

import argparse
import json
from pathlib import Path


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("metrics", type=lambda names: names.split(","))
    parser.add_argument("runs", nargs="+", type=Path)
    given = parser.parse_args()
    print("| run | asked |", " | ".join(given.metrics), "|")
    print("|---" * (len(given.metrics) + 2) + "|")
    for folder in given.runs:
        run = json.loads((folder / "metrics.json").read_text("utf-8"))
        print(
            f"| {folder.name} | {run['asked']} |", " | ".join(cell(run["metrics"][name]) for name in given.metrics), "|"
        )


def cell(value: dict[str, float | None]) -> str:
    """Return a value with its interval, or why there is none."""
    if value["value"] is None:
        return "–"
    return f"{value['value']:.3f} ({value['low']:.2f}–{value['high']:.2f})"


if __name__ == "__main__":
    main()
