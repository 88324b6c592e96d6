"""The conversation without a browser: what the page is told where something fails."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from rag.errors import CatalogueError
from rag.web.chat import Asked, Chat
from rag.web.conversations import Conversations
from rag.web.visits import visitor
from tests.world import World


def test_where_a_conversation_cannot_be_read_it_is_said_and_the_page_is_free_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    kept = Conversations(tmp_path / "data", place=world.settings.index_dir)

    def fail(*_: object) -> Any:
        raise CatalogueError("the disk is gone; look at it")

    monkeypatch.setattr(kept, "turns", fail)
    chat = Chat(world.assistant, kept, judged=tmp_path / "judged.jsonl")
    request: Any = SimpleNamespace(username=None, cookies={}, session_hash="page")
    [(messages, *_)] = chat._respond(Asked("Who left?"), "here", "", "", [], "", [], request)
    assert "Who left?" in messages[0]["content"]
    assert "the disk is gone" in messages[1]["content"]
    assert not chat._running.busy("page")
    kept.close()


def test_what_another_window_has_asked_meanwhile_in_the_same_conversation_is_kept(tmp_path: Path) -> None:
    world = World(tmp_path, "The goggles were green.", "The old bridge was damaged by the flood.")
    kept = Conversations(tmp_path / "data", place=world.settings.index_dir)
    chat = Chat(world.assistant, kept, judged=tmp_path / "judged.jsonl")
    request: Any = SimpleNamespace(username=None, cookies={}, session_hash="page")
    asking = chat._respond(Asked("What of the goggles?"), "here", "", "", [], "", [], request)
    next(asking)
    other = world.assistant.ask("What of the flood?")
    kept.put(visitor(request), "here", 0, other)
    for _ in asking:
        pass
    told = [turn.answer.question for turn in chat._turns(visitor(request), "here")]
    assert told == ["What of the flood?", "What of the goggles?"]
    kept.close()


def test_a_deleted_conversation_is_begun_anew_unless_it_is_being_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    kept = Conversations(tmp_path / "data", place=world.settings.index_dir)
    chat = Chat(world.assistant, kept, judged=tmp_path / "judged.jsonl")
    request: Any = SimpleNamespace(username=None, cookies={}, session_hash="page")
    monkeypatch.setattr(Chat, "everything", [None])
    monkeypatch.setattr(chat, "_conversation", lambda here, *_, **__: [here])
    assert chat.begin_if_gone("here", request)[0] not in ("here", gr.skip())
    kept.wait(visitor(request), "here", "What of the goggles?")
    assert chat.begin_if_gone("here", request)[0] == gr.skip()
    kept.close()
