"""A judgement becomes a test question that `rag eval` reads."""

from pathlib import Path

import pytest

from rag.errors import EvaluationError
from rag.evaluation.questions import read_questions, to_jsonl
from rag.web import judging
from tests.web.helpers import ARTICLE, CITATION, answer


def test_a_good_answer_is_the_reference_with_its_sources() -> None:
    question = judging.as_question(answer(), "good")
    assert question.answers == ("<i>Someone</i> left.",)
    assert [(source.doc_id, source.quote) for source in question.evidence] == [(ARTICLE.id, CITATION.quote)]
    assert (question.answerable, question.status) == (True, "accepted")


@pytest.mark.parametrize(
    ("reason", "answers", "answerable"),
    [("wrong", 0, None), ("source", 1, True), ("refuse", 0, False), ("missing", 0, True)],
)
def test_a_reason_tells_only_what_the_reader_vouches_for(reason: str, answers: int, answerable: bool | None) -> None:
    question = judging.as_question(answer(), reason)
    assert (len(question.answers), question.answerable, question.evidence) == (answers, answerable, ())


def test_a_good_refusal_is_unanswerable() -> None:
    refusal = answer(claims=(), citations=(), refused=True, reason="not-in-evidence")
    question = judging.as_question(refusal, "good")
    assert (question.answers, question.answerable) == ((), False)


def test_the_conversation_before_is_its_history() -> None:
    question = judging.as_question(answer(question="And then?"), "good", [answer()])
    assert [(turn.speaker, turn.text) for turn in question.history] == [
        ("user", "Who?"),
        ("agent", "<i>Someone</i> left. [1]"),
    ]


def test_the_file_is_a_question_file_and_holds_the_last_judgement(tmp_path: Path) -> None:
    file = tmp_path / "data" / "judged.jsonl"
    assert judging.keep(judging.as_question(answer(), "wrong"), file) == 1
    assert judging.keep(judging.as_question(answer(question="Other?"), "good"), file) == 2
    assert judging.keep(judging.as_question(answer(), "refuse"), file) == 2
    found = read_questions(file)
    assert found.problems == []
    assert found.notes == []
    assert {q.question: q.answerable for q in found.questions} == {"Other?": True, "Who?": False}


def test_what_else_stands_in_the_file_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "judged.jsonl"
    mine = ['{"question": "Mine?",  "mood": "odd"}', "// a remark\r", '{"question": ""}']
    judged = judging.as_question(answer(), "wrong")
    file.write_bytes("\n".join([mine[0], to_jsonl([judged]), *mine[1:]]).encode("utf-8-sig"))
    for reason in ("good", "refuse"):
        assert judging.keep(judging.as_question(answer(), reason), file) == 4
    *lines, last, end = file.read_bytes().decode().split("\n")
    assert (lines, end) == (mine, "")
    assert '"answerable":false' in last


def test_a_file_that_is_not_utf8_is_named_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "judged.jsonl"
    file.write_bytes(b'{"question": "Caf\xe9?"}\n')
    with pytest.raises(EvaluationError, match=r"judged\.jsonl' is not UTF-8 at byte 17"):
        judging.keep(judging.as_question(answer(), "good"), file)
    assert file.read_bytes() == b'{"question": "Caf\xe9?"}\n'


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    with pytest.raises(EvaluationError, match=r"judged\.jsonl"):
        judging.keep(judging.as_question(answer(), "good"), tmp_path / "data" / "judged.jsonl")
