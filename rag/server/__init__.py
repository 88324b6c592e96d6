"""The HTTP server: what OpenAI's clients speak, search, articles, and the page, over one assistant.

Knows nothing about how answers are made. Endpoints and fields: docs/api.md.
"""

from rag.server.app import build
from rag.server.serving import hosts_for, is_this_machine, listen, serve

__all__ = ["build", "hosts_for", "is_this_machine", "listen", "serve"]
