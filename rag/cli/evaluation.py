"""`rag eval`: score the assistant on questions, compare two runs, draft questions from the articles."""

import math
import shlex
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.common import INTERRUPTED, Group, interrupt_sets
from rag.cli.options import EmbedderOption, IndexOption, JSONOption, LLMOption, load_settings
from rag.cli.printing import note, open_console, print_json, print_table, progress_bar, safe, say, spinner
from rag.errors import UsageError

if TYPE_CHECKING:
    from rag.evaluation.run import Run

_SAID = 10
"""So many lines that were left out are said one by one."""


class _RunByDefault(Group):
    """`rag eval FILE` is `rag eval run FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        known = {*self.commands, *ctx.help_option_names}
        return super().parse_args(ctx, args if args and args[0] in known else ["run", *args])


app = typer.Typer(
    name="eval",
    help="Score the answers on a question set of your own: `rag eval FILE` is `rag eval run FILE`.",
    cls=_RunByDefault,
)

UnderOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-under", metavar="METRIC=VALUE", help="Exit with 1 where a metric is below VALUE; may be repeated."
    ),
]
OverOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-over", metavar="METRIC=VALUE", help="Exit with 1 where a metric is above VALUE; may be repeated."
    ),
]


@app.command("run")
def run(
    questions: Annotated[
        Path, typer.Argument(metavar="QUESTIONS", help="JSON lines, CSV, SQuAD 2.0 JSON or a BEIR folder.")
    ],
    *,
    index_dir: IndexOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder of the run.  [default: runs/NAME-TIME]")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Ask only so many questions, drawn at random.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the draw and of the intervals.")] = 0,
    retrieval_only: Annotated[
        bool,
        typer.Option(
            "--retrieval-only", help="Search, and write nothing; follow-ups are rewritten only if --llm is given."
        ),
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in DIR, or with the last one of these questions.")
    ] = False,
    llm: LLMOption = None,
    embedder: EmbedderOption = None,
    fail_under: UnderOption = None,
    fail_over: OverOption = None,
    fail_if_worse: Annotated[
        Path | None,
        typer.Option("--fail-if-worse", metavar="DIR", help="Exit with 1 where a metric is surely worse than in DIR."),
    ] = None,
    as_json: JSONOption = False,
) -> None:
    """Ask every question of a file and score the answers, without a judge model."""
    from rag.assistant import Assistant
    from rag.evaluation.compare import check_comparable
    from rag.evaluation.questions import read_questions
    from rag.evaluation.run import Run, check_folder

    limits = [*_limits("under", fail_under), *_limits("over", fail_over)]
    found = read_questions(questions)
    before = Run.load(fail_if_worse) if fail_if_worse else None
    folder = out or _folder(questions, found.sha256, resume=resume)
    check_folder(folder, resume=resume)
    settings = load_settings(index_dir=index_dir, llm=llm, embedder=embedder)
    for problem in found.problems[:_SAID]:
        note(f"left out, {problem}")
    if more := found.problems[_SAID:]:
        note(f"left out, {len(more):,} more: see {folder / 'run.json'}")
    with spinner("loading the models"):
        assistant = Assistant.load(settings, with_llm=not retrieval_only or llm is not None)
    run = Run.create(
        folder,
        found,
        assistant,
        name=questions.resolve().name,
        limit=limit,
        seed=seed,
        retrieval_only=retrieval_only,
        resume=resume,
    )
    for said in run.about["notes"]:
        note(f"note: {said}")
    if before:
        check_comparable(before, run)
    interrupted, stopped = False, threading.Event()
    try:
        with interrupt_sets(stopped), progress_bar("questions") as progress:

            def told(done: int, total: int, scores: dict[str, float]) -> None:
                if stopped.is_set():
                    raise KeyboardInterrupt
                progress("  ".join(f"{name} {value:.2f}" for name, value in scores.items()), done, total)

            run.go_on(assistant, told)
    except KeyboardInterrupt:
        interrupted = True
    with spinner("scoring"):
        metrics = run.finish()
    if as_json:
        print_json(metrics)
    else:
        _print_scores(metrics, folder)
    if interrupted:
        note(f"stopped after {metrics['asked']:,} of {metrics['total']:,}; go on: {_command(folder, out)}")
        raise typer.Exit(INTERRUPTED)
    failures = [said for limit in limits if (said := limit(metrics))]
    errors = [case.prediction["error"] for case in run.cases if case.failed]
    if errors:
        note(f"{len(errors):,} questions ended in an error, the first: {errors[0]}")
    if len(errors) == metrics["asked"] > 0:
        failures.append("no question was answered")
    if before:
        failures += _worse(before, run)
    for failure in failures:
        typer.echo(safe(f"failed: {failure}"), err=True)
    if failures:
        raise typer.Exit(1)


@app.command()
def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="Folder of a run.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Folder of another run of the same questions.")],
    *,
    fail_if_worse: Annotated[
        bool, typer.Option("--fail-if-worse", help="Exit with 1 where a metric of B is surely worse than in A.")
    ] = False,
    as_json: JSONOption = False,
) -> None:
    """Compare two runs question by question: differences B - A with intervals, and which questions changed."""
    from rag.evaluation.compare import compare as compare_runs
    from rag.evaluation.run import Run

    with spinner("comparing"):
        compared = compare_runs(Run.load(a), Run.load(b))
    if as_json:
        print_json(compared.to_json())
    else:
        _print_comparison(compared)
    if fail_if_worse and compared.worse:
        typer.echo(f"failed: surely worse: {', '.join(compared.worse)}", err=True)
        raise typer.Exit(1)


@app.command()
def draft(
    *,
    index_dir: IndexOption = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Question file to write; added to where it is there.")
    ] = Path("questions.jsonl"),
    n: Annotated[int, typer.Option("-n", min=1, max=10_000, help="How many questions to propose.")] = 20,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the choice of passages.")] = 0,
    review: Annotated[bool, typer.Option("--review/--no-review", help="Go through them here and now.")] = True,
    llm: LLMOption = None,
    embedder: EmbedderOption = None,
    as_json: JSONOption = False,
) -> None:
    """Propose questions from passages of the index: each kept only where its answer stands in its passage."""
    from rag.assistant import Assistant
    from rag.evaluation.draft import append, check_file, draft

    check_file(out)
    settings = load_settings(index_dir=index_dir, llm=llm, embedder=embedder)
    with spinner("loading the models"):
        assistant = Assistant.load(settings)
    kept = tried = 0
    with progress_bar("questions") as progress:
        for proposal in draft(assistant, n=n, seed=seed):
            tried += 1
            kept += bool(proposal and append(out, proposal))
            progress("drafting", kept, n)
    if as_json:
        print_json({"file": str(out), "drafted": kept, "passages": tried})
        return
    note(f"{kept:,} questions drafted from {tried:,} passages, in {out}")
    if review and kept and _at_a_terminal():
        _review(out)
    elif kept:
        note(f"no person has read them yet: rag eval review {out}")


@app.command()
def review(
    questions: Annotated[Path, typer.Argument(metavar="FILE", help="A question file with drafted questions.")],
    *,
    as_json: JSONOption = False,
) -> None:
    """Go through drafted questions: accept, edit or drop each; every decision is kept at once (--json: list them)."""
    if as_json:
        from rag.evaluation.draft import drafted

        waiting = [{"line": n, "question": q.question, "answers": list(q.answers)} for n, q in drafted(questions)]
        print_json({"file": str(questions), "drafted": waiting})
        return
    _review(questions)


def _review(path: Path) -> None:
    from rich.prompt import Prompt

    from rag.evaluation.draft import Decision, drafted, settle

    console = open_console(stderr=True)

    def asked(label: str, **options: Any) -> str:
        try:
            return str(Prompt.ask(label, console=console, **options)).strip()
        except (EOFError, RuntimeError) as error:
            raise UsageError(f"nobody answers here; go through them in a terminal: rag eval review {path}") from error

    while waiting := drafted(path):
        number, question = waiting[0]
        console.print()
        say(console, f"{len(waiting)} left  {question.question}", "bold")
        say(console, f"answer: {'; '.join(question.answers) or 'none'}", indent=3)
        for source in question.evidence:
            say(console, f"“{source.quote}”" if source.quote else source.doc_id, "dim", indent=3)
        choice = asked("accept, edit, drop or quit?", choices=["a", "e", "d", "q"])
        if choice == "q":
            break
        text, answer = question.question, next(iter(question.answers), "")
        if choice == "e":
            text = asked("question", default=text) or text
            answer = asked("answer", default=answer)
        settle(path, number, Decision(keep=choice != "d", question=text, answer=answer))
    left = len(drafted(path))
    note(f"{left:,} left to read: rag eval review {path}" if left else f"all read: rag eval {path}")


def _at_a_terminal() -> bool:
    return bool(sys.stdin and sys.stdin.isatty())


def _folder(questions: Path, sha256: str, *, resume: bool) -> Path:
    """Return a new folder for a run, or that of the last run of these questions."""
    runs = Path("runs")
    if not resume:
        return runs / f"{questions.resolve().stem}-{time.strftime('%Y%m%d-%H%M%S')}"
    for path in sorted(runs.glob("*/run.json"), key=lambda path: path.stat().st_mtime, reverse=True):
        if sha256 in path.read_text("utf-8", "replace"):
            return path.parent
    raise UsageError(f"no run of {questions.name!r} in {str(runs)!r} to go on with; name it: --out DIR --resume")


def _command(folder: Path, out: Path | None) -> str:
    """Return the command that goes on with a run: the one given, and what it lacks."""
    more = [*([] if out else ["--out", str(folder)]), *([] if "--resume" in sys.argv else ["--resume"])]
    return shlex.join(["rag", *sys.argv[1:], *more])


def _limits(side: str, given: list[str] | None) -> Iterator[Callable[[dict[str, Any]], str | None]]:
    """Yield for each `METRIC=VALUE` what tells how it was not held; raises `UsageError` before anything is asked."""
    from rag.evaluation.metrics import BY_NAME

    for text in given or []:
        name, _, value = text.partition("=")
        if name not in BY_NAME:
            raise UsageError(f"--fail-{side} {text!r}: no metric {name!r}; there are: {', '.join(BY_NAME)}")
        try:
            limit = float(value)
        except ValueError:
            limit = math.nan
        if math.isnan(limit):
            raise UsageError(f"--fail-{side} {text!r}: {value!r} is no number; write: {name}=0.8")
        yield partial(_not_held, name=name, limit=limit, side=side)


def _not_held(metrics: dict[str, Any], *, name: str, limit: float, side: str) -> str | None:
    value, reason = metrics["metrics"][name]["value"], metrics["metrics"][name]["reason"]
    if value is None:
        return f"{name} is not applicable: {reason}"
    if (value < limit) if side == "under" else (value > limit):
        return f"{name} is {value:.4f}, {'below' if side == 'under' else 'above'} {limit:g}"
    return None


def _worse(before: "Run", run: "Run") -> list[str]:
    from rag.evaluation.compare import compare

    compared = compare(before, run)
    return [f"{name} is surely worse than in {before.folder}" for name in compared.worse]


def _print_scores(metrics: dict[str, Any], folder: Path) -> None:
    from rich.table import Table

    from rag.evaluation.report import number

    console = open_console()
    table = Table("", "score", "95 % interval", "n", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    group, missing = "", dict[str, list[str]]()
    for name, value in metrics["metrics"].items():
        if value["value"] is None:
            missing.setdefault(value["reason"], []).append(name)
            continue
        if value["group"] != group:
            table.add_section()
            group = value["group"]
            table.add_row(f"[bold]{group}[/bold]")
        low, high = (number(value[end], value["unit"]) for end in ("low", "high"))
        interval = f"{low} – {high}" if value["low"] is not None else ""
        table.add_row(f"  {name}", number(value["value"], value["unit"]), interval, f"{value['n']:,}")
    print_table(table)
    console.print()
    for reason, names in missing.items():
        say(console, f"not applicable, {reason}: {', '.join(names)}", "dim")
    say(console, "what became of them: " + ", ".join(f"{n:,} {name}" for name, n in metrics["outcomes"].items()))
    say(console, f"report: {folder / 'report.html'}")


def _print_comparison(compared: Any) -> None:
    from rich.table import Table

    from rag.evaluation.metrics import BY_NAME
    from rag.evaluation.report import number

    console = open_console()
    for line in compared.notes:
        say(console, line, "dim")
    table = Table("", "A", "B", "B - A", "95 % interval", "p", "n", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, d in compared.differences.items():
        if d.difference is None:
            continue
        unit = BY_NAME[name].unit
        interval = f"{d.low:+.3f} – {d.high:+.3f}" if d.low is not None else ""
        p = "" if d.p is None else f"{d.p:.3f}" if d.p >= 0.001 else "< 0.001"
        mark = "  worse" if name in compared.worse else "  better" if name in compared.better else ""
        table.add_row(
            name + mark, number(d.a, unit), number(d.b, unit), f"{d.difference:+.3f}", interval, p, f"{d.n:,}"
        )
    print_table(table)
    if compared.changed:
        console.print()
        for change in compared.changed:
            say(console, f"{change.a} → {change.b}: {change.question}")
