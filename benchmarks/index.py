"""Index at scale: `python -m benchmarks.index CORPUS … --sizes 20000 500000`; a CORPUS is JSON lines with `text`.

Articles are paragraphs of the corpora; above their number, halves of two joined. Vectors are real ones, embedded once
from a sample, then moved: v + 0.35 (v' - v''), chosen by the text's hash, since a million cannot be embedded here in
reasonable time. So build time is without embedding. Every phase runs in a process of its own; its peak memory is told.
With several sizes, how each grows is told as the exponent of a power of the passages, fitted by least squares of the
logarithms; `--plot FILE.svg` draws it.
"""

import argparse
import hashlib
import importlib
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from rag import Settings, opening
from rag.index import Catalogue, Index, sync
from rag.index.doctor import examine
from rag.retrieval import Retriever
from rag.types import Embedder, Query, Span, Vectors

_SAMPLE = 3000
_PER_FILE = 10_000
_FILE_EACH = 50_000
"""Up to so many articles each has a file of its own; above, so many share one as `_PER_FILE` says."""
_QUERIES = 300


class Drawn:
    """The real tokeniser, and real vectors moved; the same text always has the same one."""

    def __init__(self, embedder: Embedder, bank: Vectors) -> None:
        self._embedder, self._bank = embedder, bank
        self.name, self.digest = embedder.name, embedder.digest
        self.dimension, self.max_tokens = embedder.dimension, embedder.max_tokens
        self.languages = embedder.languages

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a vector for each text."""
        hashes = [hashlib.sha256(text.encode()).digest() for text in texts]
        drawn = np.array([np.frombuffer(h[:12], "<u4") for h in hashes]) % len(self._bank)
        vectors = self._bank[drawn[:, 0]] + 0.35 * (self._bank[drawn[:, 1]] - self._bank[drawn[:, 2]])
        found: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        return found

    def tokens(self, text: str) -> list[Span]:
        """Return the spans of the real tokens."""
        return self._embedder.tokens(text)


def main() -> None:
    """Print a table for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--sizes", nargs="+", type=int, default=[20_000])
    parser.add_argument("--plot", type=Path)
    given = parser.parse_args()
    paragraphs = [json.loads(line)["text"] for path in given.corpora for line in path.read_text("utf-8").splitlines()]
    embedder = opening.embedder(Settings.load())
    print("embedding", _SAMPLE, "paragraphs", file=sys.stderr)
    started = time.monotonic()
    bank = embedder.embed(paragraphs[:_SAMPLE])
    print(f"real embedding, for comparison: {_SAMPLE / (time.monotonic() - started):.0f} paragraphs/s\n")
    grown = []
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as name:
            grown.append(measure(Path(name), paragraphs, bank, size))
    if len(grown) > 1:
        print(
            "grows with the passages to the power of: " + ", ".join(f"{k} {v:.2f}" for k, v in exponents(grown).items())
        )
        if given.plot:
            plot(grown, given.plot)


def exponents(grown: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return for each thing measured the slope of its logarithm over that of the passages."""
    sizes = np.log([one["passages"] for one in grown])
    names = [name for name in grown[0] if name != "passages"]
    return {name: float(np.polyfit(sizes, np.log([one[name] for one in grown]), 1)[0]) for name in names}


def plot(grown: Sequence[dict[str, float]], file: Path) -> None:
    """Draw what was measured, as a share of what it was at the least size, both axes logarithmic."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.add_subplot(xlabel="passages", ylabel="times as much as at the left", xscale="log", yscale="log")
    sizes = [one["passages"] for one in grown]
    for name, power in exponents(grown).items():
        axes.plot(sizes, [one[name] / grown[0][name] for one in grown], "o-", label=f"{name}: power {power:.2f}")
    axes.plot(sizes, [size / sizes[0] for size in sizes], ":", color="grey", label="as the passages: power 1")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, metadata={"Date": None})


def measure(folder: Path, paragraphs: list[str], bank: Vectors, size: int) -> dict[str, float]:
    """Build an index of so many articles, change it, and search it; return what grew."""
    articles, index = folder / "articles", folder / "index"
    articles.mkdir()
    write(articles, paragraphs, size, seed=0)
    run = partial(in_its_process, bank)
    print(f"| {size:,} articles | seconds | peak memory |\n|---|---|---|", flush=True)
    built = run(build, articles, index)
    row("build, without embedding", built)
    with closing(Catalogue.open(index)) as catalogue:
        passages = catalogue.counts()["passages"]
    same = run(build, articles, index)
    row("sync without a change", same)
    write(articles, paragraphs, size // 100, seed=1, name="changed")
    row("sync of 1 % more", run(build, articles, index))
    for path in articles.glob("changed*"):
        path.unlink()
    row("sync of 1 % withdrawn", run(build, articles, index))
    row("doctor", run(doctor, index))
    row("open", run(opened, index))
    found = run(search, index)
    row("open and search", found)
    print(f"\n{passages:,} passages, {disk(index) / passages:,.0f} bytes each on disk, of them", end=" ")
    print(", ".join(f"{path.name.split('-')[0]} {disk(path) / passages:,.0f}" for path in sorted(index.iterdir())))
    print("search, p50 / p95 in ms: " + ", ".join(f"{k} {v[0]:.1f} / {v[1]:.1f}" for k, v in found["ms"].items()))
    print(f"recall@10 against exact: {run(recall, index)['recall']:.3f}\n", flush=True)
    return {
        "passages": passages,
        "build, s": built["seconds"],
        "sync without a change, s": same["seconds"],
        "search p50, ms": found["ms"]["whole"][0],
        "search p95, ms": found["ms"]["whole"][1],
        "memory while searching, MB": found["mb"],
    }


def write(articles: Path, paragraphs: list[str], size: int, *, seed: int, name: str = "part") -> None:
    """Write JSON lines of so many articles, in several files."""
    rng = random.Random(seed)

    def texts() -> Iterator[str]:
        for n in range(size):
            if n < len(paragraphs) and seed == 0:
                yield paragraphs[n]
            else:
                first, second = (rng.choice(paragraphs).split() for _ in range(2))
                yield " ".join([*first[: len(first) // 2], *second[len(second) // 2 :]])

    made = texts()
    if len(list(articles.iterdir())) + size <= 1.1 * _FILE_EACH:
        for n, text in enumerate(made):
            (articles / f"{name}{n}.txt").write_text(text, "utf-8")
        return
    for part in range(0, size, _PER_FILE):
        with (articles / f"{name}{part}.jsonl").open("w", encoding="utf-8") as file:
            for n in range(part, min(part + _PER_FILE, size)):
                file.write(json.dumps({"id": f"{name}{n}", "text": next(made)}) + "\n")


def build(embedder: Embedder, articles: Path, index: Path) -> dict[str, Any]:
    """Sync."""
    settings = Settings.load()
    sync([articles], index, embedder, passage_tokens=settings.passage_tokens, max_file_bytes=settings.file_bytes)
    return {}


def doctor(_embedder: Embedder, index: Path) -> dict[str, Any]:
    """Examine everything."""
    assert examine(index) == []
    return {}


def opened(embedder: Embedder, index: Path) -> dict[str, Any]:
    """Open, and find one passage."""
    with closing(Index.open(index, embedder)) as found:
        assert found.search(embedder.embed(["first"])[0], 1)
    return {}


def search(embedder: Embedder, index: Path) -> dict[str, Any]:
    """Search for the beginnings of passages, by vector, by words, by both, and whole but for embedding."""
    with closing(Index.open(index, embedder)) as opened:
        some = opened.catalogue.numbers()[:: max(1, opened.catalogue.counts()["passages"] // _QUERIES)]
        texts = [" ".join(text.split("\n")[1].split()[:12]) for _, text in opened.catalogue.texts(some)]
        vectors = embedder.embed([f"query {text}" for text in texts])
        retriever = Retriever(opened, embedder)
        times: dict[str, list[float]] = {"vector": [], "words": [], "both": [], "whole": []}
        for text, vector in zip(texts, vectors, strict=True):
            start = time.perf_counter()
            opened.search(vector, 100)
            middle = time.perf_counter()
            opened.search_words(text, 100)
            end = time.perf_counter()
            retriever.search(Query(text), k=6)
            whole = time.perf_counter() - end
            for kind, value in zip(times, (middle - start, end - middle, end - start, whole), strict=True):
                times[kind].append(1000 * value)
    return {"ms": {kind: np.quantile(values, [0.5, 0.95]).tolist() for kind, values in times.items()}}


def recall(embedder: Embedder, index: Path) -> dict[str, Any]:
    """Compare the ten nearest with those of brute force."""
    queries = embedder.embed([f"query {n}" for n in range(_QUERIES)])
    best = [(np.zeros(0), np.zeros(0, np.int64))] * len(queries)
    with closing(Index.open(index, embedder)) as opened:
        for part, vectors in opened.catalogue.vectors(opened.catalogue.numbers()):
            scores = vectors @ queries.T
            for i, (old, ids) in enumerate(best):
                both, all_ids = np.concatenate([old, scores[:, i]]), np.concatenate([ids, part])
                top = np.argsort(-both)[:10]
                best[i] = both[top], all_ids[top]
        hits = 0
        for query, (_, ids) in zip(queries, best, strict=True):
            exact = opened.catalogue.passages_by_number(ids.tolist()).values()
            hits += len(set(exact) & {passage for passage, _ in opened.search(query, 10)})
    return {"recall": hits / (10 * len(queries))}


def in_its_process(bank: Vectors, phase: Callable[..., dict[str, Any]], *paths: Path) -> dict[str, Any]:
    """Run a phase in a process of its own; return what it gives, its seconds and its peak memory in MB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_phase, (bank, phase, *paths))


def _phase(bank: Vectors, phase: Callable[..., dict[str, Any]], *paths: Path) -> dict[str, Any]:
    embedder = Drawn(opening.embedder(Settings.load()), bank)
    embedder.tokens("warm")
    importlib.import_module("faiss")  # loaded before the clock starts
    start = time.perf_counter()
    found = phase(embedder, *paths)
    seconds = time.perf_counter() - start
    return found | {"seconds": seconds, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def row(name: str, found: dict[str, Any]) -> None:
    """Print a row of the table."""
    print(f"| {name} | {found['seconds']:.2f} | {found['mb']:,.0f} MB |", flush=True)


def disk(path: Path) -> int:
    """Return the bytes of a file, or of all beneath a folder."""
    return sum(file.stat().st_size for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())


if __name__ == "__main__":
    main()
