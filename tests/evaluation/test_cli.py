"""`rag eval` over fakes: what is printed, what is kept, the exit codes."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag.evaluation.draft import drafted
from rag.evaluation.run import Run
from tests.conftest import Fake
from tests.evaluation.test_run import BRIDGE, GREEN, LINES, SAID

Write = Callable[..., Path]


@pytest.fixture
def rag(run: Callable[..., Any]) -> Callable[..., Any]:
    """Run `rag eval` with some arguments."""
    return lambda *arguments: run("eval", *arguments)


def test_scores_are_printed_and_the_run_is_kept(rag: Any, fake: Fake, questions: Write, tmp_path: Path) -> None:
    fake(*SAID)
    outcome = rag(questions(*LINES))
    assert outcome.code == 0
    row = next(line for line in outcome.out.splitlines() if "containment" in line)
    assert row.split() == ["containment", "1.000", "1.000", "–", "1.000", "2"]
    assert "not applicable, no underspecified question: refused_underspecified" in outcome.out
    assert "what became of them: 2 right, 1 refused rightly" in outcome.out
    (made,) = (tmp_path / "runs").iterdir()
    assert made.name.startswith("questions-20")
    assert f"report: runs/{made.name}/report.html" in outcome.out
    names = {
        "run.json",
        "questions.jsonl",
        "predictions.jsonl",
        "run.trec",
        "qrels.trec",
        "metrics.json",
        "report.html",
    }
    assert {path.name for path in made.iterdir()} == names


def test_json_is_what_metrics_json_holds(rag: Any, fake: Fake, questions: Write) -> None:
    fake(*SAID)
    outcome = rag(questions(*LINES), "--out", "here", "--json")
    assert json.loads(outcome.out) == json.loads(Path("here/metrics.json").read_text("utf-8"))


def test_what_was_left_out_is_said_on_standard_error(rag: Any, fake: Fake, questions: Write) -> None:
    fake(*SAID)
    path = questions(GREEN, GREEN | {"note": "x"})
    outcome = rag(path, "--out", "here")
    assert "left out, line 2: id 'green one' again, first at line 1" in outcome.err
    assert json.loads(Path("here/run.json").read_text("utf-8"))["problems"]


WRONG = """
none.jsonl
FILE --fail-under hits=1
FILE --fail-under hit@1=much
FILE --fail-over risk=nan
FILE --limit 0
FILE --resume
FILE --out typo --resume
FILE --fail-if-worse nowhere
compare a b
review none.jsonl
draft --out q.csv
"""


@pytest.mark.parametrize("arguments", [line.split() for line in WRONG.split("\n")[1:]], ids=" ".join)
def test_a_wrong_request_is_a_usage_error_before_a_model_is_loaded(
    rag: Any, questions: Write, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setattr("rag.assistant.Assistant.load", lambda *_, **__: pytest.fail("a model was loaded"))
    path = str(questions(GREEN))
    outcome = rag(*[path if argument == "FILE" else argument for argument in arguments])
    assert outcome.code == 2
    assert "Traceback" not in outcome.err


def test_a_limit_that_is_not_held_fails(rag: Any, fake: Fake, questions: Write) -> None:
    fake(*SAID)
    limits = ["containment=0.9", "exact_match=0.5", "refused_underspecified=0"]
    outcome = rag(questions(*LINES), "--out", "here", *(x for limit in limits for x in ("--fail-under", limit)))
    assert outcome.code == 1
    assert "failed: exact_match is 0.0000, below 0.5" in outcome.err
    assert "failed: refused_underspecified is not applicable: no underspecified question" in outcome.err
    assert "containment is" not in outcome.err


def test_a_metric_above_its_limit_fails(rag: Any, fake: Fake, questions: Write) -> None:
    fake(*SAID)
    outcome = rag(questions(*LINES), "--out", "here", "--fail-over", "answer_tokens=1", "--fail-over", "risk=0.5")
    assert outcome.code == 1
    assert "failed: answer_tokens is 2.6667, above 1" in outcome.err
    assert "risk is" not in outcome.err


def test_a_run_in_which_every_question_failed_fails_and_says_why(rag: Any, fake: Fake, questions: Write) -> None:
    fake(question_chars=10)
    outcome = rag(questions(*LINES), "--out", "here")
    assert outcome.code == 1
    assert "3 questions ended in an error, the first: the question has 20 characters, more than 10" in outcome.err


def test_a_run_that_is_surely_worse_fails(rag: Any, fake: Fake, questions: Write) -> None:
    path = questions(*(GREEN | {"id": str(i), "question": f"What of the goggles, {i}?"} for i in range(16)))
    fake(*[SAID[0]] * 16)
    assert rag(path, "--out", "good").code == 0
    fake(*["NOT FOUND"] * 16)
    outcome = rag(path, "--out", "bad", "--fail-if-worse", "good")
    assert outcome.code == 1
    assert "failed: containment is surely worse than in good" in outcome.err
    compared = rag("compare", "good", "bad")
    assert compared.code == 0
    assert "right → refused wrongly: What of the goggles, 0?" in compared.out
    row = next(line for line in compared.out.splitlines() if line.startswith("containment"))
    assert row.split()[:5] == ["containment", "worse", "1.000", "0.000", "-1.000"]
    assert rag("compare", "good", "bad", "--fail-if-worse").code == 1
    assert rag("compare", "bad", "good", "--fail-if-worse").code == 0
    assert json.loads(rag("compare", "bad", "good", "--json").out)["better"]


def test_ctrl_c_keeps_what_is_done_and_names_the_command_that_goes_on(
    rag: Any,
    fake: Fake,
    questions: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = fake(*SAID)
    path = questions(*LINES)
    asked, ask = [], world.assistant.ask

    def interrupted(question: str, **rest: Any) -> Any:
        asked.append(question)
        if len(asked) == 2:  # which is finished
            os.kill(os.getpid(), signal.SIGINT)
        return ask(question, **rest)

    monkeypatch.setattr(world.assistant, "ask", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    try:
        outcome = rag(path, "--out", "he re", "--limit", "3")
    finally:
        signal.signal(signal.SIGINT, before)
    assert outcome.code == 130
    assert f"stopped after 2 of 3; go on: rag eval {path} --out 'he re' --limit 3 --resume" in outcome.err
    assert json.loads(Path("he re/metrics.json").read_text("utf-8"))["asked"] == 2
    assert rag(path, "--out", "he re", "--limit", "3").code == 2
    assert rag(path, "--out", "he re", "--limit", "3", "--resume").code == 0
    assert len(Run.load(Path("he re")).cases) == 3


def test_resume_without_a_folder_takes_the_last_run_of_these_questions(
    rag: Any,
    fake: Fake,
    questions: Write,
    tmp_path: Path,
) -> None:
    fake(*SAID)
    path = questions(GREEN, BRIDGE)
    assert rag(path).code == 0
    assert rag(path, "--resume").code == 0
    assert len(list((tmp_path / "runs").iterdir())) == 1


def test_drafting_keeps_what_stands_in_a_passage_and_leaves_it_for_a_person(rag: Any, fake: Fake) -> None:
    text = "minister said that the old bridge over the river had been damaged by the flood in the winter of that year."
    fake("Question: What damaged the bridge?\nAnswer: the flood", "no", texts=[f"The {text}", f"A {text}"])
    outcome = rag("draft", "--out", "q.jsonl", "-n", "2")
    assert outcome.code == 0
    assert "1 questions drafted from 2 passages, in q.jsonl" in outcome.err
    assert "no person has read them yet: rag eval review q.jsonl" in outcome.err
    assert [question.question for _, question in drafted(Path("q.jsonl"))] == ["What damaged the bridge?"]


def test_review_takes_decisions_one_by_one(rag: Any, questions: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = [{"doc_id": "x", "quote": "Dutch [bold]engineers[/bold] did."}]
    waiting = [
        {"question": f"Who did {i}?", "answers": ["Dutch"], "evidence": evidence, "status": "drafted"} for i in range(4)
    ]
    path = questions(*waiting)
    typed = iter(["a", "e", "Who was it?", "the Dutch", "wrong", "d", "q"])
    monkeypatch.setattr("builtins.input", lambda *_: next(typed))
    outcome = rag("review", path)
    assert outcome.code == 0
    assert "1 left to read: rag eval review" in outcome.err
    assert "[bold]engineers[/bold]" in outcome.err
    kept = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [(line["question"], line["status"]) for line in kept] == [
        ("Who did 0?", "accepted"), ("Who was it?", "edited"), ("Who did 3?", "drafted")
    ]  # fmt: skip
