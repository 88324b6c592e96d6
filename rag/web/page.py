"""The chat page: events in, messages out, and what runs for whom.

With `rag.web.sidebar`, the only module that imports gradio. One visitor's conversation lives in that visitor's session.
"""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rag.assistant import Assistant
from rag.errors import RagError, UsageError
from rag.types import Answer, Checked, Draft, Filters, Finished, Found
from rag.web import render
from rag.web.examples import example_questions

os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")
import gradio as gr

from rag.web.sidebar import limits_of, sidebar

_HERE = Path(__file__).parent
_LEAST_GAP_S = 0.08
"""The page is redrawn at most this often while a draft runs."""
_AT_ONCE = 16
_HOUR_S = 3600


def build(assistant: Assistant) -> gr.Blocks:
    """Return the page over an assistant that has a language model."""
    running: dict[str, threading.Event] = {}

    def respond(
        question: str,
        answers: list[Answer],
        from_: str,
        to: str,
        sources: list[str],
        collection: str,
        request: gr.Request,
    ) -> Iterator[tuple[Any, ...]]:
        before = [message for turn, answer in enumerate(answers) for message in _messages(turn, answer)]
        cancelled = running[request.session_hash] = threading.Event()
        try:
            within = limits_of(assistant, from_, to, sources, collection)
            for shown, answer in _turn(assistant, question, answers, within, cancelled):
                new = [_message("user", render.question(question)), _message("assistant", shown)]
                done = [*answers, answer] if answer else answers
                yield before + new, done, gr.Button(visible=not answer), gr.Button(visible=bool(answer))
        except RagError as error:
            new = [
                _message("user", render.question(question)),
                _message("assistant", render.error(str(error))),
            ]
            yield before + new, answers, gr.Button(visible=False), gr.Button(visible=True)
        finally:
            cancelled.set()
            running.pop(request.session_hash, None)

    def stop(request: gr.Request) -> None:
        if event := running.get(request.session_hash):
            event.set()

    counts = assistant.index.catalogue.counts()
    with gr.Blocks(title="rag", fill_height=True, analytics_enabled=False, delete_cache=(_HOUR_S, _HOUR_S)) as page:
        limits = sidebar(assistant)
        answers = gr.State([])
        asked = gr.State("")
        chat = gr.Chatbot(
            label="Conversation",
            show_label=False,
            container=False,
            elem_id="chat",
            scale=1,
            height=None,
            autoscroll=False,
            layout="panel",
            latex_delimiters=[],
            buttons=[],
            feedback_options=None,
            placeholder=render.welcome(counts["articles"], counts["passages"]),
        )
        with gr.Row(elem_id="examples") as examples:
            chips = [gr.Button(text, size="sm", elem_classes="example") for text in example_questions(assistant)]
        with gr.Row(elem_id="ask"):
            box = gr.Textbox(
                label="Your question",
                show_label=False,
                container=False,
                placeholder="Ask your articles …",
                elem_id="question",
                max_lines=6,
                max_length=assistant.settings.question_chars,
                autofocus=True,
                scale=1,
            )
            send_button = gr.Button("Ask", variant="primary", elem_id="send", min_width=90, scale=0)
            stop_button = gr.Button("Stop", variant="stop", visible=False, elem_id="stop", min_width=90, scale=0)
        gr.HTML(render.footer(), elem_id="foot")

        def take(text: str) -> tuple[Any, ...]:
            return text, "", gr.Row(visible=False)

        asking = [asked, box, examples]
        answering = {"inputs": [asked, answers, *limits], "outputs": [chat, answers, stop_button, send_button]}
        for start, source in [(box.submit, box), (send_button.click, box), *((c.click, c) for c in chips)]:
            start(take, [source], asking, queue=False, api_visibility="private").then(
                respond,
                **answering,
                concurrency_limit=_AT_ONCE,
                show_progress="hidden",
                api_visibility="private",
            )
        stop_button.click(stop, queue=False, api_visibility="private")
        page.unload(stop)
    return page


def serve(page: gr.Blocks, *, host: str, port: int) -> str:
    """Serve the page in the background; return its address. Raises `UsageError` where the port is taken."""
    try:
        _, address, _ = page.launch(
            server_name=host,
            server_port=port,
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            ssr_mode=False,
            **_looks(),
        )
    except OSError as error:
        raise UsageError(f"port {port} on {host} is taken; choose another: make chat PORT={port + 1}") from error
    return str(address).rstrip("/")


def mount(page: gr.Blocks, app: Any) -> None:
    """Put the page beneath the other paths of a FastAPI application, on whose address it is then served."""
    gr.mount_gradio_app(app, page, path="", run_history=False, show_error=False, ssr_mode=False, **_looks())


def _looks() -> dict[str, Any]:
    return {
        "footer_links": [],
        "theme": gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        "css_paths": [_HERE / "page.css"],
        "js": (_HERE / "page.js").read_text("utf-8"),
        "enable_monitoring": False,
    }


def _turn(
    assistant: Assistant, question: str, answers: list[Answer], within: Filters, cancelled: threading.Event
) -> Iterator[tuple[str, Answer | None]]:
    """Yield the assistant's message as it grows; with the answer once it is complete."""
    shown = render.Progress(turn=len(answers), question=question)
    last = 0.0
    for event in assistant.stream(question, history=answers, within=within, cancelled=cancelled):
        if isinstance(event, Finished):
            yield render.answer(len(answers), event.answer), event.answer
            return
        if isinstance(event, Found):
            shown = shown.found(event)
        elif isinstance(event, Checked):
            shown = shown.checked(event)
        elif isinstance(event, Draft):
            shown = shown.draft(event.text)
            if time.monotonic() - last < _LEAST_GAP_S:
                continue
        last = time.monotonic()
        yield shown.html(), None


def _messages(turn: int, answer: Answer) -> list[dict[str, str]]:
    return [
        _message("user", render.question(answer.question)),
        _message("assistant", render.answer(turn, answer)),
    ]


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}
