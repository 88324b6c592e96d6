"""A small model server on this machine that answers as it is told, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

DEADLINE_S = 10


@dataclass
class Answer:
    """What to send: JSON, or pieces of an answer as server-sent events."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[str] | None = None
    endless: bool = False
    silent: bool = False


@dataclass
class FakeServer:
    """The next answers, in order; the last one is given again and again."""

    address: str
    answers: list[Answer]
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    began: threading.Event = field(default_factory=threading.Event)
    dropped: threading.Event = field(default_factory=threading.Event)

    def next(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


MODELS = {"object": "list", "data": [{"id": "tiny"}]}
Fake = Callable[..., FakeServer]


def told(**probabilities: float) -> Answer:
    """Return an answer of one token, and what else it might have been, by log probability."""
    top = [{"token": token, "logprob": value} for token, value in probabilities.items()]
    choice = {"message": {"content": top[0]["token"]}, "logprobs": {"content": [{"top_logprobs": top}]}}
    return Answer({"choices": [choice], "usage": {"prompt_tokens": 77}})


def text(content: str) -> Answer:
    """Return a whole answer without probabilities."""
    return Answer({"choices": [{"message": {"content": content}, "logprobs": None}]})


@pytest.fixture
def fake_server() -> Iterator[Fake]:
    """Start a server; called with its answers to all but `/v1/models`."""
    with ExitStack() as stack:

        def start(*answers: Answer, models: Any = MODELS) -> FakeServer:
            class Handler(BaseHTTPRequestHandler):
                def log_message(self, *_: Any) -> None:
                    pass

                def do_GET(self) -> None:
                    fake.headers.append(dict(self.headers))
                    self.reply(Answer(models))

                def do_POST(self) -> None:
                    body = self.rfile.read(int(self.headers["Content-Length"]))
                    fake.headers.append(dict(self.headers))
                    fake.asked.append(json.loads(body) | {"path": self.path})
                    self.reply(fake.next())

                def reply(self, answer: Answer) -> None:
                    if answer.silent:
                        fake.began.set()
                        self.rfile.read(1)  # until the client goes
                        fake.dropped.set()
                        return
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    if answer.pieces is None:
                        data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
                        self.wfile.write(data)
                        return
                    for piece in answer.pieces:
                        chunk = {"choices": [{"index": 0, "delta": {"content": piece}}]}
                        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
                    if answer.endless:
                        self.wfile.flush()
                        fake.began.set()
                        self.rfile.read(1)
                        fake.dropped.set()
                        return
                    self.wfile.write(b": a comment\n\ndata: [DONE]\n\n")

            server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            server.daemon_threads = True
            fake = FakeServer(f"http://127.0.0.1:{server.server_port}/v1", list(answers) or [Answer({})])
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
            thread.start()
            stack.callback(thread.join, DEADLINE_S)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            return fake

        yield start
