"""What all runners share: the job, the clock, peak memory, and the file they answer with.

`python -m benchmarks.peers.runners.run_NAME JOB RESULT` does one phase in a fresh process: JOB is a JSON file made of a
`Job`, RESULT is written. Needs only the standard library, since it runs in each system's own environment. Knows nothing
about gold documents and reference answers: what was found and said is told, and judged elsewhere.
"""

import importlib
import importlib.metadata
import json
import platform
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

Phase = Literal["build", "search", "answer"]
PHASES: tuple[Phase, ...] = ("build", "search", "answer")
Heard: TypeAlias = Callable[[str], object]
"""Called with each piece of an answer as it comes."""


@dataclass(frozen=True, slots=True)
class Job:
    """One phase: files and folders as absolute paths, the questions that are measured, those that only warm up.

    `models` is where this project keeps its models, `embedder` and `llm` lie in it: a sentence-transformers folder and
    a GGUF file. `k` is how many hits a search asks for.
    """

    phase: Phase
    corpus: str
    index: str
    models: str
    embedder: str
    llm: str
    questions: tuple[str, ...] = ()
    discarded: tuple[str, ...] = ()
    k: int = 10

    @classmethod
    def read(cls, path: Path) -> "Job":
        """Return what `write` has written."""
        fields = json.loads(path.read_text("utf-8"))
        return cls(**fields | {name: tuple(fields[name]) for name in ("questions", "discarded")})

    def to_json(self) -> str:
        """Return the text of the file."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)


@dataclass(frozen=True, slots=True)
class Article:
    """A line of the corpus."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What a system answered, without its markers; None where it does not tell.

    `checked_s` is when the first sentence had been checked, in seconds.
    """

    text: str
    refused: bool | None = None
    checked_s: float | None = None


class System(Protocol):
    """One way to index, search and answer; each phase calls what it needs, in this order, in a new process."""

    @property
    def packages(self) -> tuple[str, ...]:
        """The distributions whose versions are told."""
        ...

    def load_embedder(self) -> None:
        """Import what building needs and embed something, so that `build` does neither."""
        ...

    def build(self) -> None:
        """Index the corpus into the folder `index`, so that `open` in another process finds it."""
        ...

    def open(self) -> None:
        """Import what searching needs, open index and embedder."""
        ...

    def search(self, question: str) -> list[tuple[str, ...]]:
        """Return the best `k` hits, each as the ids of the article it is of."""
        ...

    def open_to_answer(self) -> None:
        """Open index, embedder and language model."""
        ...

    def answer(self, question: str, heard: Heard) -> Answered:
        """Answer, calling `heard` with each piece as it comes."""
        ...


def main(make: Callable[[Job], System]) -> None:
    """Do the phase that the command line names and write its result."""
    job = Job.read(Path(sys.argv[1]))
    system = make(job)
    result = {"build": _build, "search": _search, "answer": _answer}[job.phase](system, job)
    result |= {"peak_mb": peak_mb(), "versions": versions(system.packages)}
    Path(sys.argv[2]).write_text(json.dumps(result, ensure_ascii=False, indent=1), "utf-8")


def articles(job: Job) -> Iterator[Article]:
    """Yield the articles of the corpus."""
    with Path(job.corpus).open(encoding="utf-8") as lines:
        for fields in (json.loads(line) for line in lines if line.strip()):
            yield Article(str(fields["id"]), fields.get("title") or "", fields["text"])


def peak_mb() -> float:
    """Return the most memory this process has held so far, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def versions(packages: tuple[str, ...]) -> dict[str, str]:
    """Return the versions of Python and of distributions that are installed."""
    return {"python": platform.python_version()} | {name: importlib.metadata.version(name) for name in packages}


def _build(system: System, job: Job) -> dict[str, Any]:
    start = time.perf_counter()
    system.load_embedder()
    loaded = time.perf_counter()
    system.build()
    done = time.perf_counter()
    files = [path for path in Path(job.index).rglob("*") if path.is_file()]
    return {
        "articles": sum(1 for _ in articles(job)),
        "build_s": done - loaded,
        "total_s": done - start,
        "index_bytes": sum(path.stat().st_size for path in files),
    }


def _search(system: System, job: Job) -> dict[str, Any]:
    start = time.perf_counter()
    system.open()
    system.search(job.discarded[0])  # some load when they are first used
    opened = time.perf_counter()
    for question in job.discarded[1:]:
        system.search(question)
    found = []
    for question in job.questions:
        before = time.perf_counter()
        hits = system.search(question)
        found.append({"s": time.perf_counter() - before, "hits": hits})
    return {"open_s": opened - start, "found": found}


def _answer(system: System, job: Job) -> dict[str, Any]:
    start = time.perf_counter()
    system.open_to_answer()
    opened = time.perf_counter()
    tokens = Tokens.count(importlib.import_module("llama_cpp").Llama)
    for question in job.discarded:
        system.answer(question, lambda _: None)
    return {"open_s": opened - start, "answers": [_timed(system, question, tokens) for question in job.questions]}


def _timed(system: System, question: str, tokens: "Tokens") -> dict[str, Any]:
    first: list[float] = []
    tokens.forget()
    start = time.perf_counter()

    def heard(piece: str) -> None:
        if piece.strip() and not first:
            first.append(time.perf_counter() - start)

    answered = system.answer(question, heard)
    total = time.perf_counter() - start
    return {
        "text": answered.text,
        "refused": answered.refused,
        "first_word_s": first[0] if first else total,  # a refusal, or nothing at all
        "first_checked_s": answered.checked_s,
        "total_s": total,
        "read": tokens.read,
        "written": tokens.written,
    }


class Tokens:
    """How many tokens the language model read and wrote, as llama-cpp-python, which all systems use, was asked to.

    A prompt given twice, whose second reading llama.cpp spares itself, counts once.
    """

    def __init__(self) -> None:
        self._prompts: set[tuple[int, ...]] = set()
        self.written = 0

    @property
    def read(self) -> int:
        """Tokens of the prompts since `forget`."""
        return sum(map(len, self._prompts))

    def forget(self) -> None:
        """Begin anew."""
        self._prompts.clear()
        self.written = 0

    @classmethod
    def count(cls, llama: Any) -> "Tokens":
        """Count from now on what any instance of llama-cpp-python's class `llama` generates."""
        tokens, generate = cls(), llama.generate

        def counted(model: Any, prompt: Any, *args: Any, **options: Any) -> Iterator[int]:
            tokens._prompts.add(tuple(prompt))
            for token in generate(model, prompt, *args, **options):
                tokens.written += 1
                yield token

        llama.generate = counted
        return tokens
