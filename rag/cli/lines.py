"""Lines as a person types them, with editing, completion and history; or as they are piped in.

Knows nothing about questions. Python's own readline does the editing; where it is missing, lines are read plainly.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rag.cli.common import is_coloured

_KEPT = 1000
_PROMPT = "› "


class Lines:
    """Iterates over the lines of standard input, without white space around them.

    In a terminal Ctrl-C drops the line and Ctrl-D ends; with `keep`, lines are remembered in `history_file()`.
    """

    def __init__(self, completions: Callable[[str], list[str]], *, keep: bool) -> None:
        self.at_a_terminal = bool(sys.stdin and sys.stdin.isatty() and sys.stdout.isatty())
        self._completions = completions
        self._keep = keep
        self._readline: Any = None
        if self.at_a_terminal:
            with contextlib.suppress(ImportError):
                import readline

                self._readline = readline

    def __iter__(self) -> Iterator[str]:
        if not self.at_a_terminal:
            yield from (line.strip() for line in sys.stdin or ())
            return
        self._prepare()
        try:
            while True:
                try:
                    yield input(self._prompt()).strip()
                except KeyboardInterrupt:
                    print()
                except UnicodeDecodeError:
                    print("this line is not UTF-8", file=sys.stderr)
        except EOFError:
            print()
        finally:
            self._remember()

    def _prompt(self) -> str:
        """Return the prompt; readline is told which of its characters take no room."""
        if not is_coloured(sys.stdout):
            return _PROMPT
        return f"\001\033[1;36m\002{_PROMPT}\001\033[0m\002" if self._readline else f"\033[1;36m{_PROMPT}\033[0m"

    def _prepare(self) -> None:
        if not self._readline:
            return
        self._readline.set_completer_delims("")
        self._readline.set_completer(self._complete)
        apple = "libedit" in (self._readline.__doc__ or "")
        self._readline.parse_and_bind("bind ^I rl_complete" if apple else "tab: complete")
        if self._keep:
            with contextlib.suppress(OSError):
                self._readline.read_history_file(history_file())

    def _complete(self, text: str, state: int) -> str | None:
        found = self._completions(text)
        return found[state] if state < len(found) else None

    def _remember(self) -> None:
        if not (self._readline and self._keep):
            return
        file = history_file()
        with contextlib.suppress(OSError):  # a home that cannot be written to: nothing is remembered
            file.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
            self._readline.set_history_length(_KEPT)
            self._readline.write_history_file(file)
            file.chmod(0o600)


@contextlib.contextmanager
def typed_unseen() -> Iterator[None]:
    """Keep what is typed while the block runs for the next line, instead of showing it amid the output."""
    try:
        import termios
    except ImportError:
        yield
        return
    if not sys.stdin.isatty():
        yield
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    unseen = [*before]
    unseen[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, unseen)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)


def history_file() -> Path:
    """Return the file in which the lines of a terminal are remembered."""
    import platformdirs

    return platformdirs.user_state_path("rag", appauthor=False) / "history"
