"""A wheel, built and installed elsewhere, answers too: prompts and the registry travel with it."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from rag import Settings
from tests.conftest import ROOT, offline_environment

pytestmark = [pytest.mark.model, pytest.mark.setup]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True)
    return next(folder.glob("rag-*.whl"))


def test_it_carries_prompts_registry_and_page(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    prompts = {f"rag/_prompts/{path.name}" for path in (ROOT / "prompts").glob("*.txt")}
    probes = {f"rag/llm/probes/{path.name}" for path in (ROOT / "rag/llm/probes").glob("*.json")}
    data = "models.toml web/page.css web/page.js evaluation/report.html py.typed"
    assert {*prompts, *probes, *(f"rag/{name}" for name in data.split())} <= set(names)
    assert not [name for name in names if name.startswith(("tests/", "seeds/", "index/"))]


def test_installed_in_an_empty_environment_it_answers_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    environment = offline_environment(RAG_MODELS_DIR=str(Settings.load().models_dir))
    environment["PYTHONPATH"] = str(ROOT / "tests" / "offline")  # not the source tree
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    site = next((tmp_path / "venv" / "lib").glob("python*/site-packages"))
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    # the dependencies are those already here: a folder of them, which does not hold the project itself
    here = next(Path(sys.prefix).glob("lib/python*/site-packages"))
    for entry in here.iterdir():
        if not entry.name.startswith(("rag", "_rag", "__editable__", "_editable", "pip", "setuptools")):
            (site / entry.name).symlink_to(entry) if not (site / entry.name).exists() else None
    (tmp_path / "news").mkdir()
    seed = next((ROOT / "seeds").glob("*.txt"))
    (tmp_path / "news" / seed.name).write_bytes(seed.read_bytes())

    def rag(*arguments: str) -> str:
        command = [str(python), "-m", "rag", *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = subprocess.run(
        [str(python), "-c", "import rag; print(rag.__file__)"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert where.stdout.startswith(str(site)), where
    rag("index", "news")
    assert "American forces" in json.loads(rag("ask", "Who left the weapons behind?", "--json"))["text"]
