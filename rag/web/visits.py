"""Who is asking, and what runs for whom.

A visitor is the name of a login, else a secret cookie of the browser: hashed, so that nothing kept on disk gives it
away. Knows nothing about Gradio but what a request holds.
"""

import hashlib
import threading
from typing import Any

COOKIE = "rag-visitor"


def visitor(request: Any) -> str:
    """Return whose request this is; without login or cookie, that of the open page alone."""
    if name := getattr(request, "username", None):
        return f"login {name}"
    secret = request.cookies.get(COOKIE) or f"page {request.session_hash}"
    return hashlib.sha256(secret.encode()).hexdigest()


class Running:
    """The answer that is being made for each open page: at most one, and it ends when it is not wanted any more."""

    def __init__(self) -> None:
        self._events: dict[str, threading.Event] = {}
        self._left: set[str] = set()
        self._lock = threading.Lock()

    def start(self, page: str) -> threading.Event | None:
        """Return what to look at while answering a page; None where an answer for it is being made."""
        with self._lock:
            if page in self._events:
                return None
            event = self._events[page] = threading.Event()
            return event

    def busy(self, page: str) -> bool:
        """Tell whether an answer for a page is being made."""
        return page in self._events

    def stop(self, page: str) -> None:
        """End what runs for a page."""
        with self._lock:
            if event := self._events.get(page):
                event.set()

    def leave(self, page: str) -> None:
        """End what runs for a page that nobody looks at any more."""
        with self._lock:
            if event := self._events.get(page):
                self._left.add(page)
                event.set()

    def left(self, page: str) -> bool:
        """Tell whether nobody looks at a page any more."""
        return page in self._left

    def done(self, page: str) -> None:
        """Forget what ran for a page."""
        with self._lock:
            self._left.discard(page)
            if event := self._events.pop(page, None):
                event.set()
