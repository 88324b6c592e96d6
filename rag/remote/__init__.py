"""Models behind another server, of any kind that speaks OpenAI's API: vLLM, llama-server, a cluster.

Knows nothing about articles. Named `http://host:port/v1#model`; keys come from the settings and are never shown.
"""

from rag.remote.embedder import RemoteEmbedder
from rag.remote.llm import RemoteLLM
from rag.remote.server import ModelServer, is_address

__all__ = ["ModelServer", "RemoteEmbedder", "RemoteLLM", "is_address"]
