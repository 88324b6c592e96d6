"""Finding files beneath a folder. Knows nothing about what is in them."""

import os
import stat
from pathlib import Path

from rag.corpus.source import Skipped

_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def find_files(root: Path) -> list[Path]:
    """Return the files at or beneath `root` in a stable order; hidden ones and links out of it are left out."""
    return scan(root)[0]


def scan(root: Path) -> tuple[list[Path], list[Skipped]]:
    """Return the files as `find_files` does, and what can be no file of articles or cannot be looked into."""
    if not root.is_dir():
        return ([root], []) if root.exists() else ([], [])
    files: list[Path] = []
    odd: list[Skipped] = []
    real = root.resolve()
    folders = [str(root)]
    while folders:  # not by recursion: folders may lie deeper than Python's stack
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif what := special(mode_of(entry)):
                        odd.append(Skipped(entry.path, what))
                    elif _is_file_within(entry, real):
                        files.append(Path(entry.path))
        except OSError as error:
            odd.append(Skipped(folder, f"cannot be looked into: {error.strerror}"))
    return sorted(files), sorted(odd, key=lambda skipped: skipped.path)


def special(mode: int) -> str | None:
    """Return why something of this mode is not opened; None where it may be."""
    what = _KINDS.get(stat.S_IFMT(mode))
    return f"{what}, no file" if what else None


def mode_of(entry: os.DirEntry[str]) -> int:
    """Return the mode of an entry itself, 0 where it cannot be read."""
    try:
        return entry.stat(follow_symlinks=False).st_mode
    except OSError:
        return 0


def _is_file_within(entry: os.DirEntry[str], root: Path) -> bool:
    try:
        if not entry.is_file():
            return False
        return not entry.is_symlink() or Path(entry.path).resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # a loop of links
        return False
