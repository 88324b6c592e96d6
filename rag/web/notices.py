"""What stands around the conversation: the welcome, what is missing and what to do about it, lists of the other tabs.

Knows nothing about Gradio.
"""

from collections.abc import Mapping, Sequence

from rag.retrieval.said import Said
from rag.web.answers import about, source
from rag.web.conversations import Listed
from rag.web.html import button, inline, status
from rag.wording import count

_NAMED = 5
_LISTED = 200


def welcome(counts: Mapping[str, int], servers: Sequence[str] = ()) -> str:
    """Return what stands where the conversation will be; `servers` are the hosts of models that are not here."""
    if not counts["articles"]:
        return (
            '<div class="welcome"><h1>Bring your articles</h1><p>There are none yet. Upload files or paste text in the '
            "tab Articles, or index a folder in the terminal: <code>rag index PATH</code></p></div>"
        )
    what = f"{count(counts['articles'], 'article')} · {count(counts['passages'], 'passage')}"
    where = f"with models at {', '.join(servers)}" if servers else "on this machine"
    return (
        '<div class="welcome"><h1>Ask your articles</h1>'
        "<p>Each sentence of an answer is checked against the place it comes from.</p>"
        f'<p class="status">{what} · answered {inline(where)}</p></div>'
    )


def no_model(name: str, *, is_here: bool) -> str:
    """Return what is told where no language model is in use: it was not wanted, or is not here."""
    mend = (
        "start without RAG_EXTRACTIVE or --extractive"
        if is_here
        else f"<code>rag models fetch {inline(name)}</code>, then start again"
    )
    return (
        '<p class="notice" role="note">No language model is in use: a sentence of the articles answers as it stands. '
        f"To have answers written: {mend}.</p>"
    )


def statements(name: str, said: Sequence[Said]) -> str:
    """Return everything somebody said, by date, or that nothing was found."""
    if not said:
        return status(f"No statement by {inline(name)} was found.")
    names = list(dict.fromkeys(one.statement.speaker for one in said))
    head = f"{count(len(said), 'statement')} by {', '.join(names[:_NAMED])}"
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    listed = "".join(
        source("", f"<span>{about(s.article.origin)} · said by {inline(s.statement.speaker)}</span>{_open(s)}",
               inline(s.words))
        for s in said[:_LISTED]
    )  # fmt: skip
    over = status(f"The first {_LISTED:,} are shown; all are in the files.") if len(said) > _LISTED else ""
    return status(inline(head + more)) + listed + over


def conversations(listed: Sequence[Listed], *, searched: str) -> str:
    """Return past conversations to go on with."""
    if not listed:
        return status("No conversation holds these words." if searched else "Nothing was asked yet.")
    rows = "".join(
        f"<li><div>{button(inline(one.title), 'resume', conversation=one.id)}"
        f'<div class="status">{inline(one.at[:16].replace("T", " "))} · {count(one.turns, "question")}</div></div>'
        f"{button('Delete', 'forget', conversation=one.id, name=f'Delete {one.title}')}</li>"
        for one in listed
    )
    return f'<ul class="rows">{rows}</ul>'


def _open(said: Said) -> str:
    s = said.statement
    return button("Open", "open", article=said.article.id, start=s.start, end=s.end, name="Open the article")
