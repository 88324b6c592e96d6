"""Settings: options win over the environment; what is wrong is named."""

from pathlib import Path

import pytest

from rag import Settings
from rag.errors import UsageError


def test_options_win_over_the_environment_and_none_means_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", "there")
    assert Settings.load(index_dir=None).index_dir == Path("there")
    assert Settings.load(index_dir=Path("here")).index_dir == Path("here")


@pytest.mark.parametrize(("name", "value"), [("passages", 0), ("passages", "many"), ("passagse", 3)])
def test_a_wrong_name_or_number_is_named(name: str, value: object) -> None:
    with pytest.raises(UsageError, match=name):
        Settings.load(**{name: value})
