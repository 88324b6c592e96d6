"""Makes every connection to another machine fail, in this process and, on PYTHONPATH, in those it starts."""

import socket
from typing import Any

_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_getaddrinfo = socket.getaddrinfo


def is_here(host: object) -> bool:
    """Tell whether `host` names this machine."""
    return str(host) in {"127.0.0.1", "::1", "localhost", "0.0.0.0", "None", ""}


def _refuse(address: object) -> None:
    host = address[0] if isinstance(address, tuple) else ""
    if not is_here(host):
        raise OSError(f"network use: {address!r}")


def block() -> None:
    """Let sockets reach this machine only; names of others do not resolve."""

    def connect(self: socket.socket, address: Any) -> None:
        _refuse(address)
        _connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        _refuse(address)
        return _connect_ex(self, address)

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse((host,))
        return _getaddrinfo(host, *args, **kwargs)

    socket.socket.connect = connect  # type: ignore[method-assign, assignment]
    socket.socket.connect_ex = connect_ex  # type: ignore[method-assign, assignment]
    socket.getaddrinfo = getaddrinfo


block()
