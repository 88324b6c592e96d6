"""No kill loses what was reported as done: some dozen here, a thousand in benchmarks/kills.py."""

import re
import subprocess
import sys

from tests.conftest import ROOT


def test_kills_at_random_moments() -> None:
    command = [sys.executable, "-m", "benchmarks.kills", "36", "1"]  # it forks, so it must have no threads yet
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert sum(int(n) for n in re.findall(r"(\d+) killed", done.stdout)) > 10
