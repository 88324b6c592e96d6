"""Texts become sentences and passages: spans with exact offsets, never copies.

Knows nothing about articles' origins, embedding or storage. Sentence boundaries come from sentencex
(Wikimedia); sizes are counted in the embedder's tokens.
"""

import bisect
import re
from collections.abc import Iterator, Sequence

import sentencex

from rag.types import Embedder, Span

EMBED_TEXT_VERSION = 2
"""Changes whenever `embed_text` or `passages` would give another result for the same input."""

_LINE = re.compile(r"[^\n]+")
_WIDE_SPACE = re.compile(r"[^\S ]")
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")
_SPECIAL_TOKENS = 2  # [CLS] and [SEP]


def sentences(text: str) -> list[Span]:
    """Return the spans of the sentences of `text`, in order, without the white space between them.

    A line end always ends a sentence. Every character that is not white space lies in exactly one span.
    """
    spans: list[Span] = []
    for line in _LINE.finditer(text):
        first_of_line = len(spans)
        for first, last in _boundaries(line.group()):
            start, end = line.start() + first, line.start() + last
            piece = text[start:end]
            if not piece.strip():
                continue
            start += len(piece) - len(piece.lstrip())
            end -= len(piece) - len(piece.rstrip())
            if len(spans) > first_of_line and not any(c.isalnum() for c in text[start:end]):
                start = spans.pop().start  # a stray quotation mark or bracket closes the sentence before
            spans.append(Span(start, end))
    return spans


def _boundaries(line: str) -> list[tuple[int, int]]:
    """Return where the sentences of a line begin and end; a line that sentencex fails at is one sentence.

    It takes all white space for one byte: "A\u00a0." makes it panic.
    """
    try:
        found = sentencex.get_sentence_boundaries("en", _WIDE_SPACE.sub(" ", line))
    except BaseException as error:  # a panic is no Exception
        if type(error).__name__ != "PanicException":
            raise
        return [(0, len(line))]
    return [(boundary["start_index"], boundary["end_index"]) for boundary in found]


def passages(text: str, embedder: Embedder, *, context: str, target_tokens: int) -> list[Span]:
    """Cut `text` into passages of about `target_tokens`, whole paragraphs where they fit, else sentences.

    With `context` before it, no passage is longer than the embedder reads; a sentence that alone is longer
    is cut between two tokens. Every character that is not white space lies in exactly one passage.
    """
    tokens = embedder.tokens(text)
    starts = [token.start for token in tokens]
    limit = embedder.max_tokens - _SPECIAL_TOKENS - len(embedder.tokens(context))
    target = min(target_tokens, limit)

    def size(start: int, end: int) -> int:
        return bisect.bisect_left(starts, end) - bisect.bisect_left(starts, start)

    def fits(start: int, end: int) -> bool:
        return size(start, end) <= target and len(embedder.tokens(text[start:end])) <= limit

    packed: list[Span] = []
    for paragraph in _paragraphs(text):
        whole = Span(paragraph[0].start, paragraph[-1].end)
        units = [whole] if size(whole.start, whole.end) <= target else paragraph
        for unit in units:
            if packed and fits(packed[-1].start, unit.end):
                packed[-1] = Span(packed[-1].start, unit.end)
                continue
            packed.extend(_cut(unit, text, embedder, starts=starts, limit=limit))
    return packed


def _cut(unit: Span, text: str, embedder: Embedder, *, starts: Sequence[int], limit: int) -> Iterator[Span]:
    """Cut a span into pieces of at most `limit` tokens, between words where there are any.

    A single token of the whole text is never cut, however many it is by itself.
    """
    start = unit.start
    while True:
        first, end = bisect.bisect_left(starts, start), bisect.bisect_left(starts, unit.end)
        least = min(bisect.bisect_right(starts, start), end)  # so that no piece is empty: tokens may share a character
        last = max(min(first + limit, end), least)
        if last < end:
            between = (i for i in range(last, least - 1, -1) if text[starts[i] - 1].isspace())
            last = next(between, last)
        stop = starts[last] if last < end else unit.end
        while last > least and (excess := len(embedder.tokens(text[start:stop])) - limit) > 0:
            last = max(least, last - excess)  # a piece of a word has other tokens
            stop = starts[last]
        yield Span(start, stop)
        if stop == unit.end:
            return
        start = stop


def context_of(title: str, embedder: Embedder) -> str:
    """Return as much of `title` as may stand before each passage: a quarter of what the embedder reads."""
    tokens = embedder.tokens(title)
    most = embedder.max_tokens // 4
    return title if len(tokens) <= most else title[: tokens[most - 1].end]


def embed_text(context: str, passage: str) -> str:
    """Return what is embedded for a passage: its context, then its text."""
    return f"{context}\n{passage}"


def _paragraphs(text: str) -> list[Sequence[Span]]:
    """Return the sentences of `text`, grouped by the blank lines between them."""
    groups: list[list[Span]] = []
    for span in sentences(text):
        if groups and not _PARAGRAPH_BREAK.search(text, groups[-1][-1].end, span.start):
            groups[-1].append(span)
        else:
            groups.append([span])
    return list(groups)
