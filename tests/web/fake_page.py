"""The real page over fakes, in a process of its own: `python -m tests.web.fake_page FOLDER PORT [FLAG]...`.

Starts in seconds. Its language model repeats the best sentence of the evidence; asked to go on "endlessly" it does,
until it is stopped; `FOLDER/writing` is there while it writes.
"""

import re
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from rag import Assistant, Settings, web
from rag.index import Catalogue, Index, sync
from rag.index.settle import manifest_of
from rag.prompts import Prompts
from rag.testing import ToyEmbedder
from rag.types import Cancelled, Inside, Message, Span

WORDS = ("goggles", "rifles", "flood", "engineers", "steel", "market", "delft", "جسر")
ARTICLES = {
    "war.txt": "date 2023-04-11 The minister said the goggles were green. American soldiers left 40 rifles behind.",
    "flood.txt": "date 2023-05-02 The old bridge 🌉 stood long.\n\nIt was damaged by the “great” 🌊 flood & rain. "
    "Dutch engineers repaired it with steel beams.\n\nTraffic returned.",
    "evil.txt": "date 2023-05-09 <img src=x onerror=\"document.title='hit'\"> The market & <script>document.title='hit'"
    "</script> opened in *June*.",
    "arabic.txt": "date 2023-07-01 تم بناء جسر جديد فوق النهر. عاد التجار.",
}


class Repeats:
    """A language model that says the best sentence of what it was given."""

    name = "repeats"
    context_tokens = 4096

    def __init__(self, writing: Path) -> None:
        self._writing = writing

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        never: str | None = None,
        cancelled: Cancelled | None = None,
    ) -> Iterator[str]:
        """Yield words until all are said or nobody waits."""
        asked = messages[-1].content
        best = [line[2:] for line in asked.splitlines() if line.startswith("- ")][-1:] or [asked.splitlines()[-1]]
        self._writing.touch()
        try:
            for piece in re.findall(r"\s*\S+", best[0]):
                if cancelled and cancelled.is_set():
                    return
                yield piece
            while "endlessly" in asked and not (cancelled and cancelled.is_set()):
                time.sleep(0.05)
                yield " and so on"
        finally:
            self._writing.unlink(missing_ok=True)

    def begins(self, messages: Sequence[Message], text: str, *, cancelled: Cancelled | None = None) -> float:
        """Return 0: it never declines."""
        return 0.0

    def inside(
        self, messages: Sequence[Message], spans: Sequence[Span] = (), *, cancelled: Cancelled | None = None
    ) -> Inside | None:
        """Return None: it has no inside."""

    def count(self, messages: Sequence[Message]) -> int:
        """Return the number of words."""
        return sum(len(message.content.split()) for message in messages)


def main(folder: Path, port: int, *flags: str) -> None:
    """Index, serve, wait."""
    embedder = ToyEmbedder(*WORDS)
    settings = Settings.load(index_dir=folder / "index", models_dir=folder / "models", answer_tokens=4000)
    if "--empty" in flags:
        Catalogue.create(settings.index_dir, manifest_of(embedder, 32)).close()
    else:
        articles = folder / "articles"
        articles.mkdir(exist_ok=True)
        for name, text in ARTICLES.items():
            (articles / name).write_text(text, encoding="utf-8")
        sync([articles], settings.index_dir, embedder, passage_tokens=32, max_file_bytes=100_000)
    llm = None if "--no-model" in flags else Repeats(folder / "writing")
    index = Index.open(settings.index_dir, embedder)
    assistant = Assistant(settings, index=index, embedder=embedder, prompts=Prompts.load(), llm=llm)
    logins = web.Logins.read(folder / "logins") if "--login" in flags else None
    page = web.build(assistant, data_dir=folder / "data")
    if "--mounted" in flags:
        app = FastAPI()
        app.add_api_route("/v1/models", lambda: ["repeats"])
        web.mount(page, app)
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
        return
    web.serve(page, host="127.0.0.1", port=port, logins=logins)
    threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
