"""What the server lets in and sends along: only what the page needs, with headers that keep others out.

An ASGI middleware around Gradio's app, served by itself or mounted. It answers only to its own host names, closes
Gradio's programming interface and its fetching of other addresses, gives each browser a secret cookie, and allows only
the scripts that the page was sent with. Knows nothing about what the page shows.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, TypeAlias

from rag.web.visits import COOKIE

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_OPEN = re.compile(
    r"/(?:$|theme\.css|robots\.txt|favicon\.ico|manifest\.json|config/?|login/?|logout/?|(?:assets|static|svelte)/|"
    r"gradio_api/(?:queue/(?:join|data)|run/predict/?$|cancel|reset/?|heartbeat/|upload(?:_progress)?$|file=/|startup-events|"
    r"theme\.css|app_id|login_check|user|token|component_server))"
)
"""What the page itself asks for. `file=` is open for files of this machine alone, which Gradio checks: it would fetch
other addresses too. `info`, `call`, `run`, `api`, `proxy=` and what else Gradio has are closed."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not bound to
_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'{scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""'unsafe-eval' since Gradio compiles what its components are told to do; inline script runs only by its hash."""
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
]
_YEAR_S = 365 * 24 * 3600


class Shield:
    """The middleware; `host` is the address listened on, "" where whoever it is mounted in looks after names."""

    def __init__(self, app: Any, *, host: str = "127.0.0.1") -> None:
        self._app, host = app, host.lower()
        self._names = None if host in _EVERYWHERE else {host, *(_LOOPBACK if host in _LOOPBACK else ())}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through with headers, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        path = scope["path"].removeprefix(scope.get("root_path", "")) or "/"
        if self._names is not None and _host(headers) not in self._names:
            await _refuse(send, 421, "this page is served under another name")
        elif not _OPEN.match(path):
            await _refuse(send, 404, "there is nothing here")
        else:
            await self._app(scope, receive, _Guarded(send, cookie=_cookie(headers), path=path))


class _Guarded:
    """Sends what the app sends, with headers; a page of HTML is held until its scripts are known."""

    def __init__(self, send: Send, *, cookie: bytes | None, path: str) -> None:
        self._send, self._cookie, self._file = send, cookie, "file=" in path
        self._held: MutableMapping[str, Any] | None = None
        self._body = b""

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            kind = dict(message["headers"]).get(b"content-type", b"")
            if kind.startswith(b"text/html"):
                self._held = message
                return
            message = self._with(message, b"default-src 'none'; sandbox; frame-ancestors 'none'")
        elif self._held:
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            await self._send(self._with(self._held, _policy(self._body)))
            message = {"type": "http.response.body", "body": self._body}
        await self._send(message)

    def _with(self, message: MutableMapping[str, Any], policy: bytes) -> MutableMapping[str, Any]:
        headers = [*message["headers"], *_HEADERS, (b"content-security-policy", policy)]
        if self._file:
            headers = [h for h in headers if h[0] != b"content-disposition"] + [(b"content-disposition", b"attachment")]
        if self._cookie and self._held:
            headers.append((b"set-cookie", self._cookie))
        return {**message, "headers": headers}


def _policy(page: bytes) -> bytes:
    hashes = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in _INLINE_SCRIPT.findall(page))
    return _POLICY.format(scripts="".join(f" 'sha256-{one}'" for one in hashes)).encode()


def _host(headers: dict[bytes, bytes]) -> str:
    """Return the name that was asked for, without its port."""
    return re.sub(r":\d+$", "", headers.get(b"host", b"").decode("latin-1")).strip("[]").lower()


def _cookie(headers: dict[bytes, bytes]) -> bytes | None:
    """Return the cookie to set where the browser has none."""
    try:
        if COOKIE in SimpleCookie(headers.get(b"cookie", b"").decode("latin-1")):
            return None
    except CookieError:
        pass
    secret = secrets.token_urlsafe(24)
    # Lax: with Strict it would not come along from a link elsewhere, and be replaced
    return f"{COOKIE}={secret}; Path=/; Max-Age={_YEAR_S}; HttpOnly; SameSite=Lax".encode()


async def _refuse(send: Send, status: int, why: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *_HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": why.encode()})
