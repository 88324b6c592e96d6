"""`/v1/chat/completions`: the assistant in the words of OpenAI's chat API, streamed or whole.

Text leaves sentence by sentence, once checked; what OpenAI's clients do not know stands in the field `rag`.
"""

import json
import logging
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from rag.assistant import Assistant
from rag.citations.footnotes import footnotes, plain
from rag.errors import RagError, UsageError
from rag.retrieval import filters
from rag.server import problems
from rag.server.conversation import ChatMessage, read
from rag.server.guard import client_of
from rag.server.metrics import Metrics
from rag.server.running import Gone, Runner, first_of
from rag.types import (
    REFUSAL,
    Answer,
    Checked,
    Event,
    Finished,
    Found,
    Waiting,
    citation_to_json,
    claim_to_json,
    found_to_json,
)

MODEL = "rag"
_CLIENT_GONE = 499


class Options(BaseModel):
    """What OpenAI's API has no field for: limits to the search, in any form of date, and how the answer is written."""

    model_config = ConfigDict(extra="forbid")

    from_: str | None = Field(default=None, alias="from")
    to: str | None = None
    sources: Annotated[list[str], Field(max_length=1000)] = []
    articles: Annotated[list[str], Field(max_length=1000)] = []
    collection: str | None = None
    footnotes: bool = True


class StreamOptions(BaseModel):
    """OpenAI's."""

    include_usage: bool = False


class ChatRequest(BaseModel):
    """OpenAI's request, of which sampling is ignored: answers are made deterministically."""

    model_config = ConfigDict(extra="ignore")

    model: str = MODEL
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=1000)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: int | None = None
    response_format: dict[str, Any] | None = None
    tool_choice: str | dict[str, Any] | None = None
    user: Annotated[str | None, Field(max_length=200)] = None
    rag: Options = Options()

    def check(self) -> None:
        """Raise `UsageError` for what would be answered wrongly if it were ignored."""
        if self.n not in (None, 1):
            raise UsageError(f"n is {self.n}; there is one answer: leave n out")
        if self.response_format and self.response_format.get("type") != "text":
            raise UsageError("response_format is not text; the answer as an object is in the field rag")
        if self.tool_choice not in (None, "none", "auto"):
            raise UsageError("rag calls no tools; leave tool_choice out")


@dataclass
class _Writer:
    """Turns events into the pieces of OpenAI's answer."""

    with_footnotes: bool
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))
    begun: bool = False

    def text(self, event: Event) -> str:
        """Return what an event adds to the text."""
        if isinstance(event, Checked):
            space, self.begun = " " * self.begun, True
            return space + plain(event.claim.marked())
        if isinstance(event, Finished):
            if event.answer.refused:
                return REFUSAL
            notes = footnotes(event.answer.citations) if self.with_footnotes else ""
            return plain("".join(f" {left}" for left in event.answer.left_open)) + notes
        return ""

    def chunk(self, delta: dict[str, Any], *, finish: str | None = None, **more: Any) -> str:
        """Return one event of the stream."""
        choices = [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}]
        return self._sse({"choices": choices} | more)

    def usage(self, answer: Answer) -> str:
        """Return the event that tells of tokens."""
        return self._sse({"choices": [], "usage": _usage(answer)})

    def whole(self, text: str, answer: Answer) -> dict[str, Any]:
        """Return the answer that is not streamed."""
        message = {"role": "assistant", "content": text, "refusal": None}
        choices = [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}]
        return self._head("chat.completion") | {"choices": choices, "usage": _usage(answer), "rag": answer.to_json()}

    def _sse(self, data: dict[str, Any]) -> str:
        return f"data: {json.dumps(self._head('chat.completion.chunk') | data)}\n\n"

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": MODEL}


def router(assistant: Assistant, runner: Runner, metrics: Metrics) -> APIRouter:
    """Return the endpoint over an assistant."""
    routes = APIRouter(tags=["OpenAI"])

    @routes.post("/v1/chat/completions")
    async def chat_completions(body: ChatRequest, request: Request) -> Response:
        """Answer the last message from the articles, each sentence checked; `stream` for server-sent events."""
        body.check()
        if body.model != MODEL:
            return problems.problem(
                404, f"no model {body.model[:200]!r}; there is {MODEL!r}: see /v1/models", code="model_not_found"
            )
        question, history = read(body.messages)
        within = await run_in_threadpool(
            filters,
            assistant.index.catalogue,
            today=assistant.settings.day,
            from_=body.rag.from_,
            to=body.rag.to,
            sources=body.rag.sources,
            articles=body.rag.articles,
            collection=body.rag.collection,
        )
        events = metrics.watched(
            runner.events(request, question, history=history, within=within, client=client_of(request, body.user))
        )
        writer = _Writer(with_footnotes=body.rag.footnotes)
        try:
            if body.stream:
                with_usage = bool(body.stream_options and body.stream_options.include_usage)
                chunks = _streamed(writer, await first_of(events), with_usage=with_usage)
                return StreamingResponse(
                    chunks,
                    media_type="text/event-stream",
                    headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
                )
            text = ""
            async with aclosing(events):
                async for event in events:
                    text += writer.text(event) if event else ""
                    if isinstance(event, Finished):
                        return JSONResponse(writer.whole(text, event.answer))
        except Gone:
            pass
        return Response(status_code=_CLIENT_GONE)

    return routes


async def _streamed(writer: _Writer, events: AsyncGenerator[Event | None], *, with_usage: bool) -> AsyncIterator[str]:
    """Yield the server-sent events of an answer; what goes wrong on the way is the last of them."""
    yield writer.chunk({"role": "assistant", "content": ""})
    try:
        async with aclosing(events):
            async for event in events:
                text = writer.text(event) if event else ""
                if event is None:
                    yield ": still at it\n\n"
                elif isinstance(event, Waiting):
                    yield writer.chunk({}, rag_event={"type": "waiting", "ahead": event.ahead})
                elif isinstance(event, Found):
                    found = found_to_json(event.query, event.hits)
                    yield writer.chunk({}, rag_event={"type": "found"} | found)
                elif isinstance(event, Checked):
                    checked = {
                        "claim": claim_to_json(event.claim),
                        "citations": [citation_to_json(c) for c in event.citations],
                    }
                    yield writer.chunk({"content": text}, rag_event={"type": "checked"} | checked)
                elif isinstance(event, Finished):
                    if text:
                        yield writer.chunk({"content": text})
                    yield writer.chunk({}, finish="stop", rag=event.answer.to_json())
                    if with_usage:
                        yield writer.usage(event.answer)
        yield "data: [DONE]\n\n"
    except Gone:
        return
    except RagError as error:
        yield f"data: {json.dumps(problems.error_object(500, str(error)))}\n\n"
    except Exception:
        logging.getLogger(__name__).exception("an answer failed")
        yield f"data: {json.dumps(problems.error_object(500, problems.UNFORESEEN))}\n\n"


def _usage(answer: Answer) -> dict[str, int]:
    read, written = answer.timings.prompt_tokens or 0, answer.timings.answer_tokens or 0
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
