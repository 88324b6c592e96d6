"""The language model on this machine: llama-cpp-python behind the `LLM` protocol.

`llama` reads prompts and writes; `beginnings` keeps what was read of the part that prompts share; `deferred` opens a
model when it is first asked; `probe` reads what its inside says of a question. Nothing else imports llama_cpp.
"""

from rag.llm.deferred import Deferred
from rag.llm.llama import LlamaCpp
from rag.llm.probe import Probe

__all__ = ["Deferred", "LlamaCpp", "Probe"]
