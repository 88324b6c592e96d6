"""The conversation: questions in, messages out, and what can be done with an answer.

The turns are read from where conversations are kept, each time, so that a page goes on after a reload, or after the
server was started again. Knows nothing about the other tabs.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import gradio as gr

from rag import models
from rag.assistant import Assistant
from rag.errors import RagError
from rag.remote import is_address
from rag.types import Answer, Checked, Draft, Filters, Finished, Found, Waiting
from rag.web import answers, exports, judging, limits, notices
from rag.web.conversations import Conversations, Turn
from rag.web.events import QUIET, TELLING
from rag.web.examples import example_questions
from rag.web.limits import Limits
from rag.web.visits import Running, visitor

_LEAST_GAP_S = 0.08
"""The page is redrawn at most this often while a draft runs."""
_AT_ONCE = 16
_EXAMPLES = 3
_BUSY = "An answer is being written: ask again when it is done, or stop it."
_EMPTY = "Type a question first."
_TOLD_S = 4
_FOCUS = "() => document.querySelector('#question textarea')?.focus()"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to be answered: in place of turn `at` and all after it, or at the end; within limits of its own."""

    question: str = ""
    at: int | None = None
    within: Filters | None = None


class Chat:
    """The tab of the conversation, over one assistant."""

    def __init__(self, assistant: Assistant, kept: Conversations, *, judged: Path) -> None:
        self._assistant = assistant
        self._kept = kept
        self._judged = judged
        self._running = Running()

    def build(self) -> None:
        """Add the components to the page."""
        with gr.Row(elem_id="bar", visible=False) as self.bar:
            self.fresh = gr.Button("New chat", size="sm", elem_id="new", scale=0, min_width=90)
            gr.HTML(answers.save(), elem_id="save")
        if not self._assistant.models["llm"]:
            settings = self._assistant.settings
            is_here = models.is_here(settings.llm, models_dir=settings.models_dir)
            gr.HTML(notices.no_model(settings.llm, is_here=is_here))
        self.log = gr.Chatbot(
            label="Conversation",
            show_label=False,
            container=False,
            elem_id="chat",
            scale=1,
            height=None,
            autoscroll=False,
            layout="panel",
            latex_delimiters=[],
            buttons=[],
            feedback_options=None,
            sanitize_html=False,  # it would drop data- and aria- attributes; all text is escaped in `rag.web.html`
            placeholder=self._welcome(),
        )
        with gr.Row(elem_id="examples") as self.examples:
            self.chips = [gr.Button(size="sm", elem_classes="example", visible=False) for _ in range(_EXAMPLES)]
        self.limits = Limits.build()
        self.editing = gr.Button("", size="sm", visible=False, elem_id="editing")
        with gr.Row(elem_id="ask"):
            self.box = gr.Textbox(
                "",
                label="Your question",
                show_label=False,
                container=False,
                placeholder="Ask your articles …",
                elem_id="question",
                max_lines=6,
                max_length=self._assistant.settings.question_chars,
                autofocus=True,
                scale=1,
            )
            self.send = gr.Button("Ask", variant="primary", elem_id="send", min_width=90, scale=0)
            self.halt = gr.Button("Stop", variant="stop", visible=False, elem_id="stop", min_width=90, scale=0)
        gr.HTML("<p>Answers can be wrong: open the citation and read.</p>", elem_id="foot")
        self.asked = gr.State(Asked())
        self.at = gr.State(None)
        self.here = gr.Textbox("", visible="hidden", elem_id="here")
        self.parcel = gr.Textbox("", visible="hidden", elem_id="parcel")
        self._wire()

    def _wire(self) -> None:
        taken = [self.asked, self.box, self.at, self.editing, self.here]
        for start, source in [
            (self.box.submit, self.box),
            (self.send.click, self.box),
            *((chip.click, chip) for chip in self.chips),
        ]:
            self.answering(start(self._take, [source, self.at, self.here], taken, **TELLING))
        self.halt.click(self._stop, **QUIET).then(None, js=_FOCUS)
        self.fresh.click(self._begin, None, self.everything, **QUIET).then(None, js=_FOCUS)
        self.editing.click(lambda: ("", None, gr.Button(visible=False)), None, taken[1:4], **QUIET).then(
            None, js=_FOCUS
        )
        self.here.change(None, [self.here], js="(here) => { sessionStorage.setItem('rag', here) }")

    def connect(self, actions: gr.HTML, page: gr.Blocks) -> None:
        """Let the buttons in messages act, and the page begin where it was left."""
        fields = self.limits.fields
        self.answering(actions.retry(self._retry, [self.here], [self.asked], **QUIET))
        self.answering(actions.drop(self._drop, [self.here], [self.asked], **QUIET))
        actions.edit(self._edit, [self.here], [self.box, self.at, self.editing], **QUIET).then(None, js=_FOCUS)
        actions.search(
            self._change, [self.here], [self.box, self.at, self.editing, self.limits.frame, *fields], **QUIET
        ).then(None, js=_FOCUS)
        actions.judge(self._judge, [self.here], [self.log], **QUIET)
        actions.export(self._export, [self.here], [self.parcel], **QUIET).then(
            None, [self.parcel], js="(parcel) => window.rag.deliver(JSON.parse(parcel))"
        )
        page.load(
            self.restore, [self.here], [*self.everything, *fields[2:4]], js="() => sessionStorage.getItem('rag') || ''",
            **QUIET,
        )  # fmt: skip
        page.unload(self._leave)

    @property
    def everything(self) -> list[Any]:
        """The components that `restore` sets."""
        return [self.here, self.log, self.box, self.bar, self.examples, *self.chips]

    def answering(self, event: Any) -> None:
        """Let an answer follow an event that set `asked`."""
        event.then(
            self._respond,
            [self.asked, self.here, *self.limits.fields],
            [self.log, self.halt, self.send, self.bar, self.examples],
            concurrency_limit=_AT_ONCE,
            show_progress="hidden",
            api_visibility="private",
        )

    def restore(self, here: str, request: gr.Request) -> list[Any]:
        """Return the page as it was left: the conversation so far, and the question that was never answered."""
        turns = self._turns(visitor(request), here) if here else []
        pending = self._kept.pending(visitor(request), here) if here else ""
        shown = self._conversation(
            here or self._kept.new_id(), turns, typed=pending or gr.skip()
        )  # what was typed meanwhile stays
        return [*shown, *limits.choices(self._assistant)]

    @property
    def welcoming(self) -> list[Any]:
        """The components that `welcome` sets."""
        return [self.log, *self.chips, *self.limits.fields[2:4]]

    def welcome(self) -> list[Any]:
        """Return what greets the reader, made of the articles that are here now."""
        return [*self._greeting(), *limits.choices(self._assistant)]

    def resume(self, here: str, request: gr.Request) -> list[Any]:
        """Return the page with a past conversation."""
        self._running.stop(request.session_hash or "")
        return self._conversation(here, self._turns(visitor(request), here))

    def _begin(self, request: gr.Request) -> list[Any]:
        self._running.stop(request.session_hash or "")
        return self._conversation(self._kept.new_id(), [])

    def begin_if_gone(self, here: str, request: gr.Request) -> list[Any]:
        """Begin a new conversation where the open one was deleted, and nothing is being answered in it."""
        owner = visitor(request)
        if self._turns(owner, here) or self._kept.pending(owner, here):
            return [gr.skip() for _ in self.everything]
        return self._conversation(self._kept.new_id(), [], typed=gr.skip())

    def _conversation(self, here: str, turns: Sequence[Turn], *, typed: Any = "") -> list[Any]:
        log, *chips = self._greeting()
        log = gr.Chatbot(value=self._messages(turns), placeholder=log.placeholder)
        return [here, log, typed, gr.Row(visible=bool(turns)), gr.Row(visible=not turns), *chips]

    def _greeting(self) -> list[Any]:
        texts = [*example_questions(self._assistant.index.catalogue, most=_EXAMPLES), *[""] * _EXAMPLES][:_EXAMPLES]
        return [
            gr.Chatbot(placeholder=self._welcome()),
            *(gr.Button(value=text, visible=bool(text)) for text in texts),
        ]

    def _welcome(self) -> str:
        settings = self._assistant.settings
        servers = [urlsplit(name).hostname or "" for name in (settings.llm, settings.embedder) if is_address(name)]
        return notices.welcome(self._assistant.index.catalogue.counts(), list(dict.fromkeys(servers)))

    def _respond(
        self,
        asked: Asked,
        here: str,
        from_: str,
        to: str,
        sources: list[str],
        collection: str,
        chosen: list[str],
        request: gr.Request,
    ) -> Iterator[tuple[Any, ...]]:
        if not asked.question.strip():
            yield tuple(gr.skip() for _ in range(5))
            return
        owner, page = visitor(request), request.session_hash or ""
        cancelled = self._running.start(page)
        if cancelled is None:  # another button was faster
            yield tuple(gr.skip() for _ in range(5))
            return
        n, before = asked.at or 0, list[dict[str, str]]()
        mine = _message("user", answers.question(n, asked.question))
        waiting = (gr.Button(visible=True), gr.Button(visible=False), gr.Row(visible=True), gr.Row(visible=False))
        idle = (gr.Button(visible=False), gr.Button(visible=True), gr.Row(visible=True), gr.Row(visible=False))
        try:
            turns = self._turns(owner, here)[: asked.at]
            n, before = len(turns), self._messages(turns)
            mine = _message("user", answers.question(n, asked.question))
            self._kept.wait(owner, here, asked.question)
            within = asked.within
            if within is None:
                within = limits.filters_of(self._assistant, from_, to, sources, collection, chosen)
            history = [turn.answer for turn in turns]
            for shown, answer in self._turn(asked.question, history, within, cancelled, owner):
                if answer and self._running.left(page):
                    return  # the question waits for its asker to come back
                if answer:
                    n = n if asked.at is not None else len(self._turns(owner, here))  # another window may have asked
                    self._kept.put(owner, here, n, answer)
                    yield self._messages(self._turns(owner, here)), *idle
                else:
                    yield [*before, mine, _message("assistant", shown)], *waiting
        except RagError as error:
            yield [*before, mine, _message("assistant", answers.failed(n, str(error), asked.question))], *idle
        finally:
            self._running.done(page)

    def _turn(
        self, question: str, history: Sequence[Answer], within: Filters, cancelled: Event, owner: str
    ) -> Iterator[tuple[str, Answer | None]]:
        """Yield the assistant's message as it grows; with the answer once it is complete."""
        shown = answers.Progress(turn=len(history), question=question)
        yield shown.html(), None
        last = 0.0
        for event in self._assistant.stream(
            question, history=history, within=within, cancelled=cancelled, client=owner
        ):
            if isinstance(event, Finished):
                yield "", event.answer
                return
            if isinstance(event, Found):
                shown = shown.found(event)
            elif isinstance(event, Waiting):
                shown = shown.waiting(event.ahead)
            elif isinstance(event, Checked):
                shown = shown.checked(event)
            elif isinstance(event, Draft):
                shown = shown.draft(event.text)
                if time.monotonic() - last < _LEAST_GAP_S:
                    continue
            last = time.monotonic()
            yield shown.html(), None

    def _take(self, text: str, at: int | None, here: str, request: gr.Request) -> tuple[Any, ...]:
        busy = self._running.busy(request.session_hash or "")
        if busy or not text.strip():
            gr.Info(_BUSY if busy else _EMPTY, duration=_TOLD_S)
            return Asked(), text, at, gr.skip(), gr.skip()
        here = here or self._kept.new_id()  # asked before the page was told
        return Asked(text, at), "", None, gr.Button(visible=False), here

    def _retry(self, here: str, event: gr.EventData, request: gr.Request) -> Asked:
        if question := event._data.get("question"):  # it failed, so that it was not kept
            return Asked(str(question))
        n, turn = self._one(event, here, request)
        whole = event._data.get("whole")  # a name was chosen of those that may be meant
        return Asked(str(whole or turn.answer.question), n, turn.answer.query.filters) if turn else Asked()

    def _drop(self, here: str, event: gr.EventData, request: gr.Request) -> Asked:
        n, turn = self._one(event, here, request)
        if not turn:
            return Asked()
        empty: dict[str, dict[str, Any]] = {
            "dates": {"from_": None, "to": None},
            "sources": {"sources": ()},
            "articles": {"articles": ()},
        }
        within = replace(turn.answer.query.filters, **empty.get(str(event._data.get("limit")), {}))
        return Asked(turn.answer.question, n, within)

    def _edit(self, here: str, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        n, turn = self._one(event, here, request)
        if turn:
            return turn.answer.question, n, self._editing(n, here, request)
        return self._kept.pending(visitor(request), here), None, gr.Button(visible=False)

    def _change(self, here: str, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        n, turn = self._one(event, here, request)
        if not turn:
            return ("", None, gr.Button(visible=False), gr.Accordion(), *(gr.skip() for _ in self.limits.fields))
        query = turn.answer.query
        dated = query.filters.from_ or query.filters.to
        within = query.filters if dated else replace(query.filters, from_=query.from_, to=query.to)
        fields = limits.shown(self._assistant, within)
        return query.text, n, self._editing(n, here, request), gr.Accordion(open=bool(within)), *fields

    def _editing(self, n: int, here: str, request: gr.Request) -> gr.Button:
        later = ": later ones will be deleted" if len(self._turns(visitor(request), here)) > n + 1 else ""
        return gr.Button(f"Editing question {n + 1}{later}. Cancel", visible=True)

    def _judge(self, here: str, event: gr.EventData, request: gr.Request) -> list[dict[str, str]]:
        owner, reason = visitor(request), str(event._data.get("reason"))
        turns = self._turns(owner, here)
        n, turn = self._one(event, here, request)
        if turn and reason in judging.REASONS:
            earlier = [before.answer for before in turns[:n]]
            try:
                judging.keep(judging.as_question(turn.answer, reason, earlier), self._judged)
                self._kept.judge(owner, here, n, reason)
            except RagError as error:
                raise gr.Error(str(error), print_exception=False) from error
        return self._messages(self._turns(owner, here))

    def _export(self, here: str, event: gr.EventData, request: gr.Request) -> str:
        form, how = (str(event._data.get(key)) for key in ("form", "how"))
        if event._data.get("turn") == "all":
            chosen = [turn.answer for turn in self._turns(visitor(request), here)]
        else:
            _, turn = self._one(event, here, request)
            chosen = [turn.answer] if turn else []
        kind, _, write = exports.FORMS.get(form, exports.FORMS["txt"])
        parcel = {"how": how, "name": f"answer.{form if form in exports.FORMS else 'txt'}", "kind": kind}
        return json.dumps(parcel | {"text": write(chosen), "at": time.time()})

    def _one(self, event: gr.EventData, here: str, request: gr.Request) -> tuple[int, Turn | None]:
        """Return the turn that a button belongs to; None where it is not there (any more)."""
        turns = self._turns(visitor(request), here)
        told = str(event._data.get("turn"))
        n = int(told) if told.isdecimal() else len(turns)
        return n, turns[n] if n < len(turns) else None

    def _stop(self, request: gr.Request) -> None:
        self._running.stop(request.session_hash or "")

    def _leave(self, request: gr.Request) -> None:
        self._running.leave(request.session_hash or "")

    def _turns(self, owner: str, here: str) -> list[Turn]:
        return self._kept.turns(owner, here, self._assistant.index.catalogue.articles)

    def _messages(self, turns: Sequence[Turn]) -> list[dict[str, str]]:
        withdrawal = self._assistant.index.catalogue.withdrawal
        messages = []
        for n, turn in enumerate(turns):
            gone = {c.article.id: withdrawal(c.article.id) for c in turn.answer.citations if not c.article.text}
            shown = answers.answer(n, turn.answer, judged=turn.judged, gone=gone)
            messages += [_message("user", answers.question(n, turn.answer.question)), _message("assistant", shown)]
        return messages


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}
