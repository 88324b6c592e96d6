"""The process that reads what foreign parsers read: `python -m rag.corpus.worker`.

It is given a file's bytes and answers with lines of JSON; it opens no file, can write none, and may take so much memory
and no more. Whoever started it ends it when it takes too long (`rag.corpus.isolated`).
"""

import json
import math
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import IO, Any

from rag.corpus.isolated import LENGTHS
from rag.corpus.limits import Limits
from rag.corpus.reading import read
from rag.corpus.source import Job, Skipped, Source


def main() -> None:
    """Answer requests until there are none."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)  # nothing that a parser prints is taken for an answer
    _say(answers, {"ready": True})
    confined = False
    while len(lengths := requests.read(LENGTHS.size)) == LENGTHS.size:
        head_length, data_length = LENGTHS.unpack(lengths)
        head = json.loads(requests.read(head_length))
        limits = Limits(**head["limits"])
        if not confined:
            _confine(limits.reader_bytes)
            confined = True
        data = requests.read(data_length)
        _allow(limits.reader_seconds)
        for answer in _answers(head, data, limits, answers):
            _say(answers, answer)
            _allow(limits.reader_seconds)
        _say(answers, {"done": True})


def _answers(head: dict[str, Any], data: bytes, limits: Limits, answers: IO[bytes]) -> Iterator[dict[str, Any]]:
    job = Job(head["file"], limits, head["columns"])
    begun = 0

    def begin(path: str) -> bool:
        nonlocal begun
        begun += 1
        if begun > head["after"]:
            _say(answers, {"begun": begun, "path": path})
            _allow(limits.reader_seconds)
        return bool(begun > head["after"])

    for result in read(Source(head["file"], data, job), begin=begin):
        if isinstance(result, Skipped):
            yield {"skipped": asdict(result)}
        else:
            yield {"text": result.text, "origin": asdict(result.origin)}


def _say(answers: IO[bytes], answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()


def _allow(seconds: float) -> None:
    """Let this process work for so long from now on: whoever started it may have been killed, and ends it no more."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    until = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (until if hard == resource.RLIM_INFINITY else min(until, hard), hard))


def _confine(memory: int) -> None:
    """Let this process write no file, leave no image of its memory behind, and take at most `memory` bytes."""
    if sys.platform == "win32":
        return
    import resource

    for what, most in ((resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, memory)):
        _, hard = resource.getrlimit(what)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(what, (limit, limit))
        except (ValueError, OSError):  # some systems know a limit and do not let it be set
            continue


if __name__ == "__main__":
    main()
