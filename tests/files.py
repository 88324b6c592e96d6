"""Files of every kind, made in code: what people have, and what is like it."""

import io
import zipfile
from collections.abc import Sequence
from email.message import EmailMessage
from xml.sax.saxutils import escape

STORY = (
    "The repair of the Upper Lind dam will take two years longer than planned, the water board said on Thursday.",
    "“We must drain the basin first,” said Marta Lind, the board's director. The cost rises from 40 to 62 million.",
    "Residents of the valley asked for a hearing, which the council will hold on 17 June in the town hall of Oberlind.",
)
"""Three paragraphs of a story that is made up."""

PAGE = """<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>Dam repair delayed - The Valley Post</title>
<meta property="og:site_name" content="The Valley Post"><meta property="og:title" content="Dam repair delayed">
<meta name="author" content="Ann Writer"><link rel="canonical" href="https://valley.example/2021/dam">
<meta property="article:published_time" content="2021-06-03T14:20:00+02:00">
<script>var tracked = "secretly";</script><style>p {{ color: red }}</style></head><body>
<div id="cookie-banner" class="consent"><p>We value your privacy and use cookies. Accept all cookies?</p>
<button>Accept</button></div>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/w">World</a></li><li><a href="/s">Sport</a></li></ul></nav>
</header><main><article><h1>Dam repair delayed</h1><p class="byline">By Ann Writer</p>
<time datetime="2021-06-03T14:20:00+02:00">3 June 2021</time>
<p>{0}</p><p>{1}</p><h2>What comes next</h2><ul><li>Draining starts in September.</li>
<li>The road stays closed.</li></ul>
<table><tr><th>Year</th><th>Cost</th></tr><tr><td>2021</td><td>40 million</td></tr></table><p>{2}</p></article>
<aside class="related"><h3>Related stories</h3><ul><li><a href="/a">Flood of 2013: what we learned</a></li>
<li><a href="/b">Mayor resigns over bridge</a></li></ul></aside>
<section id="comments"><h3>Comments (1)</h3><div class="comment"><p>waterfan: This is a scandal!</p></div></section>
</main><footer><p>© The Valley Post. All rights reserved. Terms of use</p></footer></body></html>"""


def page(paragraphs: Sequence[str] = STORY) -> str:
    """Return a news page with what usually stands around a story of three paragraphs."""
    return PAGE.format(*(escape(paragraph) for paragraph in paragraphs))


Text = tuple[float, float, float, str]
"""x, y and size in points, and what is written there."""


def pdf(pages: Sequence[Sequence[Text]], *, info: str = "", trailer: str = "", picture: bool = False) -> bytes:
    """Return a PDF file, each page of A4 with these lines on it; with `picture`, an image on each page besides."""
    objects: list[bytes] = [
        b"",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    objects += [
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>"
        b"\nstream\n0\nendstream",
        f"<< {info} >>".encode("cp1252"),
    ]
    kids = []
    for lines in pages:
        drawn = b"".join(
            b"BT /F1 %g Tf 1 0 0 1 %g %g Tm (%s) Tj ET\n" % (size, x, y, _escaped(text)) for x, y, size, text in lines
        )
        if picture:
            drawn += b"q 500 0 0 700 40 60 cm /I1 Do Q\n"
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
        content = len(objects)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> /XObject << /I1 4 0 R >> >> >>" % content
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    out = bytearray(b"%PDF-1.5\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R %s >>\n" % (len(objects) + 1, trailer.encode())
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table)


def _escaped(text: str) -> bytes:
    return text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def wrapped(text: str, width: int, *, x: float, y: float, size: float = 10, indent: float = 0) -> list[Text]:
    """Return a paragraph as lines of at most `width` letters; the last of a line that does not fit is hyphenated."""
    lines, line = [], ""
    for word in text.split():
        room = width - len(line) - 1
        if room >= len(word):
            line = f"{line} {word}".strip()
        elif len(word) > 8 and room >= 5 and word.isalpha():
            lines.append(f"{line} {word[: room - 1]}-".strip())
            line = word[room - 1 :]
        else:
            lines.append(line)
            line = word
    return [(x + (0 if n else indent), y - 1.2 * size * n, size, text) for n, text in enumerate([*lines, line])]


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx(body: str, *, notes: str = "", core: str = "") -> bytes:
    """Return a Word document of this body, in WordprocessingML."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>")
        if notes:
            package.writestr("word/footnotes.xml", f"<w:footnotes {W}>{notes}</w:footnotes>")
        if core:
            package.writestr(
                "docProps/core.xml",
                '<cp:coreProperties xmlns:cp="urn:cp" xmlns:dc="http://purl.org/dc/elements/1.1/" '
                f'xmlns:dcterms="http://purl.org/dc/terms/">{core}</cp:coreProperties>',
            )
    return out.getvalue()


def paragraph(text: str, style: str = "") -> str:
    """Return a paragraph of a Word document, in two runs."""
    half = len(text) // 2
    kind = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    runs = "".join(f'<w:r><w:t xml:space="preserve">{escape(part)}</w:t></w:r>' for part in (text[:half], text[half:]))
    return f"<w:p>{kind}{runs}</w:p>"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return a table of a Word document."""
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


HEADERS = {
    "Subject": "Re: Draining",
    "From": "Marta Lind <marta@lind.example>",
    "Date": "Thu, 3 Jun 2021 09:12:00 +0200",
    "Message_ID": "<17@lind.example>",
}
"""Of a mail of `message`."""


def message(text: str, attached: dict[str, bytes] | None = None, /, **headers: str) -> EmailMessage:
    """Return a mail with these files attached; names of headers are written with underscores."""
    mail = EmailMessage()
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    for name, data in (attached or {}).items():
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail


def zipped(members: dict[str, bytes]) -> bytes:
    """Return a zip file of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
