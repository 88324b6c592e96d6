"""What the server lets in and sends along."""

import base64
import hashlib
import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from rag.web.shield import Shield
from rag.web.visits import COOKIE

SCRIPT = "window.config = {};"
PAGE = f'<html><script>{SCRIPT}</script><script type="module" src="/assets/x.js"></script></html>'


def served(**options: str) -> TestClient:
    """Return a client of a small app behind the shield."""

    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse(PAGE)

    async def other(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.url.path, headers={"content-disposition": "inline; filename=x.html"})

    routes = [Route("/", page), Route("/{path:path}", other)]
    app = Starlette(routes=routes, middleware=[Middleware(Shield, **options)])
    return TestClient(app, base_url="http://127.0.0.1:7860")


def test_the_page_runs_only_the_scripts_it_was_sent_with() -> None:
    answer = served().get("/")
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert answer.text == PAGE
    scripts = re.search(r"script-src ([^;]*)", policy)
    assert scripts
    assert scripts[1] == f"'self' 'unsafe-eval' 'sha256-{digest}'"
    for rule in ("default-src 'self'", "frame-ancestors 'none'", "object-src 'none'", "connect-src 'self'"):
        assert rule in policy


def test_every_answer_has_the_headers() -> None:
    for path in ("/", "/theme.css", "/gradio_api/info"):
        headers = served().get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"


def test_a_file_is_never_shown_as_a_page() -> None:
    headers = served().get("/gradio_api/file=/tmp/x.html").headers
    assert headers["content-disposition"] == "attachment"
    assert "sandbox" in headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/config",
        "/assets/index.js",
        "/gradio_api/queue/join",
        "/gradio_api/upload",
        "/gradio_api/run/predict",
        "/login",
    ],
)
def test_what_the_page_needs_passes(path: str) -> None:
    assert served().get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/info",
        "/gradio_api/openapi.json",
        "/gradio_api/call/respond",
        "/gradio_api/run/respond",
        "/gradio_api/api/predict",
        "/gradio_api/proxy=https://x.hf.space/",
        "/gradio_api/file=https://example.org/x",
        "/gradio_api/file=..%2f..%2fetc%2fpasswd",
        "/gradio_api/vibe-edit",
        "/gradio_api/mcp/",
        "/monitoring",
        "/docs",
    ],
)
def test_what_else_gradio_has_is_closed(path: str) -> None:
    assert served().get(path).status_code == 404


@pytest.mark.parametrize(
    ("host", "name", "status"),
    [
        ("127.0.0.1", "127.0.0.1:7860", 200),
        ("127.0.0.1", "localhost:7860", 200),
        ("127.0.0.1", "rebound.example:7860", 421),
        ("192.168.0.2", "192.168.0.2", 200),
        ("192.168.0.2", "localhost", 421),
        ("0.0.0.0", "any.example", 200),
    ],
)
def test_it_answers_only_to_its_own_names(host: str, name: str, status: int) -> None:
    assert served(host=host).get("/", headers={"host": name}).status_code == status


def test_a_browser_gets_a_secret_of_its_own_once() -> None:
    one, two = served(), served()
    cookie = one.get("/").headers["set-cookie"]
    assert re.match(rf"{COOKIE}=[\w-]{{32}}; Path=/; Max-Age=\d+; HttpOnly; SameSite=Lax$", cookie)
    assert cookie != two.get("/").headers["set-cookie"]
    assert "set-cookie" not in one.get("/").headers
    assert "set-cookie" not in two.get("/theme.css").headers


def test_mounted_it_knows_its_own_paths_from_those_before_them() -> None:
    app = Starlette(routes=[Mount("/chat", served(host="").app), Route("/v1", lambda _: PlainTextResponse("v1"))])
    client = TestClient(app, base_url="http://any.example")
    assert client.get("/chat/").headers["content-security-policy"]
    assert client.get("/chat/gradio_api/info").status_code == 404
    assert client.get("/v1").text == "v1"


def test_a_name_in_capitals_is_the_same_name() -> None:
    assert served(host="MyBox").get("/", headers={"host": "mybox:7860"}).status_code == 200
    assert served(host="MyBox").get("/", headers={"host": "other"}).status_code == 421
