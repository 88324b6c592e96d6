"""The benchmark side by side: jobs, processes, results and the table, over a fake runner; no other system is run."""

import json
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peers import __main__ as peers
from benchmarks.peers import driver
from benchmarks.peers.driver import PeerError
from benchmarks.peers.runner import PHASES, Job, Phase
from benchmarks.peers.table import ROWS, Run, table, versions
from rag import Settings, models
from rag.errors import UsageError
from rag.evaluation.questions import Question, Source
from tests.conftest import ROOT

FAKE = [sys.executable, "-m", "tests.benchmarks.fake_runner"]
QUESTIONS: list[dict[str, Any]] = [
    {"question": "What colour are the goggles ?", "answers": ["5"], "evidence": [{"doc_id": "a"}]},
    {"question": "Who rides a red bicycle ?", "answers": ["Nobody"], "evidence": [{"doc_id": "b"}]},
    {"question": "How high is the tower ?", "answers": ["six"], "evidence": [{"doc_id": "gone"}]},
    {"question": "Is this known ?", "answerable": False},
]
ARTICLES: list[dict[str, Any]] = [
    {"id": "a", "title": "Goggles", "text": "The goggles are green"},
    {"id": "b", "text": "Lind rides a red bicycle"},
]

Plan = tuple[dict[Phase, Job], dict[Phase, list[Question]]]


def lines(path: Path, records: list[dict[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), "utf-8")
    return path


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.setattr(models, "resolve", lambda name, models_dir: models_dir / name)
    corpus, questions = lines(tmp_path / "c.jsonl", ARTICLES), lines(tmp_path / "q.jsonl", QUESTIONS)
    return peers.plan(corpus, questions, searches=3, questions=2)


def compare(plan: Plan, out: Path, systems: list[str], *, limit_s: float = 60, resume: bool = False) -> list[Run]:
    def prepare(system: str, _folder: Path) -> list[str]:
        if system == "absent":
            raise PeerError("ERROR: no such distribution")
        return FAKE

    return peers.compare(systems, plan[0], out, limit_s=limit_s, resume=resume, prepare=prepare)


def test_a_plan_is_of_answerable_questions_with_evidence_and_warms_up_with_others(plan: Plan) -> None:
    jobs, asked = plan
    assert [len(asked[phase]) for phase in PHASES] == [0, 3, 2]
    assert jobs["answer"].discarded == ("How high is the tower ?",)
    assert jobs["search"].discarded == tuple(q.question for q in asked["search"])  # there are no others
    assert jobs["build"].questions == jobs["build"].discarded == ()
    assert jobs["build"].embedder.endswith("all-minilm-l6-v2")
    assert Path(jobs["build"].corpus).is_absolute()


def test_questions_without_evidence_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"q\.jsonl' has no answerable question with evidence"):
        peers.plan(tmp_path, lines(tmp_path / "q.jsonl", QUESTIONS[3:]), searches=1, questions=1)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--systems", "rag,other"], "no system 'other'; there are rag, txtai, llamaindex, haystack"),
        (["--questions", "0"], "one question at least"),
        ([], "missing.jsonl"),
    ],
)
def test_wrong_use_is_told_in_a_line(
    options: list[str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["peers", "missing.jsonl", "missing.jsonl", *options])
    with pytest.raises(SystemExit, match="2"):
        peers.main()
    assert told in capsys.readouterr().err


def test_a_run_that_is_stopped_says_how_to_go_on(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    handled: list[object] = []
    monkeypatch.setattr("signal.signal", lambda which, _: handled.append(which))
    monkeypatch.setattr(peers, "compare", stopped)
    monkeypatch.setattr(sys, "argv", ["peers", str(tmp_path / "c.jsonl"), str(tmp_path / "q.jsonl")])
    with pytest.raises(SystemExit, match="130"):
        peers.main()
    assert handled == [signal.SIGTERM]
    assert "--resume goes on" in capsys.readouterr().err


def test_a_job_is_read_as_it_was_written(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "job").write_text(plan[0]["search"].to_json(), "utf-8")
    assert Job.read(tmp_path / "job") == plan[0]["search"]


def test_every_phase_is_measured_in_a_process_of_its_own(plan: Plan, tmp_path: Path) -> None:
    (run,) = compare(plan, tmp_path, ["one"])
    assert run.failure is None
    assert (run.results["build"]["articles"], run.results["build"]["index_bytes"]) == (2, 49)
    assert [found["hits"][0] for found in run.results["search"]["found"][:2]] == [["a", "also a"], ["b", "also b"]]
    first, second = run.results["answer"]["answers"]
    assert (first["read"], first["written"], first["text"], first["refused"]) == (6, 12, "The answer is 5.", False)
    assert (second["read"], second["written"], second["refused"]) == (6, 12, True)
    assert 0 <= first["first_word_s"] <= first["total_s"]
    assert all(run.results[phase]["peak_mb"] > 1 for phase in PHASES)
    assert next(versions([run])).startswith(f"one: python {sys.version.split()[0]}, pytest ")


def test_who_cannot_be_installed_or_fails_stands_in_the_table_with_the_reason(plan: Plan, tmp_path: Path) -> None:
    corpus = lines(tmp_path / "broken.jsonl", [{"id": "a", "text": "BREAKS"}])
    good = compare(plan, tmp_path, ["one", "absent"])
    jobs = {phase: replace(job, corpus=str(corpus)) for phase, job in plan[0].items()}
    shown = table([*good, *compare((jobs, plan[1]), tmp_path, ["two"])], plan[1]).splitlines()
    assert shown[0] == "|  | one | absent | two |"
    assert [line.split(" | ")[0][2:] for line in shown[2:]] == [*(row.name for row in ROWS), "failed"]
    assert "| hit@10 | 0.667 | – | – |" in shown
    assert "| reference answer contained | 0.50 | – | – |" in shown
    assert "| refused | 1 | – | – |" in shown
    assert "| tokens read | 6 | – | – |" in shown
    assert shown[-1] == "| failed | – | install: ERROR: no such distribution | build: AssertionError: it \\| broke |"


def test_a_phase_that_takes_too_long_is_ended(plan: Plan, tmp_path: Path) -> None:
    (run,) = compare(plan, tmp_path, ["one"], limit_s=0.001)
    assert run.failure == "build: took longer than 0.001 s"
    assert not run.results


def test_an_interrupted_run_goes_on_where_the_job_is_the_same(plan: Plan, tmp_path: Path) -> None:
    jobs, asked = plan
    (whole,) = compare(plan, tmp_path, ["one"])
    (again,) = compare(plan, tmp_path, ["one"])
    assert again.results["build"]["total_s"] != whole.results["build"]["total_s"]  # measured anew
    fewer = replace(jobs["answer"], questions=jobs["answer"].questions[:1])
    (resumed,) = compare(({**jobs, "answer": fewer}, asked), tmp_path, ["one"], resume=True)
    assert resumed.results["build"] == again.results["build"]
    assert resumed.results["search"] == again.results["search"]
    assert len(resumed.results["answer"]["answers"]) == 1


def test_ratios_are_to_the_first_system() -> None:
    def result(times: int) -> dict[str, dict[str, Any]]:
        said: dict[str, Any] = {
            "first_word_s": 0.5 * times,
            "first_checked_s": None,
            "total_s": 2.0,
            "read": 100 * times,
        }
        said |= {"written": 10, "text": "It was Lind's.", "refused": None}
        return {
            "build": {"articles": 30, "build_s": times, "total_s": 9, "peak_mb": 100, "index_bytes": 1e6 / times},
            "search": {"open_s": 1, "peak_mb": 50, "found": [{"s": i / 1000, "hits": []} for i in range(1, 21)]},
            "answer": {"peak_mb": 1500, "answers": [said, said | {"first_word_s": 30}, said]},
        }

    question = Question(question="Whose?", answers=("Lind's",), evidence=(Source(doc_id="a"),))
    long = Question(question="Why?", answers=(" ".join(["because"] * 11),), evidence=(Source(doc_id="a"),))
    asked: dict[Phase, list[Question]] = {"build": [], "search": [question] * 20, "answer": [question, long, long]}
    shown = table([Run("one", result(1)), Run("two", result(4))], asked).splitlines()
    assert shown[2:] == [
        "| build, articles/s | 30.0 | 7.5 (0.25) |",
        "| build, whole process, s | 9.0 | 9.0 (1.0) |",
        "| peak memory while building, MB | 100 | 100 (1.0) |",
        "| index on disk, MB | 1.00 | 0.25 (0.25) |",
        "| open, to the first hit, s | 1.0 | 1.0 (1.0) |",
        "| search p50, ms | 10.0 | 10.0 (1.0) |",
        "| search p95, ms | 19.0 | 19.0 (1.0) |",
        "| hit@10 | 0.000 | 0.000 |",
        "| peak memory while searching, MB | 50 | 50 (1.0) |",
        "| first word, s | 0.5 | 2.0 (4.0) |",
        "| first checked sentence, s | – | – |",
        "| whole answer, s | 2.0 | 2.0 (1.0) |",
        "| reference answer contained | 1.00 | 1.00 |",  # the long ones are left out
        "| refused | – | – |",
        "| tokens read | 100 | 400 (4.0) |",
        "| tokens written | 10 | 10 (1.0) |",
        "| peak memory while answering, MB | 1,500 | 1,500 (1.0) |",
    ]


def test_an_environment_is_made_once_and_anew_after_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    python = tmp_path / "venv" / "bin" / "python"

    def run(command: list[str], **_: object) -> None:
        if "pip" in command and not any("pip" in earlier for earlier in ran):
            ran.append(command)
            raise PeerError("no network")
        ran.append(command)
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()

    monkeypatch.setattr(driver, "run", run)
    with pytest.raises(PeerError, match="no network"):
        driver.prepare("txtai", tmp_path)
    command = driver.prepare("txtai", tmp_path)
    assert command == [str(python), "-m", "benchmarks.peers.runners.run_txtai"]
    assert ["pip" in made for made in ran] == [False, True, False, True]
    assert driver.prepare("txtai", tmp_path) == command
    assert len(ran) == 4
    assert driver.prepare("rag", tmp_path)[0] == sys.executable


def test_a_system_runs_without_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_LLM", "another")
    assert {name for name in driver.environment() if name.startswith("RAG_")} == {"RAG_CONFIG"}


@pytest.mark.parametrize("system", peers.SYSTEMS)
def test_a_runner_starts_with_the_standard_library_alone(system: str) -> None:
    code = f"import benchmarks.peers.runners.run_{system}"
    subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, check=True, timeout=60)


@pytest.mark.parametrize("system", peers.SYSTEMS[1:])
def test_versions_are_the_project_s_or_pinned(system: str) -> None:
    wanted = (driver.HERE / f"requirements-{system}.txt").read_text("utf-8").splitlines()
    assert "-c ../../constraints.txt" in wanted
    ours = set(re.findall(r"^([\w-]+)==", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE))
    for line in wanted:
        name = line.split("==")[0]
        assert line.startswith(("#", "-c ")) or ("==" in line) == (name not in ours), line
    assert "torch" in wanted


@pytest.mark.model
def test_our_own_runner_builds_and_searches(plan: Plan, tmp_path: Path) -> None:
    command = driver.prepare("rag", tmp_path)
    jobs = {
        phase: replace(job, index=str(tmp_path / "index"), models=str(Settings().models_dir))
        for phase, job in plan[0].items()
    }
    built = driver.measure(command, jobs["build"], tmp_path, limit_s=300)
    found = driver.measure(command, jobs["search"], tmp_path, limit_s=300)
    assert built["articles"] == 2
    assert built["index_bytes"] > 1000
    assert [hits["hits"][0] for hits in found["found"][:2]] == [["a"], ["b"]]
