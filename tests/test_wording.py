"""Pieces of English."""

import pytest

from rag.wording import count


@pytest.mark.parametrize(("n", "said"), [(0, "0 articles"), (1, "1 article"), (1200, "1,200 articles")])
def test_a_number_has_its_noun(n: int, said: str) -> None:
    assert count(n, "article") == said
