"""Passages found by vector and by words, as one list."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.index import Candidate, Finding
from rag.retrieval import rank_articles, relevance
from rag.types import Filters, Hit, Query
from tests.retrieval.conftest import Build

QUERY = Query("Goggles?")
STORY = "Night vision goggles were left behind by the army in August, the minister told reporters on Monday in Kabul."


def texts(hits: Sequence[Hit]) -> list[str]:
    """Return the texts of the hits that were kept."""
    return [hit.text for hit in hits if hit.kept]


def test_what_is_near_in_meaning_and_holds_the_words_comes_first(build: Build) -> None:
    hits = build("Rain fell.", "Goggles, goggles.", "Goggles and rain.").search(QUERY, k=3)
    assert texts(hits) == ["Goggles, goggles.", "Goggles and rain.", "Rain fell."]
    assert [hit.ranks for hit in hits] == [{"dense": 1, "words": 1}, {"dense": 2, "words": 2}, {"dense": 3}]


def test_words_find_what_the_embedder_does_not_know(build: Build) -> None:
    hits = build("Zanzibar sank.", "Mogadishu burned.", "Rain fell.").search(Query("What of Mogadishu?"), k=1)
    assert texts(hits) == ["Mogadishu burned."]


def test_meaning_finds_what_shares_no_word_with_the_question(build: Build) -> None:
    hits = build("Rifle after rifle.", "Rain and rain fell.").search(Query("rain"), k=2)
    assert texts(hits)[0] == "Rain and rain fell."
    assert hits[1].ranks == {"dense": 2}


def test_scores_are_probabilities_and_fall(build: Build) -> None:
    hits = build("Goggles.", "Goggles rain.", "Rain.").search(QUERY, k=3)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert 0 < scores[-1] < 0.05
    assert 0.7 < scores[0] < 1


def test_only_the_fittest_are_read_unless_another_may_gain(build: Build) -> None:
    retriever = build("Goggles.", "Goggles, goggles.", "Zanzibar rain.", "Zanzibar sank.")

    def read(query: Query) -> set[str]:
        return {one.candidate.text for one in retriever._scored(query, retriever.words(query), found=2, read=2)}

    asked = "Goggles in Zanzibar?"
    found = read(Query(asked, from_="2023-04-11"))
    assert len(found) == 3
    assert len(fittest := read(Query(asked))) == 2
    assert fittest < found


def test_of_what_is_found_forty_are_read(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    retriever = build(*(f"Goggles number {i}." for i in range(50)))
    read: Callable[[Sequence[Finding]], list[Candidate]] = retriever._index.read
    sizes: list[int] = []

    def counted(found: Sequence[Finding]) -> list[Candidate]:
        sizes.append(len(found))
        return read(found)

    monkeypatch.setattr(retriever._index, "read", counted)
    retriever.search(QUERY, k=6)
    assert sizes == [40]


def test_no_more_than_k_passages_are_kept(build: Build) -> None:
    assert len(build("Goggles.", "Rain.", "Rifles.").search(QUERY, k=2)) == 2


def test_ties_come_in_the_order_of_article_id_and_start(build: Build) -> None:
    long = "\n\n".join(["Goggles " * 20 + "."] * 3)
    hits = build(long, "Goggles!", "Goggles?", "Goggles.").search(QUERY, k=6)
    places = [(h.article.id, h.passage.start) for h in hits if h.kept and h.score == hits[0].score]
    assert len(places) > 1
    assert places == sorted(places)


def test_a_text_found_in_two_files_is_one_hit_that_names_both(build: Build) -> None:
    [only] = build("Goggles.", "Goggles.").search(QUERY, k=5)
    assert [Path(origin.path).name for origin in only.article.origins] == ["0.jsonl", "1.jsonl"]
    assert [Path(origin.path).name for origin in only.also_in] == ["1.jsonl"]


def test_a_copy_with_small_edits_is_cut_and_named_by_what_it_is_a_copy_of(build: Build) -> None:
    hits = build(STORY, STORY.replace("told reporters", "said to reporters"), "Rain fell.").search(QUERY, k=3)
    kept, rain, cut = hits
    assert texts(hits) == [kept.text, "Rain fell."]
    assert cut.why == f"copy of {kept.article.id}"
    assert {kept.article.id, cut.article.id} == {a.id for a in (kept.article, *kept.copies)}
    assert len(kept.also_in) == 1
    assert list(rank_articles(hits)) == [kept.article.id, cut.article.id, rain.article.id]


def test_versions_with_other_numbers_are_all_kept_in_the_order_of_their_dates(build: Build) -> None:
    first = {"title": "Toll", "text": f"At least 12 people died. {STORY}", "date": "2023-04-10"}
    later = {"title": "Toll", "text": f"At least 39 people died. {STORY}", "date": "2023-04-12"}
    hits = build(later, "Rain fell.", first).search(Query("How many people died?"), k=3)
    assert [hit.article.origin.published for hit in hits] == ["2023-04-10", "2023-04-12", None]
    assert all(hit.kept for hit in hits)
    assert {hit.why for hit in hits[:2]} == {"kept beside what differs from it, by date"}


def test_the_newest_version_comes_first_on_request(build: Build) -> None:
    first = {"title": "Toll", "text": f"At least 12 people died. {STORY}", "date": "2023-04-10"}
    later = {"title": "Toll", "text": f"At least 39 people died. {STORY}", "date": "2023-04-12"}
    hits = build(later, first).search(Query("How many people died?", newest=True), k=2)
    assert [hit.article.origin.published for hit in hits] == ["2023-04-12", "2023-04-10"]


def test_a_short_notice_does_not_hide_the_report_that_begins_with_it(build: Build) -> None:
    hits = build(STORY, f"{STORY} Rifles were left too, said others.").search(Query("goggles left behind"), k=2)
    assert any("Rifles" in text for text in texts(hits))


def test_many_copies_leave_room_for_other_stories(build: Build) -> None:
    copies = [f"{STORY} {'The army. ' * n}" for n in range(9)]
    assert len(texts(build(*copies, "Goggles.", "Goggles and rain.").search(QUERY, k=3))) == 3


def test_passages_of_one_article_are_not_copies_of_each_other(build: Build) -> None:
    refrain = "Goggles " * 20 + "were left."
    assert len(texts(build(f"{refrain}\n\n{refrain}").search(QUERY, k=4))) > 1


def test_the_days_a_question_names_are_preferred(build: Build) -> None:
    old, new = (
        {"title": "T", "text": f"Goggles in {c}.", "date": d} for c, d in (("A", "2021-08-30"), ("B", "2023-04-11"))
    )
    retriever = build(old, new)
    assert texts(retriever.search(Query("Goggles?", from_="2023-04-01", to="2023-04-30"), k=2))[0] == "Goggles in B."
    assert texts(retriever.search(Query("Goggles?", to="2022-01-01"), k=2))[0] == "Goggles in A."


def test_a_question_that_goes_on_prefers_the_articles_it_goes_on_with(build: Build) -> None:
    told, other = "Goggles in rain.", "Rifles in rain, rain."
    retriever = build(told, other, *["Rain, rain, rain."] * 3)
    article = next(hit.article.id for hit in retriever.search(Query("Goggles?"), k=1))
    assert texts(retriever.search(Query("How much rain?"), k=1)) != [told]
    assert texts(retriever.search(Query("How much rain?", going_on=(article,)), k=1)) == [told]
    assert texts(retriever.search(Query("How much rain?", after="Rifles?"), k=1)) == [other]
    gone = Query("How much rain?", going_on=("f" * 32,))
    assert texts(retriever.search(gone, k=1)) == texts(retriever.search(Query("How much rain?"), k=1))


def test_what_is_gained_by_the_conversation_is_no_relevance(build: Build) -> None:
    retriever = build("Goggles in rain.", "Zanzibar sank.")
    alone = retriever.search(Query("Rain?"), k=1)
    article = alone[0].article.id
    query = Query("Rain?", going_on=(article,))
    hits = retriever.search(query, k=1)
    assert hits[0].score > alone[0].score
    assert relevance(query, hits) == pytest.approx(alone[0].score)
    assert relevance(Query("Rain?"), hits) == hits[0].score


def test_a_question_is_about_others_where_they_alone_hold_its_rare_words(build: Build) -> None:
    retriever = build(
        "Goggles in rain.", "Zanzibar sank in rain.", *[f"Rain in {place}." for place in ("Oslo", "Rome")]
    )
    article = retriever.search(Query("Goggles?"), k=1)[0].article.id
    assert retriever.is_of_others(Query("Did Zanzibar sink?"), [article]) is False  # "sink" is nowhere
    assert retriever.is_of_others(Query("rain in zanzibar?"), [article])
    assert not retriever.is_of_others(Query("goggles in rain?"), [article])


def test_what_a_question_goes_on_with_is_read_though_nothing_in_it_is_like_it(build: Build) -> None:
    retriever = build("Zanzibar sank.", *[f"Rain in {place}." for place in ("Oslo", "Rome", "Bonn")])
    article = retriever.search(Query("Zanzibar?"), k=1)[0].article.id
    query = Query("Rain?", going_on=(article,))
    read = retriever._scored(query, retriever.words(query), found=1, read=1)
    assert {one.candidate.article.id for one in read} > {article}
    limited = Query("Rain?", going_on=(article,), filters=Filters(articles=("f" * 32,)))
    assert retriever.search(limited, k=3) == []


def test_the_newest_come_first_on_request_if_they_fit(build: Build) -> None:
    dated = [{"title": "T", "text": f"Goggles {c}.", "date": d} for c, d in (("a", "2021-01-01"), ("b", "2023-01-01"))]
    hits = build(*dated, {"title": "T", "text": "Rain.", "date": "2024-01-01"}).search(
        Query("Goggles?", newest=True), k=3
    )
    assert texts(hits) == ["Goggles b.", "Goggles a.", "Rain."]


@pytest.mark.parametrize("few", [0, 20_000])
def test_filters_admit_only_what_passes(build: Build, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr("rag.index.index._FEW", few)  # 0: FAISS is told which to compare
    retriever = build(
        {"title": "T", "text": "Goggles a.", "date": "2021-01-01", "source": "Dawn"},
        {"title": "T", "text": "Goggles b.", "date": "2023-01-01", "source": "Dawn"},
        {"title": "T", "text": "Goggles c.", "date": "2023-01-01", "source": "Voice"},
        {"title": "T", "text": "Goggles d.", "source": "Dawn"},
    )

    def found(**filters: object) -> set[str]:
        return set(texts(retriever.search(Query("Goggles?", filters=Filters(**filters)), k=9)))  # type: ignore[arg-type]

    assert found(from_="2022-06-01") == {"Goggles b.", "Goggles c."}
    assert found(to="2021-01-01") == {"Goggles a."}
    assert found(from_="2021-01-01", to="2023-01-01", sources=("Dawn",)) == {"Goggles a.", "Goggles b."}
    assert found(sources=("Dawn",)) == {"Goggles a.", "Goggles b.", "Goggles d."}
    assert found(from_="2025-01-01") == set()
    [article] = [h.article.id for h in retriever.search(QUERY, k=9) if h.text == "Goggles c."]
    assert found(articles=(article,)) == {"Goggles c."}


def test_an_index_that_was_emptied_finds_nothing(build: Build, tmp_path: Path) -> None:
    retriever = build("Goggles.")
    assert retriever.search(Query("Goggles?", filters=Filters(sources=("None",))), k=5) == []
    assert retriever.evidence(QUERY, [], max_tokens=100, enough=0.8) == []


def test_another_spelling_counts_as_the_word_itself(build: Build) -> None:
    retriever = build("Khawaja spoke.", "Zardari spoke.", "Rain fell.")
    plain = retriever.search(Query("What of Khwaja?"), k=1)[0]
    meant = retriever.search(Query("What of Khwaja?", respelled=(("Khwaja", "khawaja"),)), k=1)[0]
    assert meant.text == "Khawaja spoke."
    assert meant.score > plain.score


@pytest.mark.parametrize("question", ["What do others think about otters?", "Did Khawaja or Khwaja speak?"])
def test_a_respelling_never_hides_a_word_of_the_question(build: Build, question: str) -> None:
    retriever = build("An otter eats fish.", "Khawaja spoke.")
    respelled = (("others", "other"), ("others", "otter"), ("Khwaja", "khawaja"))
    words = retriever.words(Query(question, respelled=respelled))
    assert set(words.counted.values()) == set(words.rarity)
    assert all(words.counted[term] == term for term in words.rarity)
    assert retriever.search(Query(question, respelled=respelled), k=2)


class Backwards:
    """Prefers the shortest passage."""

    name = "backwards"

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        return [1 / len(passage) for passage in passages]


def test_a_reranker_has_the_last_word(build: Build) -> None:
    hits = build("Goggles, goggles.", "Rain.", reranker=Backwards()).search(QUERY, k=2)
    assert texts(hits) == ["Rain.", "Goggles, goggles."]
    assert hits[0].score == pytest.approx(1 / len("Rain."))


def test_days_count_with_a_reranker_too(build: Build) -> None:
    dated = [{"title": "T", "text": f"Goggles {c}.", "date": d} for c, d in (("a", "2021-01-01"), ("b", "2023-01-01"))]
    hits = build(*dated, reranker=Backwards()).search(Query("Goggles?", from_="2023-01-01"), k=2)
    assert texts(hits) == ["Goggles b.", "Goggles a."]


def test_any_origin_of_an_article_may_be_of_the_days(build: Build) -> None:
    same = [{"title": "T", "text": "Goggles a.", "date": d} for d in ("2020-01-01", "2023-01-01")]
    hits = build(*same, {"title": "T", "text": "Goggles b.", "date": "2021-01-01"})
    assert texts(hits.search(Query("Goggles?", from_="2023-01-01"), k=2))[0] == "Goggles a."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\ud800",
        "🌧🌧",
        "'; DROP TABLE passage; --",
        'AND "" * ^ NEAR(',
        "雨が降った",
        "word " * 2000,
        "\u202egoggles\0",
    ],
)
def test_any_question_is_searched(build: Build, text: str) -> None:
    assert len(build("Goggles.", "Rain.").search(Query(text), k=2)) == 2


def test_the_same_question_finds_the_same(build: Build) -> None:
    retriever = build("Goggles.", "Rain.", "Rifles and rain.")

    @settings(deadline=None)
    @given(st.text(max_size=60))
    def twice(text: str) -> None:
        assert retriever.search(Query(text), k=3) == retriever.search(Query(text), k=3)

    twice()
