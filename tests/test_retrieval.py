"""Passages found for a query, and the sentences of them that a question is answered from."""

from pathlib import Path

import pytest

from rag.index import Index, sync
from rag.retrieval import Retriever, sentences_of
from rag.testing import ToyEmbedder
from rag.types import Article, Hit, Origin, Passage, Query

WORDS = ("goggles", "rifles", "rain")
QUERY = Query("Goggles?")


def retriever(tmp_path: Path, *texts: str) -> Retriever:
    """Index every text as an article of its own."""
    embedder = ToyEmbedder(*WORDS)
    root = tmp_path / "articles"
    root.mkdir()
    for i, text in enumerate(texts):
        (root / f"{i}.txt").write_text(text)
    sync([root], tmp_path / "index", embedder, passage_tokens=32, max_file_bytes=10_000)
    return Retriever(Index.open(tmp_path / "index", embedder), embedder)


def empty_retriever(tmp_path: Path) -> Retriever:
    """Open an index whose only article was withdrawn."""
    retriever(tmp_path, "Goggles.")
    (tmp_path / "articles" / "0.txt").unlink()
    embedder = ToyEmbedder(*WORDS)
    sync([], tmp_path / "index", embedder, passage_tokens=32, max_file_bytes=10_000, prune=True)
    return Retriever(Index.open(tmp_path / "index", embedder), embedder)


def hit(text: str, *, score: float = 1.0, kept: bool = True, start: int = 0) -> Hit:
    """Return a hit for all of a text from `start`."""
    article = Article(f"id of {text}", text, (Origin(path="a.txt", title="Title"),))
    return Hit(article, Passage(article.id, start, len(text)), score, {"dense": 1}, kept=kept)


def test_the_nearest_passage_comes_first(tmp_path: Path) -> None:
    hits = retriever(tmp_path, "Rain fell.", "Goggles, goggles.", "Goggles and rain.").search(QUERY, k=3)
    assert [h.text for h in hits] == ["Goggles, goggles.", "Goggles and rain.", "Rain fell."]
    assert [h.ranks for h in hits] == [{"dense": 1}, {"dense": 2}, {"dense": 3}]


def test_a_score_is_the_cosine_to_the_question(tmp_path: Path) -> None:
    hits = retriever(tmp_path, "Goggles.", "Goggles rain.", "Rain.").search(QUERY, k=3)
    assert [h.score for h in hits] == pytest.approx([1, 0.5**0.5, 0], abs=1e-3)  # half precision


def test_all_hits_are_kept(tmp_path: Path) -> None:
    assert all(h.kept for h in retriever(tmp_path, "Goggles.", "Rain.").search(QUERY, k=2))


def test_no_more_than_k_passages_are_found(tmp_path: Path) -> None:
    assert len(retriever(tmp_path, "Goggles.", "Rain.", "Rifles.").search(QUERY, k=2)) == 2


def test_ties_come_in_the_order_of_article_id_and_start(tmp_path: Path) -> None:
    long = "\n\n".join(["Goggles " * 20 + "."] * 3)
    hits = retriever(tmp_path, long, "Goggles!", "Goggles?", "Goggles.").search(QUERY, k=4)
    places = [(h.article.id, h.passage.start) for h in hits if h.score == hits[0].score]
    assert len(places) > 1
    assert places == sorted(places)


def test_a_text_found_in_two_files_is_one_hit_that_names_both(tmp_path: Path) -> None:
    [only] = retriever(tmp_path, "Goggles.", "Goggles.").search(QUERY, k=5)
    assert [Path(origin.path).name for origin in only.article.origins] == ["0.txt", "1.txt"]


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    empty = empty_retriever(tmp_path)
    assert empty.search(QUERY, k=5) == []
    assert empty.evidence(QUERY, [], max_tokens=100) == []


def test_the_best_sentence_comes_last(tmp_path: Path) -> None:
    hits = [hit("Goggles, goggles! Goggles, rain. Goggles, goggles, rain.")]
    evidence = retriever(tmp_path, "Any.").evidence(QUERY, hits, max_tokens=100)
    assert [e.quote for e in evidence] == ["Goggles, rain.", "Goggles, goggles, rain.", "Goggles, goggles!"]


def test_of_equal_sentences_the_first_is_the_best(tmp_path: Path) -> None:
    evidence = retriever(tmp_path, "Any.").evidence(QUERY, [hit("Goggles! Goggles? Goggles.")], max_tokens=100)
    assert [e.start for e in evidence] == [18, 9, 0]


def test_evidence_stays_within_its_tokens(tmp_path: Path) -> None:
    hits = [hit("Goggles are here. Goggles are there. Goggles were everywhere. Goggles.")]
    evidence = retriever(tmp_path, "Any.").evidence(QUERY, hits, max_tokens=7)
    assert [e.quote for e in evidence] == ["Goggles are here.", "Goggles."]
    assert sum(len(ToyEmbedder().tokens(e.quote)) for e in evidence) <= 7


def test_one_sentence_is_evidence_however_long_it_is(tmp_path: Path) -> None:
    hits = [hit("Goggles " * 50 + "end.")]
    assert len(retriever(tmp_path, "Any.").evidence(QUERY, hits, max_tokens=5)) == 1


def test_a_sentence_far_from_the_question_is_left_out(tmp_path: Path) -> None:
    hits = [hit("Goggles. Rain fell.", score=0.2)]
    evidence = retriever(tmp_path, "Any.").evidence(QUERY, hits, max_tokens=100)
    assert [e.quote for e in evidence] == ["Goggles."]


def test_a_sentence_of_a_better_passage_counts_for_more(tmp_path: Path) -> None:
    hits = [hit("Goggles!", score=0.4), hit("Goggles.", score=0.9)]
    evidence = retriever(tmp_path, "Any.").evidence(QUERY, hits, max_tokens=100)
    assert evidence[-1].quote == "Goggles."


def test_a_sentence_with_the_rare_word_of_the_question_comes_before_one_with_the_common_word(tmp_path: Path) -> None:
    hits = [hit("Ships sank. Ships burned. Ships sailed. Zanzibar burned.")]
    evidence = retriever(tmp_path, "Any.").evidence(Query("Ships of Zanzibar?"), hits, max_tokens=100)
    assert evidence[-1].quote == "Zanzibar burned."


def test_sentences_of_hits_that_were_not_kept_are_ignored(tmp_path: Path) -> None:
    hits = [hit("Goggles!", kept=False), hit("Goggles and rain.", score=0.5), hit("Goggles?", kept=False)]
    evidence = retriever(tmp_path, "Any.").evidence(QUERY, hits, max_tokens=100)
    assert [e.quote for e in evidence] == ["Goggles and rain."]


def test_without_a_kept_hit_there_is_no_evidence(tmp_path: Path) -> None:
    assert retriever(tmp_path, "Any.").evidence(QUERY, [hit("Goggles!", kept=False)], max_tokens=100) == []


def test_sentences_are_placed_in_the_text_of_their_article() -> None:
    text = "Before this. The goggles are green. They were left."
    spans = sentences_of([hit(text, start=13)])
    assert [(e.start, e.end, e.quote) for e in spans] == [
        (13, 35, "The goggles are green."),
        (36, 51, "They were left."),
    ]
