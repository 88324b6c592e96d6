"""txtai: the pipeline on its documentation's page "RAG" and in its examples/rag_quickstart.py, with llama.cpp.

`Embeddings(content=True, path=…)` indexes one text an article, as that page's example does; `save` and `load` keep it.
`RAG` has the quickstart's system prompt and template, a GGUF file by its path (page "LLM"), and is called with
`stream=True`. By default it reads the 3 best texts, has the model's whole window (32,768 tokens here) and writes up to
512 tokens, at llama-cpp-python's own temperature of 0.2.
"""

from typing import Any

from benchmarks.peers.runner import Answered, Heard, Job, articles, main

SYSTEM = "You are a friendly assistant"
TEMPLATE = """
  Answer the following question using the provided context.

  Question:
  {question}

  Context:
  {context}
"""


class Txtai:
    """An embeddings database with content, and the RAG pipeline over it."""

    packages = ("txtai", "faiss-cpu", "llama-cpp-python", "torch", "transformers")

    def __init__(self, job: Job) -> None:
        self._job = job

    def load_embedder(self) -> None:
        """Make an empty database, which loads the embedder."""
        from txtai import Embeddings

        self._embeddings: Any = Embeddings(content=True, path=self._job.embedder)
        self._embeddings.transform("warm")

    def build(self) -> None:
        """Index texts by their ids, and save."""
        self._embeddings.index((article.id, article.text, None) for article in articles(self._job))
        self._embeddings.save(self._job.index)

    def open(self) -> None:
        """Load the database."""
        from txtai import Embeddings

        self._embeddings = Embeddings()
        self._embeddings.load(self._job.index)

    def search(self, question: str) -> list[tuple[str, ...]]:
        """Search by vector."""
        return [(hit["id"],) for hit in self._embeddings.search(question, self._job.k)]

    def open_to_answer(self) -> None:
        """Make the pipeline."""
        from txtai import RAG

        self.open()
        self._rag: Any = RAG(self._embeddings, self._job.llm, system=SYSTEM, template=TEMPLATE, output="flatten")

    def answer(self, question: str, heard: Heard) -> Answered:
        """Stream the answer."""
        pieces = []
        for piece in self._rag(question, stream=True):
            heard(piece)
            pieces.append(piece)
        return Answered("".join(pieces))


if __name__ == "__main__":
    main(Txtai)
