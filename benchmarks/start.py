"""How soon after its start each program is of use: `python -m benchmarks.start INDEX [--rounds 7]`.

Each is a process of its own, started anew in every round, the programs in turns, from their start to the sign that is
looked for: the help printed whole, the first hit printed, the page served. Files read before are still in memory, as
after the first use of a day; what the embedder's compiler and the language model keep on disk is there.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

QUESTION = "What was said about the weather?"
_FOUND = """
import sys, rag
assistant = rag.Assistant.load(rag.Settings.load(index_dir=sys.argv[1]), deferred=True)
print("found", next(assistant.stream(sys.argv[2])))
"""
"""What `rag ask` does until it has the passages, which it does not print."""
_APP = str(Path(__file__).parent.parent / "app.py")
_ADDRESS = re.compile(r"http://\S+")
# name: command, what a line of its output begins with once it is of use ("" for its end), whether that is an address
PROGRAMS: dict[str, tuple[list[str], str, bool]] = {
    "rag --help": (["-m", "rag", "--help"], "", False),
    "rag search, first hit": (["-m", "rag", "search", QUESTION, "--index", "INDEX"], "1. ", False),
    "rag ask, passages found": (["-c", _FOUND, "INDEX", QUESTION], "found", False),
    "rag ask, whole answer": (["-m", "rag", "ask", QUESTION, "--index", "INDEX"], "", False),
    "app.py, page served": ([_APP, "--index", "INDEX", "--port", "7899"], "rag is ready", True),
}


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for number in range(given.rounds + 1):
        for name in PROGRAMS:
            took = seconds(name, given.index)
            if number:  # the first round reads the files
                times[name].append(took)
    print("| program | s, median | least | most |\n|---|---|---|---|")
    for name, took_all in times.items():
        print(f"| {name} | {statistics.median(took_all):.2f} | {min(took_all):.2f} | {max(took_all):.2f} |")


def seconds(name: str, index: Path) -> float:
    """Return how long a program takes until it is of use; raises `RuntimeError` with what it said where it is not."""
    command, sign, serves = PROGRAMS[name]
    said = []
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *(str(index) if word == "INDEX" else word for word in command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout
        for line in process.stdout:
            said.append(line)
            if sign and line.startswith(sign):
                if serves:
                    fetch(line)
                took = time.perf_counter() - start
                process.terminate()
                return took
        process.wait()
        if sign or process.returncode:
            raise RuntimeError(f"{name}: {''.join(said)}")
        return time.perf_counter() - start


def fetch(line: str) -> None:
    """Read the page whose address a line names."""
    found = _ADDRESS.search(line)
    assert found, line
    with urllib.request.urlopen(found[0]) as page:
        assert b"</html>" in page.read().lower()


if __name__ == "__main__":
    main()
