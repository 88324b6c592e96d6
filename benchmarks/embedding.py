"""What compiling the embedder is worth: `python -m benchmarks.embedding DATA/squad2/corpus.jsonl`.

Both ways of running the default embedder, taking turns on the same texts in one run, so that what else the machine does
hits both: texts per second, milliseconds for one question, and how well the vectors agree.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from rag import Settings, models
from rag.assistant import load_embedder
from rag.embedding.reference import Reference
from rag.types import Vectors

TEXTS = 256
ROUNDS = 5
QUESTIONS = 60


def main(path: Path) -> None:
    """Print the table of docs/benchmarks.md."""
    settings = Settings.load()
    compiled = load_embedder(settings)
    reference = Reference(models.resolve(settings.embedder, models_dir=settings.models_dir))
    with path.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for _, line in zip(range(TEXTS), lines, strict=False)]
    ways: dict[str, Callable[[list[str]], Vectors]] = {"reference": reference.embed, "compiled": compiled.embed}
    vectors = {name: embed(texts) for name, embed in ways.items()}  # the first run also warms up
    rates: dict[str, list[float]] = {name: [] for name in ways}
    waits: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(ROUNDS):
        for name, embed in ways.items():
            rates[name].append(len(texts) / _seconds(embed, texts))
            waits[name] += [
                1e3 * _seconds(embed, [f"What was said about {i} weapons, {turn}?"]) for i in range(QUESTIONS)
            ]
    print("| way | texts/s, median | one question, ms p50 | p95 |\n|---|---|---|---|")
    for name in ways:
        p50, p95 = np.quantile(waits[name], [0.5, 0.95])
        print(f"| {name} | {np.median(rates[name]):.0f} | {p50:.1f} | {p95:.1f} |")
    gains = np.array(rates["compiled"]) / np.array(rates["reference"])
    agreement = (vectors["reference"] * vectors["compiled"]).sum(axis=1)
    print(f"\ntexts/s, ratio: {np.median(gains):.1f} ({gains.min():.1f} to {gains.max():.1f})")
    print(f"cosine: {agreement.min():.5f} at least, {agreement.mean():.5f} on average")


def _seconds(embed: Callable[[list[str]], Vectors], texts: list[str]) -> float:
    start = time.perf_counter()
    embed(texts)
    return time.perf_counter() - start


if __name__ == "__main__":
    main(Path(sys.argv[1]))
