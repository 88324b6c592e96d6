"""`/metrics`: what the server has done and how long it took, for Prometheus.

Counts, times and states alone: no question, no text, no address.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.assistant import Assistant
from rag.server.running import Gone
from rag.types import Event, Finished

_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300)


class Metrics:
    """The measurements of one server."""

    def __init__(self, assistant: Assistant) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter("rag_requests", "Requests answered.", ["endpoint", "status"], registry=self.registry)
        self._answers = Counter(
            "rag_answers", "Questions, by what became of them.", ["outcome"], registry=self.registry
        )
        self._seconds = Histogram(
            "rag_answer_seconds",
            "From a question to a moment of its answer, waiting included.",
            ["moment"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        queue = assistant.scheduler
        for name, what, value in (
            ("rag_generations_running", "Answers being written.", lambda: queue.running),
            ("rag_generations_waiting", "Questions that wait for the language model.", lambda: len(queue)),
            ("rag_articles", "Articles in the index.", lambda: assistant.index.catalogue.counts()["articles"]),
        ):
            Gauge(name, what, registry=self.registry).set_function(value)

    def request(self, endpoint: str, status: int) -> None:
        """Count a request."""
        self._requests.labels(endpoint, str(status)).inc()

    async def watched(self, events: AsyncGenerator[Event | None]) -> AsyncGenerator[Event | None]:
        """Yield events, and measure the answer they make."""
        outcome = "stopped"
        try:
            async with aclosing(events):
                async for event in events:
                    if isinstance(event, Finished):
                        outcome = event.answer.reason or "answered"
                        for moment in ("search_s", "first_word_s", "first_checked_s", "total_s"):
                            if (seconds := getattr(event.answer.timings, moment)) is not None:
                                self._seconds.labels(moment.removesuffix("_s")).observe(seconds)
                    yield event
        except Gone:
            raise
        except Exception:
            outcome = "failed"
            raise
        finally:
            self._answers.labels(outcome).inc()


class Counting:
    """Middleware that counts requests by the pattern of their path: what people ask for is not kept."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count it once it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                path = getattr(scope.get("route"), "path", None) or "other"
                self._metrics.request(path, message["status"])
            await send(message)

        await self._app(scope, receive, counted)


def router(metrics: Metrics) -> APIRouter:
    """Return the endpoint."""
    routes = APIRouter(tags=["server"])

    @routes.get("/metrics")
    def prometheus() -> Response:
        """Tell what the server has done, in the text format of Prometheus."""
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return routes
