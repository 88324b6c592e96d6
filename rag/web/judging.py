"""What a reader thinks of an answer, as a test question that `rag eval` reads.

Knows nothing about screens or where conversations are kept.
"""

import threading
from collections.abc import Sequence
from pathlib import Path

from rag.errors import EvaluationError
from rag.evaluation.files import telling, write_whole
from rag.evaluation.questions import Problem, Question, Source, parse_line, to_jsonl
from rag.evaluation.questions import Turn as Said
from rag.types import Answer

FILE = "judged.jsonl"
REASONS = {
    "good": "Good",
    "wrong": "Wrong",
    "source": "Wrong source",
    "refuse": "Should have declined",
    "missing": "Something is missing",
}
"""What a reader can say of an answer: the code that is kept, and the words."""
_lock = threading.Lock()


def as_question(answer: Answer, reason: str, earlier: Sequence[Answer] = ()) -> Question:
    """Return what a judgement tells of a question: only what the reader vouches for is given as known.

    A good answer is the reference with its sources, or, declined, unanswerable. A wrong source leaves the text as the
    reference; "should have declined" says that nothing answers; "missing" that something does.
    """
    said = " ".join(claim.text for claim in answer.shown)
    good = reason == "good"
    quotes = {(citation.article.id, citation.quote) for citation in answer.citations} if good else set()
    return Question(
        question=answer.question,
        answers=(said,) if said and reason in ("good", "source") else (),
        answerable={"good": not answer.refused, "refuse": False, "missing": True, "source": True}.get(reason),
        evidence=tuple(Source(doc_id=article, quote=quote) for article, quote in sorted(quotes)),
        history=tuple(turn for before in earlier for turn in _said(before)),
        status="accepted",
    ).completed()


def keep(question: Question, file: Path) -> int:
    """Put a question into the file, in place of the same one judged before; return how many lines are there now.

    All other lines stay as they are, whatever stands in them. Raises `EvaluationError`.
    """
    with _lock, telling(f"judgements to {str(file)!r}", "name another folder: python app.py --data DIR"):
        try:
            before = file.read_bytes().decode("utf-8-sig").split("\n") if file.exists() else []
        except UnicodeDecodeError as error:
            raise EvaluationError(f"{str(file)!r} is not UTF-8 at byte {error.start:,}; move it away") from error
        lines = [line for line in before if line.strip() and not _holds(line, question)]
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(file, "\n".join([*lines, to_jsonl([question])]))
    return len(lines) + 1


def _holds(line: str, question: Question) -> bool:
    parsed = parse_line("", line)
    return not isinstance(parsed, Problem) and parsed[1].id == question.id


def _said(answer: Answer) -> list[Said]:
    return [Said(speaker="user", text=answer.question), Said(speaker="agent", text=answer.text)]
