"""Runs the systems: an environment for each, a fresh process for each phase, the results kept as files.

In a system's folder `venv` is its environment, `index` what it built, and each phase has its job, result and log.
Knows nothing about what is measured. A system that cannot be installed or run raises `PeerError`, in one line.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.peers.runner import Job

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
OWN = "rag"
"""It runs in the environment at hand."""
INSTALL_S = 1800


class PeerError(Exception):
    """Why a system has no numbers."""


def prepare(system: str, folder: Path) -> list[str]:
    """Return the command that starts the runner of `system`, once its environment in `folder` is as it should be."""
    module = ["-m", f"benchmarks.peers.runners.run_{system}"]
    if system == OWN:
        return [sys.executable, *module]
    requirements = HERE / f"requirements-{system}.txt"
    wanted = f"{sys.version}\n{requirements.read_text('utf-8')}\n{(ROOT / 'constraints.txt').read_text('utf-8')}"
    venv, mark = folder / "venv", folder / "installed.txt"
    python = venv / "bin" / "python"
    if not (python.exists() and mark.exists() and mark.read_text("utf-8") == wanted):
        mark.unlink(missing_ok=True)
        log = folder / "install.log"
        run([sys.executable, "-m", "venv", "--clear", str(venv)], log=log, limit_s=INSTALL_S)
        pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "-r", str(requirements)]
        run(pip, log=log, limit_s=INSTALL_S)
        mark.write_text(wanted, "utf-8")
    return [str(python), *module]


def measure(command: list[str], job: Job, folder: Path, *, limit_s: float, resume: bool = False) -> dict[str, Any]:
    """Do a phase in a process of its own and return its result.

    With `resume`, the result of the very same job, where there is one, is returned instead.
    """
    told, result, log = (folder / f"{job.phase}.{kind}" for kind in ("job.json", "json", "log"))
    if not (resume and result.exists() and told.read_text("utf-8") == job.to_json()):
        made = folder / "unfinished.json"
        for old in (result, made):
            old.unlink(missing_ok=True)
        if job.phase == "build":
            shutil.rmtree(job.index, ignore_errors=True)
        told.write_text(job.to_json(), "utf-8")
        run([*command, str(told), str(made)], log=log, limit_s=limit_s)
        if not made.exists():
            raise PeerError("the runner wrote no result")
        made.replace(result)
    found: dict[str, Any] = json.loads(result.read_text("utf-8"))
    return found


def run(command: list[str], *, log: Path, limit_s: float) -> None:
    """Run a command, what it prints going to `log`; raises `PeerError` with the last line of it."""
    with log.open("w", encoding="utf-8") as file:
        try:
            done = subprocess.run(
                command, cwd=log.parent, env=environment(), stdout=file, stderr=file, timeout=limit_s, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise PeerError(f"took longer than {limit_s:g} s") from error
    if done.returncode:
        lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
        raise PeerError(lines[-1].strip() if lines else f"ended with {done.returncode} and no word")


def environment() -> dict[str, str]:
    """Return the variables a system runs with: no setting of ours, nothing that reaches out once it is installed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAG_")}
    offline = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HAYSTACK_TELEMETRY_ENABLED": "False"}
    return kept | offline | {"PYTHONPATH": str(ROOT), "RAG_CONFIG": ""}
