"""Runs over fakes: what is kept, going on after a stop, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ir_measures
import pytest

from rag.errors import EvaluationError, UsageError
from rag.evaluation.questions import read_questions
from rag.evaluation.run import Run, check_folder
from rag.index import sync
from tests.world import World

Write = Callable[..., Path]
GREEN = {"id": "green one", "question": "What of the goggles?", "answers": ["green"],
         "evidence": [{"doc_id": "0.txt", "quote": "the goggles were green"}]}  # fmt: skip
BRIDGE = {"id": "bridge", "question": "Who saw the flood?", "answerable": False}
BEAMS = {"id": "beams", "question": "Who repaired it?", "answers": ["Dutch engineers"],
         "evidence": [{"doc_id": "1.txt", "quote": "Dutch engineers repaired it"}],
         "history": [{"speaker": "user", "text": "What of the old bridge?"},
                     {"speaker": "agent", "text": "It was damaged by the flood."}]}  # fmt: skip
LINES = [GREEN, BRIDGE, BEAMS]
SAID = ["The goggles were green.", "NOT FOUND", "Who repaired the old bridge?", "Dutch engineers repaired it."]


def begin(world: World, path: Path, **options: Any) -> Run:
    folder = options.pop("folder", path.parent / "run")
    return Run.create(folder, read_questions(path), world.assistant, name=path.name, **options)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]


def test_a_run_from_questions_to_scores(tmp_path: Path, questions: Write) -> None:
    world = World(tmp_path, *SAID)
    run = begin(world, questions(*LINES))
    run.go_on(world.assistant)
    metrics = run.finish()
    values = {name: value["value"] for name, value in metrics["metrics"].items()}
    assert {name: values[name] for name in ("hit@1", "evidence_hit", "containment", "citation_precision",
                                            "citation_recall", "refusal_f1")} == {
        "hit@1": 1, "evidence_hit": 1, "containment": 1, "citation_precision": 1, "citation_recall": 1, "refusal_f1": 1,
    }  # fmt: skip
    assert metrics["outcomes"] == {"right": 2, "refused rightly": 1}
    assert metrics["kinds"] == {"answerable": 2, "unanswerable": 1}
    assert json.loads((run.folder / "metrics.json").read_text("utf-8")) == json.loads(json.dumps(metrics))
    assert values["refused_underspecified"] is None
    assert metrics["metrics"]["refused_underspecified"]["reason"] == "no underspecified question"


def test_predictions_are_the_id_and_the_answer_object(tmp_path: Path, questions: Write) -> None:
    world = World(tmp_path, *SAID, "The goggles were green.")
    run = begin(world, questions(*LINES))
    run.go_on(world.assistant)
    first, *_ = lines(run.folder / "predictions.jsonl")
    expected = world.assistant.ask("What of the goggles?").to_json()
    assert first.pop("id") == "green one"
    assert first.pop("timings").keys() == expected.pop("timings").keys()
    assert first == expected


def test_a_follow_up_is_asked_with_its_conversation(tmp_path: Path, questions: Write) -> None:
    world = World(tmp_path, *SAID)
    run = begin(world, questions(*LINES))
    run.go_on(world.assistant)
    assert run.cases[2].prediction["searched"]["text"] == "Who repaired the old bridge?"
    assert "It was damaged by the flood." in world.llm.history[2][1].content


def test_trec_files_give_outside_tools_the_same_scores(tmp_path: Path, questions: Write) -> None:
    world = World(tmp_path, *SAID)
    run = begin(world, questions(*LINES))
    run.go_on(world.assistant)
    qrels = ir_measures.read_trec_qrels(str(run.folder / "qrels.trec"))
    ranking = ir_measures.read_trec_run(str(run.folder / "run.trec"))
    ndcg = ir_measures.calc_aggregate([ir_measures.nDCG @ 10], list(qrels), list(ranking))
    assert next(iter(ndcg.values())) == pytest.approx(run.score()["ndcg@10"].value)
    assert "green%20one Q0" in (run.folder / "run.trec").read_text()


def test_retrieval_only_needs_no_language_model(tmp_path: Path, questions: Write) -> None:
    world = World(tmp_path)
    world.assistant._llm = None
    run = begin(world, questions(*LINES), retrieval_only=True)
    run.go_on(world.assistant)
    metrics = run.finish()["metrics"]
    assert metrics["evidence_hit"]["value"] == 1
    assert metrics["token_f1"]["reason"] == "nothing was written: retrieval only"
    assert run.about["notes"][-1].startswith("1 follow-ups were not rewritten")
    first, *_ = lines(run.folder / "predictions.jsonl")
    assert first.keys() == {"id", "schema_version", "searched", "hits", "evidence", "timings"}


def test_a_stopped_run_goes_on_to_the_same_end(tmp_path: Path, questions: Write) -> None:
    path = questions(*LINES)
    whole = World(tmp_path, *SAID)
    run = begin(whole, path, folder=tmp_path / "whole")
    run.go_on(whole.assistant)

    stopped = World(tmp_path, *SAID)

    def stop(done: int, _all: int, _scores: dict[str, float]) -> None:
        if done == 2:
            raise KeyboardInterrupt

    halves = begin(stopped, path, folder=tmp_path / "halves")
    with pytest.raises(KeyboardInterrupt):
        halves.go_on(stopped.assistant, stop)
    assert halves.finish()["asked"] == 2
    again = begin(stopped, path, folder=tmp_path / "halves", resume=True)
    again.go_on(stopped.assistant)
    assert again.finish()["asked"] == 3
    for name in ("questions.jsonl", "qrels.trec", "run.trec", "run.json"):
        assert (tmp_path / "halves" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert [case.prediction["text"] for case in again.cases] == [case.prediction["text"] for case in run.cases]


@pytest.mark.parametrize("cut", ["predictions.jsonl", "run.trec"])
def test_a_line_that_a_kill_cut_short_is_asked_again(tmp_path: Path, questions: Write, cut: str) -> None:
    path = questions(GREEN, BRIDGE)
    world = World(tmp_path, *SAID[:2], SAID[1])
    run = begin(world, path)
    run.go_on(world.assistant)
    before = (run.folder / "run.trec").read_bytes()
    done = lines(run.folder / "predictions.jsonl")
    first, second = (run.folder / "predictions.jsonl").read_text("utf-8").split("\n")[:-1]
    (run.folder / "predictions.jsonl").write_text(f"{first}\n{second[:40] if cut == 'predictions.jsonl' else ''}")
    if cut == "run.trec":  # written first: the ranking of a question that is not done
        (run.folder / "run.trec").write_bytes(before[:-25])
    again = begin(world, path, resume=True)
    assert len(again.cases) == 1
    again.go_on(world.assistant)
    assert (run.folder / "run.trec").read_bytes() == before
    assert [line["id"] for line in lines(run.folder / "predictions.jsonl")] == [line["id"] for line in done]


def test_a_run_is_not_gone_on_with_unasked_or_in_another_way(tmp_path: Path, questions: Write) -> None:
    world = World(tmp_path, *SAID)
    begin(world, questions(*LINES))
    with pytest.raises(UsageError, match="holds a run already; go on with it: --resume"):
        begin(world, questions(*LINES))
    with pytest.raises(UsageError, match="limit was None, is 2"):
        begin(world, questions(*LINES), resume=True, limit=2)
    with pytest.raises(UsageError, match="questions_sha256 was"):
        begin(world, questions(GREEN), resume=True)


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path, questions: Write) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.doc").write_text("precious")
    with pytest.raises(UsageError, match="is not empty and holds no run"):
        begin(World(tmp_path), questions(GREEN), folder=tmp_path / "mine")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("run.json", "{"),
        ("run.json", "[]"),
        ("run.json", "{}"),
        ("predictions.jsonl", "[]\n"),
        ("predictions.jsonl", '{"id": "bridge"}\n'),
        ("questions.jsonl", "{}\n"),
        ("run.trec", "a b\n"),
    ],
)
def test_a_damaged_run_is_named(tmp_path: Path, questions: Write, name: str, text: str) -> None:
    world = World(tmp_path, *SAID)
    run = begin(world, questions(*LINES))
    run.go_on(world.assistant)
    (run.folder / name).write_text(text)
    with pytest.raises(UsageError, match="holds no run that can be read"):
        Run.load(run.folder)


def test_what_the_index_lacks_is_said(tmp_path: Path, questions: Write) -> None:
    other = {"id": "o", "question": "O?", "evidence": [{"doc_id": "gone.txt"}]}
    quote = {"id": "p", "question": "P?", "evidence": [{"doc_id": "0.txt", "quote": "never said"}]}
    notes = begin(World(tmp_path), questions(GREEN, other, quote, {"question": "R?"})).about["notes"]
    assert notes == [
        "of the 3 documents that the questions name, only 2 could be found in this index; "
        "the others, such as 'gone.txt', are not scored: is it the right --index?",
        "1 quotes do not stand in their documents: not scored as gold sentences",
        "1 question does not say whether they are answerable: not scored for refusal",
    ]


def test_an_index_without_any_of_the_documents_is_said(tmp_path: Path, questions: Write) -> None:
    other = {"id": "o", "question": "O?", "evidence": [{"doc_id": "gone.txt"}]}
    run = begin(World(tmp_path, "NOT FOUND"), questions(other))
    assert "none could be found in this index" in run.about["notes"][0]
    assert run.score()["hit@1"].value is None


def test_a_question_that_ends_in_an_error_is_told_and_the_rest_still_runs(tmp_path: Path, questions: Write) -> None:
    world = World(tmp_path, *SAID[:1], question_chars=30)
    run = begin(world, questions({"id": "long", "question": "Why? " * 20, "answerable": True}, GREEN))
    run.go_on(world.assistant)
    assert run.finish()["outcomes"] == {"right": 1, "failed": 1}
    assert "99 characters, more than 30" in lines(run.folder / "predictions.jsonl")[0]["error"]


def test_a_limit_draws_the_same_questions_for_the_same_seed(tmp_path: Path, questions: Write) -> None:
    path = questions(*({"id": str(i), "question": f"Q{i}?"} for i in range(50)))
    world = World(tmp_path)

    def drawn(name: str, seed: int) -> list[str]:
        run = begin(world, path, folder=tmp_path / name, limit=9, seed=seed)
        return [line["id"] for line in lines(run.folder / "questions.jsonl")]

    assert drawn("a", 1) == drawn("b", 1) != drawn("c", 2)
    assert drawn("d", 1) == sorted(drawn("e", 1), key=int)
    assert len(drawn("f", 3)) == 9


def test_progress_tells_the_running_scores(tmp_path: Path, questions: Write) -> None:
    world = World(tmp_path, *SAID)
    seen: list[tuple[int, int, dict[str, float]]] = []
    begin(world, questions(*LINES)).go_on(world.assistant, lambda *now: seen.append(now))
    assert [(done, of) for done, of, _ in seen] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert seen[0][2] == {}
    assert seen[-1][2]["hit@1"] == 1


def test_a_prediction_whose_ranking_was_lost_is_asked_again(tmp_path: Path, questions: Write) -> None:
    path = questions(GREEN, BRIDGE)
    world = World(tmp_path, *SAID[:2], *SAID[:2])
    begin(world, path).go_on(world.assistant)
    (path.parent / "run" / "run.trec").unlink()
    again = begin(world, path, resume=True)
    assert again.cases == []
    again.go_on(world.assistant)
    assert again.score()["hit@1"].value == 1


def test_a_name_of_several_articles_is_told(tmp_path: Path, questions: Write) -> None:
    line = {"question": "A?", "evidence": [{"doc_id": "articles/0.txt"}]}
    other = tmp_path / "more" / "articles"
    other.mkdir(parents=True)
    (other / "0.txt").write_text("Another article of that name.")
    world = World(tmp_path)
    sync([other], world.settings.index_dir, world.embedder, passage_tokens=32, max_file_bytes=10_000)
    notes = begin(World(tmp_path), questions(line)).about["notes"]
    assert notes == [
        "1 of the names are those of several articles, 'articles/0.txt' of 2, any of which is right: "
        "name them by id, or by more of the path"
    ]


@pytest.mark.parametrize(
    ("line", "name", "reason"),
    [
        (GREEN | {"evidence": []}, "citation_precision", "no answer was shown to a question with gold of that kind"),
        (GREEN, "refusal_recall", "no unanswerable question"),
        (GREEN, "refusal_precision", "no refusal of a question that is known to be answerable or not"),
        (GREEN, "answerable_auroc", "not both answerable and unanswerable questions"),
        ({"question": "What of the goggles?"}, "risk", "no answer was shown that could be told right or wrong"),
    ],
)
def test_why_a_metric_is_not_applicable(
    tmp_path: Path, questions: Write, line: dict[str, Any], name: str, reason: str
) -> None:
    world = World(tmp_path, *SAID)
    run = begin(world, questions(line))
    run.go_on(world.assistant)
    assert run.score()[name].reason == reason


@pytest.mark.parametrize("where", ["file", "file/below", "x" * 300])
def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EvaluationError, match="cannot write a run to"):
        check_folder(tmp_path / where, resume=False)


def test_a_full_disk_is_told_and_what_is_done_is_kept(
    tmp_path: Path, questions: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, *SAID, *SAID)
    path = questions(*LINES)
    run = begin(world, path)
    written = 0

    def fsync(_number: int) -> None:
        nonlocal written
        written += 1
        if written == 5:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fsync)
    with pytest.raises(EvaluationError, match=r"No space left on device.*go on: --resume"):
        run.go_on(world.assistant)
    assert len(begin(world, path, resume=True).cases) == 2


def test_resuming_where_there_is_no_run_is_told(tmp_path: Path, questions: Write) -> None:
    with pytest.raises(UsageError, match="holds no run to go on with"):
        begin(World(tmp_path), questions(GREEN), resume=True)
