"""Mail: one message (.eml) or many (.mbox), each an article; what is attached is read in its turn."""

import re
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from rag.corpus.articles import article, line
from rag.corpus.encoding import decode
from rag.corpus.limits import over
from rag.corpus.markup import text_of_html
from rag.corpus.source import FullError, Result, Skipped, Source, UnreadableError, unread
from rag.types import Origin

_BEGIN = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\n]*\d{4}[^\n]*\n", re.MULTILINE)
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_ORIGINAL = re.compile(r"\n-{2,} ?(?:Original Message|Ursprüngliche Nachricht|Message d'origine) ?-{2,}.*", re.DOTALL)
_PARTS = 1_000
_WRAPPED = (50, 80)
"""Letters in a line, where mail programs cut them."""


def read_eml(source: Source) -> Iterator[Result | Source]:
    """Yield the article of one message, then what is attached to it."""
    yield from _message(source.data, source, None)


def read_mbox(source: Source) -> Iterator[Result | Source]:
    """Yield the article of each message, the first being record 1, each with what is attached to it."""
    starts = list(_BEGIN.finditer(source.data))
    if not starts:
        raise UnreadableError('no mailbox: no line begins with "From " and names a year')
    ends = [match.start() for match in starts[1:]] + [len(source.data)]
    for record, (match, end) in enumerate(zip(starts, ends, strict=True), start=1):
        try:
            yield from _message(_ESCAPED.sub(rb"\1", source.data[match.end() : end]), source, record)
        except FullError:
            raise
        except Exception as error:  # as where a whole file is read
            yield Skipped(source.path, unread(error, "mail"), record)


def _message(data: bytes, source: Source, record: int | None) -> Iterator[Result | Source]:
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - what this policy makes
    if not message.keys():
        yield Skipped(source.path, "no mail: it has no header", record)
        return
    origin = Origin(
        path=source.path,
        record=record,
        title=_header(message, "Subject") or "",
        source_id=(_header(message, "Message-ID") or "").strip("<> ") or None,
        published=_moment(_header(message, "Date")),
        source=_header(message, "List-ID") or _header(message, "Newsgroups"),
        author=_header(message, "From"),
        language=_header(message, "Content-Language"),
        file=source.file,
    )
    text = unquoted(_body(message))
    attached = list(_attachments(message, source, record))
    if text.strip() or not attached:
        yield article(text, origin, limits=source.job.limits)
    yield from attached


def unquoted(text: str) -> str:
    """Return a mail's text without the message it answers, where that stands whole at the end.

    Lines that are quoted between answers stay, with their ">": the answers would mean nothing without them.
    """
    text = text.replace("\r\n", "\n").rstrip() + "\n"
    kept = _ORIGINAL.sub("", "\n" + text)
    lines = kept.rstrip().split("\n")
    end = len(lines)
    while end and (lines[end - 1].lstrip().startswith(">") or not lines[end - 1].strip()):
        end -= 1
    if end < len(lines):  # "On 3 June 2021, Marta Lind wrote:", perhaps on two lines
        for n in (1, 2):
            intro = " ".join(lines[max(end - n, 0) : end]).strip()
            if intro.endswith(":") and (n == 1 or re.match(r"(On|Am|Le|El|Il|Op|W dniu)\b", intro)):
                end = max(end - n, 0)
                break
    return "\n".join(lines[:end]) if "".join(lines[:end]).strip() else text


def _body(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else str(part.get_payload()).encode("utf-8", "surrogateescape")
    with suppress(UnreadableError):
        text = decode(data, declared=part.get_content_charset())
        if part.get_content_subtype() == "html":
            return text_of_html(text)
        return unwrapped(_unflowed(text) if part.get_param("format") == "flowed" else text)
    return ""


def _unflowed(text: str) -> str:
    """Join the lines of a paragraph that was wrapped to be sent: one that goes on ends with a space (RFC 3676)."""
    return re.sub(r"(?<!^--) \r?\n(?![>\s])", " ", text, flags=re.MULTILINE)


def unwrapped(text: str) -> str:
    """Join lines that were cut because the next word found no room: a line end would end a sentence."""
    lines = text.replace("\r\n", "\n").split("\n")
    width = max((len(one) for one in lines if len(one) <= _WRAPPED[1]), default=0)
    if width < _WRAPPED[0]:
        return text
    joined = [lines[0]]
    before = lines[0]
    for one in lines[1:]:
        word = re.match(r"[^\s>*•-]\S*", one)
        if word and before.strip() and before[:1] != ">" and width < len(before) + 1 + len(word[0]) <= 2 * _WRAPPED[1]:
            joined[-1] = f"{joined[-1].rstrip()} {one}"
        else:
            joined.append(one)
        before = one
    return "\n".join(joined)


def _attachments(message: EmailMessage, source: Source, record: int | None) -> Iterator[Result | Source]:
    limits = source.job.limits
    names: set[str] = set()
    for n, part in enumerate(message.walk()):
        if n > _PARTS:
            yield Skipped(source.path, f"has more than {_PARTS:,} parts; the rest was left out", record)
            return
        name = part.get_filename()
        if not name or part.is_multipart() or part.get_content_maintype() in ("image", "audio", "video"):
            continue
        data = part.get_payload(decode=True)
        if not isinstance(data, bytes):
            continue
        name = re.sub(r"[/\\\0]", "_", line(name) or "attachment")
        if name in names:
            name = f"{n}-{name}"
        names.add(name)
        name = f"{record}/{name}" if record else name
        if source.depth >= limits.archive_depth:
            reason = over(f"attached {source.depth} deep", limits.archive_depth, "archive_depth")
            yield Skipped(f"{source.path}/{name}", reason)
            continue
        source.job.count(len(data))
        yield source.inside(name, data)


def _header(message: EmailMessage, name: str) -> str | None:
    """Return a header as text; what the standard library cannot parse is None."""
    try:
        value = message[name]
        return line(str(value)) if value is not None else None
    except Exception:  # its parser fails in many ways on headers that are no headers
        return None


def _moment(text: str | None) -> str | None:
    """Return when a mail was sent, with its zone; "-0000" says that the zone is not known."""
    try:
        return parsedate_to_datetime(text).isoformat() if text else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
