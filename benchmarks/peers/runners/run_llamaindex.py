"""LlamaIndex: the example on the page of its package llama-index-llms-llama-cpp, streamed and stored by its guides.

`VectorStoreIndex.from_documents` with `HuggingFaceEmbedding`, kept by `storage_context.persist` and opened by
`load_index_from_storage` (guide "Storing"); `index.as_query_engine(llm=LlamaCPP(…), streaming=True)`, whose
`response_gen` is read (guide "Streaming"). The example formats prompts by the chat template of the model's tokenizer
from the hub; here it is the same template out of the GGUF file. A document is an article's text, with its title as
metadata, which LlamaIndex embeds and shows to the model. By default it cuts texts at 1,024 tokens, reads the 2 best
nodes and has a window of 3,900 tokens (the example's 16,384 are for another model); the example's temperature of 0.1
and 256 tokens are the defaults too.
"""

import importlib
from typing import Any

from benchmarks.peers.runner import Answered, Heard, Job, articles, main


class LlamaIndex:
    """A vector store index on disk and its query engine."""

    packages = (
        "llama-index-core",
        "llama-index-embeddings-huggingface",
        "llama-index-llms-llama-cpp",
        "llama-cpp-python",
        "sentence-transformers",
        "torch",
    )

    def __init__(self, job: Job) -> None:
        self._job = job

    def load_embedder(self) -> None:
        """Load the embedder."""
        importlib.import_module("llama_index.core")  # as much as building needs
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        self._embed_model: Any = HuggingFaceEmbedding(model_name=self._job.embedder)
        self._embed_model.get_text_embedding("warm")

    def build(self) -> None:
        """Index documents, and store."""
        from llama_index.core import Document, VectorStoreIndex

        documents = [
            Document(id_=article.id, text=article.text, metadata={"title": article.title})
            for article in articles(self._job)
        ]
        index = VectorStoreIndex.from_documents(documents, embed_model=self._embed_model)
        index.storage_context.persist(persist_dir=self._job.index)

    def open(self) -> None:
        """Load the stored index."""
        from llama_index.core import StorageContext, load_index_from_storage

        self.load_embedder()
        storage = StorageContext.from_defaults(persist_dir=self._job.index)
        self._index: Any = load_index_from_storage(storage, embed_model=self._embed_model)
        self._retriever = self._index.as_retriever(similarity_top_k=self._job.k)

    def search(self, question: str) -> list[tuple[str, ...]]:
        """Search by vector."""
        return [(hit.node.ref_doc_id,) for hit in self._retriever.retrieve(question)]

    def open_to_answer(self) -> None:
        """Make the query engine."""
        from llama_index.core import set_global_tokenizer
        from llama_index.llms.llama_cpp import LlamaCPP

        self.open()
        llm: Any = LlamaCPP(model_path=self._job.llm, temperature=0.1, max_new_tokens=256, verbose=False)
        template = chat_template(llm._model)
        llm.completion_to_prompt = lambda text: template([{"role": "user", "content": text}])
        llm.messages_to_prompt = lambda messages: template(
            [{"role": message.role.value, "content": message.content} for message in messages]
        )
        set_global_tokenizer(lambda text: llm._model.tokenize(text.encode(), add_bos=False))
        self._engine = self._index.as_query_engine(llm=llm, streaming=True)

    def answer(self, question: str, heard: Heard) -> Answered:
        """Stream the answer."""
        pieces = []
        for piece in self._engine.query(question).response_gen:
            heard(piece)
            pieces.append(piece)
        return Answered("".join(pieces))


def chat_template(model: Any) -> Any:
    """Return what makes a prompt of messages by the template that a loaded GGUF file carries."""
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    formatter = Jinja2ChatFormatter(template=model.metadata["tokenizer.chat_template"], eos_token="", bos_token="")
    return lambda messages: formatter(messages=messages).prompt


if __name__ == "__main__":
    main(LlamaIndex)
