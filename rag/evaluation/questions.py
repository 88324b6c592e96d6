"""Question files: reading them, in four formats, into one kind of question.

JSON lines, CSV, SQuAD 2.0 and BEIR folders. A line that cannot be used is reported as a `Problem` and the
rest is kept. Knows nothing about indexes or answers. Formats: docs/evaluation.md.
"""

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from rag.chunking import sentences
from rag.corpus import article_id, normalise
from rag.errors import UsageError

Answerability: TypeAlias = Literal["ANSWERABLE", "PARTIAL", "UNANSWERABLE", "UNDERSPECIFIED"]


class Source(BaseModel):
    """A document that answers a question, the words in it that do, and how relevant it is."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)

    doc_id: str = Field(min_length=1)
    """An `article_id`, or the id or path of one of an article's origins."""
    quote: str | None = None
    grade: int = Field(default=1, ge=1)


class Turn(BaseModel):
    """One turn of the conversation before a question."""

    model_config = ConfigDict(frozen=True)

    speaker: Literal["user", "agent"]
    text: str


class Question(BaseModel):
    """A question with what is known of its answer; fields left out are not known."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)

    id: str = ""
    question: str
    answers: tuple[str, ...] = ()
    answerable: bool | None = None
    answerability: Answerability | None = None
    evidence: tuple[Source, ...] = ()
    history: tuple[Turn, ...] = ()
    status: Literal["drafted", "accepted", "edited"] | None = None
    """Set for a question that a model proposed; only a person makes it more than drafted."""

    @field_validator("question")
    @classmethod
    def _not_empty(cls, text: str) -> str:
        if not (text := " ".join(normalise(text).split())):
            raise ValueError("is empty")
        return text

    @field_validator("answers", mode="before")
    @classmethod
    def _one_or_many(cls, answers: object) -> object:
        return (answers,) if isinstance(answers, str) else answers

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "Question":
        told = {"ANSWERABLE": True, "PARTIAL": True, "UNANSWERABLE": False}.get(self.answerability or "")
        if None not in (told, self.answerable) and told != self.answerable:
            raise ValueError(f"answerable is {self.answerable}, answerability is {self.answerability}")
        return self

    def completed(self) -> "Question":
        """Return this with an id, and with `answerable` where an answer or a document tells it."""
        answerable = self.answerable
        if answerable is None and self.answerability:
            answerable = self.answerability in ("ANSWERABLE", "PARTIAL")
        if answerable is None and (self.answers or self.evidence):
            answerable = True
        said = "\n".join([*(turn.text for turn in self.history), self.question])
        made = hashlib.sha256(said.encode()).hexdigest()[:12]
        return self.model_copy(update={"id": self.id.strip() or made, "answerable": answerable})

    @property
    def underspecified(self) -> bool:
        """Whether the question can be understood in several ways, so that refusing it is neither right nor wrong."""
        return self.answerability == "UNDERSPECIFIED"


@dataclass(frozen=True, slots=True)
class Problem:
    """A place in a question file that was left out, and why."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


@dataclass(slots=True)
class QuestionSet:
    """The questions of a file, what was left out of it, and what is worth knowing about it."""

    questions: list[Question] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sha256: str = ""


Row: TypeAlias = "tuple[str, dict[str, Any] | Problem]"
"""Where a question stands, and its fields or what is wrong with it."""


def read_questions(path: Path) -> QuestionSet:
    """Read a question file or a BEIR folder; raises `UsageError` where no question can be used."""
    if _is_folder(path):
        queries, qrels = _beir_texts(path)
        rows, said = _read_beir(queries, qrels), f"{queries}\0{qrels}"
    else:
        reader, said = _reader(path), _text(path)
        if not said.strip():
            raise UsageError(f"{str(path)!r} is empty; the formats of question files: docs/evaluation.md")
        rows = reader(said)
    found = QuestionSet(sha256=hashlib.sha256(said.encode()).hexdigest())
    seen: dict[str, str] = {}
    unknown: Counter[str] = Counter()
    for where, fields in rows:
        if isinstance(fields, Problem):
            found.problems.append(fields)
            continue
        unknown.update(fields.keys() - Question.model_fields.keys())
        question = _question(where, fields)
        if isinstance(question, Problem):
            found.problems.append(question)
            continue
        if question.id in seen:
            found.problems.append(Problem(where, f"id {question.id!r} again, first at {seen[question.id]}"))
            continue
        seen[question.id] = where
        found.questions.append(question)
    if not found.questions:
        why = f"; {found.problems[0]}" if found.problems else ""
        raise UsageError(f"no question in {str(path)!r}{why}; the formats: docs/evaluation.md")
    if unknown:
        names = ", ".join(f"{name} ({n:,})" for name, n in sorted(unknown.items()))
        found.notes.append(f"fields that are not used: {names}")
    if drafted := sum(q.status == "drafted" for q in found.questions):
        found.notes.append(f"{drafted:,} questions were drafted by a model and no person has accepted them")
    return found


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long; reading it says so
        return False


def _question(where: str, fields: dict[str, Any]) -> Question | Problem:
    try:
        return Question.model_validate(fields).completed()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"])) or "it"
        return Problem(where, f"{name}: {first['msg']}, got {str(first['input'])[:80]!r}")


def parse_line(where: str, line: str) -> tuple[dict[str, Any], Question] | Problem:
    """Return the fields of one JSON line and the question they make, or what is wrong with it."""
    fields = _fields(where, line)
    if isinstance(fields, Problem):
        return fields
    question = _question(where, fields)
    return question if isinstance(question, Problem) else (fields, question)


def _reader(path: Path) -> Callable[[str], Iterator[Row]]:
    readers = {".jsonl": _read_jsonl, ".csv": _read_csv, ".tsv": _read_csv, ".json": _read_squad}
    if path.suffix.lower() not in readers:
        known = ", ".join(readers)
        raise UsageError(f"{str(path)!r} is no question file that is known; known: {known}, or a BEIR folder")
    return readers[path.suffix.lower()]


def _text(path: Path) -> str:
    """Return what a file says; raises `UsageError` where it is missing or not UTF-8."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError(f"no such question file: {str(path)!r}; name one: rag eval QUESTIONS") from error
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be read: {error.strerror}; check its path and permissions") from error
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        encoding = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "WINDOWS-1252"
        raise UsageError(
            f"{str(path)!r} is not UTF-8 at byte {error.start:,}; convert it: iconv -f {encoding} -t UTF-8"
        ) from error


def _read_jsonl(text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            where = f"line {number}"
            yield where, _fields(where, line)


def _fields(where: str, line: str) -> dict[str, Any] | Problem:
    """Return the fields of a JSON line that are not null."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Problem(where, f"not JSON: {error}")
    if not isinstance(fields, dict):
        return Problem(where, "not an object with a question")
    try:
        json.dumps(fields, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return Problem(where, "it holds half a character (a lone surrogate) or is nested too deeply")
    return {name: value for name, value in fields.items() if value is not None}


def _read_csv(text: str) -> Iterator[Row]:
    """Read `question` and, where they are, `id`, `answer`, `source`, `quote` and `answerable`."""
    text = text.lstrip()
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        columns = [name.strip() for name in rows.fieldnames or []]
    except csv.Error as error:
        raise UsageError(f"the first line is no line of CSV: {error}; write: question,answer,source") from error
    if "question" not in columns:
        raise UsageError(f"no column 'question' among {columns}; name the first line's columns: question,answer,source")
    rows.fieldnames = columns
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            where = f"line {rows.line_num}"
            yield where, Problem(where, f"not CSV: {error}")
            continue
        where = f"line {rows.line_num}"
        if None in row or None in row.values():
            yield where, Problem(where, f"it has not {len(columns)} columns, as the first line has")
            continue
        fields: dict[str, Any] = {name: value.strip() for name, value in row.items() if value.strip()}
        if "answer" in fields:
            fields["answers"] = [fields.pop("answer")]
        quote = {"quote": fields.pop("quote")} if "quote" in fields else {}
        if "source" in fields:
            fields["evidence"] = [{"doc_id": fields.pop("source"), **quote}]
        yield where, {"question": "", **fields}


def _read_squad(text: str) -> Iterator[Row]:
    """Read SQuAD 2.0 (Rajpurkar et al. 2018); a paragraph is the article whose text it is."""
    try:
        data = json.loads(text)
        paragraphs = [(a.get("title", ""), i, p) for a in data["data"] for i, p in enumerate(a["paragraphs"])]
        asked = [
            (f"{title}, paragraph {i}, question {j}", p["context"], qa)
            for title, i, p in paragraphs
            for j, qa in enumerate(p["qas"])
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(
            f'not SQuAD 2.0, which has "data" with "paragraphs" ({error}); other formats: docs/evaluation.md'
        ) from error
    for where, context, qa in asked:
        try:
            yield where, _squad_fields(context, qa)
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            yield where, Problem(where, f"not as in SQuAD 2.0: {error!r}")


def _squad_fields(context: str, qa: dict[str, Any]) -> dict[str, Any]:
    doc_id = article_id(normalise(context))
    answers = [answer["text"] for answer in qa["answers"]]
    quotes = {
        span.of(context)
        for answer in qa["answers"]
        for span in sentences(context)
        if span.start <= answer["answer_start"] < span.end
    }
    return {
        "id": qa["id"],
        "question": qa["question"],
        "answers": list(dict.fromkeys(answers)),
        "answerable": not qa.get("is_impossible", False),
        "evidence": [{"doc_id": doc_id, "quote": quote} for quote in sorted(quotes)],
    }


def _beir_texts(folder: Path) -> tuple[str, str]:
    """Return the queries and the relevance judgements of one split of a BEIR folder (Thakur et al. 2021)."""
    splits = [folder / "qrels" / f"{name}.tsv" for name in ("test", "dev", "train")]
    qrels = next((path for path in splits if path.is_file()), None)
    if qrels is None or not (folder / "queries.jsonl").is_file():
        raise UsageError(f"{str(folder)!r} is no BEIR folder: it needs queries.jsonl and qrels/test.tsv")
    return _text(folder / "queries.jsonl"), _text(qrels)


def _read_beir(queries: str, qrels: str) -> Iterator[Row]:
    sources: dict[str, list[dict[str, Any]]] = {}
    for number, line in enumerate(qrels.splitlines(), start=1):
        cells = line.split("\t")
        where = f"qrels, line {number}"
        if number == 1 and cells[-1] == "score":
            continue
        if len(cells) != 3 or not re.fullmatch(r"-?\d{1,9}", cells[2]):
            yield where, Problem(where, "not: query-id, corpus-id, score")
        elif int(cells[2]) > 0:
            sources.setdefault(cells[0], []).append({"doc_id": cells[1], "grade": int(cells[2])})
    for where, fields in _read_jsonl(queries):
        if isinstance(fields, Problem):
            yield where, fields
            continue
        query_id = str(fields.get("_id", ""))
        if query_id in sources:  # the other queries belong to other splits
            yield where, {"id": query_id, "question": fields.get("text", ""), "evidence": sources[query_id]}


def to_jsonl(questions: Iterable[Question]) -> str:
    """Return questions as JSON lines, as `read_questions` reads them; what is not known is left out."""
    lines = [question.model_dump_json(exclude_defaults=True) for question in questions]
    return "".join(f"{line}\n" for line in lines)
