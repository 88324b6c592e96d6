"""A run: questions asked one by one, everything kept in one folder, so that it can be stopped and gone on with.

    run.json           what was asked, of which index, with which models and settings
    questions.jsonl    the questions, with their gold as the index has it
    predictions.jsonl  a line a question: its id and the answer object (or the search object, or an error)
    run.trec           the ranking of articles; qrels.trec: the gold ones
    metrics.json, report.html

A line of predictions.jsonl is what makes a question done. Knows nothing about screens.
"""

import json
import os
import random
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import quote

import rag
from rag.assistant import Assistant
from rag.errors import RagError, UsageError
from rag.evaluation.cases import Case
from rag.evaluation.files import telling, write_whole
from rag.evaluation.gold import Gold, Resolved, resolve
from rag.evaluation.metrics import BY_NAME, METRICS, Row, estimate
from rag.evaluation.outcomes import OUTCOMES, outcome
from rag.evaluation.questions import Question, QuestionSet, Turn
from rag.evaluation.statistics import CONFIDENCE, RESAMPLES, Value, measure
from rag.follow_ups import recalled
from rag.retrieval import rank_articles
from rag.types import SCHEMA_VERSION, Answer, evidence_to_json, found_to_json

Progress = Callable[[int, int, dict[str, float]], None]
"""Called with questions done, questions in all, and the running scores."""

RANKED_PASSAGES = 100
"""How many passages the ranking of articles is made of (docs/evaluation.md)."""
_RUNNING = ("hit@1", "evidence_hit", "token_f1", "citation_precision", "refusal_f1")
_WRITTEN = {
    m.name for m in METRICS if m.group != "retrieval" and not m.name.startswith(("search_s", "answerable_auroc"))
}
_SETTINGS = {"passages", "evidence_tokens", "evidence_enough", "answer_tokens", "context_tokens", "passage_tokens"}


class Run:
    """An evaluation in its folder."""

    def __init__(self, folder: Path, about: dict[str, Any], questions: Sequence[tuple[Question, tuple[Gold, ...]]]):
        self.folder = folder
        self.about = about
        self._questions = questions
        self._predictions: dict[str, dict[str, Any]] = {}
        self._rankings: dict[str, dict[str, float]] = {}

    @classmethod
    def create(
        cls,
        folder: Path,
        questions: QuestionSet,
        assistant: Assistant,
        *,
        name: str,
        limit: int | None = None,
        seed: int = 0,
        retrieval_only: bool = False,
        resume: bool = False,
    ) -> "Run":
        """Begin a run in `folder`, or with `resume` go on with the one there; raises `UsageError`."""
        chosen = _sample(questions.questions, limit, seed)
        resolved = resolve(chosen, assistant.index.catalogue)
        about = {
            "schema_version": SCHEMA_VERSION,
            "rag_version": rag.__version__,
            "questions": name,
            "questions_sha256": questions.sha256,
            "limit": limit,
            "seed": seed,
            "retrieval_only": retrieval_only,
            "index_revision": assistant.index.revision,
            "models": assistant.models,
            "prompt_sha256": assistant.prompt_sha256,
            "settings": assistant.settings.model_dump(include=_SETTINGS),
            "problems": [str(problem) for problem in questions.problems],
            "notes": [
                *questions.notes,
                *_notes(chosen, resolved, unwritten=retrieval_only and assistant.models["llm"] is None),
            ],
        }
        check_folder(folder, resume=resume)
        if resume:
            return cls._gone_on_with(folder, about)
        run = cls(folder, about, [(question, resolved.gold[question.id]) for question in chosen])
        run._write("questions.jsonl", "".join(map(_question_line, run._questions)))
        run._write("qrels.trec", _qrels(run._questions))
        run._write("run.json", _json(about))  # the last: a folder with this file holds a run
        return run

    @classmethod
    def load(cls, folder: Path) -> "Run":
        """Open a run as far as it went; raises `UsageError` where there is none."""
        try:
            about = dict(json.loads((folder / "run.json").read_text("utf-8")))
            _ = about["seed"], about["retrieval_only"]
            questions = [
                (Question.model_validate(fields), tuple(Gold(**gold) for gold in fields["gold"]))
                for fields in map(json.loads, (folder / "questions.jsonl").read_text("utf-8").split("\n")[:-1])
            ]
            run = cls(folder, about, questions)
            run._read_predictions()
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            why = str(error).split("\n")[0]
            raise UsageError(
                f"{str(folder)!r} holds no run that can be read ({why}); make one: rag eval QUESTIONS --out DIR"
            ) from error
        return run

    @classmethod
    def _gone_on_with(cls, folder: Path, about: dict[str, Any]) -> "Run":
        run = cls.load(folder)
        made = {name: (run.about.get(name), value) for name, value in json.loads(_json(about)).items()}
        differs = [f"{name} was {was!r}, is {now!r}" for name, (was, now) in made.items() if was != now]
        if differs:
            raise UsageError(
                f"the run in {str(folder)!r} was made in another way: {'; '.join(differs)}; begin anew: --out DIR"
            )
        run._rewrite_done()
        return run

    @property
    def cases(self) -> list[Case]:
        """The questions that are done, in the order of the file."""
        return [
            Case(question, gold, self._predictions[question.id], list(self._rankings.get(question.id, ())))
            for question, gold in self._questions
            if question.id in self._predictions
        ]

    @property
    def questions(self) -> list[Question]:
        """All questions, asked or still to be asked."""
        return [question for question, _ in self._questions]

    @property
    def total(self) -> int:
        """How many questions there are to ask."""
        return len(self._questions)

    def go_on(self, assistant: Assistant, progress: Progress = lambda _done, _all, _scores: None) -> None:
        """Ask the questions that are left; safe to interrupt between any two characters."""
        rows: dict[str, list[Row | None]] = {name: BY_NAME[name].rows(self.cases) for name in _RUNNING}
        left = [pair for pair in self._questions if pair[0].id not in self._predictions]
        for question, gold in left:
            progress(len(self._predictions), self.total, _running(rows))
            prediction, ranking = _predict(assistant, question, retrieval_only=self.about["retrieval_only"])
            self._add(question.id, prediction, ranking)
            case = Case(question, gold, prediction, list(ranking))
            for name in _RUNNING:
                rows[name] += BY_NAME[name].rows([case])
        progress(len(self._predictions), self.total, _running(rows))

    def score(self) -> dict[str, Value]:
        """Return every metric over what is done, with its interval."""
        cases = self.cases
        values = {metric.name: measure(metric, metric.rows(cases), seed=self.about["seed"]) for metric in METRICS}
        if self.about["retrieval_only"]:
            for metric in METRICS:
                if metric.name in _WRITTEN and values[metric.name].value is None:
                    values[metric.name] = replace(values[metric.name], reason="nothing was written: retrieval only")
        return values

    def finish(self) -> dict[str, Any]:
        """Score what is done, write metrics.json and report.html, and return the former."""
        from rag.evaluation.report import render

        cases = self.cases
        outcomes = [outcome(case) for case in cases]
        kinds = [_kind(case.question) for case in cases]
        metrics = {
            **self.about,
            "asked": len(cases),
            "total": self.total,
            "kinds": {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
            "outcomes": {name: outcomes.count(name) for name in OUTCOMES if name in outcomes},
            "confidence_level": CONFIDENCE,
            "resamples": RESAMPLES,
            "metrics": {
                name: {**asdict(value), "group": BY_NAME[name].group, "unit": BY_NAME[name].unit,
                       "better": BY_NAME[name].better, "about": BY_NAME[name].about}
                for name, value in self.score().items()
            },
        }  # fmt: skip
        self._write("metrics.json", _json(metrics))
        self._write("report.html", render(metrics, cases))
        return metrics

    # Files

    def _add(self, question_id: str, prediction: dict[str, Any], ranking: dict[str, float]) -> None:
        self._append("run.trec", _trec(question_id, ranking))
        self._append("predictions.jsonl", json.dumps({"id": question_id, **prediction}, ensure_ascii=False) + "\n")
        self._predictions[question_id] = prediction
        self._rankings[question_id] = ranking

    def _read_predictions(self) -> None:
        ids = {_trec_id(question.id): question.id for question, _ in self._questions}
        for prediction in map(json.loads, self._complete_lines("predictions.jsonl")):
            question_id = prediction.pop("id")
            if "error" not in prediction:
                _ = prediction["hits"], prediction["timings"], prediction["evidence"]
            self._predictions[question_id] = prediction
        for line in self._complete_lines("run.trec"):
            trec_id, _, article, _, score, _ = line.split()
            if ids[trec_id] in self._predictions:
                self._rankings.setdefault(ids[trec_id], {})[article] = float(score)
        for question_id, prediction in list(self._predictions.items()):
            hits = {hit["article_id"] for hit in prediction.get("hits", [])}
            if not hits <= self._rankings.get(question_id, {}).keys():
                del self._predictions[question_id]  # its ranking was lost: to be asked again

    def _complete_lines(self, name: str) -> list[str]:
        """Return the lines of a file; one that a kill cut short is not there."""
        path = self.folder / name
        return path.read_text("utf-8").split("\n")[:-1] if path.exists() else []

    def _rewrite_done(self) -> None:
        """Leave in the files what is done, without what was begun and cut short."""
        done = self._predictions
        self._write("run.trec", "".join(_trec(i, self._rankings.get(i, {})) for i in done))
        lines = (json.dumps({"id": i, **prediction}, ensure_ascii=False) for i, prediction in done.items())
        self._write("predictions.jsonl", "".join(f"{line}\n" for line in lines))

    def _write(self, name: str, text: str) -> None:
        """Write a whole file, or leave what was there."""
        with _told(self.folder):
            write_whole(self.folder / name, text)

    def _append(self, name: str, text: str) -> None:
        with _told(self.folder), (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())


def check_folder(folder: Path, *, resume: bool) -> None:
    """Make the folder of a run; raises `UsageError` or `EvaluationError` where it cannot hold one."""
    with _told(folder):
        if (folder / "run.json").exists() != resume:
            raise UsageError(
                f"{str(folder)!r} holds no run to go on with; leave --resume out, or name its folder: --out DIR"
                if resume
                else f"{str(folder)!r} holds a run already; go on with it: --resume, or choose another: --out DIR"
            )
        folder.mkdir(parents=True, exist_ok=True)
        if not resume and any(path.suffix != ".part" for path in folder.iterdir()):
            raise UsageError(f"{str(folder)!r} is not empty and holds no run; choose another folder: --out DIR")
        (folder / ".try.part").touch()
        (folder / ".try.part").unlink()


def _told(folder: Path) -> AbstractContextManager[None]:
    mend = "what is done is kept: free space or choose another folder: --out DIR, then go on: --resume"
    return telling(f"a run to {str(folder)!r}", mend)


def _predict(
    assistant: Assistant, question: Question, *, retrieval_only: bool
) -> tuple[dict[str, Any], dict[str, float]]:
    """Return the prediction and the ranking of a question; an error of ours is a prediction too."""
    history = _conversation(question.history)
    retriever, settings = assistant.retriever, assistant.settings
    try:
        if not retrieval_only:
            answer = assistant.ask(question.question, history=history)
            prediction, query = answer.to_json(), answer.query
        else:
            start = perf_counter()
            query = assistant.query(question.question, history=history)
            hits = retriever.search(query, k=settings.passages)
            search_s = round(perf_counter() - start, 4)
            tokens, enough = settings.evidence_tokens, settings.evidence_enough
            evidence = retriever.evidence(query, hits, max_tokens=tokens, enough=enough)
            prediction = {
                "schema_version": SCHEMA_VERSION,
                **found_to_json(query, hits),
                "evidence": [evidence_to_json(e) for e in evidence],
                "timings": {"search_s": search_s},
            }
        return prediction, rank_articles(retriever.search(query, k=RANKED_PASSAGES))
    except RagError as error:
        return {"error": str(error)}, {}


def _conversation(history: Sequence[Turn]) -> list[Answer]:
    """Return the turns before a question as answers: each of the user's with what the agent said to it."""
    answers: list[Answer] = []
    for turn in history:
        if turn.speaker == "user":
            answers.append(recalled(turn.text, "", answers))
        elif answers:
            answers.append(recalled(answers.pop().question, turn.text, answers))
    return answers


def _sample(questions: Sequence[Question], limit: int | None, seed: int) -> list[Question]:
    """Return `limit` questions drawn at random, in the order of the file."""
    if limit is None or limit >= len(questions):
        return list(questions)
    drawn = sorted(random.Random(seed).sample(range(len(questions)), limit))  # noqa: S311 - not for secrets
    return [questions[i] for i in drawn]


def _notes(questions: Sequence[Question], resolved: Resolved, *, unwritten: bool) -> list[str]:
    sources = sum(len(question.evidence) for question in questions)
    notes = []
    if missing := resolved.missing_documents:
        which = "none" if len(missing) == sources else f"only {sources - len(missing):,}"
        notes.append(
            f"of the {sources:,} documents that the questions name, {which} could be found in this index; "
            f"the others, such as {missing[0]!r}, are not scored: is it the right --index?"
        )
    if resolved.ambiguous:
        name, n = next(iter(resolved.ambiguous.items()))
        notes.append(
            f"{len(resolved.ambiguous):,} of the names are those of several articles, {name!r} of {n:,}, "
            "any of which is right: name them by id, or by more of the path"
        )
    if resolved.missing_quotes:
        notes.append(
            f"{resolved.missing_quotes:,} quotes do not stand in their documents: not scored as gold sentences"
        )
    if unknown := sum(question.answerable is None for question in questions):
        do = "question does" if unknown == 1 else "questions do"
        notes.append(f"{unknown:,} {do} not say whether they are answerable: not scored for refusal")
    if unwritten and (follow_ups := sum(bool(question.history) for question in questions)):
        notes.append(f"{follow_ups:,} follow-ups were not rewritten; name a model to do so: --llm NAME")
    return notes


def _kind(question: Question) -> str:
    if question.underspecified:
        return "underspecified"
    return {True: "answerable", False: "unanswerable", None: "unknown"}[question.answerable]


def _running(rows: dict[str, list[Row | None]]) -> dict[str, float]:
    values = {name: estimate(BY_NAME[name], of) for name, of in rows.items()}
    return {name: value for name, value in values.items() if value is not None}


def _question_line(pair: tuple[Question, tuple[Gold, ...]]) -> str:
    question, gold = pair
    fields = question.model_dump(exclude_defaults=True) | {"gold": [asdict(g) for g in gold]}
    return json.dumps(fields, ensure_ascii=False) + "\n"


def _trec_id(question_id: str) -> str:
    """Return an id without white space, which separates columns in TREC files."""
    return re.sub(r"\s", lambda c: quote(c[0]), question_id.replace("%", "%25"))


def _trec(question_id: str, ranking: dict[str, float]) -> str:
    """Return the lines of a TREC run: query, Q0, article, rank, score, name of the run."""
    return "".join(
        f"{_trec_id(question_id)} Q0 {article} {rank} {score!r} rag\n"
        for rank, (article, score) in enumerate(ranking.items(), start=1)
    )


def _qrels(questions: Iterable[tuple[Question, tuple[Gold, ...]]]) -> str:
    """Return the lines of TREC relevance judgements: query, 0, article, its highest grade."""
    grades: dict[tuple[str, str], int] = {}
    for question, gold in questions:
        for g in gold:
            key = (_trec_id(question.id), g.article_id)
            grades[key] = max(grades.get(key, 0), g.grade)
    return "".join(f"{question_id} 0 {article} {grade}\n" for (question_id, article), grade in grades.items())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
