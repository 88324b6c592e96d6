"""The examples of docs/api.md run as they stand, against a server over fakes."""

import re

import pytest

from tests.conftest import ROOT
from tests.server.conftest import Serve, serve  # noqa: F401 - a fixture

ASIF = "Asif said about weapons that they held night vision goggles."


def test_the_examples_run_as_they_stand(
    serve: Serve,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    drafts = ["They held night vision goggles."] * 3
    served = serve(*drafts, texts=[f"date 2023-04-11 {ASIF}"], words=["weapons", "goggles"], server_token="hush")
    monkeypatch.setenv("RAG_URL", served.address)
    monkeypatch.setenv("RAG_SERVER_TOKEN", "hush")
    examples = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "api.md").read_text("utf-8"), re.DOTALL)
    assert len(examples) == 4
    names: dict[str, object] = {}
    for example in examples:
        exec(example, names)
    for client in ("rag", "http"):
        names[client].close()  # type: ignore[attr-defined]
    printed = capsys.readouterr().out
    assert printed.count("night vision goggles. [1]") == 2
    assert f"1 {ASIF}" in printed
