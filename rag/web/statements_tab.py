"""The tab that lists everything somebody said, and gives it as files."""

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
from rag.web import notices
from rag.web.html import error

_FORMS: dict[str, Callable[[str, Sequence[Said]], str]] = {
    "csv": lambda _name, said: to_csv(said),
    "json": lambda name, said: json.dumps(to_json(name, said), ensure_ascii=False, indent=2),
    "md": lambda _name, said: to_markdown(said),
}


def statements_tab(assistant: Assistant) -> None:
    """Add the components of the tab to the page."""
    folder = tempfile.TemporaryDirectory(prefix="rag-")  # goes when the process ends
    with gr.Row():
        name = gr.Textbox("", label="Who", placeholder="A name", elem_id="who", max_length=200, min_width=150)
        about = gr.Textbox("", label="About", placeholder="Anything", elem_id="about", max_length=200, min_width=150)
        first = gr.Textbox("", label="From", placeholder="April 2023", max_length=60, min_width=110)
        last = gr.Textbox("", label="To", placeholder="last week", max_length=60, min_width=110)
    with gr.Row(elem_id="files-of-statements"):
        button = gr.Button("List what was said", elem_id="list", size="sm", min_width=120, scale=0)
        files = [gr.DownloadButton(form.upper(), size="sm", visible=False, min_width=60, scale=0) for form in _FORMS]
    listed = gr.HTML(elem_id="statements")

    def show(who: str, topic: str, from_: str, to: str) -> list[Any]:
        hidden = [gr.DownloadButton(visible=False) for _ in _FORMS]
        if not who.strip():
            return [error("Write a name first."), *hidden]
        reader = assistant.index.catalogue
        try:
            within = filters(reader, today=assistant.settings.day, from_=from_, to=to)
            said = said_by(who, reader, within=within, about=topic.strip() or None, embedder=assistant.embedder)
        except RagError as problem:
            return [error(str(problem)), *hidden]
        if not said:
            return [notices.statements(who, said), *hidden]
        paths = [_write(folder.name, form, write(who, said)) for form, write in _FORMS.items()]
        return [notices.statements(who, said), *(gr.DownloadButton(value=path, visible=True) for path in paths)]

    gr.on(
        [button.click, name.submit, about.submit, first.submit, last.submit],
        show,
        [name, about, first, last],
        [listed, *files],
        api_visibility="private",
        show_progress="hidden",
    )


def _write(folder: str, form: str, text: str) -> str:
    path = Path(tempfile.mkdtemp(dir=folder)) / f"statements.{form}"
    path.write_text(text, encoding="utf-8")
    return str(path)
