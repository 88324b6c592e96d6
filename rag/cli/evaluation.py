"""`rag eval`: score the assistant on questions, compare two runs, draft questions from the articles."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from rag.cli.options import EmbedderOption, IndexOption, JSONOption, LLMOption, load_settings
from rag.cli.printing import open_console, print_json, progress_bar, safe, say, spinner
from rag.errors import UsageError

if TYPE_CHECKING:
    from rag.evaluation.run import Run

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it: 128 and the number of SIGINT."""


class _RunByDefault(TyperGroup):
    """`rag eval FILE` is `rag eval run FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args if args and args[0] in self.commands else ["run", *args])


app = typer.Typer(name="eval", help="Score the answers on a question set of your own.", cls=_RunByDefault)

UnderOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-under", metavar="METRIC=VALUE", help="Exit with 1 where a metric is below VALUE; may be repeated."
    ),
]


@app.command(
    "run",
    epilog="See also: rag eval compare --help, rag eval draft --help, rag eval review --help.",
)
def run(
    questions: Annotated[
        Path, typer.Argument(metavar="QUESTIONS", help="JSON lines, CSV, SQuAD 2.0 JSON or a BEIR folder.")
    ],
    *,
    index_dir: IndexOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder of the run.  [default: runs/NAME-TIME]")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Ask so many questions, drawn at random.")] = None,
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
    fail_if_worse: Annotated[
        Path | None,
        typer.Option("--fail-if-worse", metavar="DIR", help="Exit with 1 where a metric is surely worse than in DIR."),
    ] = None,
    as_json: JSONOption = False,
) -> None:
    """Ask every question of a file and score the answers; nothing leaves this machine."""
    from rag.assistant import Assistant
    from rag.evaluation.questions import read_questions
    from rag.evaluation.run import Run

    limits = _limits(fail_under)
    found = read_questions(questions)
    before = Run.load(fail_if_worse) if fail_if_worse else None
    folder = out or _folder(questions, resume=resume)
    settings = load_settings(index_dir=index_dir, llm=llm, embedder=embedder)
    for problem in found.problems:
        typer.echo(safe(f"left out, {problem}"), err=True)
    with spinner("loading the models"):
        assistant = Assistant.load(settings, with_llm=not retrieval_only or llm is not None)
    run = Run.create(
        folder,
        found,
        assistant,
        name=questions.name,
        limit=limit,
        seed=seed,
        retrieval_only=retrieval_only,
        resume=resume,
    )
    for note in run.about["notes"]:
        typer.echo(safe(f"note: {note}"), err=True)
    interrupted = False
    try:
        with progress_bar("questions") as progress:
            run.go_on(
                assistant,
                lambda done, total, scores: progress(
                    "  ".join(f"{name} {value:.2f}" for name, value in scores.items()), done, total
                ),
            )
    except KeyboardInterrupt:
        interrupted = True
    with spinner("scoring"):
        metrics = run.finish()
    if as_json:
        print_json(metrics)
    else:
        _print_scores(metrics, folder)
    if interrupted:
        typer.echo(
            f"stopped after {metrics['asked']:,} of {metrics['total']:,}; go on: "
            f"rag eval {questions} --out {folder} --resume",
            err=True,
        )
        raise typer.Exit(INTERRUPTED)
    failures = _too_low(metrics, limits)
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
) -> None:
    """Propose questions from passages of the index: each kept only where its answer stands in its passage."""
    from rag.assistant import Assistant
    from rag.evaluation.draft import append, draft

    settings = load_settings(index_dir=index_dir, llm=llm, embedder=embedder)
    with spinner("loading the models"):
        assistant = Assistant.load(settings)
    kept = tried = 0
    with progress_bar("questions") as progress:
        for proposal in draft(assistant, n=n, seed=seed):
            tried += 1
            if proposal:
                kept += 1
                append(out, proposal)
            progress("drafting", kept, n)
    typer.echo(f"{kept:,} questions drafted from {tried:,} passages, in {out}", err=True)
    if review and kept and _at_a_terminal():
        _review(out)
    elif kept:
        typer.echo(f"no person has read them yet: rag eval review {out}", err=True)


@app.command()
def review(
    questions: Annotated[Path, typer.Argument(metavar="FILE", help="A question file with drafted questions.")],
) -> None:
    """Go through drafted questions: accept, edit or drop each; every decision is kept at once."""
    _review(questions)


def _review(path: Path) -> None:
    from rich.prompt import Prompt

    from rag.evaluation.draft import Decision, drafted, settle

    console = open_console(stderr=True)
    waiting = drafted(path)
    for number, question in enumerate(waiting, start=1):
        console.print()
        say(console, f"{number} of {len(waiting)}  {question.question}", "bold")
        say(console, f"answer: {'; '.join(question.answers)}", indent=3)
        for source in question.evidence:
            say(console, f"“{source.quote}”", "dim", indent=3)
        choice = Prompt.ask("accept, edit, drop or quit?", choices=["a", "e", "d", "q"], console=console)
        if choice == "q":
            break
        text, answer = question.question, question.answers[0] if question.answers else ""
        if choice == "e":
            text = Prompt.ask("question", default=text, console=console)
            answer = Prompt.ask("answer", default=answer, console=console)
        settle(path, question.id, Decision(keep=choice != "d", question=text, answer=answer))
    left = len(drafted(path))
    typer.echo(f"{left:,} left to read: rag eval review {path}" if left else f"all read: rag eval {path}", err=True)


def _at_a_terminal() -> bool:
    import sys

    return sys.stdin.isatty()


def _folder(questions: Path, *, resume: bool) -> Path:
    """Return a new folder for a run, or that of the last run of these questions."""
    runs = Path("runs")
    if not resume:
        return runs / f"{questions.stem}-{time.strftime('%Y%m%d-%H%M%S')}"
    earlier = sorted(path.parent for path in runs.glob(f"{questions.stem}-*/run.json"))
    if not earlier:
        raise UsageError(f"no run of {questions.name!r} in {str(runs)!r} to go on with; name it: --out DIR --resume")
    return earlier[-1]


def _limits(given: list[str] | None) -> dict[str, float]:
    """Read `METRIC=VALUE`; raises `UsageError` before anything is asked."""
    from rag.evaluation.metrics import BY_NAME

    limits = {}
    for text in given or []:
        name, _, value = text.partition("=")
        if name not in BY_NAME:
            raise UsageError(f"--fail-under {text!r}: no metric {name!r}; there are: {', '.join(BY_NAME)}")
        try:
            limits[name] = float(value)
        except ValueError as error:
            raise UsageError(f"--fail-under {text!r}: {value!r} is no number; write: {name}=0.8") from error
    return limits


def _too_low(metrics: dict[str, Any], limits: dict[str, float]) -> list[str]:
    failures = []
    for name, limit in limits.items():
        value = metrics["metrics"][name]["value"]
        if value is None:
            failures.append(f"{name} is not applicable: {metrics['metrics'][name]['reason']}")
        elif value < limit:
            failures.append(f"{name} is {value:.4f}, below {limit:g}")
    return failures


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
    console.print(table)
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
    console.print(table)
    if compared.changed:
        console.print()
        for change in compared.changed:
            say(console, f"{change.a} → {change.b}: {change.question}")
