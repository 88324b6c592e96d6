"""Questions drafted from passages by the language model, and a person's decisions about them.

A proposal is kept only where its answer stands, word for word, in its passage; it stays marked as drafted until
a person has accepted or edited it. Knows nothing about screens.
"""

import json
import random
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from rag.assistant import Assistant
from rag.chunking import sentences
from rag.errors import UsageError
from rag.evaluation.files import telling, write_whole
from rag.evaluation.gold import locate
from rag.evaluation.questions import Problem, Question, Source, parse_line, to_jsonl
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


def check_file(path: Path) -> None:
    """Raise `UsageError` or `EvaluationError` where drafted questions cannot be added to a file."""
    _check_kind(path)
    with _told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            file.seek(0)
            if b"\0" in file.read(1000):
                raise UsageError(f"{str(path)!r} is not JSON lines in UTF-8; name another file: --out FILE")


def append(path: Path, question: Question) -> bool:
    """Add a question to a question file, unless its id is there already; tell whether it was added."""
    text = _read(path) if path.exists() else ""
    if any(other.id == question.id for _, other in _questions(text)):
        return False
    with _told(path), path.open("a", encoding="utf-8") as file:
        file.write(("\n" if text and not text.endswith("\n") else "") + to_jsonl([question]))
    return True


def drafted(path: Path) -> list[tuple[int, Question]]:
    """Return the questions of a file that no person has decided about, with the numbers of their lines, from 0."""
    _check_kind(path)
    return [(number, question) for number, question in _questions(_read(path)) if question.status == "drafted"]


def settle(path: Path, number: int, decision: Decision) -> None:
    """Write a decision into line `number` of a question file; all else stays as it is."""
    lines = _read(path).split("\n")
    fields = json.loads(lines[number])
    if not decision.keep:
        del lines[number]
    else:
        before = fields["question"], fields.get("answers") or []
        answers = [before[1]] if isinstance(before[1], str) else list(before[1])
        now = [decision.answer, *answers[1:]] if decision.answer else answers
        fields |= {"question": decision.question, "answers": now}
        fields["status"] = "accepted" if (decision.question, now) == (before[0], answers) else "edited"
        if not now:
            del fields["answers"]
        lines[number] = json.dumps(fields, ensure_ascii=False)
    with _told(path):
        write_whole(path, "\n".join(lines))


def _questions(text: str) -> Iterator[tuple[int, Question]]:
    for number, line in enumerate(text.split("\n")):
        if line.strip() and not isinstance(parsed := parse_line(f"line {number + 1}", line), Problem):
            yield number, parsed[1]


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise UsageError(f"no such question file: {str(path)!r}; draft one: rag eval draft --out {path}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{str(path)!r} cannot be read as JSON lines in UTF-8: {error}; name another file") from error


def _check_kind(path: Path) -> None:
    if path.suffix != ".jsonl":
        raise UsageError(f"{str(path)!r} is not JSON lines, which drafted questions are kept in; name a .jsonl file")


def _told(path: Path) -> AbstractContextManager[None]:
    return telling(f"questions to {str(path)!r}", "name another file: --out FILE")


def _sentence_around(found: Span, text: str) -> Span:
    """Return the sentences that an answer stands in."""
    touched = [span for span in sentences(text) if span.start < found.end and found.start < span.end]
    return Span(touched[0].start, touched[-1].end)
