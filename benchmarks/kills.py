"""SIGKILL at random moments of sync, rebuild and removal: `python -m benchmarks.kills [N] [SEED]`.

Each round changes some files, starts an operation in a process of its own and kills it at a random moment. Afterwards
the index must open, be sound, answer, and hold every article that was reported as done and whose file is still there.
At the end a sync in peace must give the same as an index built from nothing.
"""

import argparse
import multiprocessing
import random
import shutil
import signal
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from rag.corpus import article_id
from rag.index import Catalogue, Index, sync
from rag.index.doctor import examine
from rag.index.remove import remove
from rag.testing import ToyEmbedder

WORDS = ("rain", "snow", "wind", "sun")
_FILES = 40
_FORK = multiprocessing.get_context("fork")


def main() -> None:
    """Print how many rounds there were and how they ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=1000)
    parser.add_argument("seed", nargs="?", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        ended = run(Path(folder), rounds=given.rounds, seed=given.seed)
    print(f"{given.rounds:,} rounds, seed {given.seed}, {time.monotonic() - started:.0f} s: nothing lost, index sound")
    for (operation, how), n in sorted(ended.items()):
        print(f"  {operation}: {n:,} {how}")


def run(folder: Path, *, rounds: int, seed: int) -> Counter[tuple[str, str]]:
    """Do the rounds in an empty folder; raises `AssertionError` where something was lost."""
    rng = random.Random(seed)
    articles, index = folder / "articles", folder / "index"
    articles.mkdir()
    for n in range(_FILES):
        write(articles, n, rng)
    durations: dict[str, float] = {}
    ended: Counter[tuple[str, str]] = Counter()
    in_its_process(partial(build, articles, index))
    reported = ids_of(articles)
    for _ in range(rounds):
        operation = rng.choices(["sync", "rebuild", "remove"], [6, 2, 1])[0]
        if operation == "sync":
            for n in rng.sample(range(_FILES), 6):
                write(articles, n, rng) if rng.random() < 0.8 else (articles / f"{n}.txt").unlink(missing_ok=True)
        target = {
            "sync": partial(build, articles, index),
            "rebuild": partial(build, articles, index, rebuild=True),
            "remove": partial(forget, index, rng.random()),
        }[operation]
        started = time.monotonic()
        how = killed(target, after=rng.uniform(0, durations.get(operation, 0.5) * 1.1))
        if how == "finished":
            durations[operation] = time.monotonic() - started
        ended[operation, how] += 1
        there = ids_of(articles)
        reported = there if (operation, how) == ("sync", "finished") else reported & there
        in_its_process(partial(check, index, reported))
    in_its_process(partial(compare, articles, index, folder / "peace"))
    return ended


def ids_of(articles: Path) -> set[str]:
    """Return the ids of the articles that are in the files."""
    return {article_id(path.read_text()) for path in articles.iterdir()}


def write(articles: Path, n: int, rng: random.Random) -> None:
    """Write an article of some paragraphs."""
    paragraphs = [" ".join(rng.choices(WORDS, k=12)) + f" {rng.random()}." for _ in range(rng.randint(1, 6))]
    (articles / f"{n}.txt").write_text("\n\n".join(paragraphs))


def build(articles: Path, index: Path, *, rebuild: bool = False) -> None:
    """Sync, or rebuild."""
    sync([articles], index, ToyEmbedder(*WORDS), passage_tokens=24, max_file_bytes=10_000, rebuild=rebuild)


def forget(index: Path, which: float) -> None:
    """Remove an article by hand; `which` is a share of all."""
    with closing(Catalogue.open(index)) as catalogue:
        ids = catalogue.article_ids()
    remove([ids[int(which * len(ids))]], index)


def check(index: Path, must: set[str]) -> None:
    """Fail unless the index is sound, holds what it must, and finds a passage for every word."""
    wrong = [finding.what for finding in examine(index) if finding.in_catalogue]
    assert not wrong, wrong
    embedder = ToyEmbedder(*WORDS)
    with closing(Index.open(index, embedder)) as opened:
        ids = set(opened.catalogue.article_ids()) | opened.catalogue.removed_by_hand()
        assert must <= ids, f"lost: {must - ids}"
        for word in WORDS:
            assert opened.search(embedder.embed([word])[0], 5)
            assert opened.search_words(word, 5)
    left = [finding.what for finding in examine(index)]  # opening has brought in step what lagged behind
    assert not left, left


def compare(articles: Path, index: Path, peace: Path) -> None:
    """Fail unless a last sync gives what an index built from nothing holds, what was removed by hand apart."""
    build(articles, index)
    build(articles, peace)
    with closing(Catalogue.open(index)) as catalogue:
        removed = sorted(catalogue.removed_by_hand())
    with closing(Catalogue.open(peace)) as catalogue:
        here = set(catalogue.article_ids())
    if at_hand := [i for i in removed if i in here]:
        remove(at_hand, peace)
    for table in ("article", "origin", "passage", "vector"):
        assert rows(index, table) == rows(peace, table), table
    assert examine(index) == []
    shutil.rmtree(peace)


def rows(index: Path, table: str) -> list[tuple[object, ...]]:
    """Return all rows of a table."""
    with closing(sqlite3.connect(index / "catalogue.sqlite")) as db:
        return sorted(db.execute(f"SELECT * FROM {table}").fetchall())


def killed(target: Callable[[], None], *, after: float) -> str:
    """Run in a process of its own, kill it after so many seconds, and tell how it ended."""
    process = _FORK.Process(target=target)
    process.start()
    process.join(after)
    process.kill()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return "finished" if process.exitcode == 0 else "killed"


def in_its_process(target: Callable[[], None]) -> None:
    """Run in a process of its own, so that this one stays free of threads; fail where it fails."""
    process = _FORK.Process(target=target)
    process.start()
    process.join()
    assert process.exitcode == 0, "see the error above"


if __name__ == "__main__":
    main()
