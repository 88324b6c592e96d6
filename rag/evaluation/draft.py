"""Questions drafted from passages by the language model, and a person's decisions about them.

A proposal is kept only where its answer stands, word for word, in its passage; it stays marked as drafted until
a person has accepted or edited it. Knows nothing about screens.
"""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rag.assistant import Assistant
from rag.chunking import sentences
from rag.errors import UsageError
from rag.evaluation.gold import locate
from rag.evaluation.questions import Question, Source, read_questions, to_jsonl
from rag.types import Article, Passage, Span

_TOKENS = 80
_LEAST_WORDS = 20
_MOST_ANSWER_WORDS = 12
_PROPOSAL = re.compile(r"question:\s*(?P<question>[^\n]+\?)\s*answer:\s*(?P<answer>[^\n]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about a drafted question."""

    keep: bool
    question: str
    answer: str


def draft(assistant: Assistant, *, n: int, seed: int) -> Iterator[Question | None]:
    """Yield a drafted question, or None, for each of the passages drawn at random, until there are `n` questions."""
    catalogue = assistant.index.catalogue
    passages = catalogue.passages()
    random.Random(seed).shuffle(passages)  # noqa: S311 - not for secrets
    kept: set[str] = set()
    for passage in passages:
        article = catalogue.article(passage.article_id)
        text = article.text[passage.start : passage.end]
        if len(text.split()) < _LEAST_WORDS:
            continue
        question = propose(assistant.write("draft", max_tokens=_TOKENS, passage=text), article, passage)
        if question and question.id in kept:
            question = None
        yield question
        if question:
            kept.add(question.id)
            if len(kept) == n:
                return


def propose(written: str, article: Article, passage: Passage) -> Question | None:
    """Return what the model wrote as a question; None where its answer does not stand in the passage."""
    match = _PROPOSAL.search(written)
    if not match:
        return None
    text = article.text[passage.start : passage.end]
    asked = " ".join(match["question"].split())
    answer = match["answer"].strip().strip("\"“”'").rstrip(".").strip()
    if not answer or len(answer.split()) > _MOST_ANSWER_WORDS or answer.casefold() in asked.casefold():
        return None
    if (found := locate(answer, text)) is None:
        return None
    quote = _sentence_around(Span(*found), text).of(text)
    source = Source(doc_id=article.origin.source_id or article.id, quote=quote)
    return Question(question=asked, answers=(answer,), evidence=(source,), status="drafted").completed()


def append(path: Path, question: Question) -> None:
    """Add a question to a question file; one whose id is there already is left as it is."""
    if path.exists() and any(q.id == question.id for q in read_questions(path).questions):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(to_jsonl([question]))


def drafted(path: Path) -> list[Question]:
    """Return the questions of a file that no person has decided about; raises `UsageError`."""
    if path.suffix != ".jsonl":
        raise UsageError(f"{str(path)!r} is not JSON lines, which drafted questions are kept in; name a .jsonl file")
    if path.exists() and not path.read_text("utf-8").strip():
        return []  # the last one was dropped
    return [question for question in read_questions(path).questions if question.status == "drafted"]


def settle(path: Path, question_id: str, decision: Decision) -> None:
    """Write a decision into the question file; all other lines stay as they are."""
    lines = []
    for line in path.read_text("utf-8").split("\n"):
        question = _question(line)
        if question is None or question.id != question_id or question.status != "drafted":
            lines.append(line)
        elif decision.keep:
            same = (decision.question, (decision.answer,)) == (question.question, question.answers[:1])
            changed = {"question": decision.question, "answers": (decision.answer,)}
            settled = question.model_copy(update={"status": "accepted"} if same else {"status": "edited", **changed})
            lines.append(to_jsonl([settled]).rstrip("\n"))
    part = path.with_name(f".{path.name}.part")
    part.write_text("\n".join(lines), "utf-8")
    part.replace(path)


def _question(line: str) -> Question | None:
    try:
        return Question.model_validate(json.loads(line)).completed()
    except ValueError:
        return None


def _sentence_around(found: Span, text: str) -> Span:
    """Return the sentences that an answer stands in."""
    touched = [span for span in sentences(text) if span.start < found.end and found.start < span.end]
    return Span(touched[0].start, touched[-1].end)
