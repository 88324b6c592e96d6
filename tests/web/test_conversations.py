"""Past conversations: kept without the texts of articles, found again, and each visitor's own."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import CatalogueError
from rag.types import Article, Claim, Origin
from rag.web.conversations import FILE, GONE, Conversations
from tests.web.helpers import ARTICLE, HIT, answer
from tests.world import World

LATER = Article("b" * 32, "Hail came later.", (Origin(path="y.txt", title="Correction"),))


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Conversations]:
    """An empty store."""
    store = Conversations(tmp_path / "data", place=tmp_path / "index")
    yield store
    store.close()


def here(_: Sequence[str]) -> Mapping[str, Article]:
    """Find the article of the tests."""
    return {article.id: article for article in (ARTICLE, LATER)}


def test_an_answer_comes_back_as_it_was(tmp_path: Path, kept: Conversations) -> None:
    world = World(tmp_path, "The goggles were green. Soldiers left 90 rifles.")
    given = world.assistant.ask("What of the goggles?")
    kept.put("me", "c", 0, given)
    [turn] = kept.turns("me", "c", world.index.catalogue.articles)
    assert turn.answer == given
    assert turn.answer.to_json() == given.to_json()


def test_no_word_of_an_article_is_kept(tmp_path: Path, kept: Conversations) -> None:
    hit = replace(HIT, copies=(LATER,), later=LATER)
    kept.put("me", "c", 0, answer(hits=(hit,), claims=(Claim("Somebody left.", "supported", (1,)),)))
    assert kept.turns("me", "c", here)[0].answer.hits == (hit,)
    kept.close()
    data = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    for word in (b"rained", b"alert", b"spoke", b"Title", b"Hail", b"Correction"):
        assert word not in data
    assert b"Somebody left." in data


def test_of_an_article_that_went_nothing_is_shown(kept: Conversations) -> None:
    kept.put("me", "c", 0, answer())
    [turn] = kept.turns("me", "c", lambda _: {})
    assert turn.answer.citations[0].quote == ""
    assert turn.answer.citations[0].article.origin.title == GONE


def test_a_visitor_reaches_no_other_visitors_conversation(kept: Conversations) -> None:
    kept.put("me", "c", 0, answer())
    kept.wait("me", "c", "And then?")
    assert kept.turns("you", "c", here) == []
    assert kept.listed("you") == []
    assert kept.pending("you", "c") == ""
    with pytest.raises(CatalogueError, match="somebody else's"):
        kept.put("you", "c", 0, answer())
    with pytest.raises(CatalogueError, match="somebody else's"):
        kept.judge("you", "c", 0, "wrong")
    kept.delete("you", "c")
    kept.delete("you")
    [turn] = kept.turns("me", "c", here)
    assert turn.judged == ""


def test_asking_again_replaces_a_turn_and_what_followed(kept: Conversations) -> None:
    for n in range(3):
        kept.put("me", "c", n, answer(question=f"Question {n}?"))
    kept.put("me", "c", 1, answer(question="Another?"))
    assert [turn.answer.question for turn in kept.turns("me", "c", here)] == ["Question 0?", "Another?"]


def test_conversations_are_found_by_all_words_of_questions_and_answers(kept: Conversations) -> None:
    kept.put("me", "one", 0, answer(question="What of 100% wool?"))
    kept.put("me", "two", 0, answer(question="What of 100 sheep?"))
    kept.put("me", "two", 1, answer(question="And wool?"))
    assert [one.id for one in kept.listed("me")] == ["two", "one"]
    assert [one.id for one in kept.listed("me", "WOOL sheep")] == ["two"]
    assert [one.id for one in kept.listed("me", "100%")] == ["one"]
    assert [one.id for one in kept.listed("me", "someone")] == ["two", "one"]
    assert kept.listed("me", "nothing like it") == []
    assert [(one.title, one.turns) for one in kept.listed("me", "sheep")] == [("What of 100 sheep?", 2)]


def test_a_question_without_an_answer_is_remembered_until_it_has_one(kept: Conversations) -> None:
    kept.wait("me", "c", "Who?")
    assert kept.pending("me", "c") == "Who?"
    assert kept.listed("me") == []
    kept.put("me", "c", 0, answer())
    assert kept.pending("me", "c") == ""


def test_one_or_all_can_be_deleted(kept: Conversations) -> None:
    for name in ("a", "b", "c"):
        kept.put("me", name, 0, answer())
    kept.delete("me", "b")
    assert [one.id for one in kept.listed("me")] == ["c", "a"]
    kept.delete("me")
    assert kept.listed("me") == []


def test_each_index_has_its_own(tmp_path: Path, kept: Conversations) -> None:
    kept.put("me", "c", 0, answer())
    other = Conversations(tmp_path / "data", place=tmp_path / "other")
    assert other.listed("me") == []
    assert other.turns("me", "c", here) == []
    other.close()


def test_a_judgement_is_kept(kept: Conversations) -> None:
    kept.put("me", "c", 0, answer())
    kept.judge("me", "c", 0, "source")
    assert [turn.judged for turn in kept.turns("me", "c", here)] == ["source"]


def test_the_file_is_for_its_owner_alone(tmp_path: Path, kept: Conversations) -> None:
    assert (tmp_path / "data" / FILE).stat().st_mode & 0o077 == 0


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("not a database, but long enough to be taken for one" * 30)
    with pytest.raises(CatalogueError, match=f"{FILE}.*--data DIR"):
        Conversations(tmp_path, place=tmp_path)


ACTS: dict[str, Callable[[Conversations], object]] = {
    "turns": lambda kept: kept.turns("me", "c", here),
    "put": lambda kept: kept.put("me", "c", 0, answer()),
    "wait": lambda kept: kept.wait("me", "c", "Who?"),
    "listed": lambda kept: kept.listed("me"),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("broken", ["tables", "closed"])
def test_a_file_that_breaks_later_is_named_too(tmp_path: Path, kept: Conversations, act: str, broken: str) -> None:
    if broken == "closed":
        kept.close()
    else:
        with closing(sqlite3.connect(tmp_path / "data" / FILE)) as db:
            db.executescript("DROP TABLE turn; DROP TABLE conversation")
    with pytest.raises(CatalogueError, match=FILE):
        ACTS[act](kept)


def test_half_a_character_is_no_error(kept: Conversations) -> None:
    kept.wait("me", "c\ud800", "Who \ud83d\ude00 \ud800?")
    assert kept.pending("me", "c\ud800") == "Who \U0001f600 \ufffd?"
    assert kept.listed("me", "\ud800") == []
