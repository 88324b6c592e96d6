"""The default model behind llama-cpp-python's own server, on this machine."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from rag import Assistant, Settings, models
from tests.conftest import offline_environment

pytestmark = pytest.mark.model
TRIES = 1200


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of the default model."""
    settings = Settings.load()
    path = models.resolve(settings.llm, models_dir=settings.models_dir)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log"
    options = {"--model": path, "--model_alias": "tiny", "--host": "127.0.0.1", "--port": port, "--n_ctx": 2048}
    command = [sys.executable, "-m", "llama_cpp.server", *(str(part) for pair in options.items() for part in pair)]
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out, env=offline_environment()) as server:
        try:
            for _ in range(TRIES):
                try:
                    httpx.get(f"http://127.0.0.1:{port}/v1/models", timeout=10, trust_env=False)
                    break
                except httpx.HTTPError:
                    assert server.poll() is None, log.read_text()
                    with pytest.raises(subprocess.TimeoutExpired):
                        server.wait(0.1)
            yield f"http://127.0.0.1:{port}/v1#tiny"
        finally:
            server.kill()


def test_an_answer_is_the_same_whether_the_model_is_here_or_there(
    address: str, seed_settings: Settings, seed_assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Assistant.load(seed_settings.model_copy(update={"llm": address}))
    question = "What did Asif say about weapons?"
    monkeypatch.setattr(seed_assistant._llm, "inside", lambda *_, **__: None)  # a server shows nothing of the inside
    answer, expected = there.ask(question), seed_assistant.ask(question)
    there._llm.close()  # type: ignore[union-attr]
    assert answer.text == expected.text
    assert [c.quote for c in answer.citations] == [c.quote for c in expected.citations]
    assert answer.timings.prompt_tokens == expected.timings.prompt_tokens
    assert answer.confidence == pytest.approx(expected.confidence, abs=0.02)
