"""`rag mcp` over fakes, in a folder: `python -m tests.mcp.fake_server FOLDER`."""

import sys
from pathlib import Path

from rag.mcp import build
from tests.world import World

if __name__ == "__main__":
    build(World(Path(sys.argv[1]), "The goggles were green. Soldiers left 90 rifles.").assistant).run()
