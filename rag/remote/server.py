"""One model server: requests with time-outs, tried again where that may help, dropped once nobody waits.

The requests run in an event loop in a thread of its own, because only there one that waits can be dropped at once.
"""

import asyncio
import json
import queue
import re
import threading
from collections.abc import AsyncIterator, Generator, Mapping
from contextlib import asynccontextmanager, closing
from typing import Any
from urllib.parse import urlsplit

import httpx

from rag.errors import ModelError
from rag.types import Cancelled

_CONNECT_S = 5.0
_LOOK_S = 0.1
PAUSES_S = (0.5, 1.0, 2.0)
"""Before the second try and those after it."""
_LONGEST_PAUSE_S = 10.0
_TRY_AGAIN = frozenset({429, 502, 503, 504})
_SHOWN = 300
_SECRET = re.compile(r"(?<=//).*@|[?#;].*", re.DOTALL)
"""What of an address may hold a key."""
_END = object()


class Refused(ModelError):  # noqa: N818 - reads as what happened
    """The server answered, and said no; trying again does not help."""


def is_address(name: str) -> bool:
    """Tell whether a model is named by the address of a server."""
    return name.startswith(("http://", "https://"))


class ModelServer:
    """A server and the model asked for there."""

    def __init__(
        self,
        address: str,
        *,
        key: str | None,
        option: str,
        timeout_s: float,
        pauses_s: tuple[float, ...] = PAUSES_S,
    ) -> None:
        """`option` names the address in messages: `--llm`. Raises `ModelError` for an address that is none."""
        try:
            parts, _ = urlsplit(address), httpx.URL(address)
        except (ValueError, httpx.InvalidURL):
            parts = None
        if not parts or not parts.hostname or parts.username or parts.password or parts.query:
            raise ModelError(
                f"{_SECRET.sub('', address)} is no address of a model server; write {option} "
                "http://127.0.0.1:8000/v1#model, and a key where one is needed in the environment"
            )
        self.base = parts._replace(fragment="").geturl().rstrip("/")
        self.model = parts.fragment
        self._option = option
        self._key = key
        self._timeout = httpx.Timeout(timeout_s, connect=_CONNECT_S)
        self._pauses_s = pauses_s
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: httpx.AsyncClient | None = None
        if not self.model:
            self.model = self._only_model()

    @property
    def name(self) -> str:
        """The address with the model."""
        return f"{self.base}#{self.model}"

    def models(self) -> list[str]:
        """Return the names of the models there; raises `ModelError` where the server does not say."""
        try:
            return [str(entry["id"]) for entry in self.fetch("GET", "/models")["data"]]
        except (KeyError, TypeError) as error:
            raise ModelError(f"{self.base}/models lists no models; is it a server of OpenAI's API?") from error

    def fetch(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, cancelled: Cancelled | None = None
    ) -> Any:
        """Return the JSON that a path answers, None once `cancelled` is set; raises `ModelError`."""
        with closing(self._run(self._whole(method, path, body), cancelled)) as answers:
            return next(answers, None)

    def stream(self, path: str, body: Mapping[str, Any], *, cancelled: Cancelled | None = None) -> Generator[Any]:
        """Yield the JSON of each server-sent event until the last, or `cancelled` is set; raises `ModelError`."""
        return self._run(self._events(path, body), cancelled)

    def close(self) -> None:
        """Close the connections and end the thread."""
        if self._loop and self._client:
            asyncio.run_coroutine_threadsafe(self._client.aclose(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._loop = None

    def _only_model(self) -> str:
        found = self.models()
        if len(found) != 1:
            raise ModelError(
                f"{self.base} has {len(found)} models: {', '.join(found[:10])}; "
                f"name one: {self._option} {self.base}#MODEL"
            )
        return found[0]

    def _run(self, items: AsyncIterator[Any], cancelled: Cancelled | None) -> Generator[Any]:
        """Yield what comes in the other thread."""
        got: queue.SimpleQueue[Any] = queue.SimpleQueue()

        async def read() -> None:
            try:
                async for item in items:
                    got.put(item)
                got.put(_END)
            except Exception as error:  # raised again where it is waited for
                got.put(error)

        future = asyncio.run_coroutine_threadsafe(read(), self._started())
        try:
            while not (cancelled and cancelled.is_set()):
                try:
                    item = got.get(timeout=_LOOK_S)
                except queue.Empty:
                    continue
                if item is _END:
                    return
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            future.cancel()

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="model server", daemon=True)
                self._thread.start()
                headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
                # no proxy of the environment, no redirection: key and prompt go to this address alone
                self._client = httpx.AsyncClient(headers=headers, timeout=self._timeout, trust_env=False)
            return self._loop

    async def _whole(self, method: str, path: str, body: Mapping[str, Any] | None) -> AsyncIterator[Any]:
        async with self._accepted(method, path, body) as response:
            data = await response.aread()
            try:
                yield json.loads(data)
            except ValueError as error:
                raise ModelError(f"{self.base}{path} answers no JSON; is it a server of OpenAI's API?") from error

    async def _events(self, path: str, body: Mapping[str, Any]) -> AsyncIterator[Any]:
        async with self._accepted("POST", path, {**body, "stream": True}) as response:
            async for line in response.aiter_lines():
                data = line.removeprefix("data:").strip()
                if data == "[DONE]":
                    return
                if line.startswith("data:"):
                    try:
                        event = json.loads(data)
                    except ValueError as error:
                        raise ModelError(f"{self.base}{path} answers no JSON: {data[:_SHOWN]!r}") from error
                    if isinstance(event, dict) and event.get("error"):
                        raise Refused(f"{self.base} failed: {str(event['error'])[:_SHOWN]}")
                    yield event

    @asynccontextmanager
    async def _accepted(self, method: str, path: str, body: Mapping[str, Any] | None) -> AsyncIterator[httpx.Response]:
        """Yield the one response that says yes, open; raises `ModelError` where there is none after all tries."""
        assert self._client  # noqa: S101 - made before anything runs
        for pause_s in (*self._pauses_s, None):
            try:
                async with self._client.stream(method, f"{self.base}{path}", json=body) as response:
                    if response.is_success:
                        yield response
                        return
                    said = (await response.aread()).decode("utf-8", "replace")
            except httpx.TimeoutException as error:
                if pause_s is None or not isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
                    raise self._silent(f"nothing came for {self._timeout.read:g} s") from error
            except httpx.ConnectError as error:
                if pause_s is None:
                    raise self._silent(str(error) or "no connection") from error
            except httpx.HTTPError as error:
                raise self._silent(str(error) or type(error).__name__) from error
            else:
                if pause_s is None or response.status_code not in _TRY_AGAIN:
                    raise self._refused(path, response.status_code, said)
                wanted = response.headers.get("Retry-After", "")
                pause_s = max(pause_s, min(float(wanted), _LONGEST_PAUSE_S)) if wanted.isdecimal() else pause_s
            await asyncio.sleep(pause_s)

    def _silent(self, why: str) -> ModelError:
        return ModelError(
            f"the model server {self.base} does not answer ({why}); "
            f"start it, or name another model: {self._option} NAME"
        )

    def _refused(self, path: str, status: int, said: str) -> ModelError:
        if status in (401, 403):
            key = "RAG_LLM_API_KEY" if self._option == "--llm" else "RAG_EMBEDDER_API_KEY"
            return Refused(f"the model server {self.base} wants a key, or another one ({status}); set {key}")
        if status == 404:
            return Refused(
                f"the model server {self.base} has no {path} or no model {self.model!r} (404); "
                f"see its /models, and write {self._option} http://host:port/v1#model"
            )
        shown = " ".join(said.split())[:_SHOWN]
        return Refused(f"the model server {self.base} refused ({status}): {shown}; see its log")
