"""The fakes that all other tests rest on."""

import threading

import numpy as np
import pytest

from rag.testing import ScriptedLLM, ToyEmbedder
from rag.types import LLM, Embedder, Message

MESSAGES = [Message("system", "Be brief."), Message("user", "How much rain?")]


def test_the_fakes_fit_the_protocols() -> None:
    embedder: Embedder = ToyEmbedder("rain")
    llm: LLM = ScriptedLLM()
    assert (embedder.name, llm.name) == ("toy", "scripted")


def test_vectors_can_be_read() -> None:
    vectors = ToyEmbedder("rain", "snow").embed(["Rain, rain!", "snow", "sun"])
    assert vectors.dtype == np.float32
    assert vectors.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_vectors_have_length_1() -> None:
    vectors = ToyEmbedder("rain").embed(["Rain and snow and sun", "", "🌧"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3))


def test_no_texts_give_no_vectors() -> None:
    assert ToyEmbedder("rain").embed([]).shape == (0, 2)


def test_the_embedder_remembers_what_it_embedded() -> None:
    embedder = ToyEmbedder("rain")
    embedder.embed(["a", "b"])
    embedder.embed(["c"])
    assert embedder.embedded == ["a", "b", "c"]


def test_other_words_make_another_digest() -> None:
    assert ToyEmbedder("rain").digest == ToyEmbedder("rain").digest != ToyEmbedder("snow").digest


def test_tokens_are_words_and_punctuation_marks() -> None:
    text = "Naïve rain, no?"
    assert [span.of(text) for span in ToyEmbedder().tokens(text)] == ["Naïve", "rain", ",", "no", "?"]


def test_answers_come_one_a_call_in_pieces() -> None:
    llm = ScriptedLLM("Rain fell.", " Snow  fell.")
    assert list(llm.stream(MESSAGES, max_tokens=10)) == ["Rain", " fell."]
    assert list(llm.stream(MESSAGES, max_tokens=10)) == [" Snow", "  fell."]


def test_an_answer_is_no_longer_than_asked_for() -> None:
    assert list(ScriptedLLM("Rain fell again.").stream(MESSAGES, max_tokens=2)) == ["Rain", " fell"]


def test_an_answer_ends_once_it_is_cancelled() -> None:
    cancelled = threading.Event()
    pieces = ScriptedLLM("Rain fell again.").stream(MESSAGES, max_tokens=10, cancelled=cancelled)
    assert next(pieces) == "Rain"
    cancelled.set()
    assert list(pieces) == []


def test_the_prompts_are_kept() -> None:
    llm = ScriptedLLM("Rain fell.")
    list(llm.stream(MESSAGES, max_tokens=10))
    assert llm.history == [tuple(MESSAGES)]


def test_a_prompt_is_counted_in_words() -> None:
    assert ScriptedLLM().count(MESSAGES) == 5


def test_the_scripted_model_declines_when_its_script_does() -> None:
    llm = ScriptedLLM("NOT FOUND", "Rain fell.", "NOT Rain fell.")
    prompt = [Message("user", "Rain?")]
    assert llm.begins(prompt, "NOT FOUND") == 1
    assert llm.begins(prompt, "NOT FOUND") == 0
    assert list(llm.stream(prompt, max_tokens=9, never="NOT")) == ["Rain", " fell."]
    assert "".join(llm.stream(prompt, max_tokens=9, never="NOT")).strip() == "Rain fell."
    assert len(llm.history) == 3
