"""Where the server listens, what it is called, and what it says where it cannot."""

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from rag import Settings
from rag.errors import UsageError
from rag.server import hosts_for, is_this_machine, listen
from tests.conftest import Run, offline_environment

DEADLINE_S = 120


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False)],
)
def test_some_addresses_are_reached_from_this_machine_alone(host: str, here: bool) -> None:
    assert is_this_machine(host) is here


@pytest.mark.parametrize(
    ("host", "named", "evil"),
    [("127.0.0.1", (), False), ("0.0.0.0", (), True), ("0.0.0.0", ("articles.example",), False)],
)
def test_only_where_others_are_to_reach_it_it_has_any_name(host: str, named: tuple[str, ...], evil: bool) -> None:
    hosts = hosts_for(host, named)
    assert ("*" in hosts) is evil
    assert set(named) <= set(hosts)


def test_a_port_that_is_taken_and_an_address_that_is_not_here_are_usage_errors() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} .*--port {port + 1}"):
            listen("127.0.0.1", port)
    with pytest.raises(UsageError, match=r"cannot listen on '192\.0\.2\.1'"):
        listen("192.0.2.1", 0)


def test_other_machines_are_let_in_with_a_token_or_on_purpose(run: Run) -> None:
    outcome = run("serve", "--host", "0.0.0.0")
    assert outcome.code == 2
    assert "RAG_SERVER_TOKEN" in outcome.err


def test_a_missing_index_is_said_in_one_line(run: Run) -> None:
    outcome = run("serve", "--extractive", "--port", "0")
    assert outcome.code == 2


@pytest.mark.model
def test_one_process_serves_page_and_api_without_a_network_until_it_is_interrupted(
    seed_settings: Settings, tmp_path: Path
) -> None:
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "rag", "serve", "--extractive", "--port", str(port)]
    command += ["--index", str(seed_settings.index_dir)]
    log = tmp_path / "log"
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out, env=offline_environment()) as server:
        try:
            for _ in range(DEADLINE_S * 10):
                if "rag is ready" in log.read_text() or server.poll() is not None:
                    break
                try:
                    server.wait(0.1)
                except subprocess.TimeoutExpired:
                    continue
            assert f"rag is ready: http://127.0.0.1:{port}" in log.read_text(), log.read_text()
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=DEADLINE_S) as http:
                assert "<gradio-app" in http.get("/").text
                assert http.get("/config").json()["mode"] == "blocks"
                messages = [{"role": "user", "content": "What did Asif say about weapons?"}]
                answer = http.post("/v1/chat/completions", json={"messages": messages}).json()
                assert "night vision goggles" in answer["choices"][0]["message"]["content"]
            server.send_signal(signal.SIGINT)
            assert server.wait(DEADLINE_S) in (0, 130, -signal.SIGINT)
            assert "Traceback" not in log.read_text()
        finally:
            server.kill()
