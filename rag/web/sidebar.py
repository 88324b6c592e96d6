"""Beside the chat: what to search within, and everything somebody said.

Components and what they do; no conversation.
"""

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import RagError
from rag.retrieval import filters
from rag.retrieval.said import Said, said_by, to_csv, to_json, to_markdown
from rag.types import Filters
from rag.web import render

_FORMS: dict[str, Callable[[str, Sequence[Said]], str]] = {
    "csv": lambda _name, said: to_csv(said),
    "json": lambda name, said: json.dumps(to_json(name, said), ensure_ascii=False, indent=2),
    "md": lambda _name, said: to_markdown(said),
}
_DATE = "A day, April 2023, last week"


def sidebar(assistant: Assistant) -> list[gr.components.Component]:
    """Add the bar to the page; return the fields of its limits: from, to, sources, collection."""
    folder = tempfile.TemporaryDirectory(prefix="rag-")  # goes when the process ends
    sources = [source for source in assistant.index.catalogue.sources() if source]
    with gr.Sidebar(open=False, position="right", elem_id="side"):
        gr.Markdown("### Search within")
        first = gr.Textbox(label="From", placeholder=_DATE, elem_id="from", max_length=60)
        last = gr.Textbox(label="To", placeholder=_DATE, elem_id="to", max_length=60)
        chosen = gr.Dropdown(sources, multiselect=True, label="Sources", elem_id="sources", visible=bool(sources))
        collections = list(assistant.index.catalogue.collections())
        within = gr.Dropdown(
            [("All articles", ""), *((name, name) for name in collections)],
            value="",
            label="Collection",
            elem_id="collection",
            visible=bool(collections),
        )
        gr.Markdown("### Everything somebody said")
        name = gr.Textbox(label="Who", placeholder="A name", elem_id="who", max_length=200)
        about = gr.Textbox(label="About", placeholder="Anything", max_length=200)
        button = gr.Button("List", elem_id="list", size="sm")
        with gr.Row():
            files = [gr.DownloadButton(form.upper(), size="sm", visible=False, min_width=60) for form in _FORMS]
        listed = gr.HTML(elem_id="statements")
    limits: list[gr.components.Component] = [first, last, chosen, within]

    def show(who: str, topic: str, *limits: Any) -> list[object]:
        hidden = [gr.DownloadButton(visible=False) for _ in _FORMS]
        if not who.strip():
            return [render.error("Write a name first."), *hidden]
        try:
            said = said_by(
                who,
                assistant.index.catalogue,
                within=limits_of(assistant, *limits),
                about=topic.strip() or None,
                embedder=assistant.embedder,
            )
        except RagError as error:
            return [render.error(str(error)), *hidden]
        if not said:
            return [render.statements(who, said), *hidden]
        paths = [_write(folder.name, form, write(who, said)) for form, write in _FORMS.items()]
        return [render.statements(who, said), *(gr.DownloadButton(value=path, visible=True) for path in paths)]

    gr.on(
        [button.click, name.submit, about.submit],
        show,
        [name, about, *limits],
        [listed, *files],
        api_visibility="private",
        show_progress="hidden",
    )
    return limits


def limits_of(assistant: Assistant, from_: str, to: str, sources: list[str], collection: str) -> Filters:
    """Return what the fields of the limits hold, in their order; raises `UsageError` for what is no date."""
    reader, today = assistant.index.catalogue, assistant.settings.day
    return filters(reader, today=today, from_=from_, to=to, sources=sources, collection=collection or None)


def _write(folder: str, form: str, text: str) -> str:
    path = Path(tempfile.mkdtemp(dir=folder)) / f"statements.{form}"
    path.write_text(text, encoding="utf-8")
    return str(path)
