"""Listening: one process, one address, until it is told to stop."""

import ipaddress
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from rag.errors import UsageError

_PATIENCE_S = 5
"""So long are answers waited for that run when it is told to stop."""


THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")
"""The names by which a server is called that listens on this machine alone; another is a page's that was rebound."""


def hosts_for(host: str, named: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names that a server on `host` answers to; any, where it has other callers and none is named."""
    return (*THIS_MACHINE, host, *named) if named or is_this_machine(host) else ("*",)


def is_this_machine(host: str) -> bool:
    """Tell whether an address is reached from this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; raises `UsageError` where the address cannot be had."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host!r}, port {port} ({error.strerror}); choose another: --port {port + 1}"
        ) from error


def serve(app: FastAPI, listening: socket.socket, *, ready: Callable[[], None]) -> None:
    """Serve until interrupted; `ready` is called once requests are answered."""
    Server(app, ready=ready).run(sockets=[listening])


class Server(uvicorn.Server):
    """uvicorn, which says when it is ready."""

    def __init__(self, app: FastAPI, *, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,  # whoever is on this machine could claim any address
                timeout_graceful_shutdown=_PATIENCE_S,
            )
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()
