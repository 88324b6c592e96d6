"""Who may see the page: a file of names and salted scrypt hashes, and a brake on guessing.

Knows nothing about Gradio; `Logins` is what its `auth` calls.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

from rag.errors import UsageError

_FREE = 5
"""So many wrong tries a name has before it must wait, twice as long after each further one."""
_LONGEST_S = 900.0
_LEAST_CHARS = 8


class Logins:
    """Names and passwords; called with both it tells whether they belong together."""

    def __init__(self, hashes: dict[str, str], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._hashes = hashes
        self._failed: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()
        self._now = clock
        self._nobody = hashed(secrets.token_urlsafe())

    @classmethod
    def read(cls, file: Path) -> "Logins":
        """Read a file of lines `name:hash`; raises `UsageError` where there is none in it."""
        try:
            lines = [line.partition(":") for line in file.read_text("utf-8").splitlines() if line.strip()]
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"no logins in {str(file)!r} ({error}); add one: {_add(file)}") from error
        if not lines or not all(name and value.startswith("scrypt$") for name, _, value in lines):
            raise UsageError(f"{str(file)!r} holds no logins, or a line that is none; add one: {_add(file)}")
        return cls({name: value for name, _, value in lines})

    def __call__(self, name: str, password: str) -> bool:
        """Tell whether the password is that of the name; never while the name must wait after wrong tries."""
        with self._lock:
            tries, until = self._failed.get(name, (0, 0.0))
            waits = self._now() < until
        right = _matches(password, self._hashes.get(name, self._nobody)) and name in self._hashes
        with self._lock:
            if right and not waits:
                self._failed.pop(name, None)
                return True
            if not waits and name in self._hashes:
                wait = min(_LONGEST_S, 2.0 ** (tries + 1 - _FREE)) if tries + 1 >= _FREE else 0.0
                self._failed[name] = (tries + 1, self._now() + wait)
            return False


def add(name: str, password: str, file: Path) -> None:
    """Put a name with the hash of its password into the file, in place of an earlier one; raises `UsageError`."""
    if not name.strip() or not name.isprintable() or ":" in name or name != name.strip():
        raise UsageError(f"{name!r} is no name to log in with: no colon, no space around it, only what can be seen")
    if len(password) < _LEAST_CHARS:
        raise UsageError(f"the password has {len(password)} characters; use {_LEAST_CHARS} or more")
    new = f"{name}:{hashed(password)}"
    try:
        kept = file.read_text("utf-8").splitlines() if file.is_file() else []
        lines = [*(line for line in kept if line.strip() and not line.startswith(f"{name}:")), new]
        part = file.with_name(f".{file.name}.part")
        file.parent.mkdir(parents=True, exist_ok=True)
        part.touch(mode=0o600)
        part.chmod(0o600)
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")
        part.replace(file)
    except (OSError, ValueError) as error:
        raise UsageError(f"{str(file)!r} cannot be read or written ({error}); name another file") from error


def hashed(password: str) -> str:
    """Return `scrypt$salt$hash`, both in hex."""
    salt = secrets.token_bytes(16)
    return f"scrypt${salt.hex()}${_scrypt(password, salt).hex()}"


def _matches(password: str, value: str) -> bool:
    try:
        _, salt, expected = value.split("$")
        got = _scrypt(password, bytes.fromhex(salt))
        return hmac.compare_digest(got, bytes.fromhex(expected))
    except (ValueError, UnicodeEncodeError):
        return False


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)  # 16 MB and some 50 ms a try


def _add(file: Path) -> str:
    return f"python app.py --login {file} --add-login NAME"
