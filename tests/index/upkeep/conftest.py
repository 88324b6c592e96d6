"""An index of three articles, whatever is done to it."""

from pathlib import Path

import pytest

from tests.index.building import write
from tests.index.upkeep.built import TEXTS, build


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Three articles of one day."""
    return write(tmp_path / "articles", **{name: f"date 2023-04-11 {text}" for name, text in TEXTS.items()})


@pytest.fixture
def folder(tmp_path: Path, articles: Path) -> Path:
    """Their index."""
    build(articles, tmp_path / "index")
    return tmp_path / "index"
