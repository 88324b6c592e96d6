"""Sentences and passages: spans that miss nothing and share nothing."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from rag.chunking import context_of, embed_text, passages, sentences
from rag.testing import ToyEmbedder
from rag.types import Span

TEXTS = st.text(alphabet=st.sampled_from('ab. \n"!?“”A1漢。\u2028\x1c')) | st.text()


def assert_cover(text: str, spans: list[Span]) -> None:
    """Fail unless the spans are in order, disjoint, not empty, and hold all that is not white space."""
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    assert all(span.of(text).strip() for span in spans)
    inside = {i for span in spans for i in range(span.start, span.end)}
    assert all(i in inside for i, c in enumerate(text) if not c.isspace())


@given(TEXTS)
def test_sentences_hold_every_character_once(text: str) -> None:
    spans = sentences(text)
    assert_cover(text, spans)
    assert all(span.of(text) == span.of(text).strip() for span in spans)


@given(TEXTS, st.integers(2, 30))
def test_passages_hold_every_character_once_and_fit_the_embedder(text: str, target: int) -> None:
    embedder = ToyEmbedder(max_tokens=24)
    context = context_of("a title of a few words that is too long", embedder)
    spans = passages(text, embedder, context=context, target_tokens=target)
    assert_cover(text, spans)
    for span in spans:
        assert len(embedder.tokens(embed_text(context, span.of(text)))) + 2 <= embedder.max_tokens


def test_abbreviations_and_quotations_do_not_end_a_sentence() -> None:
    text = "Lt. Gen. Anjum met Dr. A. B. Khan on Nov. 28 in the U.S. capital. “We won't go,” he said."
    assert [span.of(text) for span in sentences(text)] == [text[:66].strip(), "“We won't go,” he said."]


def test_a_stray_quotation_mark_closes_the_sentence_before() -> None:
    text = 'He left. "'
    assert [span.of(text) for span in sentences(text)] == [text]


def test_short_paragraphs_share_a_passage_and_long_ones_are_cut_between_sentences() -> None:
    text = "One two.\n\nThree four.\n\n" + " ".join(f"Sentence number {n} is here." for n in range(6))
    spans = passages(text, ToyEmbedder(), context="", target_tokens=8)
    assert spans[0].of(text) == "One two.\n\nThree four."
    assert all(span.of(text).endswith(".") for span in spans)


def test_a_sentence_longer_than_the_embedder_reads_is_cut_between_words() -> None:
    text = "word " * 100
    spans = passages(text, ToyEmbedder(max_tokens=12), context="", target_tokens=100)
    assert {span.of(text).strip().replace("word", "").strip() for span in spans} == {""}
    assert len(spans) == 10
