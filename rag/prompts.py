"""Prompt templates: plain text files with `$variables`, checked when they are loaded.

Knows nothing about models or evidence. A template that lacks a variable, or names one that does not
exist, is an error at load, not in the middle of an answer.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from string import Template

from rag.errors import PromptError
from rag.types import Message

_VARIABLES: dict[str, set[str]] = {
    "answer.system": set(),
    "answer.user": {"evidence", "question"},
    "draft.system": set(),
    "draft.user": {"passage"},
    "rewrite.system": set(),
    "rewrite.user": {"question", "conversation"},
}


@dataclass(frozen=True, slots=True)
class Prompts:
    """The templates by name, and the SHA-256 of all of them together."""

    templates: dict[str, Template]
    sha256: str

    @classmethod
    def load(cls, folder: Path | None = None) -> "Prompts":
        """Read `NAME.txt` for every template from `folder`, or those of the package; raises `PromptError`."""
        folder = folder or _packaged()
        templates = {name: _read(folder / f"{name}.txt", variables) for name, variables in _VARIABLES.items()}
        joined = "\0".join(f"{name}\0{template.template}" for name, template in sorted(templates.items()))
        return cls(templates, hashlib.sha256(joined.encode()).hexdigest())

    def messages(self, name: str, **variables: str) -> list[Message]:
        """Return the system and the user message of prompt `name`, with `variables` filled in."""
        return [
            Message("system", self.templates[f"{name}.system"].substitute()),
            Message("user", self.templates[f"{name}.user"].substitute(variables)),
        ]


def _packaged() -> Path:
    """Return the folder of the installed wheel, or that of the source tree."""
    here = Path(__file__).resolve().parent
    installed = here / "_prompts"
    return installed if installed.is_dir() else here.parent / "prompts"


def _read(path: Path, variables: set[str]) -> Template:
    try:
        template = Template(path.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(
            f"prompt {str(path)!r} cannot be read; leave RAG_PROMPTS_DIR unset to use the prompts that come with rag"
        ) from error
    if not template.is_valid():
        raise PromptError(f"prompt {str(path)!r} has a stray '$'; write '$$' for a dollar sign")
    names = set(template.get_identifiers())
    for name in sorted(names ^ variables):
        problem = f"lacks ${name}" if name in variables else f"names ${name}, which does not exist"
        raise PromptError(f"prompt {str(path)!r} {problem}; it takes: {', '.join(sorted(variables)) or 'nothing'}")
    return template
