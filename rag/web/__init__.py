"""The page in the browser: Gradio over `rag.assistant`; knows nothing about how answers are made."""

import os

os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")

from rag.web.login import Logins
from rag.web.page import build, mount, serve

__all__ = ["Logins", "build", "mount", "serve"]
