"""A real server on this machine, over fakes, and its clients."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from rag.server import build, listen
from rag.server.serving import Server
from rag.testing import ScriptedLLM
from rag.types import Cancelled, Message
from tests.world import World

DEADLINE_S = 10
DRAFT = "The goggles were green. Soldiers left 40 rifles."
QUESTION = "What of the goggles and rifles?"
ASKED: Any = [{"role": "user", "content": QUESTION}]


class Endless(ScriptedLLM):
    """Writes until it is cancelled, and tells when it began and ended."""

    def __init__(self) -> None:
        super().__init__()
        self.began = threading.Event()
        self.ended = threading.Event()

    def begins(self, messages: Sequence[Message], text: str, *, cancelled: Cancelled | None = None) -> float:
        """Never decline."""
        return 0.0

    def stream(self, messages: Sequence[Message], *, cancelled: Any = None, **_: Any) -> Iterator[str]:
        """Yield words."""
        try:
            yield "Elephants"
            self.began.set()
            while not cancelled.wait(0.001):
                yield " and elephants"
        finally:
            self.ended.set()


@dataclass(frozen=True)
class Served:
    """A server that runs."""

    world: World
    address: str
    openai: openai.OpenAI
    http: httpx.Client

    def ask(self, messages: Any = ASKED, **options: Any) -> Any:
        """Ask by OpenAI's client."""
        return self.openai.chat.completions.create(model="rag", messages=messages, **options)


Serve = Callable[..., Served]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a server; called with what its language model writes, and settings."""
    with ExitStack() as stack:

        def start(*answers: str, llm: Any = None, **settings: Any) -> Served:
            world = World(tmp_path, *answers, **settings)
            if llm:
                world.assistant._llm = llm
            listening = stack.enter_context(listen("127.0.0.1", 0))
            address = f"http://127.0.0.1:{listening.getsockname()[1]}"
            ready = threading.Event()
            app = build(world.assistant, with_page=False)
            server = Server(app, ready=ready.set)
            thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
            thread.start()

            def stop() -> None:
                server.should_exit = True
                thread.join(DEADLINE_S)
                assert not thread.is_alive()

            stack.callback(stop)
            assert ready.wait(DEADLINE_S)
            token = settings.get("server_token", "none needed")
            return Served(
                world,
                address,
                stack.enter_context(
                    openai.OpenAI(base_url=f"{address}/v1", api_key=token, max_retries=0, timeout=DEADLINE_S)
                ),
                stack.enter_context(httpx.Client(base_url=address, timeout=DEADLINE_S)),
            )

        yield start
