"""Questions that are made of several: each is answered, and what is not is told."""

from dataclasses import replace
from pathlib import Path
from threading import Event

from rag.types import Checked, Draft, Filters, Finished, Found, Hit, Query
from rag.understanding import merged, searched
from tests.world import World

ASKED = "Who left rifles behind in the war? And which engineers repaired the Dutch bridge?"
SOLDIERS = "American soldiers left 40 rifles behind."
BRIDGE = "Dutch engineers repaired it with steel beams."


def test_each_part_is_searched_read_written_and_checked_and_markers_go_on(tmp_path: Path) -> None:
    world = World(tmp_path, SOLDIERS, BRIDGE)
    *events, last = world.assistant.stream(ASKED)
    assert isinstance(last, Finished)
    answer = last.answer
    assert answer.text == f"{SOLDIERS} [1] {BRIDGE} [2]"
    assert [(c.marker, c.claim) for c in answer.citations] == [(1, 0), (2, 1)]
    assert (answer.unanswered, answer.refused, answer.query.text) == ((), False, ASKED)
    asked = [prompt[-1].content.split("Question: ")[-1] for prompt in world.llm.history]
    assert asked == ["Who left rifles behind in the war?", "which engineers repaired the Dutch bridge?"]
    [found] = [event for event in events if isinstance(event, Found)]
    assert found.hits == answer.hits
    assert len({(hit.article.id, hit.passage.start) for hit in answer.hits}) == len(answer.hits)
    assert {citation.article.id for citation in answer.citations} <= {hit.article.id for hit in answer.hits}
    read = {(e.article.id, e.start) for e in answer.evidence}
    assert {(c.article.id, c.start) for c in answer.citations} <= read
    assert len(answer.evidence) == len(read)


def test_time_and_tokens_are_those_of_all_parts(tmp_path: Path) -> None:
    world = World(tmp_path, SOLDIERS, BRIDGE)
    timings = world.assistant.ask(ASKED).timings
    assert timings.prompt_tokens == sum(world.llm.count(prompt) for prompt in world.llm.history)
    assert timings.answer_tokens == len(SOLDIERS.split()) + len(BRIDGE.split())


def test_a_part_that_is_not_answered_is_told(tmp_path: Path) -> None:
    world = World(tmp_path, SOLDIERS, "NOT FOUND")
    answer = world.assistant.ask(ASKED)
    assert answer.text == f"{SOLDIERS} [1] Not in these articles: “which engineers repaired the Dutch bridge?”"
    assert not answer.refused
    world = World(tmp_path, "NOT FOUND", BRIDGE)
    assert world.assistant.ask(ASKED).unanswered == ("Who left rifles behind in the war?",)


def test_where_no_part_is_answered_the_whole_is_refused(tmp_path: Path) -> None:
    answer = World(tmp_path, "NOT FOUND", "NOT FOUND").assistant.ask(ASKED)
    assert (answer.refused, answer.unanswered, answer.text) == (True, (), "Not in these articles.")


def test_a_part_is_answered_by_what_is_cited_for_another(tmp_path: Path) -> None:
    world = World(tmp_path, SOLDIERS, "Napoleon sold many pink rifles to Lisbon.")
    answer = world.assistant.ask("Who left rifles behind in the war? And what was left by soldiers?")
    assert (answer.text, answer.unanswered) == (f"{SOLDIERS} [1]", ())


def test_what_was_said_in_answer_to_a_part_is_not_said_again(tmp_path: Path) -> None:
    world = World(tmp_path, SOLDIERS, f"{SOLDIERS} The minister said the goggles were green.")
    answer = world.assistant.ask("Which soldiers left rifles behind? And what was said of the goggles there?")
    assert answer.text == f"{SOLDIERS} [1] The minister said the goggles were green. [2]"
    assert [(c.marker, c.claim) for c in answer.citations] == [(1, 0), (2, 1)]


def test_what_was_said_is_not_said_again_and_a_draft_that_goes_in_circles_ends(tmp_path: Path) -> None:
    world = World(tmp_path, f"{SOLDIERS} Rifles were left behind. {SOLDIERS} The minister said the goggles were green.")
    events = list(world.assistant.stream("Which soldiers left rifles behind?"))
    answer = events[-1].answer if isinstance(events[-1], Finished) else None
    assert answer
    assert answer.text == f"{SOLDIERS} [1]"
    assert "goggles" not in "".join(event.text for event in events if isinstance(event, Draft))


def test_three_parts_are_numbered_through(tmp_path: Path) -> None:
    world = World(tmp_path, SOLDIERS, BRIDGE, "The old bridge was damaged by the flood.")
    answer = world.assistant.ask(f"{ASKED} And what damaged the old bridge of the Dutch?")
    assert [(c.marker, c.claim) for c in answer.citations] == [(1, 0), (2, 1), (3, 2)]


def test_limits_hold_for_every_part(tmp_path: Path) -> None:
    world = World(tmp_path, SOLDIERS, "NOT FOUND")
    [war] = {hit.article.id for hit in world.assistant.search("Which soldiers left rifles?", k=1)}
    answer = world.assistant.ask(ASKED, within=Filters(articles=(war,)))
    assert {hit.article.id for hit in answer.hits} == {war}
    assert answer.unanswered == ("which engineers repaired the Dutch bridge?",)


def test_a_conversation_goes_on_in_every_part(tmp_path: Path) -> None:
    world = World(tmp_path, "The goggles were green.", SOLDIERS, SOLDIERS)
    first = world.assistant.ask("What was green?")
    query = world.assistant.query("Which soldiers left? And what else was left there?", history=[first])
    (one, _), (other, _) = _searched(world, query)
    assert (one.after, other.after) == ("What was green?", "What was green? Which soldiers left?")
    assert one.known == other.known == ((first.citations[0].article.id, first.citations[0].start),)


def test_a_passage_found_for_several_parts_stands_once_as_it_is_best(tmp_path: Path) -> None:
    world = World(tmp_path)
    hits = [hit for _, hits in _searched(world, world.assistant.query(ASKED)) for hit in hits]
    worse = [replace(hit, score=0.0, kept=False) for hit in hits]
    together = merged([worse, hits])
    assert len(together) == len({(hit.article.id, hit.passage.start) for hit in hits}) < len(hits)
    assert all(hit.kept for hit in together)
    assert [hit.score for hit in together] == sorted((hit.score for hit in together), reverse=True)


def _searched(world: World, query: Query) -> list[tuple[Query, list[Hit]]]:
    return searched(query, world.assistant.retriever, k=world.settings.passages, today=world.settings.day)


def test_a_part_that_names_nothing_goes_on_with_the_first(tmp_path: Path) -> None:
    world = World(tmp_path, SOLDIERS, BRIDGE)
    query = world.assistant.query("Who left rifles behind in the war? And what was green there?")
    (one, hits), (other, _) = _searched(world, query)
    assert (one.text, one.after) == ("Who left rifles behind in the war?", None)
    assert (other.after, other.going_on) == (one.text, (hits[0].article.id,))
    (_, _), (named, _) = _searched(world, world.assistant.query(ASKED))
    assert (named.after, named.going_on) == (None, ())


def test_what_is_stopped_is_not_said_to_be_missing(tmp_path: Path) -> None:
    stop = Event()
    events = World(tmp_path, SOLDIERS, BRIDGE).assistant.stream(ASKED, cancelled=stop)
    for event in events:
        if isinstance(event, Checked):
            stop.set()
        if isinstance(event, Finished):
            assert event.answer.text == f"{SOLDIERS} [1]"
            assert event.answer.unanswered == ()
