"""A model that is opened when it is first asked."""

from collections.abc import Sequence
from typing import Any

import pytest

from rag.errors import ModelError
from rag.llm import Deferred
from rag.testing import ScriptedLLM
from rag.types import Inside, Message, Span

ASKED = [Message("user", "What rose?")]


def test_it_is_opened_once_when_it_is_asked() -> None:
    opened = []

    def load() -> ScriptedLLM:
        opened.append(1)
        return ScriptedLLM("The river rose.", "By two metres.")

    llm = Deferred(load, name="small", context_tokens=512)
    assert (llm.name, llm.context_tokens) == ("small", 512)
    assert not opened
    assert "".join(llm.stream(ASKED, max_tokens=9)) == "The river rose."
    assert "".join(llm.stream(ASKED, max_tokens=9)) == "By two metres."
    assert opened == [1]


def test_it_answers_as_the_model_does() -> None:
    llm, model = Deferred(lambda: ScriptedLLM("NOT FOUND"), name="s", context_tokens=512), ScriptedLLM("NOT FOUND")
    assert llm.count(ASKED) == model.count(ASKED)
    assert llm.begins(ASKED, "NOT FOUND") == model.begins(ASKED, "NOT FOUND")
    assert llm.inside(ASKED) is model.inside(ASKED) is None


def test_what_the_inside_says_of_spans_is_passed_on() -> None:
    class Heeding(ScriptedLLM):
        def inside(self, messages: Sequence[Message], spans: Sequence[Span] = (), **_: Any) -> Inside | None:
            return Inside(len(messages), tuple(float(span.end) for span in spans))

    llm = Deferred(Heeding, name="s", context_tokens=512)
    assert llm.inside(ASKED, [Span(0, 2), Span(3, 5)]) == Inside(len(ASKED), (2.0, 5.0))


def test_what_goes_wrong_is_told_whenever_it_is_asked() -> None:
    def load() -> ScriptedLLM:
        raise ModelError("the file is damaged")

    llm = Deferred(load, name="small", context_tokens=512)
    for _ in range(2):
        with pytest.raises(ModelError, match="damaged"):
            llm.count(ASKED)
