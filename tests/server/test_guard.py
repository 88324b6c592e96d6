"""Who may ask, how much, and how often."""

import base64
import socket
from collections.abc import Iterator

import pytest

from rag.server.guard import Limiter, _host
from tests.server.conftest import ASKED, Serve

TOKEN = "a long token, ünïcode too"
PATHS = ["/v1/models", "/search?q=x", "/articles", "/metrics", "/openapi.json", "/"]


def test_a_bucket_fills_evenly_and_is_each_clients_own() -> None:
    now = [0.0]
    limiter = Limiter(2, clock=lambda: now[0])
    assert [limiter.take("a"), limiter.take("a"), limiter.take("a"), limiter.take("b")] == [None, None, 30, None]
    now[0] = 29.0
    assert limiter.take("a") == 1
    now[0] = 30.0
    assert [limiter.take("a"), limiter.take("a")] == [None, 30]
    now[0] = 1000.0
    assert [limiter.take("a"), limiter.take("a"), limiter.take("a")] == [None, None, 30]


def test_buckets_of_those_long_gone_are_forgotten() -> None:
    now = iter(range(1_000_000))
    limiter = Limiter(5, clock=lambda: float(next(now)))
    for n in range(10_100):
        limiter.take(str(n))
    assert len(limiter._buckets) < 200


def basic(token: str) -> str:
    """Return the header a browser sends."""
    return "Basic " + base64.b64encode(f"anyone:{token}".encode()).decode()


@pytest.mark.parametrize(
    "header", [None, "", TOKEN[:-1], "Bearer", "Bearer wrong", "Basic wrong", basic("wrong"), "Basic \xe9"]
)
def test_without_the_token_nothing_is_answered_but_health(serve: Serve, header: str | None) -> None:
    served = serve(server_token=TOKEN)
    headers = {} if header is None else {b"Authorization": header.encode()}
    for path in PATHS:
        answer = served.http.get(path, headers=headers)
        assert answer.status_code == 401, path
        assert answer.headers["WWW-Authenticate"].startswith("Basic" if path == "/" else "Bearer")
        assert TOKEN not in answer.text
    assert served.http.get("/health", headers=headers).status_code == 200


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer {TOKEN}", basic(TOKEN)])
def test_with_the_token_all_is_answered(serve: Serve, header: str) -> None:
    served = serve(server_token=TOKEN)
    for path in PATHS[:-1]:
        assert served.http.get(path, headers={b"Authorization": header.encode()}).status_code == 200, path


def test_openais_client_sends_its_key_as_the_token(serve: Serve) -> None:
    served = serve("The goggles were green.", server_token="sk-plain")
    assert served.ask().choices[0].message.content.startswith("The goggles were green. [1]")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "localhost@evil"])
def test_a_name_that_was_rebound_to_this_machine_is_refused(serve: Serve, host: str) -> None:
    assert serve().http.get("/v1/models", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost:99", "127.0.0.1", "[::1]:8080"])
def test_names_of_this_machine_are_answered(serve: Serve, host: str) -> None:
    assert serve().http.get("/v1/models", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://["])
def test_pages_of_other_sites_may_not_ask(serve: Serve, origin: str) -> None:
    served = serve("The goggles were green.")
    answer = served.http.post("/v1/chat/completions", json={"messages": ASKED}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    assert served.world.llm.history == []


def test_an_origin_that_is_none_is_no_host_even_where_the_request_names_none() -> None:
    assert _host("http://[") == ""
    assert _host("http://127.0.0.1:1") == "127.0.0.1:1"


def test_pages_of_the_server_itself_and_of_sites_named_may(serve: Serve) -> None:
    served = serve(server_origins=("https://friend.example",))
    assert served.http.get("/v1/models", headers={"Origin": served.address}).status_code == 200
    answer = served.http.get("/v1/models", headers={"Origin": "https://friend.example"})
    assert answer.headers["access-control-allow-origin"] == "https://friend.example"


def test_a_body_that_is_too_large_is_refused_with_and_without_its_length(serve: Serve) -> None:
    served = serve(server_body_bytes=1000)

    def chunks() -> Iterator[bytes]:
        for _ in range(30):
            yield b" " * 100

    for body in (b" " * 1001, chunks()):
        answer = served.http.post("/v1/chat/completions", content=body)
        assert answer.status_code == 413
        assert "RAG_SERVER_BODY_BYTES" in answer.json()["error"]["message"]
    assert served.http.post("/v1/chat/completions", content=b" " * 1000).status_code == 400


def test_a_length_that_is_not_read_to_the_end_hangs_nobody(serve: Serve) -> None:
    served = serve(server_body_bytes=1000)
    host, port = served.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(b"POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("path", ["*", "//v1/models", "/%2e%2e/%2e%2e/etc/passwd", "/" + "a" * 5000])
def test_strange_paths_are_answered_and_not_found(serve: Serve, path: str) -> None:
    host, port = serve().address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(f"OPTIONS {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert line.recv(100).split()[1] in (b"404", b"405")


def test_too_many_requests_are_told_when_to_come_again(serve: Serve) -> None:
    served = serve(server_per_minute=2)
    codes = [served.http.get("/v1/models").status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    answer = served.http.get("/articles")
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["error"]["type"] == "rate_limit_error"
    assert served.http.get("/health").status_code == 200
