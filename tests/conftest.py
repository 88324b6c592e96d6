"""What all tests share: no network, the seed article's index, and the real models where a test asks for them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Assistant, Settings
from rag.assistant import load_embedder
from rag.index import sync
from tests.offline import sitecustomize  # noqa: F401 - blocks the network when it is imported

ROOT = Path(__file__).parent.parent


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
        load_embedder(settings),
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
    log = tmp_path_factory.mktemp("chat") / "log"
    command = [sys.executable, str(ROOT / "app.py"), "--index", str(seed_settings.index_dir), "--port", "7899"]
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
