"""Whether building, searching and making prompts are as fast as they were: `make bench-check`.

Time differs from machine to machine and from minute to minute, so none is compared: each phase is divided by a fixed
piece of like work (text, SQLite, NumPy) that runs before and after it, both in seconds of the processor, and the median
of many rounds stands. `guard.json` holds what that was; `--write` takes what it is now. Needs no model.
"""

import argparse
import hashlib
import json
import os
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np

from rag.index import Index, sync
from rag.prompts import Prompts
from rag.retrieval import Retriever
from rag.testing import ScriptedLLM, ToyEmbedder
from rag.types import Hit, Query
from rag.writing import render_evidence

LIMITS = Path(__file__).with_suffix(".json")
TOLERANCE = 1.25
"""So much slower is noise; measured: docs/decisions.md."""
_ROUNDS = 7
_SHORT = 4
"""So many times as often as the long phase are the short ones measured."""
_ARTICLES = 200
_QUESTIONS = 20
_REFERENCES = 6
_PROMPTS = 4
_COMMON = 600
_SYLLABLES = ("ba", "de", "fi", "go", "ka", "li", "lu", "ma", "mo", "ne", "pi", "ro", "su", "ta", "ve", "zo")
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Threads that wait for one another take time of the processor, the more the busier it is."""


def main() -> int:
    """Measure in a process of its own, compare or write; return 1 where something is slower."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="take what is measured for the limits from now on")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(ratios(Work(Path(folder)).turns(), reference)))
        return 0
    command = [sys.executable, "-m", "benchmarks.guard", "--measure"]
    env = os.environ | _ONE_THREAD | {"PYTHONHASHSEED": "0"}
    measured = json.loads(subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE).stdout)
    if given.write:
        LIMITS.write_text(json.dumps(measured, indent=2) + "\n", "utf-8")
    limits = known()
    print("| phase | times the reference | before | ratio |\n|---|---|---|---|")
    for phase, value in measured.items():
        before = limits.get(phase)
        cells = (f"{before:.1f}", f"{value / before:.2f}") if before else ("–", "–")
        print(f"| {phase} | {value:.1f} |", " | ".join(cells), "|")
    found = list(wrong(measured, limits))
    print(*found, sep="\n", end="\n" * bool(found), file=sys.stderr)
    return bool(found)


def known() -> dict[str, float]:
    """Return what each phase took when the limits were written; nothing where they never were."""
    limits: dict[str, float] = json.loads(LIMITS.read_text("utf-8")) if LIMITS.is_file() else {}
    return limits


def wrong(measured: Mapping[str, float], limits: Mapping[str, float]) -> Iterable[str]:
    """Yield, in words, what is slower than `limits` by more than `TOLERANCE`, and what has no limit."""
    for phase, value in measured.items():
        if phase not in limits:
            yield f"no limit for {phase!r} in {LIMITS.name}; take what is measured: python -m benchmarks.guard --write"
        elif value > TOLERANCE * limits[phase]:
            yield (
                f"{phase} is {value / limits[phase]:.2f} times as slow as it was, {TOLERANCE} is allowed; "
                "if that is meant: python -m benchmarks.guard --write"
            )


def ratios(
    turns: Sequence[tuple[str, Callable[[], object]]],
    reference: Callable[[], object],
    *,
    rounds: int = _ROUNDS,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, float]:
    """Return by name how many times as long as `reference` work takes: the median of all, after a round to warm up."""

    def seconds(work: Callable[[], object], times: int = 1) -> float:
        start = clock()
        for _ in range(times):
            work()
        return (clock() - start) / times

    for _, work in turns:
        work()
    found: dict[str, list[float]] = {name: [] for name, _ in turns}
    for _ in range(rounds):
        before = seconds(reference, _REFERENCES)
        for name, work in turns:
            taken = seconds(work)
            after = seconds(reference, _REFERENCES)
            found[name].append(2 * taken / (before + after))
            before = after
    return {name: round(statistics.median(values), 2) for name, values in found.items()}


def reference() -> float:
    """Do what the phases are made of, some hundredth of a second long; must never change."""
    rng = random.Random(1)
    words = [f"w{n}" for n in range(500)]
    text = " ".join(rng.choices(words, k=12_000))
    counts = Counter(match.group().casefold() for match in re.finditer(r"\w+", text))
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE count (word TEXT PRIMARY KEY, n INTEGER)")
        db.executemany("INSERT INTO count VALUES (?, ?)", sorted(counts.items()))
        total = float(sum(db.execute("SELECT n FROM count WHERE word = ?", (word,)).fetchone()[0] for word in words))
    total += sum(hashlib.blake2b(word.encode(), digest_size=4).digest()[0] for word in text.split())
    table = np.arange(64_000, dtype=np.float32).reshape(-1, 64)
    return total + sum(float(np.sort(table @ row)[0]) for row in table[:30])


class Work:
    """What is measured: made-up articles, the same each time, and questions about them."""

    def __init__(self, folder: Path, *, articles: int = _ARTICLES) -> None:
        rng = random.Random(0)
        vocabulary = sorted({"".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))) for _ in range(1500)})
        rng.shuffle(vocabulary)
        self._folder, self._file = folder, folder / "articles.jsonl"
        records = (record(rng, vocabulary, n) for n in range(articles))
        self._file.write_text("".join(f"{json.dumps(r)}\n" for r in records), "utf-8")
        self._embedder = ToyEmbedder(*vocabulary[:255], max_tokens=256)
        texts = (" ".join(rng.choices(vocabulary[:_COMMON], k=4)) for _ in range(_QUESTIONS))
        self._questions = [Query(f"What about the {text}?") for text in texts]
        self._prompts = Prompts.load()
        self.hits: list[list[Hit]] = []
        self.rendered: list[str] = []
        self.index: Index | None = None

    def turns(self) -> list[tuple[str, Callable[[], object]]]:
        """Return what is measured in a round, each on what the one before made."""
        return [("build", self.build), *[("search", self.search), ("prompt", self.prompt)] * _SHORT]

    def build(self) -> None:
        """Index all articles anew, in a folder of their own."""
        if self.index:
            self.index.close()
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        sync([self._file], folder, self._embedder, passage_tokens=120, max_file_bytes=10**8)
        self.index = Index.open(folder, self._embedder)
        self._retriever = Retriever(self.index, self._embedder)

    def search(self) -> None:
        """Search for every question."""
        self.hits = [self._retriever.search(question, k=6) for question in self._questions]

    def prompt(self) -> None:
        """Choose and render the evidence of every question, fill the prompt in and count its tokens."""
        self.rendered = []
        for question, hits in [*zip(self._questions, self.hits, strict=True)] * _PROMPTS:
            evidence, _ = render_evidence(self._retriever.evidence(question, hits, max_tokens=160, enough=0.8))
            messages = self._prompts.messages("answer", evidence=evidence, question=question.text)
            ScriptedLLM().count(messages)
            self.rendered.append(messages[-1].content)


def record(rng: random.Random, vocabulary: list[str], n: int) -> dict[str, str]:
    """Return an article of three paragraphs, with dates, quotations and a person who speaks."""
    weights = [1 / (rank + 1) for rank in range(len(vocabulary))]
    some = partial(rng.choices, vocabulary, weights)
    name = " ".join(word.title() for word in rng.sample(vocabulary, 2))

    def sentence() -> str:
        first, second = " ".join(some(k=8)), " ".join(some(k=5))
        kinds = (
            f"{name} said that the {first}.",
            f"“The {first},” the minister told the {second} on {rng.randint(1, 28)} May 2024.",
            f"The {first}, {second}.",
        )
        return rng.choices(kinds, (2, 1, 7))[0]

    text = "\n\n".join(" ".join(sentence() for _ in range(4)) for _ in range(3))
    title, day = " ".join(some(k=6)).capitalize(), f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}"
    return {"id": f"made-up-{n}", "title": title, "date": day, "text": text}


if __name__ == "__main__":
    sys.exit(main())
