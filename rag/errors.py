"""Everything that can go wrong, in one tree.

    RagError
    ├── UsageError      the request itself is wrong: exit code 2
    ├── ModelError      weights are missing, damaged or do not load
    ├── CatalogueError  the index is missing, damaged or made in another way
    ├── CorpusError     no article could be read
    ├── PromptError     a prompt template is missing or incomplete
    ├── Overloaded      too many wait already: ask again later
    └── EvaluationError a run, or a file of questions, cannot be kept

Each message is one line: what is wrong, with the value, then the command that mends it.
"""


class RagError(Exception):
    """Root of all errors this package raises on purpose."""


class UsageError(RagError):
    """The request is wrong: an empty question, a number out of range, a name that nothing has."""


class ModelError(RagError):
    """Model weights are missing, damaged, or do not load."""


class CatalogueError(RagError):
    """The index is missing, damaged, or was made with other settings."""


class CorpusError(RagError):
    """None of the given files could be read as articles."""


class PromptError(RagError):
    """A prompt template is missing, or names a variable that is not there."""


class EvaluationError(RagError):
    """A run of an evaluation, or a file of questions, cannot be read or written."""


class Overloaded(RagError):  # noqa: N818 - reads as what happened
    """More generations wait than may; `retry_after` says in how many seconds one may ask again."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
