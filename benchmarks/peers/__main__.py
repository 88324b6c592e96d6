"""Side by side with others: `python -m benchmarks.peers CORPUS.jsonl QUESTIONS.jsonl [--out build/peers]`.

This project, txtai, LlamaIndex and Haystack, each as its documentation shows it, with the same embedder, the same
language model, the same articles and questions. The environments of the others are made first, from
requirements-*.txt, which needs the network and happens once. Then each phase (build, search, answer) runs for one
system after the other, in a fresh process each. Prints the table of docs/benchmarks.md; a system that fails is named in
it with the reason.
"""

import argparse
import os
import platform
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.peers.driver import OWN, PeerError, measure, prepare
from benchmarks.peers.runner import PHASES, Job, Phase
from benchmarks.peers.table import Run, table, versions
from rag import Settings, models
from rag.errors import RagError, UsageError
from rag.evaluation.questions import Question, read_questions

SYSTEMS = (OWN, "txtai", "llamaindex", "haystack")
WARM: dict[Phase, int] = {"build": 0, "search": 10, "answer": 1}
"""So many questions are asked before those that count."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="JSON lines with id, title and text")
    parser.add_argument("questions_file", type=Path, help="questions with answers and evidence: docs/evaluation.md")
    parser.add_argument("--questions", type=int, default=20, help="how many are answered (20)")
    parser.add_argument("--searches", type=int, default=100, help="how many are searched (100)")
    parser.add_argument("--systems", default=",".join(SYSTEMS), help="which ones; ratios are to the first")
    parser.add_argument("--out", type=Path, default=Path("build/peers"), help="for environments, indexes and results")
    parser.add_argument("--limit", type=float, default=900, help="seconds that a phase may take (900)")
    parser.add_argument("--resume", action="store_true", help="keep what an interrupted run of the same has measured")
    given = parser.parse_args()
    systems = given.systems.split(",")
    if unknown := [name for name in systems if name not in SYSTEMS]:
        parser.error(f"no system {', '.join(map(repr, unknown))}; there are {', '.join(SYSTEMS)}")
    if given.questions < 1 or given.searches < 1:
        parser.error("one question at least must be searched and one answered")
    try:
        jobs, asked = plan(given.corpus, given.questions_file, searches=given.searches, questions=given.questions)
    except (RagError, OSError) as error:
        parser.error(str(error))
    about = machine()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is ended too
    try:
        runs = compare(systems, jobs, given.out.absolute(), limit_s=given.limit, resume=given.resume)
    except KeyboardInterrupt:
        parser.exit(130, "stopped; the same with --resume goes on\n")
    print(table(runs, asked))
    print(f"\nIn brackets: divided by the value of {systems[0]}. {len(asked['search'])} questions searched,")
    print(f"{len(asked['answer'])} answered. {about}.\n")
    print("\n".join(versions(runs)))


def plan(
    corpus: Path, questions_file: Path, *, searches: int, questions: int
) -> tuple[dict[Phase, Job], dict[Phase, list[Question]]]:
    """Return what each phase is to do, all paths absolute, `index` left empty; and the questions that it measures.

    They are the first answerable ones with evidence; those after them warm up, or the same where there are too few.
    Raises a `RagError` or `OSError` for what is missing.
    """
    known = [q for q in read_questions(questions_file).questions if q.answerable and q.evidence and not q.history]
    if not known:
        raise UsageError(f"{str(questions_file)!r} has no answerable question with evidence: docs/evaluation.md")
    models_dir = Settings().models_dir.absolute()
    embedder, llm = (
        models.resolve(Settings.model_fields[role].default, models_dir=models_dir) for role in ("embedder", "llm")
    )
    asked: dict[Phase, list[Question]] = {"build": [], "search": known[:searches], "answer": known[:questions]}
    jobs = {
        phase: Job(
            phase=phase,
            corpus=str(corpus.resolve(strict=True)),
            index="",
            models=str(models_dir),
            embedder=str(embedder),
            llm=str(llm),
            questions=tuple(q.question for q in measured),
            discarded=tuple(q.question for q in (known[len(measured) :] + known)[: WARM[phase]]),
        )
        for phase, measured in asked.items()
    }
    return jobs, asked


def compare(
    systems: Sequence[str],
    jobs: dict[Phase, Job],
    out: Path,
    *,
    limit_s: float,
    resume: bool,
    prepare: Callable[[str, Path], list[str]] = prepare,
) -> list[Run]:
    """Return what became of each system; one that failed in a phase is left out of those after it."""
    runs = [Run(name) for name in systems]
    commands: dict[str, list[str]] = {}
    for run in runs:
        with step(run, "install"):
            (out / run.system).mkdir(parents=True, exist_ok=True)
            commands[run.system] = prepare(run.system, out / run.system)
    for phase in PHASES:
        for run in (run for run in runs if not run.failure):
            with step(run, phase):
                folder = out / run.system
                job = replace(jobs[phase], index=str(folder / "index"))
                run.results[phase] = measure(commands[run.system], job, folder, limit_s=limit_s, resume=resume)
    return runs


@contextmanager
def step(run: Run, name: str) -> Iterator[None]:
    """Tell what is done for a system, and keep the reason where it fails."""
    print(f"{run.system}: {name}", file=sys.stderr, flush=True)
    try:
        yield
    except PeerError as error:
        run.failure = f"{name}: {error}"
        print(f"{run.system}: failed: {error}", file=sys.stderr, flush=True)


def machine() -> str:
    """Return what the numbers were measured on, and how busy it was before."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores of {name}, {gigabytes:.0f} GB, load {os.getloadavg()[0]:.1f} at the start"


if __name__ == "__main__":
    main()
