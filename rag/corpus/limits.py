"""How much may be read of what, so that no file takes all memory or all time. Each is a setting of the same name."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, unless said otherwise; what each means stands beside the setting of its name."""

    article_chars: int = 2_000_000
    file_articles: int = 500_000
    member_bytes: int = 100_000_000
    archive_bytes: int = 500_000_000
    archive_members: int = 100_000
    archive_depth: int = 3
    pdf_pages: int = 2_000
    reader_seconds: float = 60
    reader_bytes: int = 2_000_000_000

    @classmethod
    def of(cls, settings: "Settings") -> "Limits":
        """Return the limits that the settings name."""
        return cls(**{field.name: getattr(settings, field.name) for field in fields(cls)})


def over(found: str, limit: float, name: str) -> str:
    """Return why something is too large, with the setting that says so."""
    return f"{found}, over the limit of {limit:,} (RAG_{name.upper()})"
