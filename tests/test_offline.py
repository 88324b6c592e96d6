"""Nothing reaches the network once the models are here: index, search and ask where every connection fails."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rag import Settings
from tests.conftest import ROOT, offline_environment


def rag(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line in `folder`, with an empty home and no network."""
    models_dir = str(Settings.load().models_dir)
    environment = offline_environment(HOME=str(folder), RAG_MODELS_DIR=models_dir)
    return subprocess.run(
        [sys.executable, "-m", "rag", *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )


def test_the_block_blocks(tmp_path: Path) -> None:
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    done = subprocess.run([sys.executable, "-c", code], env=offline_environment(), capture_output=True, text=True)
    assert "network use" in done.stderr


@pytest.mark.model
def test_index_search_and_ask_need_no_network(tmp_path: Path) -> None:
    indexed = rag("index", str(ROOT / "seeds"), folder=tmp_path)
    assert indexed.returncode == 0, indexed.stderr
    assert "1 article," in indexed.stdout
    asked = rag("ask", "When did the ceasefire end?", "--json", folder=tmp_path)
    assert asked.returncode == 0, asked.stderr
    assert "November 28" in json.loads(asked.stdout)["text"]
    wrong = rag("ask", "  ", folder=tmp_path)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.startswith("error: the question is empty")
