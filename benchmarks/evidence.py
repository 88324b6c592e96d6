"""How often the evidence holds a sentence that answers: `python -m benchmarks.evidence DATA [DATA …]`.

DATA is a folder with `corpus.jsonl` and `questions.jsonl` (`question`, `answerable`, `evidence` with `doc_id`
and `quote`). Prints the table of docs/benchmarks.md; no language model is used.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rag import Settings, opening
from rag.citations import content_words
from rag.embedding import Remembering
from rag.index import Index, sync
from rag.retrieval import Retriever, evidence
from rag.types import Embedder, Evidence, Query

COSINE, WORDS, PASSAGE, HOLDS = evidence._COSINE, evidence._WORDS, evidence._PASSAGE, evidence._HOLDS
# name: cosine, words, passage, kind, enough, tokens
VARIANTS = {
    "cosine alone": (COSINE, 0.0, 0.0, 0.0, 1.0, 200),
    "+ words": (COSINE, WORDS, 0.0, 0.0, 1.0, 200),
    "+ words + passage": (COSINE, WORDS, PASSAGE, 0.0, 1.0, 200),
    "+ words + passage + kind": (COSINE, WORDS, PASSAGE, HOLDS, 1.0, 200),
    "the same, enough at 0.9 (default)": (COSINE, WORDS, PASSAGE, HOLDS, 0.9, 200),
    "enough at 0.8, 160 tokens": (COSINE, WORDS, PASSAGE, HOLDS, 0.8, 160),
    "enough at 0.9, 100 tokens": (COSINE, WORDS, PASSAGE, HOLDS, 0.9, 100),
    "enough at 0.95, 240 tokens": (COSINE, WORDS, PASSAGE, HOLDS, 0.95, 240),
    "enough at 0.99, 320 tokens": (COSINE, WORDS, PASSAGE, HOLDS, 0.99, 320),
}


def main() -> None:
    """Index each set, then measure every variant on its answerable questions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="+", type=Path)
    folders: list[Path] = parser.parse_args().data
    settings = Settings.load()
    embedder = Remembering(opening.embedder(settings))
    print("| set | evidence | gold sentence in it | best sentence is gold | tokens |\n|---|---|---|---|---|")
    for folder in folders:
        with tempfile.TemporaryDirectory() as index_dir:
            sync(
                [folder / "corpus.jsonl"],
                Path(index_dir),
                embedder,
                passage_tokens=settings.passage_tokens,
                max_file_bytes=settings.file_bytes,
            )
            index = Index.open(Path(index_dir), embedder)
            for name, variant in VARIANTS.items():
                *weights, enough, tokens = variant
                evidence._COSINE, evidence._WORDS, evidence._PASSAGE, evidence._HOLDS = weights
                held, first, read = measure(folder, index, embedder, settings.passages, int(tokens), enough)
                print(f"| {folder.name} | {name} | {held:.3f} | {first:.3f} | {read:.0f} |", flush=True)


def measure(
    folder: Path, index: Index, embedder: Embedder, k: int, tokens: int, enough: float
) -> tuple[float, float, float]:
    """Return the shares of questions with a gold sentence in the evidence, and as its best, and the mean tokens."""
    retriever = Retriever(index, embedder)
    held = first = read = n = 0
    for question, quotes in answerable(folder):
        query = Query(question)
        chosen = retriever.evidence(query, retriever.search(query, k=k), max_tokens=tokens, enough=enough)
        gold = [is_gold(e, quotes) for e in chosen]
        held, first, n = held + any(gold), first + gold[-1], n + 1
        read += sum(len(embedder.tokens(e.quote)) for e in chosen)
    return held / n, first / n, read / n


def answerable(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each answerable question with the quotes that answer it."""
    for line in (folder / "questions.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        if record["answerable"]:
            yield record["question"], [" ".join(e["quote"].split()) for e in record["evidence"]]


def is_gold(evidence: Evidence, quotes: list[str]) -> bool:
    """Tell whether a sentence is, holds, or stands in a quote, or has four fifths of its content words."""
    text, words = " ".join(evidence.quote.split()), content_words(evidence.quote)
    return any(
        text in quote or quote in text or len(content_words(quote) & words) > 0.8 * len(content_words(quote) or {""})
        for quote in quotes
    )


if __name__ == "__main__":
    main()
