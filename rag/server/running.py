"""Answers run in threads, their events come to the event loop; whom nobody waits for is stopped.

Knows nothing about HTTP but that a client may go.
"""

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from starlette.requests import Request

from rag.assistant import Assistant
from rag.types import Answer, Event, Filters

_SPARE = 8
"""Threads besides those that may wait in the queue: they turn away who comes too much."""
BEAT_S = 15.0
"""After so long without an event something is said, so that nobody between takes the line for dead."""


class Gone(Exception):  # noqa: N818 - not an error
    """The client went away."""


class Runner:
    """Runs the answers of one assistant."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        settings = assistant.settings
        self._threads = ThreadPoolExecutor(settings.queue + settings.llm_parallel + _SPARE, thread_name_prefix="answer")
        self._running: set[threading.Event] = set()

    async def events(
        self, request: Request, question: str, *, history: Sequence[Answer], within: Filters, client: str
    ) -> AsyncGenerator[Event | None]:
        """Yield the events of an answer, None every while nothing happens; raises `Gone` once the client is.

        Also raises what `Assistant.stream` does.
        """
        cancelled = threading.Event()
        events = self._assistant.stream(question, history=history, within=within, cancelled=cancelled, client=client)
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Event | BaseException | None] = asyncio.Queue()

        def put(item: Event | BaseException | None) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the server has stopped
                loop.call_soon_threadsafe(queue.put_nowait, item)

        def run() -> None:
            try:
                with closing(events):  # type: ignore[type-var] # a generator
                    for event in events:
                        put(event)
                put(None)
            except BaseException as error:
                put(error)

        async def watch() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            cancelled.set()
            queue.put_nowait(Gone())

        self._running.add(cancelled)
        watching = asyncio.ensure_future(watch())
        running = loop.run_in_executor(self._threads, run)
        try:
            while True:
                try:
                    item = await asyncio.wait_for(queue.get(), BEAT_S)
                except TimeoutError:
                    yield None
                    continue
                if item is None:
                    return
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            cancelled.set()
            self._running.discard(cancelled)
            watching.cancel()
            running.cancel()  # where it has not begun

    def stop(self) -> None:
        """End all answers that run."""
        for cancelled in self._running.copy():
            cancelled.set()
        self._threads.shutdown(wait=False, cancel_futures=True)


async def first_of(events: AsyncGenerator[Event | None]) -> AsyncGenerator[Event | None]:
    """Wait for the first event, so that what goes wrong before it is raised here; return all of them."""
    first = await anext(events)

    async def all_of_them() -> AsyncGenerator[Event | None]:
        async with contextlib.aclosing(events):
            yield first
            async for event in events:
                yield event

    return all_of_them()
