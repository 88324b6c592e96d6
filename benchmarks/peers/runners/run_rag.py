"""rag, as docs/library.md shows it, with the settings it has by default.

`sync` builds, `Assistant.search` searches (by meaning and words), `Assistant.stream` answers. Its first word is that of
the running draft, as the page shows it, since that is what the others stream; the first checked sentence, which is what
terminal and API release first, is told besides.
"""

from pathlib import Path

from benchmarks.peers.runner import Answered, Heard, Job, main


class Rag:
    """One index folder, one assistant."""

    packages = (
        "rag",
        "faiss-cpu",
        "llama-cpp-python",
        "openvino",
        "sentence-transformers",
        "tantivy",
        "torch",
    )

    def __init__(self, job: Job) -> None:
        self._job = job

    def load_embedder(self) -> None:
        """Open the embedder."""
        from rag import Settings, index, opening

        self._settings = Settings(index_dir=Path(self._job.index), models_dir=Path(self._job.models))
        self._sync = index.sync
        self._embedder = opening.embedder(self._settings)
        self._embedder.embed(["warm"])

    def build(self) -> None:
        """Read the file and index it."""
        settings = self._settings
        self._sync(
            [Path(self._job.corpus)],
            settings.index_dir,
            self._embedder,
            passage_tokens=settings.passage_tokens,
            max_file_bytes=settings.file_bytes,
        )

    def open(self) -> None:
        """Open index and embedder."""
        self._load(with_llm=False)

    def open_to_answer(self) -> None:
        """Open the language model too."""
        self._load(with_llm=True)

    def _load(self, *, with_llm: bool) -> None:
        from rag import Assistant, Settings

        settings = Settings(index_dir=Path(self._job.index), models_dir=Path(self._job.models))
        self._assistant = Assistant.load(settings, with_llm=with_llm)

    def search(self, question: str) -> list[tuple[str, ...]]:
        """Return the ids of every origin of each hit's article."""
        hits = self._assistant.search(question, k=self._job.k)
        return [tuple(origin.source_id or "" for origin in hit.article.origins) for hit in hits]

    def answer(self, question: str, heard: Heard) -> Answered:
        """Stream the draft; the answer is of the sentences that were not withheld."""
        from rag.types import Draft, Finished

        for event in self._assistant.stream(question):
            if isinstance(event, Draft):
                heard(event.text)
            elif isinstance(event, Finished):
                answer = event.answer
        return Answered(
            " ".join(claim.text for claim in answer.claims if not claim.withheld) or answer.text,
            answer.refused,
            answer.timings.first_checked_s,
        )


if __name__ == "__main__":
    main(Rag)
