"""Settings: where things are and how large they may be, from `RAG_*` variables or keyword arguments.

Knows nothing about what is done with them. A keyword that does not exist, or a number out of range, is an
error at once; a `RAG_*` variable of an unknown name is not noticed.
"""

from datetime import date
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import UsageError


class Settings(BaseSettings):
    """Where things are, which models are used, and the sizes that may be changed."""

    model_config = SettingsConfigDict(env_prefix="RAG_", extra="forbid", frozen=True)

    index_dir: Path = Path("index")
    prompts_dir: Path | None = None
    """Folder of prompt templates; None: the ones that come with the package."""
    models_dir: Path = Field(default_factory=lambda: platformdirs.user_cache_path("rag", appauthor=False) / "models")
    embedder: str = "all-minilm-l6-v2"
    """Name in the registry, or path of a sentence-transformers folder."""
    llm: str = "qwen2.5-coder-1.5b-instruct"
    """Name in the registry, or path of a GGUF file."""

    reranker: str | None = None
    """Path of a cross-encoder's folder that orders the best passages anew; None: none."""
    nli: str | None = None
    """Path of a cross-encoder's folder that judges whether a sentence follows from what it cites; None: none."""
    extractive: bool = False
    """Answer with a sentence of the articles, word for word; no language model is needed."""
    today: date | None = None
    """The day that "last week" is counted from; None: today's."""

    passage_tokens: int = Field(default=120, ge=16, le=4096)
    """Aim for the size of a passage, in the embedder's tokens; paragraphs are kept whole where they fit."""
    passages: int = Field(default=6, ge=1, le=50)
    """How many passages a question is answered from."""
    evidence_tokens: int = Field(default=160, ge=50, le=8000)
    """How much of those passages the language model reads, in the embedder's tokens."""
    answer_tokens: int = Field(default=300, ge=16, le=4000)
    """The longest draft, in the language model's tokens."""
    context_tokens: int = Field(default=4096, ge=512, le=131_072)
    """The language model's window: prompt and draft together."""
    threads: int = Field(default=0, ge=0, le=1024)
    """Threads for the language model; 0: one for each core."""
    queue: int = Field(default=64, ge=1, le=100_000)
    """How many questions may wait for the language model; one client may take a quarter of it."""
    question_chars: int = Field(default=10_000, ge=1, le=1_000_000)
    """The longest question taken."""
    file_bytes: int = Field(default=100_000_000, ge=1)
    """Files larger than this are skipped, and said so."""
    article_chars: int = Field(default=2_000_000, ge=1, le=100_000_000)
    """Articles longer than this are skipped: about 400 pages."""
    member_bytes: int = Field(default=100_000_000, ge=1)
    """The largest file read in an archive, unpacked."""
    archive_bytes: int = Field(default=500_000_000, ge=1)
    """How much is unpacked of one file, archives within it included."""
    archive_members: int = Field(default=100_000, ge=1)
    """How many files are read in an archive, with those of archives within it."""
    archive_depth: int = Field(default=3, ge=0, le=20)
    """How deep archives within archives and attachments are read; 0: none is."""
    pdf_pages: int = Field(default=2_000, ge=1)
    """PDF files of more pages are skipped."""
    reader_seconds: float = Field(default=60, gt=0)
    """How long a file, or a member of an archive, may take to be read where its parser may hang."""
    reader_bytes: int = Field(default=2_000_000_000, ge=500_000_000)
    """How much memory the process that parses may take."""

    @property
    def day(self) -> date:
        """The day that "last week" is counted from."""
        return self.today or date.today()

    @classmethod
    def load(cls, **values: Any) -> "Settings":
        """Read the settings; `values` win over `RAG_*` variables, None means not given.

        Raises `UsageError`, in one line, for an unknown name or a value out of range.
        """
        try:
            return cls(**{name: value for name, value in values.items() if value is not None})
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            raise UsageError(
                f"setting {name!r}: {first['msg']}, got {first['input']!r}; "
                f"correct the option or the variable RAG_{name.upper()}"
            ) from error
