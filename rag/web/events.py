"""How the page's events reach the server: at once, or through Gradio's queue where something is said in answer.

Knows nothing about what they do.
"""

from typing import Any

QUIET: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
"""Past the queue, which is quicker; there `gr.Info` and `gr.Warning` reach nobody, as Gradio has nobody to tell."""
TELLING: dict[str, Any] = {"concurrency_limit": None, "show_progress": "hidden", "api_visibility": "private"}
"""Through the queue, however many there are at once, so that what it says in passing is shown."""
