"""The tools, called by the official client: in this process, over standard input and output, and over HTTP."""

import sys
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from rag import Settings
from rag.mcp import build
from rag.types import REFUSAL
from tests.conftest import ROOT, offline_environment
from tests.server.conftest import DEADLINE_S, Endless, Serve, serve  # noqa: F401 - a fixture
from tests.world import FLOOD, WAR, World

ASKED = {"question": "What of the goggles?"}
Calls = Callable[[Client], Awaitable[Any]]


def called(world: World, name: str, **arguments: Any) -> Any:
    """Call one tool in this process; return its result."""

    async def run() -> Any:
        async with Client(build(world.assistant)) as client:
            return await client.call_tool(name, arguments)

    return anyio.run(run)


def over_stdio(command: list[str], calls: Calls, log: Path) -> Any:
    """Start a program, and call its tools."""

    async def run() -> Any:
        parameters = StdioServerParameters(
            command=command[0], args=command[1:], env=offline_environment(), cwd=str(ROOT)
        )
        with log.open("w") as errors:
            async with Client(stdio_client(parameters, errlog=errors)) as client:
                return await calls(client)

    return anyio.run(run)


def test_the_tools_say_what_they_do_and_only_read(tmp_path: Path) -> None:
    async def run() -> Any:
        async with Client(build(World(tmp_path).assistant)) as client:
            return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in anyio.run(run)}
    assert set(tools) == {"ask", "search", "list_articles", "read_article"}
    for tool in tools.values():
        assert tool.description
        assert tool.annotations.read_only_hint
    assert tools["ask"].input_schema["required"] == ["question"]


def test_an_answer_is_text_with_its_sources_and_an_object(tmp_path: Path) -> None:
    result = called(World(tmp_path, "The goggles were green. Soldiers left 90 rifles."), "ask", **ASKED)
    assert not result.is_error
    [content] = result.content
    assert content.text.startswith("The goggles were green. [1]\n\nSources:\n1. ")
    assert "90" not in content.text
    answer = result.structured_content
    assert answer["citations"][0]["quote"] == "The minister said the goggles were green."
    assert [claim["withheld"] for claim in answer["claims"]] == [False, True]


def test_a_refusal_is_an_answer(tmp_path: Path) -> None:
    result = called(World(tmp_path, "NOT FOUND", "NOT FOUND"), "ask", **ASKED)
    assert (result.is_error, result.content[0].text) == (False, REFUSAL)
    assert result.structured_content["reason"] == "not-in-evidence"


def test_a_search_gives_passages_and_no_model_writes(tmp_path: Path) -> None:
    world = World(tmp_path)
    found = called(world, "search", query="Goggles?", k=1).structured_content
    [hit] = found["hits"]
    assert hit["text"] == WAR[hit["start"] : hit["end"]]
    assert world.llm.history == []


def test_articles_are_listed_and_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.mcp._LONGEST", 3000)
    long = "Rain fell. " * 800
    world = World(tmp_path, texts=[f"date 2023-04-11 {long}", FLOOD])
    listed = called(world, "list_articles", limit=1).structured_content
    assert listed["total"] == 2
    [article] = listed["articles"]
    assert article["published"] == "2023-04-11"
    text, start = "", 0
    while start is not None:
        part = called(world, "read_article", article=article["article_id"][:8], start=start).structured_content
        text, start = text + part["text"], part["next"]
    assert text == long.strip()


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("ask", {"question": " "}, "the question is empty"),
        ("ask", ASKED | {"from_day": "yesteryear"}, "'yesteryear' is no date"),
        ("search", {"query": "x", "sources": ["Nobody"]}, "no article is from 'Nobody'"),
        ("search", {"query": "x", "k": 0}, "k"),
        ("read_article", {"article": "none"}, "no article 'none'"),
        ("nothing", {}, "nothing"),
    ],
)
def test_what_is_wrong_is_said_to_the_caller(tmp_path: Path, name: str, arguments: dict[str, Any], said: str) -> None:
    async def run() -> str:
        async with Client(build(World(tmp_path, "x").assistant)) as client:
            try:
                result = await client.call_tool(name, arguments)
            except Exception as error:
                return str(error)
            assert result.is_error
            return str(result.content[0].text)  # type: ignore[union-attr]

    assert said in anyio.run(run)


def test_whoever_asks_is_told_how_many_are_ahead(tmp_path: Path) -> None:
    world = World(tmp_path, "The goggles were green.")
    told: list[str | None] = []
    with world.assistant.scheduler.turn("other") as _:
        waiting = threading.Event()

        async def run() -> Any:
            async def progress(progress: float, total: float | None, message: str | None) -> None:
                told.append(message)
                waiting.set()

            async with Client(build(world.assistant)) as client, anyio.create_task_group() as group:
                group.start_soon(partial(client.call_tool, "ask", ASKED, progress_callback=progress))
                await anyio.to_thread.run_sync(waiting.wait, DEADLINE_S)
                group.cancel_scope.cancel()

        anyio.run(run)
    assert told == ["1 ahead"]
    assert len(world.assistant.scheduler) == 0


def test_whoever_cancels_frees_the_generation(tmp_path: Path) -> None:
    world, llm = World(tmp_path, answer_tokens=4000), Endless()
    world.assistant._llm = llm

    async def run() -> None:
        async with Client(build(world.assistant)) as client, anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "ask", ASKED)
            assert await anyio.to_thread.run_sync(llm.began.wait, DEADLINE_S)
            group.cancel_scope.cancel()
        assert await anyio.to_thread.run_sync(llm.ended.wait, DEADLINE_S)

    anyio.run(run)


def test_over_standard_input_and_output(tmp_path: Path) -> None:
    async def calls(client: Client) -> Any:
        answer = await client.call_tool("ask", ASKED)
        return answer, await client.call_tool("list_articles", {})

    command = [sys.executable, "-m", "tests.mcp.fake_server", str(tmp_path)]
    answer, listed = over_stdio(command, calls, tmp_path / "log")
    assert answer.content[0].text.startswith("The goggles were green. [1]")
    assert listed.structured_content["total"] == 2
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_over_http_beside_the_api_and_behind_its_token(serve: Serve) -> None:  # noqa: F811
    served = serve("The goggles were green.")

    async def run() -> Any:
        async with Client(f"{served.address}/mcp") as client:
            return await client.call_tool("ask", ASKED)

    assert anyio.run(run).content[0].text.startswith("The goggles were green. [1]")
    assert serve(server_token="hush").http.post("/mcp", json={}).status_code == 401
    assert served.http.post("/mcp", json={}, headers={"Origin": "https://evil.example"}).status_code == 403


@pytest.mark.model
def test_the_command_answers_over_standard_input_and_output(seed_settings: Settings, tmp_path: Path) -> None:
    async def calls(client: Client) -> Any:
        return await client.call_tool("ask", {"question": "What did Asif say about weapons?"})

    command = [sys.executable, "-m", "rag", "mcp", "--extractive", "--index", str(seed_settings.index_dir)]
    answer = over_stdio(command, calls, tmp_path / "log")
    assert "night vision goggles" in answer.content[0].text, (tmp_path / "log").read_text()
