"""What OpenAI's own client gets, whole and streamed; who goes is stopped, who comes too much is turned away."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import openai
import pytest

from rag.errors import ModelError
from rag.retrieval import filters
from rag.types import REFUSAL, Filters
from tests.server.conftest import ASKED, DEADLINE_S, DRAFT, QUESTION, Endless, Serve

CITED = "The goggles were green. [1] Soldiers left 40 rifles. [2]"
SOURCES = (
    "\n\nSources:\n"
    "1. The minister said the goggles were green.: “The minister said the goggles were green.”\n"
    "2. The minister said the goggles were green.: “American soldiers left 40 rifles behind.”"
)


def test_an_answer_is_text_with_its_sources_and_the_answer_object(serve: Serve) -> None:
    served = serve(DRAFT)
    answer = served.ask()
    [choice] = answer.choices
    assert (choice.message.role, choice.message.content) == ("assistant", CITED + SOURCES)
    assert choice.finish_reason == "stop"
    assert (answer.object, answer.model) == ("chat.completion", "rag")
    assert (answer.rag["text"], answer.rag["refused"]) == (CITED, False)
    assert [c["verdict"] for c in answer.rag["citations"]] == ["supported", "supported"]
    timings = answer.rag["timings"]
    assert answer.usage.total_tokens == timings["prompt_tokens"] + timings["answer_tokens"]


def test_a_streamed_answer_comes_sentence_by_sentence(serve: Serve) -> None:
    chunks = list(serve(DRAFT).ask(stream=True, stream_options={"include_usage": True}))
    texts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert [text for text in texts if text] == ["The goggles were green. [1]", " Soldiers left 40 rifles. [2]", SOURCES]
    assert chunks[0].choices[0].delta.role == "assistant"
    events = [chunk.rag_event for chunk in chunks if "rag_event" in (chunk.model_extra or {})]
    assert [event["type"] for event in events] == ["found", "checked", "checked"]
    assert events[1]["claim"]["verdict"] == "supported"
    assert events[1]["citations"][0]["marker"] == 1
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-2].rag["text"] == CITED
    assert (chunks[-1].choices, chunks[-1].usage.completion_tokens) == ([], 8)
    assert len({chunk.id for chunk in chunks}) == 1


def test_whole_and_streamed_are_the_same(serve: Serve) -> None:
    served = serve(DRAFT, DRAFT)
    whole = served.ask()
    *_, last = served.ask(stream=True)
    del whole.rag["timings"], last.rag["timings"]
    assert whole.rag == last.rag


def test_a_part_that_is_not_answered_is_told_before_the_sources(serve: Serve) -> None:
    asked = "Which rifles did American soldiers leave? And which birds did American soldiers feed?"
    served = serve("American soldiers left 40 rifles behind.", "NOT FOUND", "American soldiers left 40 rifles behind.")
    said = served.ask([{"role": "user", "content": asked}]).choices[0].message.content
    told = "Not in these articles: “which birds did American soldiers feed?”"
    assert said.startswith(f"American soldiers left 40 rifles behind. [1] {told}\n\nSources:\n1. ")


def test_sources_are_left_out_of_the_text_where_they_are_not_wanted(serve: Serve) -> None:
    answer = serve(DRAFT).ask(extra_body={"rag": {"footnotes": False}})
    assert answer.choices[0].message.content == CITED


def test_a_refusal_is_an_answer(serve: Serve) -> None:
    served = serve(*["NOT FOUND"] * 2)
    answer = served.ask()
    assert answer.choices[0].message.content == REFUSAL
    assert answer.rag["reason"] == "not-in-evidence"
    assert "".join(c.choices[0].delta.content or "" for c in served.ask(stream=True)) == REFUSAL


def test_what_was_withheld_is_in_no_text(serve: Serve) -> None:
    answer = serve("Soldiers left 90 rifles. The goggles were green.").ask()
    assert "90" not in answer.choices[0].message.content
    assert [claim["withheld"] for claim in answer.rag["claims"]] == [True, False]


def test_a_conversation_is_understood_from_its_messages(serve: Serve) -> None:
    served = serve("What were the green goggles?", DRAFT)
    before = [*ASKED, {"role": "assistant", "content": "The goggles were green. [1]" + SOURCES}]
    answer = served.ask([*before, {"role": "user", "content": "What were they?"}])
    assert answer.rag["searched"]["text"] == "What were the green goggles?"
    prompt = served.world.llm.history[0][-1].content
    assert "The goggles were green." in prompt
    assert "Sources" not in prompt


def test_limits_are_fields_of_the_body(serve: Serve) -> None:
    served = serve(DRAFT)
    answer = served.ask(extra_body={"rag": {"from": "April 2023", "to": "2023"}})
    assert answer.rag["searched"]["from"] == "2023-04-01"
    assert (answer.rag["searched"]["to"], answer.rag["searched"]["undated"]) == ("2023-12-31", 2)
    assert answer.rag["reason"] == "no-passages"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "assistant", "content": "Hello."}]}, "last message is not from the user"),
        ({"messages": [{"role": "user", "content": "  "}]}, "the question is empty"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "'image_url'; rag reads text"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "messages.0.role"),
        ({"n": 2}, "n is 2"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"tool_choice": "required"}, "calls no tools"),
        ({"rag": {"form": "2023"}}, "rag.form"),
        ({"rag": {"from": "yesteryear"}}, "'yesteryear' is no date"),
        ({"rag": {"sources": ["Nobody"]}}, "no article is from 'Nobody'"),
        ({"rag": {"sources": ["\ud800"]}}, r"no article is from '\ud800'"),
        ({"rag": {"articles": ["\ud800"]}}, r"no article '\ud800'"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(serve: Serve, options: dict[str, Any], said: str) -> None:
    served = serve(DRAFT)
    answer = served.http.post(
        "/v1/chat/completions",
        content=json.dumps({"model": "rag", "messages": ASKED} | options),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert served.world.llm.history == []


def test_another_model_is_not_found(serve: Serve) -> None:
    with pytest.raises(openai.NotFoundError, match=r"no model 'gpt-4'.*see /v1/models"):
        serve(DRAFT).openai.chat.completions.create(model="gpt-4", messages=ASKED)


def test_a_failure_before_the_first_word_is_a_status_and_later_the_last_event(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve(DRAFT)

    def fail(*_: Any, **__: Any) -> Any:
        raise ModelError("the model failed; check it: rag models verify")

    monkeypatch.setattr(served.world.llm, "stream", fail)
    with pytest.raises(openai.InternalServerError, match="rag models verify"):
        served.ask()
    with pytest.raises(openai.APIError, match="rag models verify"):
        list(served.ask(stream=True))
    monkeypatch.setattr(served.world.embedder, "embed", fail)
    with pytest.raises(openai.InternalServerError, match="rag models verify"):
        served.ask(stream=True)


def test_what_was_not_foreseen_tells_no_secrets(
    serve: Serve, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    served = serve(DRAFT)

    def fail(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("secret")

    served.world.llm.stream = fail  # type: ignore[method-assign]
    for stream, kind in ((True, openai.APIError), (False, openai.InternalServerError)):
        with pytest.raises(kind, match="not foreseen") as raised:
            list(served.ask(stream=stream))
        assert "secret" not in str(raised.value)
    assert "ZeroDivisionError: secret" in caplog.text  # streamed
    written, end = "", time.monotonic() + DEADLINE_S
    while "ZeroDivisionError: secret" not in written:  # after the answer was sent
        assert time.monotonic() < end
        written += capfd.readouterr().err


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_goes_frees_its_generation(serve: Serve, stream: bool) -> None:
    llm = Endless()
    served = serve(llm=llm, answer_tokens=4000)
    client = served.openai.with_options(timeout=DEADLINE_S if stream else 0.5)
    if stream:
        answer = client.chat.completions.create(model="rag", messages=ASKED, stream=True)
        next(iter(answer))
        assert llm.began.wait(DEADLINE_S)
        answer.close()
    else:
        with pytest.raises(openai.APITimeoutError):
            client.chat.completions.create(model="rag", messages=ASKED)
        assert llm.began.is_set()
    assert llm.ended.wait(DEADLINE_S)
    counted, end = "", time.monotonic() + DEADLINE_S
    while "rag_answers_total{" not in counted:
        assert time.monotonic() < end
        counted = served.http.get("/metrics").text
    assert 'rag_answers_total{outcome="stopped"} 1.0' in counted


def test_a_client_that_goes_while_it_waits_leaves_the_queue(serve: Serve) -> None:
    served = serve(DRAFT)
    scheduler = served.world.assistant.scheduler
    left = threading.Event()
    leave = scheduler._leave
    with scheduler.turn("other"):
        answer = served.ask(stream=True)
        waiting = next(c for c in answer if c.model_extra.get("rag_event", {}).get("type") == "waiting")
        assert waiting.rag_event["ahead"] == 1
        scheduler._leave = lambda turn: (leave(turn), left.set())  # type: ignore[assignment, func-returns-value]
        answer.close()
        assert left.wait(DEADLINE_S)
        assert len(scheduler) == 0
    assert served.world.llm.history == []


def test_where_too_many_wait_it_is_said_when_to_come_again(serve: Serve) -> None:
    served = serve(DRAFT, queue=1)
    with served.world.assistant.scheduler.turn("a"), served.world.assistant.scheduler.turn("b"):
        for stream in (True, False):
            with pytest.raises(openai.InternalServerError, match="ask again in") as raised:
                served.ask(stream=stream)
            assert raised.value.response.status_code == 503
            assert int(raised.value.response.headers["Retry-After"]) > 0
            assert raised.value.body["code"] == "overloaded"  # type: ignore[index]


def test_while_limits_are_looked_up_others_are_answered(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    served = serve(DRAFT)
    began, goes_on = threading.Event(), threading.Event()

    def slow(*args: Any, **limits: Any) -> Filters:
        began.set()
        goes_on.wait()
        return filters(*args, **limits)

    monkeypatch.setattr("rag.server.chat.filters", slow)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(served.ask)
        try:
            assert began.wait(DEADLINE_S)
            assert served.http.get("/health").status_code == 200
        finally:
            goes_on.set()
        assert answer.result().rag["text"] == CITED


def test_users_of_one_address_take_turns(serve: Serve) -> None:
    served = serve(*[DRAFT] * 5)
    scheduler, order = served.world.assistant.scheduler, []
    read = served.world.llm.begins

    def begins(messages: Any, *rest: Any, **more: Any) -> float:
        [turn] = scheduler._running
        order.append(turn.client.split()[-1])
        return read(messages, *rest, **more)

    served.world.llm.begins = begins  # type: ignore[method-assign]
    with ThreadPoolExecutor(5) as pool, ExitStack() as first:
        first.enter_context(scheduler.turn("first"))
        for n, user in enumerate("aaabb", start=1):
            pool.submit(served.ask, user=user)
            while len(scheduler) < n:
                pass
        first.close()
    assert order == ["a", "b", "a", "b", "a"]


def test_the_search_of_who_waits_is_shown_at_once(serve: Serve) -> None:
    served = serve(DRAFT)
    with served.world.assistant.scheduler.turn("other"):
        chunks = iter(served.ask(stream=True))
        kinds = [next(chunks).model_extra.get("rag_event", {}).get("type") for _ in range(3)]
        assert kinds == [None, "found", "waiting"]
        assert served.http.get("/search", params={"q": QUESTION}).status_code == 200
