"""Where the index goes, and two articles to make one of."""

from pathlib import Path

import pytest

from tests.index.building import write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the index goes."""
    return tmp_path / "index"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two articles."""
    return write(tmp_path / "articles", a="The goggles are green.", b="The rifles are old.")
