"""Small pieces of HTML that all views are made of; all text is escaped, and each piece is one line.

A button tells `page.js` what to do by `data-do`; what it is about stands in its other `data-` attributes. Knows nothing
about answers, articles or Gradio.
"""

from collections.abc import Iterable
from html import escape


def inline(text: str) -> str:
    """Return `text` escaped, in one line so that no Markdown is read in it; a line end stays one, as an entity."""
    return escape(text).replace("\n", "&#10;")


def button(label: str, do: str, *, style: str = "", name: str = "", **data: object) -> str:
    """Return a button that does something; `label` is HTML, `name` what a screen reader says where it says more."""
    told = f' aria-label="{inline(name)}"' if name else ""
    attributes = "".join(f' data-{key}="{inline(str(value))}"' for key, value in data.items() if value is not None)
    return f'<button type="button" class="{style or "link"}" data-do="{do}"{attributes}{told}>{label}</button>'


def more(summary: str, body: str, *, style: str = "") -> str:
    """Return what can be opened."""
    return f'<details class="{style}"><summary>{summary}</summary>{body}</details>' if body else ""


def table(heads: Iterable[str], rows: Iterable[Iterable[str]], *, caption: str) -> str:
    """Return a table; heads and cells are HTML."""
    head = "".join(f'<th scope="col">{cell}</th>' for cell in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{inline(caption)}">'
        f"<table><caption>{inline(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def status(text: str) -> str:
    """Return a line about how things are, announced by screen readers; `text` is HTML."""
    return f'<p class="status" role="status">{text}</p>' if text else ""


def error(text: str) -> str:
    """Return what went wrong and what to do."""
    return f'<p class="error" role="alert" dir="auto">{inline(text)}</p>'
