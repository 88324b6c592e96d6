"""Who may ask, how much, and how often: what stands before every endpoint.

Knows nothing about what is asked. The page and the API stand behind the same token; sizes and rates are the API's.
"""

import base64
import binascii
import hmac
import time
from collections.abc import Callable
from math import ceil
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.server.problems import problem

_API = frozenset({"v1", "search", "articles", "metrics", "mcp", "openapi.json"})
_OPEN = "/health"
_MINUTE_S = 60
_MANY = 10_000


class Limiter:
    """So many requests a minute for each client: a bucket that fills evenly, and may be emptied at once."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = per_minute
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, client: str) -> int | None:
        """Take one; return None, or the seconds until the next where there is none left."""
        now = self._clock()
        left, then = self._buckets.get(client, (self._most, now))
        left = min(self._most, left + (now - then) * self._most / _MINUTE_S)
        if left < 1:
            return max(1, ceil((1 - left) * _MINUTE_S / self._most))
        self._buckets[client] = left - 1, now
        if len(self._buckets) > _MANY:  # whoever has been away for a minute has a full one again
            self._buckets = {c: b for c, b in self._buckets.items() if now - b[1] < _MINUTE_S}
        return None


class Guard:
    """Middleware that turns away strange origins, those without the token, and what is too much."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str | None,
        body_bytes: int,
        per_minute: int,
        origins: tuple[str, ...] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._token = token
        self._body_bytes = body_bytes
        self._limiter = Limiter(per_minute, clock=clock) if per_minute else None
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan" or scope["path"] == _OPEN:
            await self._app(scope, receive, send)
            return
        api = scope["path"].lstrip("/").split("/")[0] in _API
        refusal = self._refusal(scope, api=api)
        if refusal is None and api and scope["type"] == "http":
            body = await _read(receive, self._body_bytes)
            if body is None:
                refusal = self._too_large()
            else:
                receive = _replayed(body, receive)
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(scope, receive, send)

    def _refusal(self, scope: Scope, *, api: bool) -> Response | None:
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin and origin not in self._origins and _host(origin) != headers.get("host"):
            return problem(403, f"pages of {origin[:200]!r} may not ask here; allow them: RAG_SERVER_ORIGINS")
        if self._token and not _knows(headers.get("authorization", ""), self._token):
            answer = problem(401, "the token is missing or wrong; send the header Authorization: Bearer TOKEN")
            answer.headers["WWW-Authenticate"] = "Bearer" if api else 'Basic realm="rag: the token is the password"'
            return answer
        if not api:
            return None
        if self._limiter and (seconds := self._limiter.take(client_address(scope))):
            return problem(429, f"too many requests; ask again in {seconds} s", code="rate_limit", retry_after=seconds)
        length = headers.get("content-length", "0")
        return self._too_large() if length.isdecimal() and int(length) > self._body_bytes else None

    def _too_large(self) -> Response:
        return problem(413, f"the request is larger than {self._body_bytes:,} bytes; see RAG_SERVER_BODY_BYTES")


def client_address(scope: Scope) -> str:
    """Return where a request comes from."""
    return str((scope.get("client") or ("",))[0])


def client_of(request: Request, user: str | None) -> str:
    """Return whom a question counts for in the queue: an address, and whom it asks for in the field `user`."""
    return f"{client_address(request.scope)} {user or ''}"


def _host(origin: str) -> str:
    """Return the host and port of an origin; "" where it is none, which no request names as its own."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _knows(authorization: str, token: str) -> bool:
    """Tell whether a header holds the token, as OpenAI's clients send it, or as the password a browser asks for."""
    kind, _, shown = authorization.encode("latin-1").partition(b" ")  # the bytes that were sent
    if kind.lower() == b"basic":
        try:
            shown = base64.b64decode(shown, validate=True).partition(b":")[2]
        except binascii.Error:
            return False
    elif kind.lower() != b"bearer":
        return False
    return hmac.compare_digest(shown.strip(), token.encode())


async def _read(receive: Receive, most: int) -> bytes | None:
    """Return the body of a request; None where it is longer than `most` bytes."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > most:
            return None
    return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a channel that gives `body` once, and then what comes."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
