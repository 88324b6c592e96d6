"""The tab of past conversations: finding one, going on with it, deleting it. Each visitor sees their own alone."""

from typing import Any

import gradio as gr

from rag.web import notices
from rag.web.chat import Chat
from rag.web.conversations import Conversations
from rag.web.events import QUIET
from rag.web.html import status
from rag.web.visits import visitor


class Past:
    """The tab, over what is kept."""

    def __init__(self, kept: Conversations) -> None:
        self._kept = kept

    def build(self) -> None:
        """Add the components of the tab to the page."""
        self.text = gr.Textbox("", label="Search what was asked and answered", elem_id="search-past", max_length=200)
        self.rows = gr.HTML(elem_id="past")
        with gr.Row():
            self.all = gr.Button("Delete all …", size="sm", visible=False, elem_id="delete-all", min_width=120, scale=0)
            self.sure = gr.Button("Delete all conversations for good", size="sm", variant="stop", visible=False,
                                  elem_id="delete-sure", scale=0, min_width=220)  # fmt: skip

    def connect(self, actions: gr.HTML, tab: gr.Tab, tabs: gr.Tabs, chat: Chat) -> None:
        """Let the tab act on the conversation."""
        listed = [self.rows, self.all, self.sure]
        gr.on(
            [tab.select, self.text.change], self._list, [self.text], listed,
            **QUIET | {"trigger_mode": "always_last"},  # what is typed while a search runs is searched too
        )  # fmt: skip
        gone = chat.begin_if_gone, [chat.here], chat.everything
        actions.forget(self._forget, [self.text], listed, **QUIET).then(*gone, **QUIET)
        self.all.click(lambda: gr.Button(visible=True), None, self.sure, **QUIET)
        self.sure.click(self._forget_all, None, listed, **QUIET).then(*gone, **QUIET)

        def resume(event: gr.EventData, request: gr.Request) -> list[Any]:
            return [gr.Tabs(selected="ask"), *chat.resume(str(event._data.get("conversation")), request)]

        actions.resume(resume, None, [tabs, *chat.everything], **QUIET)

    def _list(self, text: str, request: gr.Request) -> tuple[Any, ...]:
        found = self._kept.listed(visitor(request), text)
        return notices.conversations(found, searched=text), gr.Button(visible=bool(found)), gr.Button(visible=False)

    def _forget(self, text: str, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        self._kept.delete(visitor(request), str(event._data.get("conversation")))
        return self._list(text, request)

    def _forget_all(self, request: gr.Request) -> tuple[Any, ...]:
        self._kept.delete(visitor(request))
        return status("All conversations are deleted."), gr.Button(visible=False), gr.Button(visible=False)
