"""The nouns of the project, as frozen values, and the seams, as protocols.

Know nothing about files, models, databases or screens. What is not known yet is None, never absent.
"""

from rag.types.answer import (
    LEFT_OPEN,
    REASONS,
    REFUSAL,
    SCHEMA_VERSION,
    Answer,
    Citation,
    Claim,
    Timings,
    Verdict,
    citation_to_json,
    claim_to_json,
)
from rag.types.articles import Article, Origin, Passage, Span, Statement, version_to_json
from rag.types.events import Checked, Draft, Event, Finished, Found, Waiting
from rag.types.protocols import LLM, Cancelled, Embedder, Entailment, Inside, Message, Reranker, Role, Vectors
from rag.types.search import (
    ALL,
    Evidence,
    Filters,
    Hit,
    Query,
    evidence_to_json,
    found_to_json,
    hit_to_json,
    query_to_json,
)

__all__ = [
    "ALL",
    "LEFT_OPEN",
    "LLM",
    "REASONS",
    "REFUSAL",
    "SCHEMA_VERSION",
    "Answer",
    "Article",
    "Cancelled",
    "Checked",
    "Citation",
    "Claim",
    "Draft",
    "Embedder",
    "Entailment",
    "Event",
    "Evidence",
    "Filters",
    "Finished",
    "Found",
    "Hit",
    "Inside",
    "Message",
    "Origin",
    "Passage",
    "Query",
    "Reranker",
    "Role",
    "Span",
    "Statement",
    "Timings",
    "Vectors",
    "Verdict",
    "Waiting",
    "citation_to_json",
    "claim_to_json",
    "evidence_to_json",
    "found_to_json",
    "hit_to_json",
    "query_to_json",
    "version_to_json",
]
