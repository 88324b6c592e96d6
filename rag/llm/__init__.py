"""The language model on this machine: llama-cpp-python behind the `LLM` protocol.

`llama` reads prompts and writes; `beginnings` keeps what was read of the part that prompts share; `loading` opens a
model in the background. Nothing else imports llama_cpp.
"""

from rag.llm.llama import LlamaCpp
from rag.llm.loading import Loading

__all__ = ["LlamaCpp", "Loading"]
