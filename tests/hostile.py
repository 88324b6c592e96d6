"""A folder of files that nobody should have to read: empty, broken, lying, endless, and made to do harm.

The same folder each time. Each file is one that can be found, or that is left out by rule; none needs a network.
"""

import gzip
import io
import json
import os
import random
import socket
import stat
import struct
import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path

from rag.corpus.kinds import SUFFIXES
from tests.files import STORY, docx, message, page, paragraph, pdf, wrapped, zipped

SMALL_LIMIT = 1_000_000
"""What a bomb here unpacks to is more than ten times that: so limits of this size cut in."""
RLO = "\u202e"


SLOW = {
    *("attributes.html", "bad-json.html", "tables.html", "comment.html", "deep.atom", "nested.md", "wide.pdf"),
    *("long-header.eml", "nested.eml", "attached.eml", "many.zip"),
    *("open-quote.csv", "many-columns.csv", "huge-field.csv"),
}
"""Those that take a good part of a second or more to read."""


def make(folder: Path, count: int, *, slow: bool) -> None:
    """Fill a new folder with about `count` files: all the special ones, then broken copies of sound ones."""
    folder.mkdir()
    _tree(folder)
    special = _empty() | _texts() | _pages() | _pdfs() | _archives() | _xml() | _tables() | _mail()
    special = {name: data for name, data in special.items() if slow or name not in SLOW}
    for name, data in special.items():
        (folder / name).write_bytes(data)
    kinds = _sound()
    for number in range(max(0, count - len(special) - 12)):
        name = sorted(kinds)[number % len(kinds)]
        (folder / f"broken-{number}-{name}").write_bytes(_broken(kinds[name], random.Random(number)))


def _broken(data: bytes, chance: random.Random) -> bytes:
    """Return a copy that is cut, or has other bytes in some places, or a part of it twice."""
    broken = bytearray(data)
    way = chance.randrange(4)
    if way == 0:
        return bytes(broken[: chance.randrange(len(broken))])
    if way == 1:
        for _ in range(chance.randrange(1, 40)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        return bytes(broken)
    start, end = sorted(chance.randrange(len(broken)) for _ in range(2))
    return bytes(broken[:start] + broken[end:] if way == 2 else broken[:end] + broken[start:])


def _sound() -> dict[str, bytes]:
    lines = wrapped(" ".join(STORY), 60, x=60, y=760)
    sound = {
        "a.html": page().encode(),
        "a.pdf": pdf([lines, lines], info="/Title (Dam)"),
        "a.docx": docx(paragraph(STORY[0]) + paragraph(STORY[1]), core="<dc:title>Dam</dc:title>"),
        "a.eml": message(STORY[0], {"b.txt": STORY[1].encode()}, Subject="Dam", From="a@lind.example").as_bytes(),
        "a.rss": _feed("<pubDate>Thu, 03 Jun 2021 14:20:00 +0200</pubDate>"),
        "a.csv": f'title,text\nDam,"{STORY[0]}"\n'.encode() * 5,
        "a.jsonl": json.dumps({"text": STORY[0], "title": "Dam"}).encode() + b"\n",
        "a.md": f"---\ntitle: Dam\n---\n# Dam\n\n{STORY[0]}\n\n- a\n".encode(),
        "a.txt": f"date 2021-06-03 {STORY[0]}".encode(),
    }
    sound["a.zip"] = zipped(dict(sound))
    packed = tarred(sound)
    sound |= {"a.tar.gz": gzip.compress(packed, mtime=0), "a.tar": packed}
    return sound


def _empty() -> dict[str, bytes]:
    noise = random.Random(1).randbytes(3000)
    return {f"{what}{suffix}": data for suffix in SUFFIXES for what, data in (("empty", b""), ("noise", noise))}


def _texts() -> dict[str, bytes]:
    return {
        "one-line.txt": b"rain " * SMALL_LIMIT,
        "no-space.txt": b"x" * SMALL_LIMIT,
        "no-space.jsonl": b'{"text": "' + b"x" * 1_000_000 + b'"}',
        "controls.txt": bytes(range(1, 32)) * 20 + b" It rained.",
        "turned.txt": f"It {RLO}deniar{RLO}.".encode(),
        "surrogates.txt": b"It \xed\xa0\x80 rained \xed\xbf\xbf.",
        "surrogates.jsonl": b'{"text": "It \\ud800 rained.", "title": "\\udfff"}',
        "year-0.txt": b"date 0000-00-00 It rained.",
        "year-9999.txt": b"date 9999-12-31 It rained.",
        "years.jsonl": b"\n".join(
            json.dumps({"text": f"It rained {n}.", "date": date}).encode()
            for n, date in enumerate(["0000-01-01", "9999-12-31T23:59:59-12:00", "99999-01-01", "-1", 10**400, 0, "\0"])
        ),
        "numbers.jsonl": b'{"text": "It rained.", "id": ' + b"9" * 10_000 + b"}\n" + b"[" * 100_000,
        "marked.txt": b"\xff\xfe\x00\xd8",
        "half-utf16.txt": b"\xff\xfeI\0t",
        f"name {RLO}txt.exe": b"It rained.",
        "line\nbreak.txt": b"It rained on a line break.",
        "-.txt": b"It rained on a dash.",
        "x" * 240 + ".txt": b"It rained for long.",
        "suffix.exe": b"MZ\x90\0" + bytes(200),
        "nested.md": b">" * 20_000 + b" It rained." + b"[" * 20_000 + b"*a" * 20_000,
    }


def _pages() -> dict[str, bytes]:
    return {
        "deep.html": b"<div>" * 100_000 + b"<p>It rained.</p>",
        "tables.html": b"<table><tr><td>" * 20_000 + b"It rained.",
        "attributes.html": b"<p " + b" ".join(b"a%d=1" % n for n in range(1_000_000)) + b">It rained.</p>",
        "tags.html": b"<html>" + b"<b><i>" * 50_000 + b"It rained.",
        "comment.html": b"<html><!--" + b"-" * 1_000_000,
        "entities.html": b"<p>" + b"&#x202e;&nbsp;&bogus;&#1114112;&#0;" * 1000 + b"It rained.",
        "lies.html": b'<meta charset="utf-7"><p>+ADw-script+AD4- It rained.',
        "script.html": b"<script>" + b"alert(1);" * 1000,
        "bad-json.html": b'<script type="application/ld+json">' + b"[" * 50_000 + b"</script><p>It rained.</p>",
        "frames.html": b'<frameset><frame src="file:///etc/passwd"></frameset>',
        "web.xhtml": b'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><p>It rained. &x;</p></html>',
    }


def _pdfs() -> dict[str, bytes]:
    sound = pdf([[(60, 700, 10, "It rained.")]])
    zeros = "00" * 32
    lock = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{zeros}> /U <{zeros}> /P -4 >> /ID [<00> <00>]"
    many = sound.replace(b"/Count 1 /Kids [7 0 R]", b"/Count 999999 /Kids [" + b"7 0 R " * 9_999 + b"]")
    return {
        "locked.pdf": pdf([[(60, 700, 10, "x")]], trailer=lock),
        "scanned.pdf": pdf([[]], picture=True),
        "cut.pdf": sound[:300],
        "no-table.pdf": sound[: sound.index(b"xref")],
        "loop.pdf": sound.replace(b"/Kids [7 0 R]", b"/Kids [2 0 R]"),
        "many-pages.pdf": many,
        "far.pdf": pdf([[(1e30, -1e30, 1e9, "It rained.")]]),
        "wide.pdf": pdf([[(float(n % 500), float(n), 0.01, "x") for n in range(20_000)]]),
        "named.txt": sound,
    }


def _archives() -> dict[str, bytes]:
    zeros = bytes(10 * SMALL_LIMIT)
    nested = zipped({"0.txt": bytes(SMALL_LIMIT // 2)})
    for depth in range(5):
        nested = zipped({f"{depth}-{n}.zip": nested for n in range(8)})
    packed = b"It rained."
    for _ in range(12):
        packed = gzip.compress(packed, mtime=0)
    traversal = {"../../outside.txt": b"It rained.", "/etc/outside.txt": b"It snowed.", "..\\..\\out.txt": b"Hail."}
    regular = tarfile.REGTYPE
    odd = [
        ("../outside.txt", b"It rained.", regular),
        ("link.txt", b"", tarfile.SYMTYPE),
        ("hard.txt", b"", tarfile.LNKTYPE),
        ("null.txt", b"", tarfile.CHRTYPE),
        ("disk.txt", b"", tarfile.BLKTYPE),
        ("pipe.txt", b"", tarfile.FIFOTYPE),
    ]
    return {
        "bomb.zip": zipped({"zeros.txt": zeros}),
        "parts.zip": zipped({f"{n}.txt": bytes(SMALL_LIMIT) for n in range(5)}),
        "bomb.txt.gz": gzip.compress(zeros, mtime=0),
        "bomb.tar.gz": gzip.compress(_tar([("zeros.txt", zeros, regular)]), mtime=0),
        "nested.zip": nested,
        "packed.gz": packed,
        "clash.zip": zipped({"a.zip": zipped({"b.txt": b"It rained."}), "a.zip/b.txt": b"It snowed."}),
        "many.zip": zipped({f"{n}.txt": b"" for n in range(3000)}),
        "traversal.zip": zipped(traversal),
        "same-names.zip": _twice("a.txt"),
        "locked.zip": _flagged(zipped({"a.txt": b"It rained."})),
        "lying.zip": zipped({"a.txt": b"It rained."}).replace(struct.pack("<I", 10), struct.pack("<I", 2**31)),
        "end.zip": b"PK\x05\x06" + b"\xff" * 18,
        "odd.tar": _tar(odd),
        "odd.tar.xz": _xz(_tar(odd)),
        "header.tar": _tar([("x" * 90, b"It rained.", tarfile.XHDTYPE)])[:512] + bytes(100),
        "huge-header.tar.gz": gzip.compress(_tar([("x", bytes(10 * SMALL_LIMIT), tarfile.XHDTYPE)]), mtime=0),
        "sparse.tar": _sparse(),
        "cut.gz": gzip.compress(STORY[0].encode(), mtime=0)[:60],
        "bomb.docx": zipped({"word/document.xml": zeros}),
        "empty.docx": zipped({"word/document.xml": b""}),
        "other.xlsx": zipped({"xl/workbook.xml": b"<x/>"}),
    }


def _xml() -> dict[str, bytes]:
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    bomb = f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}]>'
    outside = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return {
        "laughs.rss": _feed("<description>&l9;</description>", bomb),
        "laughs.xml": _feed("<description>&l9;</description>", " " * 200_000 + bomb),
        "outside.rss": _feed("<description>&x;</description>", outside),
        "far.rss": _feed("", '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">'),
        "deep.atom": b"<feed>" + b"<entry>" * 5_000,
        "dates.rss": b"".join([_feed(f"<pubDate>{d}</pubDate>") for d in ("Thu, 00 Foo 0000", "9" * 5000, "\u0660")]),
        "laughs.docx": zipped({"word/document.xml": f"{bomb}<rss>&l9;</rss>".encode()}),
        "deep.docx": docx("<w:p>" * 20_000 + "</w:p>" * 20_000),
        "cells.docx": docx("<w:tc><w:p><w:r><w:t>It rained.</w:t></w:r></w:p></w:tc></w:tbl>".replace("</w:tbl>", "")),
        "other.xml": b"<books><book/></books>",
    }


def _tables() -> dict[str, bytes]:
    return {
        "huge-field.csv": b'title,text\na,"' + b"x" * SMALL_LIMIT + b'"\n',
        "open-quote.csv": b'title,text\na,"never closed\n' * 1000,
        "many-columns.csv": b",".join(b"c%d" % n for n in range(50_000)) + b"\n" + b"," * 49_999,
        "zeros.csv": b"title,text\na,b\0c\n",
        "no-text.csv": b"x,y\n1,2\n",
        "one-column.csv": b"text\nIt rained.\n\n\nIt snowed.\n",
    }


def _mail() -> dict[str, bytes]:
    nested = b"Subject: x\nFrom: a@b\n"
    for n in range(300):
        nested += b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n)
    return {
        "no-from.mbox": b"Subject: x\n\nIt rained.\n",
        "only-from.mbox": b"From a Thu Jun  3 09:12:00 2021\n" * 500,
        "nested.eml": nested,
        "header.eml": b"Subject: =?utf-8?b?////?=\nFrom: \0<>(((((\nDate: Thu, 99 Foo 0000 99:99 +9999\n\nIt rained.",
        "long-header.eml": b"Subject: " + b"(" * 100_000 + b"\nFrom: " + b"<" * 100_000 + b"\n\nIt rained.\n",
        "charset.eml": b"Subject: x\nFrom: a@b\nContent-Type: text/plain; charset=hex\n\nIt rained.\n",
        "base64.eml": b"Subject: x\nFrom: a@b\nContent-Transfer-Encoding: base64\n\n!!!!" + b"\xff" * 100,
        "attached.eml": message(
            "x", {"../../bomb.zip": zipped({"z.txt": bytes(5 * SMALL_LIMIT)})}, Subject="x"
        ).as_bytes(),
    }


def _tree(folder: Path) -> None:
    """Make what is no regular file, what loops, and what lies deep."""
    os.mkfifo(folder / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as unix, suppress(OSError):  # its path may be too long
        unix.bind(str(folder / "socket.txt"))
    with suppress(OSError):  # for the superuser alone
        os.mknod(folder / "null.txt", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    (folder / "loop.txt").symlink_to(folder / "loop.txt")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "gone.txt").symlink_to(folder / "nowhere.txt")
    (folder / "out.txt").symlink_to("/etc/passwd")
    (folder / ".hidden.txt").write_bytes(b"It rained where nobody looks.")
    (folder / "shut.txt").write_bytes(b"It rained behind a lock.")
    (folder / "shut.txt").chmod(0)
    with (folder / "sparse.txt").open("wb") as file:
        file.truncate(200_000_000)
    with suppress(OSError):  # some file systems take UTF-8 alone
        Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_bytes(b"It rained.")
    deep = folder
    with suppress(OSError):
        for _ in range(400):
            deep = deep / "d"
            deep.mkdir()
    with suppress(OSError):
        (deep.parent / "e.txt").write_bytes(b"It rained deep down.")


def _feed(entry: str, head: str = "") -> bytes:
    title = "<title>Dam</title><description>It rained.</description>"
    return (
        f'<?xml version="1.0"?>{head}<rss version="2.0"><channel><item>{title}{entry}</item></channel></rss>'.encode()
    )


def tarred(members: dict[str, bytes]) -> bytes:
    """Return a tar archive of these members."""
    return _tar([(name, data, tarfile.REGTYPE) for name, data in members.items()])


def _tar(members: list[tuple[str, bytes, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data, kind in members:
            info = tarfile.TarInfo(name)
            info.size, info.type, info.linkname = len(data), kind, "/etc/passwd"
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def _sparse() -> bytes:
    """Return an archive with a member that says it is a terabyte, all of it holes."""
    info = tarfile.TarInfo("holes.txt")
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[386:398] = b"%011o\0" % 0
    header[483:495] = b"%011o\0" % 2**32
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + bytes(1024)


def _xz(data: bytes) -> bytes:
    import lzma

    return lzma.compress(data)


def _flagged(data: bytes) -> bytes:
    """Return a zip file whose members say that they are locked."""
    shut = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        shut[data.index(mark) + at] |= 1
    return bytes(shut)


def _twice(name: str) -> bytes:
    import warnings

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for text in (b"It rained once.", b"It rained twice."):
            archive.writestr(zipfile.ZipInfo(name), text)
    return out.getvalue()
