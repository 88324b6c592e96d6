"""The error tree: one root, so that one handler is enough."""

import inspect

import pytest

from rag import errors
from rag.errors import RagError

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_a_rag_error(kind: type[Exception]) -> None:
    assert issubclass(kind, RagError)


def test_the_tree_drawn_in_the_docstring_is_the_whole_tree() -> None:
    drawn = {line.split()[1] for line in (errors.__doc__ or "").splitlines() if "──" in line}
    assert drawn == {kind.__name__ for kind in KINDS} - {"RagError"}


def test_no_error_hides_a_python_one() -> None:
    assert not issubclass(RagError, ValueError | OSError | RuntimeError | LookupError)
