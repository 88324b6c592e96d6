"""Files of evaluations: written whole or left as they were, and errors that say so."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import EvaluationError


def write_whole(path: Path, text: str) -> None:
    """Write a file in UTF-8, or leave what was there; raises `OSError`."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, "utf-8")
    part.replace(path)


@contextmanager
def telling(what: str, mend: str) -> Iterator[None]:
    """Turn what goes wrong with files into an `EvaluationError` that says what cannot be written, and what mends it."""
    try:
        yield
    except OSError as error:
        raise EvaluationError(f"cannot write {what} ({error.strerror or error}); {mend}") from error
