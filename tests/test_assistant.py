"""The one way from a question to a checked answer, over fakes."""

import json
from pathlib import Path

import pytest

from rag import Assistant, Settings
from rag.errors import CatalogueError, ModelError, PromptError
from rag.refusal import answerable
from rag.types import Checked, Draft, Finished, Found
from tests.world import WAR, World

# An answer


def test_an_answer_cites_the_exact_place_of_each_sentence(tmp_path: Path) -> None:
    answer = World(tmp_path, "The goggles were green. Soldiers left 40 rifles.").assistant.ask(
        "What of the goggles and rifles?"
    )
    assert not answer.refused
    assert answer.text == "The goggles were green. [1] Soldiers left 40 rifles. [2]"
    assert [c.quote for c in answer.citations] == [
        "The minister said the goggles were green.",
        "American soldiers left 40 rifles behind.",
    ]
    for citation in answer.citations:
        assert citation.quote == WAR[citation.start : citation.end]
        assert citation.article.text == WAR


def test_an_answer_says_how_it_came_about(tmp_path: Path) -> None:
    world = World(tmp_path, "The goggles were green.")
    answer = world.assistant.ask("  What of\nthe goggles? ")
    assert answer.question == answer.query.text == "What of the goggles?"
    assert answer.models == {"embedder": "toy", "llm": "scripted", "reranker": None, "nli": None}
    assert answer.index_revision == world.index.revision
    assert answer.prompt_sha256 == world.prompts.sha256
    assert answer.confidence == answerable(answer.hits[0].score, 0.0)


def test_an_answer_says_how_long_it_took(tmp_path: Path) -> None:
    world = World(tmp_path, "The goggles were green.")
    timings = world.assistant.ask("What of the goggles?").timings
    assert timings.rewrite_s is None
    stamps = [timings.search_s, timings.first_word_s, timings.first_checked_s, timings.total_s]
    assert all(stamp is not None for stamp in stamps)
    assert stamps == sorted(stamp or 0 for stamp in stamps)
    assert timings.answer_tokens == 4
    assert timings.prompt_tokens == world.llm.count(world.llm.history[0])


def test_what_does_not_hold_up_is_withheld_and_the_rest_is_shown(tmp_path: Path) -> None:
    answer = World(tmp_path, "Soldiers left 90 rifles. The goggles were green.").assistant.ask("What of the goggles?")
    assert answer.text == "The goggles were green. [1]"
    assert [(claim.text, claim.withheld) for claim in answer.claims] == [
        ("Soldiers left 90 rifles.", True),
        ("The goggles were green.", False),
    ]
    assert [citation.claim for citation in answer.citations] == [1]


def test_the_numbers_of_a_list_are_no_claims(tmp_path: Path) -> None:
    world = World(tmp_path, "1. The goggles were green. 2. American soldiers left 40 rifles behind.", "40.")
    listed = world.assistant.ask("What of the goggles and rifles?")
    assert [claim.text for claim in listed.claims] == [
        "The goggles were green.",
        "American soldiers left 40 rifles behind.",
    ]
    alone = world.assistant.ask("How many rifles were left behind?")
    assert alone.claims[0].text == "40."


def test_not_found_beside_a_supported_sentence_is_no_refusal(tmp_path: Path) -> None:
    answer = World(tmp_path, "The goggles were green. NOT FOUND").assistant.ask("What of the goggles?")
    assert (answer.refused, answer.reason, answer.text) == (False, None, "The goggles were green. [1]")
    assert len(answer.claims) == 1


def test_the_same_question_gets_the_same_answer(tmp_path: Path) -> None:
    draft = "The goggles were green. Soldiers left 40 rifles."
    one, two = World(tmp_path, draft), World(tmp_path, draft)
    first, second = (world.assistant.ask("What of the goggles?").to_json() for world in (one, two))
    del first["timings"], second["timings"]
    assert first == second
    assert one.llm.history == two.llm.history


def test_an_answer_can_be_written_as_json(tmp_path: Path) -> None:
    answer = World(tmp_path, "The goggles were green.").assistant.ask("What of the goggles?").to_json()
    assert json.loads(json.dumps(answer)) == answer


def test_only_the_passages_asked_for_are_searched(tmp_path: Path) -> None:
    answer = World(tmp_path, "The goggles were green.", passages=1).assistant.ask("What of the goggles?")
    assert [hit.article.text for hit in answer.hits] == [WAR]


def test_the_draft_is_no_longer_than_the_settings_say(tmp_path: Path) -> None:
    world = World(tmp_path, "".join(f"The goggles were {i}. " for i in range(20)), answer_tokens=16)
    written = [claim for claim in world.assistant.ask("What of the goggles?").claims if claim.text[-2].isdigit()]
    assert len(written) == 3  # half a sentence is no claim


def test_a_quotation_of_two_sentences_is_one_claim_and_a_stray_mark_holds_up_little(tmp_path: Path) -> None:
    texts = ['"The goggles were green. The rifles were old," the minister said.']
    quoted = World(tmp_path, texts[0], texts=texts).assistant.ask("What did the minister say of the goggles?")
    assert [claim.text for claim in quoted.claims] == texts
    stray = 'He said "the goggles were green. ' + "The goggles were red. " * 30
    (tmp_path / "other").mkdir()
    world = World(tmp_path / "other", stray, answer_tokens=60)
    assert world.assistant.ask("What of the goggles?").claims, "what was complete is checked"


# Events


def test_what_was_found_comes_first_and_the_answer_last(tmp_path: Path) -> None:
    events = list(World(tmp_path, "The goggles were green.").assistant.stream("What of the goggles?"))
    assert isinstance(events[0], Found)
    assert isinstance(events[-1], Finished)
    assert events[0].hits == events[-1].answer.hits
    assert sum(isinstance(event, Found | Finished) for event in events) == 2


def test_the_first_sentence_is_checked_before_the_draft_is_complete(tmp_path: Path) -> None:
    draft = "The goggles were green. Soldiers left 40 rifles."
    events = list(World(tmp_path, draft).assistant.stream("What of the goggles?"))
    kinds = [type(event) for event in events]
    last_draft = max(i for i, kind in enumerate(kinds) if kind is Draft)
    assert kinds.index(Checked) < last_draft
    assert "".join(event.text for event in events if isinstance(event, Draft)) == draft


def test_sentences_are_released_as_the_answer_has_them(tmp_path: Path) -> None:
    draft = "The goggles were green. Soldiers left 90 rifles. Soldiers left 40 rifles."
    events = list(World(tmp_path, draft).assistant.stream("What of the goggles?"))
    checked = [event for event in events if isinstance(event, Checked)]
    assert isinstance(events[-1], Finished)
    answer = events[-1].answer
    assert [event.claim for event in checked] == [claim for claim in answer.claims if not claim.withheld]
    assert [c for event in checked for c in event.citations] == list(answer.citations)


def test_nothing_is_searched_before_the_first_event_is_asked_for(tmp_path: Path) -> None:
    world = World(tmp_path, "The goggles were green.")
    events = world.assistant.stream("What of the goggles?")
    assert world.embedder.embedded == []
    next(events)
    assert world.llm.history == []


# Without a language model


def test_searching_needs_no_language_model(tmp_path: Path) -> None:
    world = World(tmp_path)
    alone = Assistant(world.settings, index=world.index, embedder=world.embedder, prompts=world.prompts, llm=None)
    assert [hit.article.text for hit in alone.search("Goggles?", k=1)] == [WAR]


def test_searching_finds_as_many_passages_as_the_settings_say(tmp_path: Path) -> None:
    assert len(World(tmp_path, passages=1).assistant.search("Goggles?")) == 1
    assert len(World(tmp_path, passages=5).assistant.search("Goggles?")) == 2


# Loading


def test_a_missing_prompt_is_found_out_before_a_model_is_needed(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="cannot be read"):
        Assistant.load(Settings.load(prompts_dir=tmp_path, models_dir=tmp_path, index_dir=tmp_path))


def test_a_missing_model_names_the_command_that_fetches_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="rag models fetch"):
        Assistant.load(Settings.load(models_dir=tmp_path, index_dir=tmp_path))


def test_a_missing_index_is_found_out_before_the_embedder_is_loaded(tmp_path: Path) -> None:
    settings = Settings.load(index_dir=tmp_path / "index", embedder=str(tmp_path), models_dir=tmp_path)
    with pytest.raises(CatalogueError, match="no index in"):
        Assistant.load(settings, with_llm=False)


def test_warming_up_reads_what_all_prompts_share(tmp_path: Path) -> None:
    world = World(tmp_path, "Any words.", "Others.")
    world.assistant.warm_up()
    systems = [
        world.prompts.messages("rewrite", conversation="", question="")[0],
        world.prompts.messages("answer", evidence="", question="")[0],
    ]
    assert [first for first, _ in world.llm.history] == systems
    assert all(system.role == "system" for system in systems)


def test_no_sentence_is_embedded_twice_for_one_question(tmp_path: Path) -> None:
    world = World(tmp_path, "The goggles were green.")
    world.assistant.ask("What of the goggles?")
    embedded = world.embedder.embedded
    assert sorted(embedded) == sorted(set(embedded))
    assert "The goggles were green." in embedded
