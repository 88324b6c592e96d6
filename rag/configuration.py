"""The settings as people look at them: what each is, where it comes from, and a rag.toml to begin with.

Knows nothing about screens.
"""

import json
import textwrap
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from rag.errors import UsageError
from rag.settings import FILE, PREFIX, Settings, allowed, secret

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its value as JSON has it, where that comes from, and what it is and takes.

    `source` is "default", the path of a rag.toml, a variable's name, or "the option". Of a secret, `value` only tells
    whether it is set.
    """

    name: str
    value: Any
    default: Any
    source: str
    variable: str
    about: str
    allowed: str


def explain(*, config: Path | None = None, **values: Any) -> list[Setting]:
    """Return every setting as `Settings.load` with the same arguments has it; raises `UsageError`."""
    settings = Settings.load(config=config, **values)
    sources = Settings.sources(config=config, **values)
    return [
        Setting(
            name=name,
            value=_shown(getattr(settings, name), field),
            default=_shown(_default(field), field),
            source=sources[name],
            variable=PREFIX + name.upper(),
            about=about(field),
            allowed=allowed(field),
        )
        for name, field in Settings.model_fields.items()
    ]


def write_template(file: Path = Path(FILE)) -> None:
    """Write a rag.toml in which every setting stands as a comment; raises `UsageError` where there is one."""
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(template())
    except FileExistsError as error:
        raise UsageError(f"{str(file)!r} is there already and stays as it is; see its values: rag config") from error
    except OSError as error:
        raise UsageError(f"cannot write {str(file)!r}: {error.strerror}; name another: rag config init FILE") from error


def template() -> str:
    """Return a rag.toml that changes nothing: every setting with what it is, what it takes and its default."""
    parts = [
        "# Settings of rag. A line counts once its # is taken away; the values shown are the defaults.\n"
        f"# Variables ({PREFIX}PASSAGES=8) win over this file, options (--llm) over both; see: rag config\n"
        "# Paths are relative to the folder of this file. Secrets are never kept here."
    ]
    for name, field in Settings.model_fields.items():
        if not secret(field):
            said = textwrap.wrap(f"{about(field)} Takes {allowed(field)}.", _WIDTH - 2)
            parts.append("\n".join([*(f"# {line}" for line in said), f"#{name} = {_as_toml(_default(field))}"]))
    return "\n\n".join(parts) + "\n"


def about(field: FieldInfo) -> str:
    """Return what a setting is, in one or two sentences."""
    return " ".join((field.description or "").split())


def _default(field: FieldInfo) -> Any:
    return field.get_default(call_default_factory=True)


def _shown(value: Any, field: FieldInfo) -> Any:
    if secret(field):
        return None if value is None else "set"
    return str(value) if isinstance(value, Path | date) else value


def _as_toml(value: Any) -> str:
    """Return a default as TOML has it: None is an empty text there."""
    if isinstance(value, int | float | tuple):
        return json.dumps(value)
    return json.dumps("" if value is None else str(value), ensure_ascii=False)
