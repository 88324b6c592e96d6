"""Haystack: the pipeline of its documentation's page "LlamaCppChatGenerator", section "In a pipeline".

`SentenceTransformersDocumentEmbedder` and `DocumentWriter` fill an `InMemoryDocumentStore` (cosine), one document an
article, its title in `meta`. Embedder of the question, `InMemoryEmbeddingRetriever` (the 3 best), `ChatPromptBuilder`
and `LlamaCppChatGenerator` answer: template, `n_ctx=4096`, `n_batch=128`, 128 tokens and a temperature of 0.1 are that
section's. The store is kept by its own `save_to_disk` and `load_from_disk`; answers are streamed by the generator's
`streaming_callback`. The answer builder, which only wraps the text, is left out, and progress bars are off.
"""

from pathlib import Path
from typing import Any

from benchmarks.peers.runner import Answered, Heard, Job, articles, main

INSTRUCTIONS = """
    Answer the question using the provided context.
    Context:
    {% for doc in documents %}
        {{ doc.content }}
    {% endfor %}
    """
GENERATION = {"max_tokens": 128, "temperature": 0.1}
READ = 3


class Haystack:
    """An in-memory store that is kept as a file, and two pipelines over it."""

    packages = ("haystack-ai", "llama-cpp-haystack", "llama-cpp-python", "sentence-transformers-haystack", "torch")

    def __init__(self, job: Job) -> None:
        self._job = job
        self._file = Path(job.index) / "documents.json"

    def load_embedder(self) -> None:
        """Load the embedder."""
        from haystack import Document
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
        )

        self._embedder: Any = SentenceTransformersDocumentEmbedder(model=self._job.embedder, progress_bar=False)
        self._embedder.warm_up()
        self._embedder.run([Document(content="warm")])

    def build(self) -> None:
        """Run the indexing pipeline, and save."""
        from haystack import Document, Pipeline
        from haystack.components.writers import DocumentWriter
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        indexing = Pipeline()
        indexing.add_component("embedder", self._embedder)
        indexing.add_component("writer", DocumentWriter(document_store=store))
        indexing.connect("embedder", "writer")
        documents = [
            Document(id=article.id, content=article.text, meta={"title": article.title})
            for article in articles(self._job)
        ]
        indexing.run({"embedder": {"documents": documents}})
        self._file.parent.mkdir(parents=True, exist_ok=True)
        store.save_to_disk(str(self._file))

    def open(self) -> None:
        """Load the store and make the pipeline of embedder and retriever."""
        self._searching = self._pipeline(self._job.k)

    def _pipeline(self, best: int) -> Any:
        from haystack import Pipeline
        from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
        from haystack.document_stores.in_memory import InMemoryDocumentStore
        from haystack_integrations.components.embedders.sentence_transformers import SentenceTransformersTextEmbedder

        store = InMemoryDocumentStore.load_from_disk(str(self._file))
        pipeline = Pipeline()
        embedder = SentenceTransformersTextEmbedder(model=self._job.embedder, progress_bar=False)
        pipeline.add_component("embedder", embedder)
        pipeline.add_component("retriever", InMemoryEmbeddingRetriever(document_store=store, top_k=best))
        pipeline.connect("embedder.embedding", "retriever.query_embedding")
        return pipeline

    def search(self, question: str) -> list[tuple[str, ...]]:
        """Search by vector."""
        found = self._searching.run({"embedder": {"text": question}})
        return [(document.id,) for document in found["retriever"]["documents"]]

    def open_to_answer(self) -> None:
        """Load the store and make the whole pipeline."""
        from haystack.components.builders import ChatPromptBuilder
        from haystack.dataclasses import ChatMessage
        from haystack_integrations.components.generators.llama_cpp import LlamaCppChatGenerator

        template = [
            ChatMessage.from_system(INSTRUCTIONS),
            ChatMessage.from_user("Question: {{question}}"),
            ChatMessage.from_assistant("Answer: "),
        ]
        self._answering = self._pipeline(READ)
        self._answering.add_component("builder", ChatPromptBuilder(template=template, required_variables="*"))
        self._answering.add_component("llm", LlamaCppChatGenerator(model=self._job.llm, n_ctx=4096, n_batch=128))
        self._answering.connect("retriever", "builder.documents")
        self._answering.connect("builder.prompt", "llm.messages")

    def answer(self, question: str, heard: Heard) -> Answered:
        """Run the pipeline, hearing its chunks."""
        told = {
            "embedder": {"text": question},
            "builder": {"question": question},
            "llm": {"generation_kwargs": GENERATION, "streaming_callback": lambda chunk: heard(chunk.content)},
        }
        return Answered(self._answering.run(told)["llm"]["replies"][0].text or "")


if __name__ == "__main__":
    main(Haystack)
