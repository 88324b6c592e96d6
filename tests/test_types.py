"""The nouns, and the answer object of docs/contract.md, field by field."""

import json
import re
from dataclasses import FrozenInstanceError, replace

import pytest

from rag.types import (
    REASONS,
    REFUSAL,
    Answer,
    Article,
    Citation,
    Claim,
    Evidence,
    Filters,
    Hit,
    Origin,
    Passage,
    Query,
    Span,
    Timings,
    found_to_json,
    hit_to_json,
    query_to_json,
)
from tests.conftest import ROOT

CONTRACT = (ROOT / "docs" / "contract.md").read_text("utf-8")

TEXT = "Naïve 🌧 rain fell. It stopped."
ORIGINS = (
    Origin("a.txt", "Weather", 3, "doc-7", published="2023-04-11", source="Dawn", url="u", pages=(0, 6)),
    Origin("b.txt", "Other title"),
)
ARTICLE = Article("f" * 32, TEXT, ORIGINS)
BARE = Article("e" * 32, TEXT, (Origin("c.txt", "Bare"),))
HIT = Hit(ARTICLE, Passage(ARTICLE.id, 8, 18), 0.5, {"dense": 1}, kept=True, why="kept", copies=(BARE,), later=BARE)
QUERY = Query(
    "Rain?",
    after="What fell?",
    from_="2023-01-01",
    today="2024-01-01",
    newest=True,
    speakers=("Lind",),
    respelled=(("khwaja", "khawaja"),),
    filters=Filters(from_="2022-01-01", to="2023-12-31", sources=("Dawn",), articles=("a" * 32,)),
    undated=3,
    language="en",
    note="words carry the search",
)
ANSWER = Answer(
    question="And rain?",
    query=QUERY,
    hits=(HIT,),
    evidence=(Evidence(ARTICLE, 8, 18),),
    claims=(
        Claim("Rain fell.", "supported", (1,)),
        Claim("Frogs fell.", "unsupported", withheld=True),
        Claim("It stopped.", "partly", (1, 2)),
    ),
    citations=(
        Citation(1, 0, ARTICLE, 8, 18, "supported"),
        Citation(2, 2, BARE, 19, 30, "partly", speaker="Lind"),
    ),
    confidence=0.75,
    timings=Timings(rewrite_s=0.1, search_s=0.2, first_word_s=0.3, first_checked_s=0.4, total_s=0.5),
    models={"embedder": "toy", "llm": "scripted"},
    index_revision="0" * 16,
    prompt_sha256="1" * 64,
)
BLANK = Answer(question="Rain?", query=Query("Rain?"), hits=(), refused=True, reason="no-passages")


def test_offsets_count_code_points() -> None:
    assert Span(8, 18).of(TEXT) == HIT.text == Evidence(ARTICLE, 8, 18).quote == "rain fell."
    assert Citation(1, 0, ARTICLE, 8, 18).quote == "rain fell."


def test_the_first_origin_speaks_for_an_article() -> None:
    assert ARTICLE.origin is ORIGINS[0]


@pytest.mark.parametrize(("offset", "page"), [(0, 1), (99, 1), (100, 2), (199, 2), (200, 4), (900, 4)])
def test_an_offset_lies_on_the_page_that_begins_before_it(offset: int, page: int) -> None:
    assert Origin("a.pdf", "", pages=(0, 100, 200, 200)).page(offset) == page  # nothing stands on the third
    assert Origin("a.txt", "").page(offset) is None


def test_values_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(QUERY, "text", "Snow?")  # noqa: B010 - mypy would not let it pass


def test_a_claim_shows_its_markers_after_its_text() -> None:
    assert Claim("Rain fell.", "supported", (1, 3)).marked() == "Rain fell. [1][3]"


def test_a_claim_without_citations_shows_no_marker() -> None:
    assert Claim("Rain fell.").marked() == "Rain fell."


def test_a_withheld_claim_never_appears_in_the_text() -> None:
    assert ANSWER.text == "Rain fell. [1] It stopped. [1][2]"
    assert [claim.text for claim in ANSWER.shown] == ["Rain fell.", "It stopped."]


def test_parts_that_are_not_answered_are_told_behind_the_answer() -> None:
    told = replace(ANSWER, unanswered=("who sat?", "who ran?"))
    assert told.left_open == ("Not in these articles: “who sat?”", "Not in these articles: “who ran?”")
    assert told.text == " ".join([ANSWER.text, *told.left_open])
    assert told.to_json()["unanswered"] == ["who sat?", "who ran?"]
    assert ANSWER.left_open == ()


def test_a_query_is_spelt_as_the_articles_are() -> None:
    assert (
        Query("What did Asiff say of Asiffs?", respelled=(("Asiff", "asif"),)).spelt == "What did Asif say of Asiffs?"
    )


def test_the_text_of_a_refusal_is_always_the_same() -> None:
    assert BLANK.text == REFUSAL == "Not in these articles."


def test_every_reason_is_told_in_a_sentence() -> None:
    assert set(REASONS) == {"no-passages", "not-in-evidence", "nothing-supported", "cancelled"}
    assert all(told.endswith(".") for told in REASONS.values())


def test_the_answer_object_is_written_out_whole() -> None:
    assert ANSWER.to_json() == {
        "schema_version": 1,
        "question": "And rain?",
        "searched": {
            "text": "Rain?",
            "after": "What fell?",
            "from": "2022-01-01",
            "to": "2023-12-31",
            "dates": "filter",
            "newest": True,
            "today": "2024-01-01",
            "sources": ["Dawn"],
            "articles": ["a" * 32],
            "undated": 3,
            "speakers": ["Lind"],
            "respelled": {"khwaja": "khawaja"},
            "language": "en",
            "note": "words carry the search",
        },
        "refused": False,
        "reason": None,
        "unanswered": [],
        "confidence": 0.75,
        "text": "Rain fell. [1] It stopped. [1][2]",
        "claims": [
            {
                "text": "Rain fell.",
                "verdict": "supported",
                "citations": [1],
                "withheld": False,
                "missing": [],
                "probability": None,
            },
            {
                "text": "Frogs fell.",
                "verdict": "unsupported",
                "citations": [],
                "withheld": True,
                "missing": [],
                "probability": None,
            },
            {
                "text": "It stopped.",
                "verdict": "partly",
                "citations": [1, 2],
                "withheld": False,
                "missing": [],
                "probability": None,
            },
        ],
        "citations": [
            {
                "marker": 1,
                "claim": 0,
                "article_id": "f" * 32,
                "source_id": "doc-7",
                "title": "Weather",
                "published": "2023-04-11",
                "source": "Dawn",
                "author": None,
                "url": "u",
                "path": "a.txt",
                "page": 2,
                "record": 3,
                "start": 8,
                "end": 18,
                "quote": "rain fell.",
                "speaker": None,
                "verdict": "supported",
                "later_version": {
                    "article_id": "e" * 32,
                    "source_id": None,
                    "title": "Bare",
                    "published": None,
                    "path": "c.txt",
                },
            },
            {
                "marker": 2,
                "claim": 2,
                "article_id": "e" * 32,
                "source_id": None,
                "title": "Bare",
                "published": None,
                "source": None,
                "author": None,
                "url": None,
                "path": "c.txt",
                "page": None,
                "record": None,
                "start": 19,
                "end": 30,
                "quote": "It stopped.",
                "speaker": "Lind",
                "verdict": "partly",
                "later_version": None,
            },
        ],
        "hits": [
            {
                "article_id": "f" * 32,
                "source_id": "doc-7",
                "title": "Weather",
                "published": "2023-04-11",
                "author": None,
                "url": "u",
                "page": 2,
                "record": 3,
                "start": 8,
                "end": 18,
                "text": "rain fell.",
                "score": 0.5,
                "ranks": {"dense": 1},
                "kept": True,
                "why": "kept",
                "also_in": ["b.txt", "c.txt"],
                "later_version": {
                    "article_id": "e" * 32,
                    "source_id": None,
                    "title": "Bare",
                    "published": None,
                    "path": "c.txt",
                },
            }
        ],
        "evidence": [{"article_id": "f" * 32, "start": 8, "end": 18, "text": TEXT[8:18]}],
        "timings": {
            "rewrite_s": 0.1,
            "search_s": 0.2,
            "first_word_s": 0.3,
            "first_checked_s": 0.4,
            "total_s": 0.5,
            "prompt_tokens": None,
            "answer_tokens": None,
        },
        "models": {"embedder": "toy", "llm": "scripted"},
        "index_revision": "0" * 16,
        "prompt_sha256": "1" * 64,
    }


def contract_rows() -> dict[str, str]:
    """Return what docs/contract.md says of each row of its table, by the names in the row's first cell."""
    rows = re.findall(r"^\| (`.+?`) \| (.+) \|$", CONTRACT, re.MULTILINE)
    assert len(rows) > 5
    return dict(rows)


def named(text: str) -> set[str]:
    """Return the names in backquotes."""
    return set(re.findall(r"`([\w-]+)`", text))


def test_the_contract_names_exactly_the_fields_of_an_answer() -> None:
    assert named(" ".join(contract_rows())) == ANSWER.to_json().keys()


@pytest.mark.parametrize("field", ["searched", "citations", "hits", "evidence", "timings"])
def test_the_contract_names_exactly_the_fields_of_a_part(field: str) -> None:
    shown = ANSWER.to_json()[field]
    part = shown[0] if isinstance(shown, list) else shown
    assert named(contract_rows()[f"`{field}`"]) == part.keys()


def test_the_contract_names_exactly_the_fields_of_a_claim() -> None:
    verdicts = {"supported", "partly", "unsupported"}
    assert named(contract_rows()["`claims`"]) - verdicts == ANSWER.to_json()["claims"][0].keys()


def test_the_contract_names_exactly_the_reasons() -> None:
    assert named(contract_rows()["`refused`, `reason`"]) == REASONS.keys()


def test_what_is_not_known_is_null_and_never_absent() -> None:
    blank = BLANK.to_json()
    assert blank.keys() == ANSWER.to_json().keys()
    assert {name for name, value in blank["searched"].items() if value} == {"text"}
    assert blank["timings"].keys() == ANSWER.to_json()["timings"].keys()
    assert set(blank["timings"].values()) == {None}
    assert [blank[name] for name in ("confidence", "index_revision", "prompt_sha256")] == [None] * 3


def test_a_refusal_says_why() -> None:
    refusal = BLANK.to_json()
    assert (refusal["refused"], refusal["reason"], refusal["text"]) == (True, "no-passages", REFUSAL)


def test_the_answer_object_survives_json() -> None:
    assert json.loads(json.dumps(ANSWER.to_json())) == ANSWER.to_json()


def test_the_parts_of_a_search_are_those_of_an_answer() -> None:
    assert hit_to_json(HIT) == ANSWER.to_json()["hits"][0]
    assert query_to_json(QUERY) == ANSWER.to_json()["searched"]
    assert found_to_json(QUERY, [HIT]) == {key: ANSWER.to_json()[key] for key in ("searched", "hits")}
