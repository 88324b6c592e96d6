"""What compiling the embedder is worth: `python -m benchmarks.embedding DATA/squad2/corpus.jsonl`.

Both ways of running the default embedder, taking turns on the same texts in one run, so that what else the machine does
hits both: texts per second, milliseconds for one question, how well the vectors agree, and what share it is of the
products of large matrices that the processor can do in bfloat16 in the same time.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from rag import Settings, models, opening
from rag.embedding.reference import Reference
from rag.types import Vectors

TEXTS = 256
ROUNDS = 5
QUESTIONS = 60
SIDE = 4096
"""Of the square matrices whose product is the ceiling."""


def main(path: Path) -> None:
    """Print the table of docs/benchmarks.md."""
    settings = Settings.load()
    compiled = opening.embedder(settings)
    folder = models.resolve(settings.embedder, models_dir=settings.models_dir)
    reference = Reference(folder)
    with path.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for _, line in zip(range(TEXTS), lines, strict=False)]
    ways: dict[str, Callable[[list[str]], Vectors]] = {"reference": reference.embed, "compiled": compiled.embed}
    vectors = {name: embed(texts) for name, embed in ways.items()}  # the first run also warms up
    rates: dict[str, list[float]] = {name: [] for name in ways}
    waits: dict[str, list[float]] = {name: [] for name in ways}
    ceiling = []
    for turn in range(ROUNDS):
        ceiling.append(_ceiling())
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
    done = operations(folder, [len(compiled.tokens(text)) + 2 for text in texts], compiled.max_tokens) / len(texts)
    shares = done * np.array(rates["compiled"]) / np.array(ceiling)
    agreement = (vectors["reference"] * vectors["compiled"]).sum(axis=1)
    print(f"\ntexts/s, ratio: {np.median(gains):.1f} ({gains.min():.1f} to {gains.max():.1f})")
    print(f"share of {np.median(ceiling) / 1e12:.2f} TFLOP/s in bfloat16: {np.median(shares):.2f}")
    print(f"cosine: {agreement.min():.5f} at least, {agreement.mean():.5f} on average")


def _ceiling() -> float:
    """Return the operations per second of a product of large matrices in bfloat16."""
    import torch

    one = torch.ones(SIDE, SIDE, dtype=torch.bfloat16)
    start = time.perf_counter()
    one @ one
    return 2 * SIDE**3 / (time.perf_counter() - start)


def operations(folder: Path, tokens: list[int], most: int) -> float:
    """Return the multiplications and additions in the matrix products of a BERT that reads so many tokens of texts."""
    about = json.loads((folder / "config.json").read_text("utf-8"))
    layers, width, inner = (about[name] for name in ("num_hidden_layers", "hidden_size", "intermediate_size"))
    each = (min(n, most) for n in tokens)
    return float(sum(2 * layers * width * n * (4 * width + 2 * inner + 2 * n) for n in each))


def _seconds(embed: Callable[[list[str]], Vectors], texts: list[str]) -> float:
    start = time.perf_counter()
    embed(texts)
    return time.perf_counter() - start


if __name__ == "__main__":
    main(Path(sys.argv[1]))
