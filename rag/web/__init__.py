"""The page in the browser: Gradio over `rag.assistant`; knows nothing about how answers are made."""

from rag.web.page import build, mount, serve

__all__ = ["build", "mount", "serve"]
