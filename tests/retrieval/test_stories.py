"""One story in many articles, searched: shown once, its versions told apart, and nothing lost that only one has."""

from rag.corpus import article_id
from rag.retrieval.versions import kin
from rag.types import Query
from tests.retrieval.conftest import Build
from tests.retrieval.test_retriever import texts

LEAD = "The minister told parliament on Monday that 12 people died when the bridge at Lund fell into the river."
MIDDLE = (
    "Rescuers with goggles searched the cold river through the whole night and found no survivors beneath the wreck."
)
END = "The company that built the bridge with steel from Kiruna did not answer any questions of reporters on Monday."
MORE = "Divers recovered a black box on Tuesday, and the inquiry under judge Holm began its work in Malmo."
STORY = f"{LEAD} {MIDDLE} {END}"


def record(text: str, day: str | None = None, title: str = "A bridge fell") -> dict[str, str]:
    return {"text": text, "title": title, **({"date": day} if day else {})}


def test_copies_cut_into_passages_at_other_places_are_shown_once(build: Build) -> None:
    lead = "A correspondent of the agency was there when it happened and sends this report from the shore of it."
    query = Query("goggles and rifles in the river")
    hits = build(record(STORY), record(f"{lead} {STORY}", title="Bridge falls")).search(query, k=6)
    assert sum("goggles" in text for text in texts(hits)) == 1
    [kept] = [hit for hit in hits if hit.kept and "goggles" in hit.text]
    assert len(kept.also_in) == 1
    assert any(not hit.kept and hit.why == f"copy of {kept.article.id}" for hit in hits)


def test_a_small_edit_makes_no_second_hit(build: Build) -> None:
    edited = STORY.replace("through the whole night", "all night long")
    hits = build(record(STORY), record(edited)).search(Query("goggles river"), k=6)
    assert sum("goggles" in text for text in texts(hits)) == 1


def test_a_word_of_the_question_that_one_version_alone_has_is_kept(build: Build) -> None:
    edited = STORY.replace("through the whole night", "all night long")
    hits = build(record(STORY), record(edited)).search(Query("Was it all night long with goggles?"), k=6)
    assert any("all night long" in text for text in texts(hits))


def test_what_the_later_version_adds_is_found_and_the_earlier_points_to_it(build: Build) -> None:
    search = build(record(STORY, "2023-04-11"), record(f"{STORY}\n\n{MORE}", "2023-04-12"))
    hits = search.search(Query("What about the black box and judge Holm?"), k=6)
    assert MORE in texts(hits)[0]
    assert hits[0].later is None
    hits = search.search(Query("goggles"), k=6)
    later = {hit.article.origin.published: hit.later and hit.later.origin.published for hit in hits if hit.kept}
    assert later.get("2023-04-11", "2023-04-12") == "2023-04-12"


def test_another_number_is_a_later_version_and_both_are_shown(build: Build) -> None:
    later = STORY.replace("12 people", "19 people")
    hits = build(record(STORY, "2023-04-11"), record(later, "2023-04-12")).search(Query("How many people died?"), k=6)
    assert {"12", "19"} <= {word for text in texts(hits) for word in text.split()}
    first = next(hit for hit in hits if "12 people" in hit.text)
    assert first.later
    assert first.later.origin.published == "2023-04-12"


def test_a_copy_published_later_is_no_later_version(build: Build) -> None:
    copy = STORY.replace("The minister told", "LUND (Agency) — The minister told")
    hits = build(record(STORY, "2023-04-11"), record(copy, "2023-04-12")).search(Query("goggles bridge"), k=6)
    assert all(hit.later is None for hit in hits)


def test_kin_of_articles_is_told_by_their_ids(build: Build) -> None:
    longer = f"{STORY}\n\n{MORE}"
    reader = build(record(STORY, "2023-04-11"), record(longer, "2023-04-12"), record("Wind blew."))._index.catalogue
    first, second, alone = map(article_id, (STORY, longer, "Wind blew."))
    told = kin([first, alone, "0" * 32], reader)
    assert list(told) == [first]
    assert [version.id for version in told[first].versions] == [second]


def test_another_story_is_no_version(build: Build) -> None:
    other = "Rain fell on the hills of Lund all day, and farmers said the harvest of apples would be late and small. "
    hits = build(record(STORY, "2023-04-11"), record(other * 2, "2023-04-12")).search(Query("Lund"), k=6)
    assert len(texts(hits)) > 1
    assert all(hit.later is None for hit in hits)
