"""What a reader thinks of an answer, as a test question that `rag eval` reads.

Knows nothing about screens or where conversations are kept.
"""

import threading
from collections.abc import Sequence
from pathlib import Path

from rag.errors import EvaluationError
from rag.evaluation.questions import Question, Source, read_questions, to_jsonl
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
    said = " ".join(claim.text for claim in answer.claims if not claim.withheld)
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
    """Put a question into the file, in place of the same one judged before; return how many are there now."""
    with _lock:
        try:
            before = read_questions(file).questions if file.is_file() and file.stat().st_size else []
            questions = [q for q in before if q.id != question.id] + [question]
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = file.with_suffix(".part")
            part.write_text(to_jsonl(questions), encoding="utf-8")
            part.replace(file)
        except OSError as error:
            raise EvaluationError(
                f"{str(file)!r} cannot be written ({error.strerror}); name another folder: python app.py --data DIR"
            ) from error
    return len(questions)


def _said(answer: Answer) -> list[Said]:
    return [Said(speaker="user", text=answer.question), Said(speaker="agent", text=answer.text)]
