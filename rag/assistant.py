"""The one way through: question, query, hits, evidence, draft, checked claims, answer.

The only orchestration in the project; each step lives in its own module. Text leaves sentence by
sentence, once checked; the running draft is told apart as `Draft`.
"""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext

from rag import opening
from rag.answering import Answering, Part
from rag.citations import Checker
from rag.corpus import normalise
from rag.embedding import Remembering
from rag.errors import UsageError
from rag.follow_ups import conversation, leans, standing_alone
from rag.index import Index
from rag.prompts import Prompts
from rag.remote import is_address
from rag.retrieval import Retriever, parts
from rag.scheduler import Scheduler, Turn
from rag.settings import Settings
from rag.types import (
    ALL,
    LLM,
    Answer,
    Cancelled,
    Embedder,
    Entailment,
    Event,
    Filters,
    Finished,
    Found,
    Hit,
    Query,
    Reranker,
    Waiting,
)
from rag.understanding import merged, searched, understood
from rag.writing import Clock, is_stopped

_REWRITE_TOKENS = 60


class Assistant:
    """Answers questions from one index."""

    def __init__(
        self,
        settings: Settings,
        *,
        index: Index,
        embedder: Embedder,
        prompts: Prompts,
        llm: LLM | None,
        reranker: Reranker | None = None,
        entailment: Entailment | None = None,
        scheduler: Scheduler | None = None,
    ) -> None:
        self.settings = settings
        self._index = index
        self._embedder = embedder
        self._prompts = prompts
        self._llm = llm
        self._reranker = reranker
        self._entailment = entailment
        self.scheduler = scheduler or Scheduler(most_waiting=settings.queue)
        self.retriever = Retriever(index, embedder, reranker)

    @classmethod
    def load(cls, settings: Settings, *, with_llm: bool = True, deferred: bool = False) -> "Assistant":
        """Open index, prompts and models; cheap checks come first. Raises a `RagError` for what is missing.

        With `deferred` the language model is opened when it is first asked, and only then is it told what is wrong
        inside its file.
        """
        prompts = Prompts.load(settings.prompts_dir)
        needed = with_llm and not settings.extractive
        if needed:
            opening.check_llm(settings)
        Index.check(settings.index_dir)
        embedder = opening.embedder(settings)
        index = Index.open(settings.index_dir, embedder)
        reranker, entailment = opening.reranker(settings), opening.entailment(settings)
        llm = opening.llm(settings, prompts=prompts.sha256, deferred=deferred) if needed else None
        remote = is_address(settings.llm)
        scheduler = Scheduler(at_once=settings.llm_parallel if remote else 1, most_waiting=settings.queue)
        return cls(
            settings,
            index=index,
            embedder=embedder,
            prompts=prompts,
            llm=llm,
            reranker=reranker,
            entailment=entailment,
            scheduler=scheduler,
        )

    @property
    def index(self) -> Index:
        """The index that is searched."""
        return self._index

    @property
    def embedder(self) -> Embedder:
        """The embedder that the index was made with."""
        return self._embedder

    @property
    def models(self) -> dict[str, str | None]:
        """The names of the models that answers are made with."""
        return {
            "embedder": self._embedder.name,
            "llm": self._llm.name if self._llm else None,
            "reranker": self._reranker.name if self._reranker else None,
            "nli": self._entailment.name if self._entailment else None,
        }

    @property
    def prompt_sha256(self) -> str:
        """The SHA-256 of the prompt templates."""
        return self._prompts.sha256

    def warm_up(self) -> None:
        """Let the language model read the parts of the prompts that are the same for all questions."""
        if self._llm:
            self.write("rewrite", max_tokens=1, conversation="", question="")
            self.write("answer", max_tokens=1, evidence="", question="")

    def write(self, prompt: str, *, max_tokens: int, **variables: str) -> str:
        """Return what the language model writes after a prompt, unchecked; for questions, never for answers."""
        with self.scheduler.own_turn():
            return self._written(prompt, max_tokens, None, **variables)

    def _written(self, prompt: str, max_tokens: int, cancelled: Cancelled | None, **variables: str) -> str:
        if is_stopped(cancelled):  # perhaps before its turn came
            return ""
        messages = self._prompts.messages(prompt, **variables)
        return "".join(self._needed_llm().stream(messages, max_tokens=max_tokens, cancelled=cancelled))

    def search(self, question: str, *, k: int | None = None, within: Filters = ALL) -> list[Hit]:
        """Return the `k` passages that most probably answer, best first; no language model is needed."""
        return self.retriever.search(self.query(question, within=within), k=k or self.settings.passages)

    def query(self, question: str, *, history: Sequence[Answer] = (), within: Filters = ALL) -> Query:
        """Return the question as it is searched: rewritten to stand alone where it leans on `history`.

        Where that fails, or it says too little, it is searched after the question before it. Raises `UsageError`.
        """
        question = check_question(question, self.settings)
        if not self._is_rewritten(question, history):
            return self._understood(question, None, history, within)
        with self.scheduler.own_turn():
            return self._understood(question, self._rewritten(question, history, None), history, within)

    def _is_rewritten(self, question: str, history: Sequence[Answer]) -> bool:
        return self._llm is not None and bool(history) and leans(parts(question)[0])

    def _understood(self, question: str, rewritten: str | None, history: Sequence[Answer], within: Filters) -> Query:
        return understood(question, rewritten, history, self.retriever, within=within, today=self.settings.day)

    def answering(self, clock: Clock, cancelled: Cancelled | None = None) -> Answering:
        """Return what answers to one question's parts."""
        return Answering(
            settings=self.settings,
            # The same sentences are chosen among and looked at again.
            retriever=Retriever(self._index, Remembering(self._embedder), self._reranker),
            prompts=self._prompts,
            writer=None if self.settings.extractive else self._llm,
            entailment=self._entailment,
            clock=clock,
            cancelled=cancelled,
        )

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Answer] = (),
        within: Filters = ALL,
        cancelled: Cancelled | None = None,
    ) -> Answer:
        """Return the whole checked answer; `history` holds the answers before it, the last one last: see `stream`."""
        *_, last = self.stream(question, history=history, within=within, cancelled=cancelled)
        assert isinstance(last, Finished)  # noqa: S101 - the contract of `stream`
        return last.answer

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Answer] = (),
        within: Filters = ALL,
        cancelled: Cancelled | None = None,
        client: str | None = None,
    ) -> Iterator[Event]:
        """Yield `Found`, then `Draft` and `Checked` as they come, then `Finished`; raises `UsageError`.

        `Waiting` comes between them while other generations are ahead, whose turns go round the clients; where too many
        wait already, the first step raises `Overloaded`. Once `cancelled` is set the answer ends with what has been
        checked so far. Closing the iterator gives the turn back.
        """
        question = check_question(question, self.settings)
        return self._stream(question, history, within, cancelled, client)

    def _stream(
        self,
        question: str,
        history: Sequence[Answer],
        within: Filters,
        cancelled: Cancelled | None,
        client: str | None,
    ) -> Iterator[Event]:
        clock = Clock()
        answering = self.answering(clock, cancelled)
        # One place in the queue for a whole question, taken when it is asked: the search goes on while it waits.
        with self.scheduler.turn(client) if self._llm else nullcontext() as turn:
            rewritten = None
            if self._is_rewritten(question, history):
                yield from _waits(turn, cancelled)
                rewritten = self._rewritten(question, history, cancelled)
                clock.stamp("rewrite_s")
            query = self._understood(question, rewritten, history, within)
            asked = searched(query, answering.retriever, k=self.settings.passages, today=self.settings.day)
            hits = merged([found for _, found in asked])
            clock.stamp("search_s")
            yield Found(query, tuple(hits))
            if answering.writer and hits:  # before evidence is chosen, in vain for whoever goes meanwhile
                yield from _waits(turn, cancelled)
            told: list[Part] = []
            checker: Checker | None = None
            for part, found in asked:
                told.append((yield from answering.part(part, found, before=checker)))
                checker = told[-1].checker or checker
        claims = tuple(claim for one in told for claim in one.claims)
        citations = checker.citations if checker else ()
        refused = all(claim.withheld for claim in claims)
        stopped = is_stopped(cancelled)
        why = (
            "cancelled" if stopped else "nothing-supported" if claims else "not-in-evidence" if hits else "no-passages"
        )
        yield Finished(
            Answer(
                question=question,
                query=query,
                hits=tuple(hits),
                evidence=tuple(dict.fromkeys(sentence for one in told for sentence in one.evidence)),
                claims=claims,
                citations=citations,
                refused=refused,
                reason=why if refused else None,
                unanswered=() if refused or stopped else tuple(one.asked for one in told if not one.answers(citations)),
                confidence=max((one.probability for one in told if one.probability is not None), default=None),
                timings=clock.timings(),
                models=self.models,
                index_revision=self._index.revision,
                prompt_sha256=self.prompt_sha256,
            )
        )

    def _rewritten(self, question: str, history: Sequence[Answer], cancelled: Cancelled | None) -> str | None:
        said = conversation(history)
        written = self._written("rewrite", _REWRITE_TOKENS, cancelled, question=question, conversation=said)
        return standing_alone(written, question, history)

    def _needed_llm(self) -> LLM:
        if self._llm is None:
            raise UsageError("this assistant was loaded without a language model; load it with one to ask")
        return self._llm


def check_question(question: str, settings: Settings) -> str:
    """Return the question in one line; raises `UsageError` where it is empty or too long."""
    text = " ".join(normalise(question).split())
    if not any(c.isprintable() for c in text):
        raise UsageError('the question is empty; ask one, such as "What did Asif say about weapons?"')
    if len(text) > settings.question_chars:
        raise UsageError(
            f"the question has {len(text):,} characters, more than {settings.question_chars:,}; "
            "ask in fewer words, or set RAG_QUESTION_CHARS higher"
        )
    return text


def _waits(turn: Turn | None, cancelled: Cancelled | None) -> Iterator[Waiting]:
    if turn:
        yield from (Waiting(ahead) for ahead in turn.wait(cancelled))
