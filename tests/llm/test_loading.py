"""A model that is opened in the background is waited for only when it is asked something."""

import threading

import pytest

from rag.errors import ModelError
from rag.llm import Loading
from rag.testing import ScriptedLLM
from rag.types import Message

ASKED = [Message("user", "What rose?")]


def test_nothing_waits_until_the_model_is_asked() -> None:
    ready = threading.Event()

    def load() -> ScriptedLLM:
        ready.wait(10)
        return ScriptedLLM("The river rose.")

    llm = Loading(load, name="small", context_tokens=512)
    assert (llm.name, llm.context_tokens) == ("small", 512)
    ready.set()
    assert "".join(llm.stream(ASKED, max_tokens=9)) == "The river rose."


def test_it_answers_as_the_model_does() -> None:
    llm = Loading(lambda: ScriptedLLM("NOT FOUND"), name="small", context_tokens=512)
    model = ScriptedLLM("NOT FOUND")
    assert llm.count(ASKED) == model.count(ASKED)
    assert llm.begins(ASKED, "NOT FOUND") == model.begins(ASKED, "NOT FOUND")


def test_what_goes_wrong_is_told_whenever_it_is_asked() -> None:
    def load() -> ScriptedLLM:
        raise ModelError("the file is damaged")

    llm = Loading(load, name="small", context_tokens=512)
    for _ in range(2):
        with pytest.raises(ModelError, match="damaged"):
            llm.count(ASKED)
