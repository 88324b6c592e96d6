"""Sentences and passages: spans that miss nothing and share nothing."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.chunking import context_of, embed_text, passages, sentences
from rag.testing import ToyEmbedder
from rag.types import Span

WORDS = ["Dr.", "U.S.", "e.g.", "3.5", "“Yes.”", "word", "one two three.", "!", ")", "(", "’", "漢字。", "x" * 30]
SPACES = [" ", "\n", "\n\n", " \n \n", "\t", "\u2028", "\x85", "\x1c", "\u200b", "\ufeff"]
TEXTS = (
    st.text(alphabet=st.sampled_from('ab. \n"!?“”A1漢。\u2028\x1c'))
    | st.text()
    | st.lists(st.sampled_from(WORDS + SPACES), max_size=40).map("".join)
)


class PieceEmbedder(ToyEmbedder):
    """Cuts words whose length is a multiple of 3 into pieces of 4, others of 2: part of a word has other tokens."""

    def tokens(self, text: str) -> list[Span]:
        """Return the spans of the pieces."""
        return [
            Span(start, min(start + step, word.end()))
            for word in re.finditer(r"\w+|[^\w\s]", text)
            for step in [2 if len(word.group()) % 3 else 4]
            for start in range(word.start(), word.end(), step)
        ]


class ContraryEmbedder(ToyEmbedder):
    """Whatever is not the whole text has more tokens than it reads; and each token counts `times`, at one place."""

    def __init__(self, whole: str, *, times: int = 1) -> None:
        super().__init__(max_tokens=8)
        self._whole, self._times = whole, times
        self._asked = 0

    def tokens(self, text: str) -> list[Span]:
        """Return the spans of words, or too many."""
        self._asked += 1
        assert self._asked < 1000, "it does not end"
        times = self._times if text == self._whole else 10
        return [token for token in super().tokens(text) for _ in range(times)]


def assert_cover(text: str, spans: list[Span]) -> None:
    """Fail unless the spans are in order, disjoint, not empty, and hold all that is not white space."""
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    assert all(span.of(text).strip() for span in spans)
    inside = {i for span in spans for i in range(span.start, span.end)}
    assert all(i in inside for i, c in enumerate(text) if not c.isspace())


def assert_fit(text: str, spans: list[Span], embedder: ToyEmbedder, context: str) -> None:
    """Fail where a passage, its context and the two special tokens are longer than the embedder reads."""
    for span in spans:
        assert len(embedder.tokens(embed_text(context, span.of(text)))) + 2 <= embedder.max_tokens


def cut(text: str, *, target: int, max_tokens: int = 64) -> list[str]:
    """Return the texts of the passages of `text`."""
    spans = passages(text, ToyEmbedder(max_tokens=max_tokens), context="", target_tokens=target)
    return [span.of(text).strip() for span in spans]


@pytest.mark.parametrize("space", ["\u00a0", "\u2028", "\u2029", "\x85", "\u3000"])
def test_white_space_of_any_kind_may_stand_before_a_full_stop(space: str) -> None:
    text = f"He took vitamin A{space}. It helped."
    assert [span.of(text) for span in sentences(text)][-1] == "It helped."


def test_a_line_that_the_splitter_fails_at_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def panic(*_: object) -> None:
        raise PanicException

    monkeypatch.setattr("sentencex.get_sentence_boundaries", panic)
    text = " It rained. It snowed. \nIt froze."
    assert [span.of(text) for span in sentences(text)] == ["It rained. It snowed.", "It froze."]


@given(TEXTS)
def test_sentences_hold_every_character_once(text: str) -> None:
    spans = sentences(text)
    assert_cover(text, spans)
    assert all(span.of(text) == span.of(text).strip() for span in spans)


@given(TEXTS)
def test_no_sentence_goes_past_the_end_of_a_line(text: str) -> None:
    assert all("\n" not in span.of(text) for span in sentences(text))


@given(TEXTS, TEXTS, st.integers(8, 24), st.integers(1, 30))
def test_passages_hold_every_character_once_and_fit_the_embedder(
    text: str, title: str, max_tokens: int, target: int
) -> None:
    embedder = ToyEmbedder(max_tokens=max_tokens)
    context = context_of(title, embedder)
    spans = passages(text, embedder, context=context, target_tokens=target)
    assert_cover(text, spans)
    assert_fit(text, spans, embedder, context)


@given(st.lists(st.integers(1, 60).map("x".__mul__) | st.sampled_from([". ", " ", "\n\n"]), max_size=20).map("".join))
def test_passages_fit_where_a_part_of_a_word_has_more_tokens(text: str) -> None:
    embedder = PieceEmbedder(max_tokens=12)
    spans = passages(text, embedder, context="", target_tokens=40)
    assert_cover(text, spans)
    assert_fit(text, spans, embedder, "")


def test_the_rest_of_a_word_that_was_cut_is_measured_again_before_more_is_added() -> None:
    text = "x" * 42 + ". " + "x" * 10
    embedder = PieceEmbedder(max_tokens=12)
    assert_fit(text, passages(text, embedder, context="", target_tokens=9), embedder, "")


@pytest.mark.parametrize("times", [1, 3, 20])
def test_cutting_ends_where_any_shorter_text_has_more_tokens(times: int) -> None:
    text = "one two three four five six seven eight nine ten."
    spans = passages(text, ContraryEmbedder(text, times=times), context="", target_tokens=4)
    assert_cover(text, spans)
    assert [span.of(text).strip() for span in spans] == [*text.removesuffix(".").split()[:-1], "ten", "."]


@pytest.mark.parametrize("text", ["", " ", "\n\n \t"])
def test_a_text_without_words_has_no_sentences_and_no_passages(text: str) -> None:
    assert sentences(text) == []
    assert cut(text, target=8) == []


def test_abbreviations_and_quotations_do_not_end_a_sentence() -> None:
    text = "Lt. Gen. Anjum met Dr. A. B. Khan on Nov. 28 in the U.S. capital. “We won't go,” he said."
    assert [span.of(text) for span in sentences(text)] == [text[:66].strip(), "“We won't go,” he said."]


def test_a_line_end_ends_a_sentence() -> None:
    text = "A headline\nIt rained."
    assert [span.of(text) for span in sentences(text)] == ["A headline", "It rained."]


@pytest.mark.parametrize("text", ['He left. "', "“He left.” ”", "He left. ]", "Really? ?!"])
def test_a_stray_mark_closes_the_sentence_before(text: str) -> None:
    assert [span.of(text) for span in sentences(text)] == [text]


def test_a_mark_on_a_line_of_its_own_does_not_join_the_line_before() -> None:
    text = "He left.\n***\nShe came."
    assert [span.of(text) for span in sentences(text)] == ["He left.", "***", "She came."]


def test_short_paragraphs_share_a_passage_and_long_ones_are_cut_between_sentences() -> None:
    long = " ".join(f"Sentence number {n} is here." for n in range(3))
    assert cut(f"One two.\n\nThree four.\n\n{long}", target=8) == [
        "One two.\n\nThree four.",
        "Sentence number 0 is here.",
        "Sentence number 1 is here.",
        "Sentence number 2 is here.",
    ]


def test_a_paragraph_that_fits_is_kept_whole() -> None:
    assert cut("One two three four.\n\nFive six. Seven eight.", target=8) == [
        "One two three four.",
        "Five six. Seven eight.",
    ]


def test_a_sentence_over_the_target_but_within_the_limit_is_kept_whole() -> None:
    assert cut("one two three four five six.", target=3) == ["one two three four five six."]


def test_a_sentence_longer_than_the_embedder_reads_is_cut_between_words() -> None:
    assert cut("word " * 25, target=100, max_tokens=12) == [
        " ".join(["word"] * 10),
        " ".join(["word"] * 10),
        " ".join(["word"] * 5),
    ]


def test_a_word_of_many_tokens_is_not_cut_where_a_space_is_near() -> None:
    text = "x" * 10 + " " + "x" * 20
    spans = passages(text, PieceEmbedder(max_tokens=12), context="", target_tokens=100)
    assert [span.of(text).strip() for span in spans] == ["x" * 10, "x" * 20]


def test_a_paragraph_within_the_target_but_over_the_limit_is_cut_between_sentences() -> None:
    assert cut("One two three. Four five six. Seven eight.", target=100, max_tokens=10) == [
        "One two three. Four five six.",
        "Seven eight.",
    ]
    assert cut("One two three. Four five six seven.", target=100, max_tokens=10) == [
        "One two three.",
        "Four five six seven.",
    ]


def test_a_longer_context_leaves_less_room() -> None:
    text = "word " * 10
    spans = passages(text, ToyEmbedder(max_tokens=12), context="one two three four", target_tokens=100)
    assert [len(span.of(text).split()) for span in spans] == [6, 4]


def test_a_title_that_is_not_too_long_is_the_context() -> None:
    assert context_of("One two three four", ToyEmbedder(max_tokens=16)) == "One two three four"


def test_of_a_long_title_as_much_is_taken_as_a_quarter_of_what_the_embedder_reads() -> None:
    assert context_of("One two three four five", ToyEmbedder(max_tokens=16)) == "One two three four"


def test_what_is_embedded_is_the_context_then_the_passage() -> None:
    assert embed_text("A title", "It rained.") == "A title\nIt rained."
