"""Question files, in each format, whole and broken."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.corpus import article_id
from rag.errors import UsageError
from rag.evaluation.questions import Question, Source, Turn, read_questions, to_jsonl


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


# JSON lines


def test_a_line_with_all_fields(tmp_path: Path) -> None:
    line = {
        "id": "a",
        "question": "Who left?",
        "answers": ["Americans"],
        "answerable": True,
        "evidence": [{"doc_id": "x.txt", "quote": "They left."}],
        "history": [{"speaker": "user", "text": "Where?"}, {"speaker": "agent", "text": "In Kabul."}],
    }
    found = read_questions(written(tmp_path / "q.jsonl", json.dumps(line)))
    assert found.questions == [
        Question(
            id="a",
            question="Who left?",
            answers=("Americans",),
            answerable=True,
            evidence=(Source(doc_id="x.txt", quote="They left."),),
            history=(Turn(speaker="user", text="Where?"), Turn(speaker="agent", text="In Kabul.")),
        )
    ]
    assert (found.problems, found.notes) == ([], [])


def test_broken_lines_are_named_and_the_rest_is_kept(tmp_path: Path) -> None:
    lines = [
        '{"question": "One?"}',
        "{broken",
        "",
        '["no object"]',
        '{"id": "x"}',
        '{"question": "  "}',
        '{"question": "Two?", "answerable": "perhaps"}',
        '{"question": "Three?", "evidence": [{"quote": "no document"}]}',
        '{"question": "Four?", "history": [{"speaker": "nobody", "text": ""}]}',
        '{"question": "Five?"}',
    ]
    found = read_questions(written(tmp_path / "q.jsonl", "\n".join(lines)))
    assert [question.question for question in found.questions] == ["One?", "Five?"]
    assert [problem.where for problem in found.problems] == [f"line {n}" for n in (2, 4, 5, 6, 7, 8, 9)]
    assert "answerable: Input should be a valid boolean" in str(found.problems[4])
    assert str(found.problems[4]).endswith("got 'perhaps'")


def test_a_duplicate_id_is_named_with_the_first_one(tmp_path: Path) -> None:
    found = read_questions(written(tmp_path / "q.jsonl", '{"id": 7, "question": "A?"}\n{"id": "7", "question": "B?"}'))
    assert [question.question for question in found.questions] == ["A?"]
    assert [str(problem) for problem in found.problems] == ["line 2: id '7' again, first at line 1"]


def test_the_same_question_without_an_id_is_a_duplicate_unless_the_conversation_differs(tmp_path: Path) -> None:
    history = [{"speaker": "user", "text": "Where?"}]
    lines = [{"question": "Who?"}, {"question": "Who?"}, {"question": "Who?", "history": history}]
    found = read_questions(written(tmp_path / "q.jsonl", "\n".join(map(json.dumps, lines))))
    assert len(found.questions) == 2
    assert found.problems[0].where == "line 2"


def test_unknown_fields_are_counted(tmp_path: Path) -> None:
    found = read_questions(
        written(tmp_path / "q.jsonl", '{"question": "A?", "x": 1}\n{"question": "B?", "x": 2, "y": 1}')
    )
    assert found.notes == ["fields that are not used: x (2), y (1)"]


@pytest.mark.parametrize(
    ("fields", "answerable"),
    [
        ({}, None),
        ({"answers": "yes"}, True),
        ({"evidence": [{"doc_id": "x"}]}, True),
        ({"answerability": "UNANSWERABLE"}, False),
        ({"answerability": "PARTIAL"}, True),
        ({"answerability": "UNDERSPECIFIED"}, False),
        ({"answers": ["a"], "answerable": False}, False),
    ],
)
def test_answerable_is_told_by_what_there_is(
    tmp_path: Path, fields: dict[str, object], answerable: bool | None
) -> None:
    found = read_questions(written(tmp_path / "q.jsonl", json.dumps({"question": "A?", **fields})))
    assert found.questions[0].answerable is answerable


def test_drafted_questions_are_told(tmp_path: Path) -> None:
    found = read_questions(written(tmp_path / "q.jsonl", '{"question": "A?", "status": "drafted"}'))
    assert found.notes == ["1 questions were drafted by a model and no person has accepted them"]


@pytest.mark.parametrize("name", ["empty.jsonl", "empty.csv", "empty.json", "notes.docx", "folder", "missing.jsonl"])
def test_a_file_without_questions_is_a_usage_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "folder":
        path.mkdir()
    elif name != "missing.jsonl":
        path.write_text("")
    with pytest.raises(UsageError, match=name) as error:
        read_questions(path)
    assert "\n" not in str(error.value)


def test_a_file_whose_every_line_is_broken_names_the_first(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="line 1: not JSON"):
        read_questions(written(tmp_path / "q.jsonl", "a\nb"))


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_bytes("question\nWéll?".encode("latin-1"))
    with pytest.raises(UsageError, match="not UTF-8 at byte 10"):
        read_questions(tmp_path / "q.csv")


@given(
    st.builds(
        Question,
        id=st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip),
        question=st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda s: s.split()),
        answers=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3).map(tuple),
        answerable=st.booleans(),
        status=st.sampled_from([None, "drafted", "accepted"]),
    )
)
def test_questions_are_read_as_they_were_written(tmp_path_factory: pytest.TempPathFactory, question: Question) -> None:
    path = written(tmp_path_factory.mktemp("q") / "q.jsonl", to_jsonl([question]))
    assert read_questions(path).questions == [question.completed()]


# CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_with_answer_and_source(tmp_path: Path, delimiter: str) -> None:
    rows = [["question", "answer", "source"], ["Who left?", "Americans", "x.txt"], ["Why?", "", ""]]
    text = "\n".join(delimiter.join(row) for row in rows)
    first, second = read_questions(written(tmp_path / "q.csv", text)).questions
    assert (first.question, first.answers, first.evidence) == ("Who left?", ("Americans",), (Source(doc_id="x.txt"),))
    assert (second.answers, second.evidence, second.answerable) == ((), (), None)


def test_csv_as_spreadsheets_write_it(tmp_path: Path) -> None:
    text = '\ufeffquestion,answerable,note\r\n"Who, ""exactly"",\r\nleft?",no,x\r\n'
    found = read_questions(written(tmp_path / "q.csv", text))
    assert (found.questions[0].question, found.questions[0].answerable) == ('Who, "exactly", left?', False)
    assert found.notes == ["fields that are not used: note (1)"]


def test_csv_lines_that_do_not_fit_are_named(tmp_path: Path) -> None:
    found = read_questions(written(tmp_path / "q.csv", "question,answer\nA?,b\nB?\nC?,d,e\n,f\nD?,g\n"))
    assert [question.question for question in found.questions] == ["A?", "D?"]
    assert [problem.where for problem in found.problems] == ["line 3", "line 4", "line 5"]


def test_csv_without_a_question_column_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no column 'question' among \['frage', 'antwort'\]"):
        read_questions(written(tmp_path / "q.csv", "frage,antwort\nWer?,er\n"))


# SQuAD 2.0


CONTEXT = "The bridge fell in winter. Dutch engineers  repaired it."


def squad(**changes: object) -> str:
    answer = {"text": "Dutch engineers", "answer_start": CONTEXT.index("Dutch")}
    asked = {"id": "1", "question": "Who repaired it?", "answers": [answer, answer], "is_impossible": False} | changes
    impossible = {"id": "2", "question": "Who paid?", "answers": [], "is_impossible": True, "plausible_answers": []}
    paragraph = {"context": CONTEXT, "qas": [asked, impossible]}
    return json.dumps({"version": "v2.0", "data": [{"title": "Bridge", "paragraphs": [paragraph]}]})


def test_squad(tmp_path: Path) -> None:
    answerable, impossible = read_questions(written(tmp_path / "dev.json", squad())).questions
    source = Source(doc_id=article_id(CONTEXT), quote="Dutch engineers  repaired it.")
    assert (answerable.answers, answerable.answerable, answerable.evidence) == (("Dutch engineers",), True, (source,))
    assert (impossible.answers, impossible.answerable, impossible.evidence) == ((), False, ())


def test_a_broken_squad_question_is_named_by_its_place(tmp_path: Path) -> None:
    found = read_questions(written(tmp_path / "dev.json", squad(answers=[{"text": "Dutch"}])))
    assert [question.id for question in found.questions] == ["2"]
    assert found.problems[0].where == "Bridge, paragraph 0, question 0"


@pytest.mark.parametrize("text", ["[]", "{}", "x", '{"data": 3}', '{"data": [{}]}'])
def test_other_json_is_no_squad(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"not SQuAD 2\.0"):
        read_questions(written(tmp_path / "dev.json", text))


# BEIR


def test_beir_takes_the_test_split_and_its_grades(tmp_path: Path) -> None:
    written(tmp_path / "queries.jsonl", "".join(json.dumps({"_id": str(i), "text": f"Q{i}?"}) + "\n" for i in range(3)))
    written(tmp_path / "qrels" / "train.tsv", "query-id\tcorpus-id\tscore\n2\td9\t1\n")
    written(tmp_path / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore\n0\td1\t2\n0\td2\t1\n1\td3\t0\nbroken\n")
    found = read_questions(tmp_path)
    assert [(q.id, q.question) for q in found.questions] == [("0", "Q0?")]
    assert found.questions[0].evidence == (Source(doc_id="d1", grade=2), Source(doc_id="d2"))
    assert [problem.where for problem in found.problems] == ["qrels, line 5"]


# What nobody would write


@pytest.mark.parametrize(
    "line",
    [
        r'{"question": "Half \ud83d?"}',
        r'{"id": "\ud83d", "question": "A?"}',
        r'{"question": "A?", "\ud83d": 1}',
        '{"question": "A?", "x": ' + "[" * 5000 + "]" * 5000 + "}",
        '{"question": "A?", "evidence": [{"doc_id": "x", "grade": 0}]}',
        '{"question": "A?", "answerable": true, "answerability": "UNANSWERABLE"}',
    ],
)
def test_an_odd_line_is_named_and_the_rest_is_kept(tmp_path: Path, line: str) -> None:
    found = read_questions(written(tmp_path / "q.jsonl", f'{line}\n{{"question": "B?"}}'))
    assert [question.question for question in found.questions] == ["B?"]
    assert [problem.where for problem in found.problems] == ["line 1"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("q.json", '{"data": [{"paragraphs": [{"context": "", "qas": null}]}]}'),
        ("q.json", '{"data": [{"paragraphs": ["text"]}]}'),
        ("q.json", "[" * 100_000),
        ("q.csv", '"question"x,answer\nA?,b'),
        ("q.csv", f'question,"{"x" * 200_000}"\nA?,b'),
        (f"{'q' * 300}.jsonl", ""),
    ],
)
def test_an_odd_file_is_a_usage_error(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    if text:
        path.write_text(text)
    with pytest.raises(UsageError):
        read_questions(path)


def test_utf16_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_bytes("question\nWho?".encode("utf-16"))
    with pytest.raises(UsageError, match=r"q\.csv.*iconv -f UTF-16"):
        read_questions(tmp_path / "q.csv")


def test_an_empty_line_before_the_columns_is_no_matter(tmp_path: Path) -> None:
    assert read_questions(written(tmp_path / "q.csv", "\n\nquestion\nA?\n")).questions[0].question == "A?"


@pytest.mark.parametrize("score", ["--1", "1" * 5000, "x"])
def test_a_beir_score_that_is_no_number_is_named(tmp_path: Path, score: str) -> None:
    written(tmp_path / "queries.jsonl", '{"_id": "0", "text": "A?"}\n')
    written(tmp_path / "qrels" / "test.tsv", f"query-id\tcorpus-id\tscore\n0\td1\t{score}\n0\td2\t1\n")
    assert [problem.where for problem in read_questions(tmp_path).problems] == ["qrels, line 2"]
