"""Many clients at once: `python -m benchmarks.load INDEX QUESTIONS.jsonl [--clients 16] [--questions 200]`.

Starts `rag serve` over an index and asks it by OpenAI's client, each client for a user of its own, one question after
another. Tells how many failed, how fair the order was, how memory went, how soon a generation is free again whose
client hung up, and what becomes of those who come too much.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import openai

from rag import Settings
from rag.server import listen

_ANSWER_S = 3600
_QUEUE = 64
_STOPS = 5
_CROWD = 2 * _QUEUE
_LOOK_S = 0.02


def main() -> None:
    """Print what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("questions_file", type=Path)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--llm", default="qwen2.5-coder-0.5b-instruct")
    given = parser.parse_args()
    lines = given.questions_file.read_text("utf-8").splitlines()
    asked = [json.loads(line)["question"] for line in lines if line.strip()]
    questions = [asked[i % len(asked)] for i in range(given.questions)]
    with server(given.index, given.llm) as (address, process):
        asyncio.run(measure(address, process.pid, questions, given.clients))


@contextmanager
def server(index: Path, llm: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Run `rag serve`; the value is its address and the process."""
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "rag",
        "serve",
        "--no-page",
        "--port",
        str(port),
        "--index",
        str(index),
        "--llm",
        llm,
    ]
    environment = os.environ | {"RAG_SERVER_PER_MINUTE": "0", "RAG_QUEUE": str(_QUEUE)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout
            assert process.stdout.readline().startswith("rag is ready"), "the server did not start"
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()


async def measure(address: str, pid: int, questions: list[str], clients: int) -> None:
    """Ask, hang up, crowd; print what happened."""
    async with (
        openai.AsyncOpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0, timeout=_ANSWER_S) as rag,
        httpx.AsyncClient(base_url=address, timeout=60) as http,
    ):
        before = memory_mb(pid)
        await answer_all(rag, pid, questions, clients)
        print(f"memory: {before:,.0f} MB before, {memory_mb(pid):,.0f} MB after")
        if Settings.load().extractive:  # nothing is generated that could be stopped or waited for
            return
        freed = [await hang_up(rag, http, questions[i % len(questions)]) for i in range(_STOPS)]
        print(f"hung up: free again after {', '.join(f'{s:.2f}' for s in freed)} s")
        print(f"of which asking whether it is took up to {await looking(http):.2f} s each time")
        await crowd(rag, http, questions)
        print(f"memory: {memory_mb(pid):,.0f} MB at the end")


async def answer_all(rag: openai.AsyncOpenAI, pid: int, questions: list[str], clients: int) -> None:
    """Share the questions out among clients who ask one after another, and print how that went."""
    shares = [questions[i::clients] for i in range(clients)]
    done: Counter[int] = Counter()
    seconds: list[float] = []
    failed: Counter[str] = Counter()
    most_apart, peaks = 0, []

    async def client(n: int) -> None:
        nonlocal most_apart
        for question in shares[n]:
            began = time.monotonic()
            try:
                await ask(rag, question, user=str(n))
            except openai.OpenAIError as error:
                failed[f"{type(error).__name__}: {error}"[:200]] += 1
            seconds.append(time.monotonic() - began)
            done[n] += 1
            if all(done[i] < len(shares[i]) for i in range(clients)):  # all are still asking
                most_apart = max(most_apart, max(done.values()) - min(done[i] for i in range(clients)))
            peaks.append(memory_mb(pid))

    began = time.monotonic()
    await asyncio.gather(*(client(n) for n in range(clients)))
    took = time.monotonic() - began
    quartiles = statistics.quantiles(seconds, n=20) if len(seconds) > 1 else seconds * 19
    print(
        f"{len(questions):,} questions of {clients} clients in {took:,.0f} s: {sum(failed.values())} failed, "
        f"{took / len(questions):.1f} s each; a client waited {statistics.median(seconds):.0f} s (median), "
        f"{quartiles[-1]:.0f} s (95 %)"
    )
    for what, times in failed.items():
        print(f"  {times} × {what}")
    print(f"fairness: while all were asking, no client was more than {most_apart} answers ahead of another")
    print(f"memory after each answer: {min(peaks):,.0f} to {max(peaks):,.0f} MB")


async def streamed(rag: openai.AsyncOpenAI, question: str, *, user: str) -> Any:
    """Return the stream of an answer."""
    messages: Any = [{"role": "user", "content": question}]
    return await rag.chat.completions.create(model="rag", messages=messages, user=user, stream=True)


async def ask(rag: openai.AsyncOpenAI, question: str, *, user: str) -> None:
    """Read a whole streamed answer; raises where it does not end well."""
    finish = None
    async for chunk in await streamed(rag, question, user=user):
        if chunk.choices:
            finish = chunk.choices[0].finish_reason or finish
    assert finish == "stop", "an answer did not end"


async def hang_up(rag: openai.AsyncOpenAI, http: httpx.AsyncClient, question: str) -> float:
    """Close a stream once its search is done; return the seconds until nothing runs."""
    stream = await streamed(rag, question, user="hasty")
    async for chunk in stream:
        if (chunk.model_extra or {}).get("rag_event", {}).get("type") == "found":
            break
    await asyncio.sleep(0.3)  # the prompt is being read
    assert await running(http) == 1, "the generation ended too soon to be stopped; ask something longer"
    began = time.monotonic()
    await stream.close()
    while await running(http):
        await asyncio.sleep(_LOOK_S)
    return time.monotonic() - began


async def running(http: httpx.AsyncClient) -> int:
    """Return how many generations run."""
    lines = (await http.get("/metrics")).text.splitlines()
    return int(float(next(line.split()[1] for line in lines if line.startswith("rag_generations_running "))))


async def looking(http: httpx.AsyncClient) -> float:
    """Return the seconds it takes at most to learn what runs, on a server that has nothing else to do."""
    took = []
    for _ in range(_STOPS):
        began = time.monotonic()
        await running(http)
        took.append(time.monotonic() - began)
    return max(took)


async def crowd(rag: openai.AsyncOpenAI, http: httpx.AsyncClient, questions: list[str]) -> None:
    """Ask more than the queue holds at once; print what each was told, then let all go."""
    told: Counter[str] = Counter()
    waits: list[int] = []
    slowest = 0.0
    streams = []

    async def one(n: int) -> None:
        nonlocal slowest
        began = time.monotonic()
        try:
            streams.append(await streamed(rag, questions[n % len(questions)], user=f"c{n}"))
            told["taken"] += 1
        except openai.APIStatusError as error:
            told[f"status {error.status_code}"] += 1
            waits.append(int(error.response.headers["Retry-After"]))
            slowest = max(slowest, time.monotonic() - began)

    await asyncio.gather(*(one(n) for n in range(_CROWD)))
    print(
        f"{_CROWD} at once, {_QUEUE} may wait: {dict(told)}; turned away within {slowest:.1f} s, "
        f"told to come again in {min(waits, default=0)} to {max(waits, default=0)} s"
    )
    began = time.monotonic()
    await asyncio.gather(*(stream.close() for stream in streams))
    while await running(http):
        await asyncio.sleep(_LOOK_S)
    print(f"all hung up: the queue was empty after {time.monotonic() - began:.2f} s")


def memory_mb(pid: int) -> float:
    """Return the memory a process holds (Linux)."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) / 1000


if __name__ == "__main__":
    main()
