"""What all tests share: no network, the seed article's index, the real models and a real browser where asked for."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from selenium import webdriver

from rag import Assistant, Settings, cli, opening
from rag.index import sync
from rag.index.collect import collect
from rag.testing import ToyEmbedder
from tests.offline import sitecustomize  # noqa: F401 - blocks the network when it is imported

ROOT = Path(__file__).parent.parent

hypothesis.settings.register_profile("untimed", deadline=None)  # no test is timed: other work may run beside
hypothesis.settings.load_profile("untimed")


def offline_environment(**more: str) -> dict[str, str]:
    """Return an environment for a new process that may reach this machine only."""
    path = os.pathsep.join([str(ROOT / "tests" / "offline"), str(ROOT)])
    return {**os.environ, "PYTHONPATH": path, "NO_COLOR": "1", "COLUMNS": "200", **more}


@pytest.fixture(scope="session")
def seed_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The default settings, with an index of the seed article made by the real embedder."""
    settings = Settings.load(index_dir=tmp_path_factory.mktemp("seed") / "index")
    sync(
        [ROOT / "seeds"],
        settings.index_dir,
        opening.embedder(settings),
        passage_tokens=settings.passage_tokens,
        max_file_bytes=settings.file_bytes,
    )
    return settings


@pytest.fixture(scope="session")
def seed_assistant(seed_settings: Settings) -> Assistant:
    """The assistant over the seed article, with the real default models."""
    return Assistant.load(seed_settings)


@pytest.fixture(scope="session")
def chat_address(seed_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the real page over the seed article, in a process of its own, without a network."""
    collect("of one", ["000_7ad2483756c43468.txt"], seed_settings.index_dir)
    log = tmp_path_factory.mktemp("chat") / "log"
    data = tmp_path_factory.mktemp("data")
    command = [sys.executable, str(ROOT / "app.py"), "--index", str(seed_settings.index_dir), "--port", "7899"]
    command += ["--data", str(data)]
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out, env=offline_environment()) as chat:
        try:
            for _ in range(1200):
                if "rag is ready" in log.read_text() or chat.poll() is not None:
                    break
                try:
                    chat.wait(0.1)
                except subprocess.TimeoutExpired:
                    continue
            assert "rag is ready: http://127.0.0.1:7899" in log.read_text(), log.read_text()
            yield "http://127.0.0.1:7899"
        finally:
            chat.terminate()


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `rag` load a toy embedder."""
    from tests.world import WORDS

    monkeypatch.setattr("rag.opening.embedder", lambda *_, **__: ToyEmbedder(*WORDS))


@contextmanager
def chrome(profile: Path) -> Iterator[webdriver.Chrome]:
    """Run headless Chromium from Debian's packages, with a profile of its own."""
    options = webdriver.ChromeOptions()
    switches = "headless no-sandbox disable-gpu disable-quic no-first-run disable-background-networking"
    for switch in [*switches.split(), "disable-component-update", "disable-sync", f"user-data-dir={profile}"]:
        options.add_argument(f"--{switch}")
    options.add_argument("--window-size=1000,900")
    options.binary_location = "/usr/bin/chromium"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """One browser for all tests that drive one."""
    with chrome(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@dataclass(frozen=True)
class Outcome:
    """What a run of `rag` left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]
Fake = Callable[..., Any]


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Run:
    """Run `rag` with some arguments in an empty folder, on a wide terminal; a test that fails shows what it said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("RAG_MODELS_DIR", str(tmp_path / "models"))

    def run(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["rag", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        outcome = Outcome(int(end.value.code or 0), *capsys.readouterr())
        request.node.add_report_section("call", shlex.join(sys.argv), f"{outcome.out}{outcome.err}[{outcome.code}]")
        return outcome

    return run


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Fake:
    """Let `rag` load an assistant over fakes; called with what its language model writes."""

    def load(*answers: str, **options: Any) -> Any:
        from tests.world import World

        world = World(tmp_path, *answers, **options)
        monkeypatch.setattr(Assistant, "load", lambda *_, **__: world.assistant)
        monkeypatch.setattr("rag.models.is_here", lambda *_, **__: True)
        return world

    return load
