"""What all commands have: how much is said, which rag.toml is read, and help with examples.

`finish` adds it to every command of an app, so that none has to name it.
"""

import inspect
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it: 128 and the number of SIGINT."""
VERBOSITY: ContextVar[int] = ContextVar("VERBOSITY", default=0)
"""-1: only results and errors; 1: also how they came about."""
CONFIG: ContextVar[Path | None] = ContextVar("CONFIG", default=None)
"""The rag.toml that `--config` names."""

QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but results and errors.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Also say how it came about.")]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings to read.  [default: RAG_CONFIG, else rag.toml]"),
]
_AFTER_FIRST = re.compile(r"[.;:](?=\s|$)| \(")
"""What ends the part of a command's help that the list of commands shows."""
_KEYWORD = inspect.Parameter.KEYWORD_ONLY
_OPTIONS = [
    inspect.Parameter("config", _KEYWORD, default=None, annotation=ConfigOption),
    inspect.Parameter("quiet", _KEYWORD, default=False, annotation=QuietOption),
    inspect.Parameter("verbose", _KEYWORD, default=False, annotation=VerboseOption),
]
COMMON_OPTIONS = tuple(parameter.name for parameter in _OPTIONS)


def is_coloured(stream: Any) -> bool:
    """Tell whether a stream is shown in colours: a terminal that has some, unless NO_COLOR is set."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return bool(stream and stream.isatty()) and not plain


@contextmanager
def interrupt_sets(stopped: threading.Event) -> Iterator[None]:
    """Let Ctrl-C set `stopped`; pressed again it is a `KeyboardInterrupt`.

    One that comes while llama.cpp asks Python whether to go on would be lost there, and the answer go on.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: Any) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Formatted:
    """Help with bold headings in a terminal, and examples at its end."""

    examples: tuple[str, ...] = ()

    def format_help(self, ctx: Any, formatter: Any) -> None:
        write = formatter.write_heading

        def heading(text: str) -> None:
            write(text)
            if is_coloured(sys.stdout):
                formatter.buffer[-1] = typer.style(formatter.buffer[-1], bold=True)

        formatter.write_heading = heading
        super().format_help(ctx, formatter)  # type: ignore[misc]

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - the signature of typer
        if self.examples:
            with formatter.section("Examples"):
                for line in self.examples:
                    formatter.write(f"  {line}\n")


class Command(_Formatted, TyperCommand):
    """A command with examples."""


class Group(_Formatted, TyperGroup):
    """A group of commands with examples, its commands under headings where it has some."""

    sections: Mapping[str, tuple[str, ...]] = {}

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands before the options."""
        self._format_commands(formatter)
        super().format_options(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write nothing: the commands stand before the options."""

    def _format_commands(self, formatter: Any) -> None:
        """Write the commands, each under its heading; those without one come last."""
        headings = {name: heading for heading, names in self.sections.items() for name in names}
        rows: dict[str, list[tuple[str, str]]] = {heading: [] for heading in self.sections}
        widest = max(map(len, self.commands), default=0)
        for name, command in self.commands.items():
            if not command.hidden:
                said = _AFTER_FIRST.split(" ".join(inspect.cleandoc(command.help or "").split()))[0]
                rows.setdefault(headings.get(name, "Commands"), []).append((name.ljust(widest), said))
        for heading, found in rows.items():
            if found:
                with formatter.section(heading):
                    formatter.write_dl(found)


def finish(app: typer.Typer, examples: Mapping[str, tuple[str, ...]], *, path: str = "rag") -> None:
    """Give every command of an app and of those within it the common options and its examples, by "rag eval run".

    The apps within it are of `Group`.
    """
    for info in app.registered_commands:
        assert info.callback  # noqa: S101 - typer made it of a function
        shown = examples.get(f"{path} {info.name or info.callback.__name__}", ())
        info.callback = with_options(info.callback)
        info.cls = type("Command", (Command,), {"examples": shown})
    for group in app.registered_groups:
        inner = group.typer_instance
        assert inner  # noqa: S101 - it was added by `add_typer`
        within = f"{path} {inner.info.name}"
        inner.info.cls = type("Group", (inner.info.cls or Group,), {"examples": examples.get(within, ())})
        if (callback := inner.registered_callback) and callback.callback:
            callback.callback = with_options(callback.callback)
        finish(inner, examples, path=within)


def with_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Return a command that also takes --config, --quiet and --verbose."""
    signature = inspect.signature(command)

    @wraps(command)
    def run(*args: Any, config: Path | None = None, quiet: bool = False, verbose: bool = False, **kwargs: Any) -> Any:
        if config:
            CONFIG.set(config)
        if quiet and verbose:
            raise typer.BadParameter("--quiet and --verbose cannot both be given")
        if quiet or verbose:
            VERBOSITY.set(-1 if quiet else 1)
        return command(*args, **kwargs)

    parameters = [*signature.parameters.values(), *_OPTIONS]
    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": None}
    return run
