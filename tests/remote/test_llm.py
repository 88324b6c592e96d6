"""A language model behind a server: what is asked, what is made of the answer, and what is said when it fails."""

import math
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rag import Assistant, Settings
from rag.errors import ModelError
from rag.remote import ModelServer, RemoteLLM, is_address
from rag.remote.server import Refused
from rag.types import Message
from tests.remote.conftest import DEADLINE_S, Answer, Fake, FakeServer, text, told
from tests.world import World

PROMPT = [Message("system", "Be brief."), Message("user", "Who?")]
KEY = "sk-hush"
NO_LOGPROB = {"choices": [{"logprobs": {"content": [{"top_logprobs": [{"token": "NOT"}]}]}}]}


@contextmanager
def opened(fake: FakeServer, *, pauses_s: tuple[float, ...] = (0.0, 0.0), timeout_s: float = 10) -> Iterator[RemoteLLM]:
    """Open the model of a server that is asked again without a pause."""
    server = ModelServer(f"{fake.address}#tiny", key=KEY, option="--llm", timeout_s=timeout_s, pauses_s=pauses_s)
    llm = RemoteLLM(server, context_tokens=4096)
    yield llm
    llm.close()


def written(llm: RemoteLLM, **options: Any) -> str:
    """Return the whole answer."""
    return "".join(llm.stream(PROMPT, max_tokens=9, **options))


def test_an_address_is_told_from_a_name() -> None:
    assert [is_address(name) for name in ("http://x/v1#m", "https://x", "qwen", "/a/b.gguf")] == [
        True,
        True,
        False,
        False,
    ]


def test_what_is_asked_is_greedy_and_bounded(fake_server: Fake) -> None:
    fake = fake_server(Answer(pieces=["He", " left."]))
    with opened(fake) as llm:
        assert written(llm) == "He left."
    [asked] = fake.asked
    assert asked == {
        "path": "/v1/chat/completions",
        "model": "tiny",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Who?"}],
        "max_tokens": 9,
        "temperature": 0,
        "seed": 0,
        "stream": True,
    }
    assert fake.headers[-1]["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("pieces", "kept"),
    [
        (["NOT", " FOUND"], ""),
        ([" Not found in", " these."], ""),
        (["NO", "BODY left."], "NOBODY left."),
        (["NOT"], "NOT"),
        (["He left. NOT FOUND"], "He left. NOT FOUND"),
        ([""], ""),
    ],
)
def test_an_answer_that_begins_as_it_must_not_is_none(fake_server: Fake, pieces: list[str], kept: str) -> None:
    with opened(fake_server(Answer(pieces=pieces))) as llm:
        assert written(llm, never="NOT FOUND") == kept


@pytest.mark.parametrize(
    ("might_be", "probability"),
    [
        ({"NOT": math.log(0.25), "The": math.log(0.5), "N": math.log(0.1)}, 0.25),
        ({" NOT": math.log(0.25)}, 0.25),
        ({"The": -0.1, "Not": -1.0}, 0.0),
        ({"NOT": 0.0001}, 1.0),
        ({"NOT": 1e4}, 1.0),
    ],
)
def test_how_an_answer_begins_is_read_off_the_first_token(
    fake_server: Fake, might_be: dict[str, float], probability: float
) -> None:
    fake = fake_server(told(**might_be))
    with opened(fake) as llm:
        assert llm.begins(PROMPT, "NOT FOUND") == pytest.approx(probability)
        assert llm.count(PROMPT) == 77
    assert (fake.asked[0]["max_tokens"], fake.asked[0]["top_logprobs"]) == (1, 20)


@pytest.mark.parametrize("silence", [text("N"), Answer({"error": "no logprobs here"}, status=400)])
def test_where_no_probabilities_are_told_the_answer_itself_is_looked_at(fake_server: Fake, silence: Answer) -> None:
    fake = fake_server(silence, text("Not found."), text("He left."))
    with opened(fake) as llm:
        assert [llm.begins(PROMPT, "NOT FOUND"), llm.begins(PROMPT, "NOT FOUND")] == [1.0, 0.0]
    assert ["logprobs" in asked for asked in fake.asked] == [True, False, False]


def test_tokens_are_guessed_until_the_server_has_counted_them(fake_server: Fake) -> None:
    with opened(fake_server(told(A=0.0))) as llm:
        assert llm.count(PROMPT) == 3 + 4 + 2 + 4
        llm.begins(PROMPT, "A")
        assert llm.count(PROMPT) == 77


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_may_pass_is_tried_again(fake_server: Fake, status: int) -> None:
    busy = Answer({}, status=status, headers={"Retry-After": "0"})
    fake = fake_server(busy, busy, Answer(pieces=["He left."]))
    with opened(fake) as llm:
        assert written(llm) == "He left."
    assert len(fake.asked) == 3


@pytest.mark.parametrize(
    ("answer", "said", "times"),
    [
        (Answer({}, status=503), "refused (503)", 3),
        (Answer({"error": {"message": "context too long"}}, status=400), "context too long", 1),
        (Answer({}, status=500), "refused (500)", 1),
        (Answer({}, status=401), "set RAG_LLM_API_KEY", 1),
        (Answer({}, status=404), "no model 'tiny'", 1),
        (Answer(b"data: {broken\n\n"), "answers no JSON", 1),
        (Answer(b'data: {"error": {"message": "out of memory"}}\n\n'), "out of memory", 1),
        (Answer(b"data: []\n\n"), "#tiny a language model?", 1),
        (Answer(b'data: {"choices": [null]}\n\n'), "#tiny a language model?", 1),
    ],
)
def test_what_goes_wrong_there_is_said_here(fake_server: Fake, answer: Answer, said: str, times: int) -> None:
    fake = fake_server(answer)
    with opened(fake) as llm, pytest.raises(ModelError) as raised:
        written(llm)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
    assert KEY not in "".join(traceback.format_exception(raised.value))
    assert len(fake.asked) == times


@pytest.mark.parametrize("answers", [([],), ({"choices": [None]},), ({"choices": {"a": 1}},), (NO_LOGPROB,), ({}, [])])
def test_json_of_another_form_is_no_beginning(fake_server: Fake, answers: tuple[Any, ...]) -> None:
    with opened(fake_server(*map(Answer, answers))) as llm, pytest.raises(ModelError, match="#tiny a language model"):
        llm.begins(PROMPT, "NOT FOUND")


def test_a_server_that_is_not_there_is_tried_again_then_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    server = ModelServer(f"http://127.0.0.1:{port}/v1#x", key=None, option="--llm", timeout_s=1, pauses_s=(0.0,))
    with pytest.raises(ModelError, match=rf"127\.0\.0\.1:{port}/v1 does not answer .*--llm NAME"):
        RemoteLLM(server, context_tokens=512).begins(PROMPT, "x")
    server.close()


def test_a_server_that_falls_silent_is_not_waited_for_for_ever(fake_server: Fake) -> None:
    with (
        opened(fake_server(Answer(silent=True)), timeout_s=0.05) as llm,
        pytest.raises(ModelError, match="nothing came"),
    ):
        written(llm)


@pytest.mark.parametrize("answer", [Answer(silent=True), Answer(pieces=["He"], endless=True)])
def test_whoever_is_cancelled_hangs_up(fake_server: Fake, answer: Answer) -> None:
    fake, cancelled = fake_server(answer), threading.Event()
    with opened(fake) as llm:
        ends = threading.Event()

        def write() -> None:
            written(llm, cancelled=cancelled)
            ends.set()

        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        assert fake.began.wait(DEADLINE_S)
        assert not ends.is_set()
        cancelled.set()
        assert fake.dropped.wait(DEADLINE_S)
        assert ends.wait(DEADLINE_S)


def test_a_closed_iterator_hangs_up(fake_server: Fake) -> None:
    fake = fake_server(Answer(pieces=["He"], endless=True))
    with opened(fake) as llm:
        pieces = llm.stream(PROMPT, max_tokens=9)
        assert next(pieces) == "He"
        pieces.close()  # type: ignore[attr-defined]
        assert fake.dropped.wait(DEADLINE_S)


def test_the_only_model_need_not_be_named(fake_server: Fake) -> None:
    llm = RemoteLLM.open(fake_server().address, key=None, context_tokens=512, timeout_s=1)
    assert llm.name.endswith("/v1#tiny")
    llm.close()
    with pytest.raises(ModelError, match="has 2 models: a, b; name one: --llm http"):
        ModelServer(
            fake_server(models={"data": [{"id": "a"}, {"id": "b"}]}).address, key=None, option="--llm", timeout_s=1
        )


def test_a_model_that_is_not_there_is_found_out_when_it_is_opened(fake_server: Fake) -> None:
    with pytest.raises(Refused, match="no model 'big'; there are: tiny"):
        RemoteLLM.open(f"{fake_server().address}#big", key=None, context_tokens=512, timeout_s=1)
    with pytest.raises(ModelError, match="lists no models"):
        RemoteLLM.open(f"{fake_server(models=[1]).address}#big", key=None, context_tokens=512, timeout_s=1)


@pytest.mark.parametrize(
    "address",
    [
        "http://",
        "http:///v1#x",
        f"http://user:{KEY}@host/v1#x",
        f"http://h/v1?key={KEY}#x",
        "http://host:port/v1#x",
        "http://[::1/v1#x",
        f"http://u:pa/{KEY}@h/v1#x",
    ],
)
def test_an_address_that_is_none_or_holds_a_key_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(ModelError, match="is no address of a model server") as raised:
        ModelServer(address, key=None, option="--llm", timeout_s=1)
    assert KEY not in str(raised.value)


def test_an_answer_over_a_server_is_checked_like_any_other(
    fake_server: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    fake = fake_server(told(The=math.log(0.9)), Answer(pieces=["The goggles were green. ", "Soldiers left 90 rifles."]))
    monkeypatch.setattr("rag.opening.embedder", lambda *_, **__: world.embedder)
    settings = Settings.load(index_dir=world.settings.index_dir, llm=f"{fake.address}#tiny", llm_api_key=KEY)
    assistant = Assistant.load(settings)
    answer = assistant.ask("What of the goggles?")
    assert answer.text == "The goggles were green. [1]"
    assert [claim.withheld for claim in answer.claims] == [False, True]
    assert answer.models["llm"] == f"{fake.address}#tiny"
    assert answer.timings.prompt_tokens == 77
    assert KEY not in str(answer.to_json())
    assistant._llm.close()  # type: ignore[union-attr]
