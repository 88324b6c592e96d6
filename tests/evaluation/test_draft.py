"""Questions drafted by a model, and decisions about them."""

import json
from pathlib import Path

import pytest

from rag.errors import RagError, UsageError
from rag.evaluation.draft import Decision, append, check_file, draft, drafted, propose, settle
from rag.evaluation.questions import Question, read_questions
from rag.types import Article, Origin, Passage
from tests.world import World

TEXT = "The old bridge fell in winter. Dutch engineers repaired it\nwith steel beams. It stands."
ARTICLE = Article("a" * 32, TEXT, (Origin(path="x.txt", title="Bridge"),))
WHOLE = Passage(ARTICLE.id, 0, len(TEXT))
LONG = (
    "The minister said that the old bridge over the river had been damaged by the flood in winter of the same year. "
    "Dutch engineers repaired it with forty steel beams within two weeks, and the town paid them well for it."
)


def test_a_proposal_with_its_answer_in_the_passage() -> None:
    question = propose('Question: Who repaired the bridge?\nAnswer: "Dutch engineers."', ARTICLE, WHOLE)
    assert question is not None
    assert (question.question, question.answers) == ("Who repaired the bridge?", ("Dutch engineers",))
    assert (question.status, question.answerable) == ("drafted", True)
    assert question.evidence[0].doc_id == ARTICLE.id
    assert question.evidence[0].quote == "Dutch engineers repaired it"  # a line end ends a sentence


@pytest.mark.parametrize(
    "written",
    [
        "I cannot do that.",
        "Question: Who repaired it?",
        "Question: Who repaired it\nAnswer: Dutch engineers",
        "Question: Who repaired it?\nAnswer: Danish engineers",
        "Question: Did Dutch engineers repair it?\nAnswer: Dutch engineers",
        "Question: What happened?\nAnswer: " + TEXT.replace("\n", " "),
        "Question: What happened?\nAnswer: .",
    ],
)
def test_a_proposal_that_is_not_kept(written: str) -> None:
    assert propose(written, ARTICLE, WHOLE) is None


def test_the_answer_must_stand_in_the_passage_not_elsewhere_in_the_article() -> None:
    written = "Question: When did it fall?\nAnswer: in winter"
    assert propose(written, ARTICLE, WHOLE)
    assert propose(written, ARTICLE, Passage(ARTICLE.id, 28, len(TEXT))) is None


def test_an_answer_over_two_sentences_quotes_both() -> None:
    question = propose("Question: Where is it?\nAnswer: in winter. Dutch engineers", ARTICLE, WHOLE)
    assert question is not None
    assert question.evidence[0].quote == "The old bridge fell in winter. Dutch engineers repaired it"


def test_drafting_goes_on_until_there_are_enough(tmp_path: Path) -> None:
    said = ["nonsense", "Question: Who repaired it?\nAnswer: Dutch engineers", "Question: When?\nAnswer: in winter"]
    world = World(tmp_path, *said, texts=[f"{LONG} Number {i}." for i in range(4)])
    found = list(draft(world.assistant, n=1, seed=0))
    assert [question and question.answers for question in found] == [None, ("Dutch engineers",)]
    assert len(world.llm.history) == 2


def test_short_passages_are_not_asked_about(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert list(draft(world.assistant, n=5, seed=0)) == []
    assert world.llm.history == []


def proposed(number: int) -> Question:
    question = propose(f"Question: Who repaired bridge {number}?\nAnswer: Dutch engineers", ARTICLE, WHOLE)
    assert question is not None
    return question


def test_decisions_change_their_line_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "q.jsonl"
    path.parent.mkdir()
    path.write_text('{"question": "Mine?", "note": "kept as it is"}\nbroken\n')
    for number in (1, 2, 3, 4, 1):
        append(path, proposed(number))
    assert len(drafted(path)) == 4
    (number, accepted), *_ = drafted(path)
    settle(path, number, Decision(keep=True, question=accepted.question, answer="Dutch engineers"))
    (number, edited), *_ = drafted(path)
    settle(path, number, Decision(keep=True, question="Who mended it?", answer="the Dutch"))
    (number, _), *_ = drafted(path)
    settle(path, number, Decision(keep=False, question="", answer=""))
    assert path.read_text("utf-8").startswith('{"question": "Mine?", "note": "kept as it is"}\nbroken\n')
    mine, first, second, third = read_questions(path).questions
    assert mine.question == "Mine?"
    assert (first.status, first.answers) == ("accepted", ("Dutch engineers",))
    assert (second.status, second.question, second.answers) == ("edited", "Who mended it?", ("the Dutch",))
    assert second.id == edited.id
    assert [question for _, question in drafted(path)] == [third]


def test_a_decision_keeps_what_it_is_not_about(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    lines = [
        '{"id": "x", "question": "A?", "answers": ["one", "two"], "note": 7, "status": "drafted"}',
        '{"id": "x", "question": "B?", "answers": null, "status": "drafted"}',
    ]
    path.write_bytes("\ufeff".encode() + "\r\n".join(lines).encode())
    settle(path, 0, Decision(keep=True, question="A, really?", answer="one"))
    settle(path, 1, Decision(keep=True, question="B?", answer=""))
    first, second = map(json.loads, path.read_text("utf-8").split("\n"))
    assert first == {"id": "x", "question": "A, really?", "answers": ["one", "two"], "note": 7, "status": "edited"}
    assert second == {"id": "x", "question": "B?", "status": "accepted"}


def test_a_file_without_a_last_line_end_is_added_to_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "Mine?"}')
    assert append(path, proposed(1))
    assert not append(path, proposed(1))
    assert [question.question for question in read_questions(path).questions] == ["Mine?", "Who repaired bridge 1?"]


def test_a_file_that_all_were_dropped_from_has_none_left(tmp_path: Path) -> None:
    append(tmp_path / "q.jsonl", proposed(1))
    settle(tmp_path / "q.jsonl", 0, Decision(keep=False, question="", answer=""))
    assert drafted(tmp_path / "q.jsonl") == []


@pytest.mark.parametrize("name", ["q.csv", "q.txt", "x/y", "binary.jsonl", "folder.jsonl"])
def test_a_file_that_cannot_hold_drafted_questions_is_told_before_a_model_works(tmp_path: Path, name: str) -> None:
    (tmp_path / "x").write_text("a file")
    (tmp_path / "binary.jsonl").write_bytes(b"\xff\xfea\0")
    (tmp_path / "folder.jsonl").mkdir()
    with pytest.raises(RagError, match=name):
        check_file(tmp_path / name)


def test_only_json_lines_hold_drafted_questions(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not JSON lines"):
        drafted(tmp_path / "q.csv")
