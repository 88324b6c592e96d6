"""A runner whose system finds what shares words with the question; `BREAKS` in the corpus makes it fail.

Called as the real ones are: `python -m tests.benchmarks.fake_runner JOB RESULT`.
"""

import sys
import types
from collections.abc import Iterator
from pathlib import Path

from benchmarks.peers.runner import Answered, Heard, Job, articles, main


class Llama:
    """Generates one token for each of the prompt."""

    def generate(self, tokens: list[int], temp: float = 0.0) -> Iterator[int]:
        yield from tokens


class Fake:
    packages = ("pytest",)

    def __init__(self, job: Job) -> None:
        self._job = job

    def load_embedder(self) -> None:
        pass

    def build(self) -> None:
        Path(self._job.index).mkdir()
        for n, article in enumerate(articles(self._job)):
            assert "BREAKS" not in article.text, "it | broke"
            (Path(self._job.index) / str(n)).write_text(f"{article.id}\n{article.text}", "utf-8")

    def open(self) -> None:
        texts = [path.read_text("utf-8").split("\n", 1) for path in sorted(Path(self._job.index).iterdir())]
        self._texts = {article_id: {*text.split()} for article_id, text in texts}

    def search(self, question: str) -> list[tuple[str, ...]]:
        words = {*question.split()}
        ranked = sorted(self._texts, key=lambda article_id: -len(words & self._texts[article_id]))
        return [(article_id, f"also {article_id}") for article_id in ranked[: self._job.k]]

    def open_to_answer(self) -> None:
        self.open()

    def answer(self, question: str, heard: Heard) -> Answered:
        heard(" ")
        prompt = list(range(len(question.split())))
        for _ in range(2):  # the second reading of the same prompt is spared
            written = list(Llama().generate(prompt, temp=0.5))
        text = f"The answer is {written[-1]}."
        heard(text)
        return Answered(text, refused=question.startswith("Who"))


if __name__ == "__main__":
    sys.modules["llama_cpp"] = types.SimpleNamespace(Llama=Llama)  # type: ignore[assignment]
    main(Fake)
