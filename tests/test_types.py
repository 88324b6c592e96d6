"""The JSON of the contract, and what the package exports."""

import re

import rag
from rag.types import Answer, hit_to_json, query_to_json
from tests.conftest import ROOT
from tests.test_web import CITATION, HIT, answer

CONTRACT = (ROOT / "docs" / "contract.md").read_text("utf-8")


def fields(row: str) -> set[str]:
    """Return the names in backquotes that docs/contract.md lists for a row of its table."""
    line = next(line for line in CONTRACT.splitlines() if line.startswith(f"| `{row}"))
    return set(re.findall(r"`(\w+)`", line.split("|", 2)[2]))


def test_the_answer_object_has_the_fields_of_the_contract() -> None:
    shown = answer().to_json()
    table = CONTRACT.split("## `rag ask --json`")[1].split("A marker")[0]
    names = {
        name
        for line in table.splitlines()[4:]
        for name in re.findall(r"`(\w+)`", line.split("|")[1:2][0] if "|" in line else "")
    }
    assert set(shown) == names
    assert set(shown["citations"][0]) == fields("citations")
    assert set(shown["hits"][0]) == fields("hits") == set(hit_to_json(HIT))
    assert set(shown["timings"]) == fields("timings")
    assert set(shown["claims"][0]) == fields("claims") - {"supported", "partly", "unsupported"}
    assert set(query_to_json(answer().query)) == fields("searched")


def test_a_quote_is_always_the_slice_it_names() -> None:
    assert CITATION.quote == CITATION.article.text[CITATION.start : CITATION.end]
    assert isinstance(answer(), Answer)


def test_the_package_exports_exactly_its_public_names() -> None:
    assert all(getattr(rag, name).__module__.startswith("rag.") for name in rag.__all__)
    assert rag.__all__ == sorted(rag.__all__)
    assert not hasattr(rag, "nothing")
