"""Whose turn it is: one answer is written at a time."""

import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from rag import Assistant
from rag.errors import Overloaded
from rag.types import Checked, Draft, Finished, Found, Waiting
from tests.world import GREEN, World, earlier


def test_the_search_does_not_wait_and_who_is_ahead_is_told(tmp_path: Path) -> None:
    world = World(tmp_path, "The goggles were green.", "The goggles were green.")
    first, second = (world.assistant.stream("What of the goggles?", client=name) for name in "ab")
    assert isinstance(next(first), Found)
    assert isinstance(next(second), Found)
    assert next(second) == Waiting(1)
    assert world.llm.history == []
    assert [type(event) for event in first].count(Waiting) == 0
    assert next(second) == Waiting(0)
    assert [type(event) for event in second] == [Draft, Draft, Draft, Draft, Checked, Finished]


def test_an_answer_keeps_its_turn_from_its_first_token_to_its_last(tmp_path: Path) -> None:
    world = World(tmp_path, "The goggles were green.")
    events = world.assistant.stream("What of the goggles?")
    turns = {type(event): world.assistant.scheduler.running for event in events}
    assert turns == {Found: 1, Draft: 1, Checked: 1, Finished: 0}


def test_a_closed_iterator_gives_its_turn_back(tmp_path: Path) -> None:
    world = World(tmp_path, "The goggles were green.")
    for steps in (1, 2, 3):
        events = world.assistant.stream("What of the goggles?")
        for _ in range(steps):
            next(events)
        events.close()  # type: ignore[attr-defined]
        assert world.assistant.scheduler.running == 0
        world.llm._answers.append("The goggles were green.")


def test_whoever_is_cancelled_while_waiting_generates_nothing(tmp_path: Path) -> None:
    world, stop = World(tmp_path, "The goggles were green."), threading.Event()
    with world.assistant.scheduler.turn("other"):
        events = world.assistant.stream("What of the goggles?", cancelled=stop)
        assert isinstance(next(events), Found)
        assert next(events) == Waiting(1)
        stop.set()
        [last] = events
        assert isinstance(last, Finished)
        assert (last.answer.refused, last.answer.reason) == (True, "cancelled")
    assert world.llm.history == []
    assert world.embedder.embedded == ["What of the goggles?"]  # no evidence is chosen for nobody


def test_a_question_too_many_is_turned_away_before_it_is_searched(tmp_path: Path) -> None:
    world = World(tmp_path, queue=1)
    with world.assistant.scheduler.turn("a"), world.assistant.scheduler.turn("b"):
        with pytest.raises(Overloaded, match="ask again in"):
            next(world.assistant.stream("What of the goggles?", client="c"))
        assert world.embedder.embedded == []


def test_a_rewritten_question_waits_once_for_both(tmp_path: Path) -> None:
    world = World(tmp_path, "What were the green goggles?", "The goggles were green.")
    with ExitStack() as other:
        other.enter_context(world.assistant.scheduler.turn("other"))
        history = [earlier("What of the goggles?", GREEN)]
        events = world.assistant.stream("What were they?", history=history, client="a")
        assert next(events) == Waiting(1)
        other.close()
        assert next(events) == Waiting(0)
        with world.assistant.scheduler.turn("later"):
            assert [type(event) for event in events if not isinstance(event, Draft)] == [Found, Checked, Finished]


def test_without_a_language_model_nobody_waits(tmp_path: Path) -> None:
    world = World(tmp_path, extractive=True)
    alone = Assistant(world.settings, index=world.index, embedder=world.embedder, prompts=world.prompts, llm=None)
    with alone.scheduler.turn():
        assert not alone.ask("What of the goggles?").refused


def test_what_is_written_beside_answers_takes_turns_too(tmp_path: Path) -> None:
    world = World(tmp_path, "One.")
    seen: list[int] = []
    world.llm.stream = lambda *_, **__: iter([str(seen.append(world.assistant.scheduler.running))])  # type: ignore[method-assign, func-returns-value]
    world.assistant.write("answer", max_tokens=5, evidence="", question="")
    world.assistant.query("What were they?", history=[earlier("What of the goggles?", GREEN)])
    assert seen == [1, 1]
