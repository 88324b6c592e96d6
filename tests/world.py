"""An assistant over fakes, for the tests of all that asks one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag import Answer, Assistant, Settings
from rag.index import Index, sync
from rag.prompts import Prompts
from rag.testing import ScriptedLLM, ToyEmbedder
from rag.types import Claim, Query

WORDS = ("goggles", "rifles", "flood", "engineers")
WAR = "The minister said the goggles were green. American soldiers left 40 rifles behind."
FLOOD = "The old bridge was damaged by the flood. Dutch engineers repaired it with steel beams."
GREEN = Claim("The goggles were green.", "supported", (1,))


class World:
    """An assistant over fakes, and the fakes."""

    def __init__(
        self,
        folder: Path,
        *answers: str,
        texts: Sequence[str] = (WAR, FLOOD),
        words: Sequence[str] = WORDS,
        **settings: Any,
    ) -> None:
        articles = folder / "articles"
        articles.mkdir(exist_ok=True)
        for i, text in enumerate(texts):
            (articles / f"{i}.txt").write_text(text)
        self.embedder = ToyEmbedder(*words)
        self.settings = Settings.load(index_dir=folder / "index", **settings)
        sync([articles], self.settings.index_dir, self.embedder, passage_tokens=32, max_file_bytes=10_000)
        self.embedder.embedded.clear()
        self.llm = ScriptedLLM(*answers)
        self.index = Index.open(self.settings.index_dir, self.embedder)
        self.prompts = Prompts.load()
        self.assistant = Assistant(
            self.settings, index=self.index, embedder=self.embedder, prompts=self.prompts, llm=self.llm
        )


def write(folder: Path, **texts: str) -> Path:
    """Write NAME.txt for each text."""
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text)
    return folder


def withdraw_all(folder: Path) -> None:
    """Remove all articles of a `World`'s index."""
    for path in (folder / "articles").iterdir():
        path.unlink()
    sync([], folder / "index", ToyEmbedder(*WORDS), passage_tokens=32, max_file_bytes=10_000, prune=True)


def earlier(question: str, *claims: Claim) -> Answer:
    """Return an answer that was given before."""
    return Answer(question=question, query=Query(question), hits=(), claims=claims)
