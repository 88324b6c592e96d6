"""What other processes cost a language model: `python -m benchmarks.busy MODEL.gguf [--rounds 3] [--spins N ...]`.

Beside 0, 1 and 2 processes that only count, a prompt of 300 tokens is read and 20 tokens are written, with each
`GOMP_SPINCOUNT` in a process of its own; 300,000 is what GNU's OpenMP takes where nothing is set. Told are medians.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

_PROMPT, _WRITTEN = 300, 20
_COUNTS = "while True: pass"
_TEXT = "The council met on Monday to hear what the engineers had found beneath the old bridge. " * 30


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--spins", type=int, nargs="+", default=[300_000, 1000])
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(*timed(given.model, given.rounds))
        return
    print(f"| busy processes | spins | {_PROMPT} tokens read, s | {_WRITTEN} written, s |\n|---|---|---|---|")
    for others in range(3):
        busy = [subprocess.Popen([sys.executable, "-c", _COUNTS]) for _ in range(others)]
        try:
            for spins in given.spins:
                read, wrote = measured(given.model, given.rounds, spins)
                print(f"| {others} | {spins:,} | {read:.2f} | {wrote:.2f} |", flush=True)
        finally:
            for process in busy:
                process.kill()


def measured(model: Path, rounds: int, spins: int) -> tuple[float, float]:
    """Return what `timed` does in a process with so many spins."""
    command = [sys.executable, "-m", "benchmarks.busy", str(model), "--one", "--rounds", str(rounds)]
    done = subprocess.run(
        command, env=os.environ | {"GOMP_SPINCOUNT": str(spins)}, capture_output=True, text=True, check=True
    )
    read, wrote = map(float, done.stdout.split())
    return read, wrote


def timed(path: Path, rounds: int) -> tuple[float, float]:
    """Return the median seconds of reading and of writing, after one round that does not count."""
    from rag.llm import LlamaCpp

    model = LlamaCpp.load(path, name=path.stem, context_tokens=1024)._model
    tokens = model.tokenize(_TEXT.encode())[:_PROMPT]
    told = []
    for _ in range(rounds + 1):
        model.reset()
        start = time.perf_counter()
        model.eval(tokens)
        read = time.perf_counter()
        for token in tokens[:_WRITTEN]:
            model.eval([token])
        told.append((read - start, time.perf_counter() - read))
    return median(read for read, _ in told[1:]), median(wrote for _, wrote in told[1:])


if __name__ == "__main__":
    main()
