"""How fast each kind of file is read, and in how much memory: `python -m benchmarks.formats [ARTICLES]`.

The same made-up articles of about 2,400 characters are written in every format and read, without being embedded. Each
format is read in a process of its own, three times; the best counts, in seconds of the processor, the reading process
and its start included. Ratios are to plain text in the same run.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

from rag.corpus import FileReader, find_files
from rag.types import Article
from tests.files import STORY, Text, docx, message, page, paragraph, pdf, wrapped, zipped

ROUNDS = 3
PARAGRAPHS = 9


def story(number: int) -> list[str]:
    """Return the paragraphs of an article, another one for each number."""
    chance = random.Random(number)
    sentences = " ".join(STORY).split(". ")
    return [f"{number}-{n}. {'. '.join(chance.sample(sentences, 3))}." for n in range(PARAGRAPHS)]


def as_pdf(paragraphs: list[str]) -> bytes:
    pages: list[list[Text]] = []
    lines: list[Text] = []
    y = 780.0
    for one in paragraphs:
        for x, _, size, text in wrapped(one, 88, x=60, y=0):
            if y < 70:
                pages.append(lines)
                lines, y = [], 780.0
            lines.append((x, y, size, text))
            y -= 12
        y -= 8
    return pdf([*pages, lines])


def as_page(paragraphs: list[str]) -> bytes:
    body = "</p><p>".join(map(escape, paragraphs[2:]))
    return page().replace(f"<p>{escape(STORY[2])}</p>", f"<p>{body}</p>").encode()


def as_rss(paragraphs: list[str]) -> str:
    body = escape("".join(f"<p>{escape(one)}</p>" for one in paragraphs))
    return f"<item><title>Dam</title><description>{body}</description></item>"


def write(folder: Path, kind: str, stories: list[list[str]]) -> None:
    """Write the articles in one format: a file each, or all in one where that is usual."""
    single: dict[str, Callable[[list[str]], bytes]] = {
        "txt": lambda one: "\n\n".join(one).encode(),
        "md": lambda one: "\n\n".join(one).encode(),
        "html": as_page,
        "pdf": as_pdf,
        "docx": lambda one: docx("".join(map(paragraph, one))),
        "eml": lambda one: message("\n\n".join(one), Subject="Dam", From="a@lind.example").as_bytes(),
    }
    if kind in single:
        for number, one in enumerate(stories):
            (folder / f"{number}.{kind}").write_bytes(single[kind](one))
        return
    whole = {
        "jsonl": lambda: "\n".join(json.dumps({"text": "\n\n".join(one)}) for one in stories).encode(),
        "csv": lambda: ("text\n" + "\n".join('"' + "\n\n".join(one) + '"' for one in stories)).encode(),
        "rss": lambda: f"<rss version='2.0'><channel>{''.join(map(as_rss, stories))}</channel></rss>".encode(),
        "mbox": lambda: b"\n".join(b"From a Thu Jun  3 09:12:00 2021\n" + single["eml"](one) for one in stories),
        "zip": lambda: zipped({f"{n}.html": as_page(one) for n, one in enumerate(stories)}),
    }
    (folder / f"all.{kind}").write_bytes(whole[kind]())


def spent() -> float:
    """Return the processor's seconds so far, of this process and of those that it has ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def read(folder: Path) -> None:
    """Read all files of a folder, and print what that took, as JSON."""
    times = []
    for _ in range(ROUNDS):
        start = spent()
        with FileReader() as reader:
            results = [r for path in find_files(folder) for r in reader.read_file(path, max_bytes=10**9)]
        times.append(spent() - start)
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peaks = [resource.getrusage(one).ru_maxrss / 1024 for one in who]
    articles = sum(isinstance(result, Article) for result in results)
    print(json.dumps({"articles": articles, "seconds": min(times), "peaks": peaks}))


def main() -> None:
    """Print the table of docs/benchmarks.md."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    stories = [story(number) for number in range(count)]
    heads = ["format", "files", "MB", "articles per processor second", "time, plain text = 1"]
    heads += ["peak MB", "of the reader"]
    print(f"| {' | '.join(heads)} |")
    print("|---|---|---|---|---|---|---|")
    plain = 0.0
    for kind in ("txt", "jsonl", "md", "html", "zip", "pdf", "docx", "eml", "mbox", "rss", "csv"):
        with tempfile.TemporaryDirectory() as name:
            write(Path(name), kind, stories)
            files = find_files(Path(name))
            size = sum(path.stat().st_size for path in files) / 1e6
            command = [sys.executable, "-m", "benchmarks.formats", "--read", name]
            done = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        assert done["articles"] == count, (kind, done)
        plain = plain or done["seconds"]
        here, there = done["peaks"]
        shown = "zip of html" if kind == "zip" else kind
        other = f"{there:,.0f}" if kind not in ("txt", "jsonl") else "–"
        print(
            f"| {shown} | {len(files):,} | {size:.1f} | {count / done['seconds']:,.0f} | {done['seconds'] / plain:.1f} "
            f"| {here:,.0f} | {other} |"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        read(Path(sys.argv[2]))
    else:
        main()
