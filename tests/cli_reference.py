"""Writes docs/cli.md from the command line itself: `python -m tests.cli_reference`; a test fails where it is stale."""

import inspect
from collections.abc import Iterator
from typing import Any

import typer.main

from rag import cli
from rag.cli.chat import HELP
from rag.cli.common import COMMON_OPTIONS
from rag.cli.examples import EXAMPLES
from rag.configuration import about
from rag.settings import PREFIX, Settings, allowed
from tests.conftest import ROOT

FILE = ROOT / "docs" / "cli.md"
ARTICLE = "[{`article_id`, `title`, `published`, `source`, `path`, `record`, `source_id`, `url`, `author`, `language`}]"
VERSION = "{`article_id`, `source_id`, `title`, `published`, `path`} or null"
OBJECTS: dict[str, dict[str, str]] = {
    "rag": {
        "index": "`articles`, `passages`, `from`, `to`, `sources`, `collections`, `newest` (a title), `roots`; null",
        "models_missing": "names of the models that are set and not here",
        "next": "commands one would use next",
    },
    "rag index": {
        "index": "its folder",
        "added, changed, unchanged, removed": "numbers of files",
        "kept_missing": "roots that vanished or are empty, whose articles were kept",
        "skipped": "[{`path`, `reason`, `record`}]",
        "new, corrected, withdrawn, left_out": "numbers of articles; left out: removed by hand before",
        "embedded": "passages that were embedded",
        "foreign": "{language: articles} of languages that the embedder does not know",
        "articles, passages": "what the index holds now",
    },
    "rag list": {
        "articles": f"{ARTICLE[:-2]}, `copies`, `versions`, `later_version`}}] (as in `rag show`)",
        "total": "how many there are within the limits",
    },
    "rag show": {
        "article_id, text": "the article",
        "language": "that it is in, ISO 639-1, or null where that is not sure",
        "origins": "[{`path`, `title`, `record`, `source_id`, `published`, `source`, `url`, `author`, "
        "`language` (declared), `pages` (offsets), `file` (that it is packed in)}]",
        "copies, versions": "ids of articles that tell the same story",
        "later_version": VERSION,
    },
    "rag stats": {
        "articles, passages": "how many",
        "bytes": "size of the index",
        "embedder, revision": "how it was made, and the name of its state",
        "months": '{month: articles}, "" for those without a date',
        "sources": "{source: articles}",
        "languages": "{language: articles}",
        "copies_or_versions": "articles that tell the story of another",
    },
    "rag collect": {"collections": "{name: articles}; with NAME alone `collection` and `articles` as in `rag list`"},
    "rag remove": {"removed": "[{`article_id`, `title`}]; with --undo `brought_back`: ids"},
    "rag doctor": {
        "findings": "what is wrong, in words",
        "repaired": "whether it was mended",
        "lost": "titles of articles whose text could not be saved",
    },
    "rag backup": {"file, bytes": "what was written"},
    "rag restore": {"index": "its folder", "articles, passages": "what it holds"},
    "rag models list": {
        "models_dir": "where they are kept",
        "models": "[{`name`, `role`, `bytes`, `licence`, `here`, `default`}]",
    },
    "rag models fetch": {"models_dir": "where they are kept", "models": "[{`name`, `fetched` (now), `path`}]"},
    "rag models verify": {"models_dir": "where they are kept", "models": "[{`name`, `right`, `wrong` (files)}]"},
    "rag models path": {"name, path": "the model"},
    "rag config": {
        "file": "the rag.toml that is read, or null",
        "settings": "[{`name`, `value`, `default`, `source`, `variable`, `about`, `allowed`}]",
    },
    "rag config init": {"file": "what was written"},
    "rag eval draft": {"file": "where they are", "drafted": "questions", "passages": "passages tried"},
    "rag eval review": {"file": "where they are", "drafted": "[{`line`, `question`, `answers`}] that nobody has read"},
}
"""The objects that `--json` prints, their `schema_version` left out; keys of a kind stand together."""
ELSEWHERE = {
    "rag ask": "[the answer object](contract.md)",
    "rag chat": "[the answer object](contract.md) a line; `question` and `error` where one failed",
    "rag search": "`searched` and `hits` of [the answer object](contract.md)",
    "rag statements": "[`name` and `statements`](contract.md); without NAME `speakers`: {name: statements}",
    "rag eval run": "[`metrics.json`](evaluation.md)",
    "rag eval compare": "[the comparison](evaluation.md)",
}


def reference() -> str:
    """Return docs/cli.md."""
    parts = [_INTRODUCTION]
    for path, command in _commands(typer.main.get_command(cli.app), "rag"):
        parts += list(_described(path, command))
    parts += ["## Commands within `rag chat`", "\n".join(["| line | what it does |", "|---|---|", *_chat()])]
    parts += [
        "## Settings",
        _SETTINGS,
        "\n".join(["| setting | default | what it is |", "|---|---|---|", *_settings()]),
    ]
    return "\n\n".join(parts) + "\n"


def keys(path: str) -> set[str]:
    """Return the keys of the object that a command prints with --json."""
    return {key for some in OBJECTS[path] for key in some.split(", ")}


def _commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    yield path, group
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def _described(path: str, command: Any) -> Iterator[str]:
    yield f"## `{path}`"
    yield " ".join(inspect.cleandoc(command.help).split())
    if path in EXAMPLES:
        yield "\n".join(["```sh", *EXAMPLES[path], "```"])
    rows = [_row(param) for param in command.params if param.name not in _COMMON]
    if rows:
        yield "\n".join(["| argument or option | what it is |", "|---|---|", *rows])
    if path in OBJECTS:
        yield "\n".join(["With `--json`:", "", *(f"- {_code(key)}: {what}" for key, what in OBJECTS[path].items())])
    elif path in ELSEWHERE:
        yield f"With `--json`: {ELSEWHERE[path]}."


def _row(param: Any) -> str:
    names = ", ".join(f"`{name}`" for name in [*param.opts, *param.secondary_opts])
    if param.param_type_name == "argument":
        names = f"`{param.metavar or param.name.upper()}`"
    elif param.metavar:
        names += f" `{param.metavar}`".replace("|", "\\|")
    default = param.default
    said = "" if default is None or isinstance(default, bool) or callable(default) else f" Default: `{default}`."
    return f"| {names} | {(param.help or '').replace('|', chr(92) + '|')}{said} |"


def _code(key: str) -> str:
    return ", ".join(f"`{one}`" for one in key.split(", "))


def _chat() -> Iterator[str]:
    for usage, what in HELP.items():
        yield f"| `{usage}` | {what} |"


def _settings() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        default = (
            "" if field.default is None else "the system's cache" if field.default_factory else f"`{field.default}`"
        )
        yield f"| `{name}`, `{PREFIX}{name.upper()}` | {default} | {about(field)} Takes {allowed(field)}. |"


_COMMON = {*COMMON_OPTIONS, "as_json", "help", "install_completion", "show_completion"}
_INTRODUCTION = """# The command line

Made by `make docs` from the commands themselves.

Results go to standard output, all else to standard error: progress (in a terminal only), remarks, errors. Colours are
left out where the output is no terminal, or NO_COLOR is set.

Every command also takes these (`--json`: all but `serve` and `mcp`):

| option | what it does |
|---|---|
| `--json` | print one JSON object with its `schema_version`, 1, to standard output and nothing else there |
| `--config FILE` | settings to read, in place of the variable RAG_CONFIG's or the current folder's rag.toml |
| `-q`, `--quiet` | say nothing but results and errors |
| `-v`, `--verbose` | say also which settings are no defaults, how an answer came about, what an error comes from |
| `-h`, `--help` | show its options and examples |

| exit code | what it says |
|---|---|
| 0 | answered, or refused: a refusal is a result |
| 1 | failure; also where the reader of the output went away (`rag list \\| head -1`) |
| 2 | usage: a wrong option, question or setting, or a name of nothing |
| 130 | Ctrl-C; the index is as it was before, or as far as was reported |

`rag --install-completion` lets the shell complete commands, options, collections, sources, people, articles, models."""
_SETTINGS = """An option wins over a `RAG_*` variable, this over rag.toml; `rag config` shows each value and where it
comes from. `rag config init` writes a rag.toml in which each stands as a comment. Paths in it are relative to its
folder."""


if __name__ == "__main__":
    FILE.write_text(reference(), "utf-8")
    print(FILE)
