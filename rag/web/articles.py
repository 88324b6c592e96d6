"""Articles as people see them: one, open at a place; many, as a list to choose from; how many of each month.

Knows nothing about Gradio or where articles are kept.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from rag.dates import every_month
from rag.index.rows import Withdrawal
from rag.types import Article, Origin, Span
from rag.web.exports import web_address
from rag.web.html import button, inline, status
from rag.wording import count

_SHOWN_CHARS = 40_000
"""So much of a long article is shown on each side of the place it was opened at."""
_GAP = re.compile(r"\n\s*\n\s*\n")
_BAR_PX = 6
_HIGH_PX = 44


def article(article: Article, *, place: Span | None = None) -> str:
    """Return an article to read, with what it is above; the characters of `place` are marked."""
    text = article.text
    place = place if place and 0 <= place.start < place.end <= len(text) else None
    at = place or Span(0, 0)
    first, last = max(0, at.start - _SHOWN_CHARS), min(len(text), at.end + _SHOWN_CHARS)
    mark = f'<mark tabindex="-1">{inline(at.of(text))}</mark>' if place else ""
    body = _apart(text[first : at.start]) + mark + _apart(text[at.end : last])
    left_out = f"The article has {len(text):,} characters; these are {last - first:,} of them."
    return (
        f'<article class="reader"><header>{_close()}<h2 dir="auto">{inline(article.origin.title)}</h2>'
        f"{''.join(_origin(origin, at.start) for origin in article.origins)}"
        f"{status(left_out) if last - first < len(text) else ''}"
        f'<div class="tools">{button("Ask within this article", "within", articles=article.id)}'
        f"{button('Remove …', 'remove', articles=article.id)}</div></header>"
        f'<div class="body">{body}</div></article>'
    )


def gone(withdrawal: Withdrawal | None) -> str:
    """Return what is known of an article that is not here."""
    if withdrawal is None:
        return f'<article class="reader"><header>{_close()}<h2>This article is not here.</h2></header></article>'
    what = "removed" if withdrawal.by_hand else "corrected" if withdrawal.replaced_by else "withdrawn"
    new = withdrawal.replaced_by
    now = button("Read what took its place", "open", article=new) if new else ""
    return (
        f'<article class="reader"><header>{_close()}<h2>This article was {what} on {withdrawal.at[:10]}.</h2></header>'
        f"<p>What it said is not kept.</p>{now}</article>"
    )


def rows(found: Sequence[tuple[str, Origin]], *, total: int, alike: Mapping[str, int] | None = None) -> str:
    """Return articles to choose from; `alike` says how many articles tell the story of each, itself included."""
    if not found:
        return status("No article fits. Search for less, or clear the dates and the source.")
    lines = "".join(_row(article_id, origin, (alike or {}).get(article_id, 0)) for article_id, origin in found)
    shown = f"{len(found):,} of {total:,}" if len(found) < total else f"{total:,}"
    told = status(f"{shown} article{'s' * (total != 1)}")
    return f'{told}<ul class="rows">{lines}</ul>'


def timeline(months: Mapping[str, int]) -> str:
    """Return a bar for each month from the first to the last; a click limits the list to it."""
    dated = {month: n for month, n in months.items() if month}
    if len(dated) < 2:
        return ""
    every = every_month(min(dated), max(dated))
    most = max(dated.values())
    wide = max(_BAR_PX, min(24, 720 // len(every)))
    bars = "".join(
        f'<rect x="{i * wide}" y="{_HIGH_PX - high}" width="{wide - 1}" height="{high}" data-do="month" '
        f'data-month="{month}" tabindex="0" role="button" aria-label="{month}: {count(n, "article")}">'
        f"<title>{month}: {count(n, 'article')}</title></rect>"
        for i, month in enumerate(every)
        if (n := dated.get(month, 0)) and (high := max(2, round(_HIGH_PX * n / most)))
    )
    busiest = max(dated, key=lambda month: dated[month])
    most_in = f"most in {busiest}: {most:,}"
    told = f"Articles per month, {every[0]} to {every[-1]}; {most_in}"
    undated = f" · {months['']:,} without a date" if months.get("") else ""
    return (
        f'<figure class="timeline"><svg viewBox="0 0 {wide * len(every)} {_HIGH_PX}" height="{_HIGH_PX}" '
        f'preserveAspectRatio="none" role="group" aria-label="{told}">{bars}</svg>'
        f"<figcaption><span>{every[0]}</span><span>{most_in}{undated}</span><span>{every[-1]}</span>"
        "</figcaption></figure>"
    )


def sure(titles: Sequence[str], article_ids: Sequence[str]) -> str:
    """Return the question whether to remove articles for good."""
    named = "".join(f'<li dir="auto">{inline(title)}</li>' for title in titles[:5])
    rest = f"<li>and {len(titles) - 5:,} more</li>" if len(titles) > 5 else ""
    yes = button(f"Remove {count(len(titles), 'article')}", "removed", style="danger", articles=" ".join(article_ids))
    return (
        f'<article class="reader" role="alertdialog" aria-label="Remove articles"><header>{_close()}'
        f"<h2>Remove {count(len(titles), 'article')}?</h2></header><ul>{named}{rest}</ul>"
        "<p>No text of them is kept in the index, and their files are not read again. Files that you indexed from "
        f'a folder stay there.</p><div class="tools">{yes}{button("Keep", "close")}</div></article>'
    )


def _apart(text: str) -> str:
    """Return what stands before or after the place, its paragraphs one empty line apart."""
    return inline(_GAP.sub("\n\n", text))


def _row(article_id: str, origin: Origin, alike: int) -> str:
    facts = " · ".join(inline(part) for part in (origin.day, origin.source) if part)
    same = f' · <span class="alike">one of {alike:,} of this story</span>' if alike > 1 else ""
    box = f'<input type="checkbox" data-article="{article_id}" aria-label="Choose {inline(origin.title)}">'
    title = button(f'<span dir="auto">{inline(origin.title)}</span>', "open", article=article_id)
    return f'<li>{box}<div>{title}<div class="status">{facts}{same}</div></div></li>'


def _origin(origin: Origin, start: int) -> str:
    url = web_address(origin.url)
    link = f'<a href="{inline(url)}" target="_blank" rel="noopener noreferrer">Open the source</a>' if url else ""
    place = Path(origin.path).name
    for noun, number in (("record", origin.record), ("page", origin.page(start))):
        if number:
            place += f", {noun} {number}"
    facts = [origin.author, origin.source, origin.day, place]
    return f'<p class="status">{" · ".join([*(inline(fact) for fact in facts if fact), *([link] if link else [])])}</p>'


def _close() -> str:
    return button("×", "close", style="close", name="Close the article")
