"""The word index: BM25 over passages, in tantivy, derived from the catalogue.

The only module that imports tantivy. Words are lower case, without accents, as English stems; where a script writes no
spaces between them, pairs of letters that stand side by side are taken for words. Queries are made of terms, never
parsed, so that no operator can be smuggled in. Knows nothing about articles or vectors.
"""

import functools
import math
import os
import re
import shutil
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import languages

_ENGLISH = """a about above after again against all also although am an and any are as at be became because been
before being below between both but by can could did do does doing down during each either else few for from further
had has have having he her here hers herself him himself his how however i if in into is it its itself just less let
like many may me might more most much must my myself neither no nor not now of off on once one only or other our ours
out over own per same shall she should since so some such than that the their theirs them themselves then there these
they this those though through thus to too under until up upon us very was we were what when where whether which while
who whom whose why will with within without would yes yet you your yours said say says tell told according latest newest
recent recently lately"""
FUNCTION_WORDS = frozenset(_ENGLISH.split())
"""English words that carry little meaning of their own, and those that say that somebody spoke, or how lately."""

WORDS_VERSION = 2
"""Changes whenever a text would have other terms: what was indexed before is then indexed anew."""

_HEAP_BYTES = 128_000_000
_LONGEST_WORD = 120
"""Bytes: 40 letters of Devanagari, 60 of Cyrillic."""
_UNSPACED = re.compile(
    # Thai to Burmese, Khmer, Hangul, kana, Han: Korean has spaces, but its words end in particles
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]+"
)
_LEAST_RESPELLED = 5
"""Shorter words are taken as they are typed: too many others are one letter away."""
_LONG = 7
_THOUGHT_OF, _HOLDING = 50, 0.01
"""So many texts are added in thought where the rarity of a word is told, and this share of them holds it."""
_COPIED = ("meta.json", ".managed.json")  # replaced when the index grows; all other files never change
_TONES = re.compile("[\u0e47-\u0e4e\u0ec8-\u0ece\u1037\u1039\u103a\u17c6-\u17d3\u17dd]")
"""Marks of Thai, Lao, Burmese and Khmer at which tantivy would split a word."""


@functools.cache
def _analyzer() -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple())
    for step in (Filter.remove_long(_LONGEST_WORD), Filter.lowercase(), Filter.ascii_fold(), Filter.stemmer("english")):
        builder = builder.filter(step)
    return builder.build()


def terms(text: str) -> list[str]:
    """Return the words of `text` in order, as they are indexed: `terms("Khawāja's") == ["khawaja", "s"]`."""
    found: list[str] = _analyzer().analyze(_spaced(text.encode("utf-8", "replace").decode()))  # no lone surrogates
    return found


def _spaced(text: str) -> str:
    """Return a text with spaces between all pairs of letters of scripts that write none: "停火了" is "停火 火了"."""
    return text if text.isascii() else _UNSPACED.sub(_pairs, text)


def _pairs(run: re.Match[str]) -> str:
    letters = _TONES.sub("", run[0])
    return f" {' '.join(map(''.join, pairwise(letters))) or letters} "


@functools.cache
def _function_terms() -> frozenset[str]:
    return frozenset(term for word in FUNCTION_WORDS for term in terms(word))


def content_terms(text: str, *, language: str | None = None) -> list[str]:
    """Return those terms of `text` that carry meaning, in order; all of them where none does.

    Function words are English ones, and those of `language` where they are known.
    """
    return without_function_words(terms(languages.without_function_words(text, language))) or terms(text)


def without_function_words(found: Sequence[str]) -> list[str]:
    """Return those of some terms that carry meaning."""
    return [term for term in found if term not in _function_terms()]


class WordIndex:
    """Passages by number, searched by their words."""

    def __init__(self, index: Any) -> None:
        self._index = index
        index.register_tokenizer("words", _analyzer())
        self._searcher = index.searcher()
        self._vocabulary: dict[str, dict[str, int]] = {}

    @classmethod
    def build(cls, documents: Iterable[tuple[int, str]], folder: Path | None = None) -> "WordIndex":
        """Index texts by number (0 … 2**63 - 1), in `folder` or in memory."""
        import tantivy

        if folder:
            folder.mkdir(parents=True)
        words = cls(tantivy.Index(_schema(), path=str(folder) if folder else None))
        words._add(documents)
        return words

    @classmethod
    def open(cls, folder: Path) -> "WordIndex":
        """Open an index by memory map; raises `ValueError` where there is none, or it is damaged."""
        import tantivy

        return cls(tantivy.Index.open(str(folder)))

    def grown(self, documents: Iterable[tuple[int, str]], *, old: Path, new: Path) -> "WordIndex":
        """Return the index in `old` with more texts, as a new one in `new`; files that stay the same are shared."""
        new.mkdir(parents=True)
        for path in old.iterdir():
            if path.name in _COPIED:
                shutil.copy2(path, new / path.name)
            elif not path.name.endswith(".lock"):
                _link(path, new / path.name)
        words = WordIndex.open(new)
        words._add(documents)
        return words

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def search(
        self, words: Sequence[str], k: int, *, among: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return numbers and BM25 scores of at least the `k` best texts that hold any of some terms, ties by number.

        Those that tie with the last are there too. With `among`, only texts of these numbers are searched.
        """
        import tantivy

        each = [tantivy.Query.term_query(self._index.schema, "text", term) for term in dict.fromkeys(words)]
        if not each or not len(self) or k < 1:
            return []
        query, n = tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in each]), len(self)
        if among is not None:
            these = tantivy.Query.term_set_query(self._index.schema, "number", among.tolist())
            only = tantivy.Query.const_score_query(these, 0.0)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, only)])
        reach = min(k + 1, n)
        while True:
            hits = self._searcher.search(query, reach, count=False).hits
            if reach == n or len(hits) < reach or hits[-1][0] < hits[k - 1][0]:  # ties are cut as they come
                break
            reach = min(2 * reach, n)
        numbers = self._searcher.fast_field_values("number", [address for _, address in hits])
        scored = zip(map(int, numbers), (float(score) for score, _ in hits), strict=True)
        return sorted(scored, key=lambda hit: (-hit[1], hit[0]))

    def rarity(self, term: str) -> float:
        """Return the weight of a term in BM25: log(1 + (N - n + 0.5) / (n + 0.5)), for n of N texts that hold it.

        Some texts are added in thought, few of which hold it: in a single article almost every word is common, and
        one that it lacks would outweigh all others. Where there are many texts they change nothing.
        """
        n = self._searcher.doc_freq("text", term) + _THOUGHT_OF * _HOLDING
        return math.log(1 + (len(self) + _THOUGHT_OF - n + 0.5) / (n + 0.5))

    def respelled(self, term: str) -> str | None:
        """Return the word that was perhaps meant by one that no text holds: one letter away, or two of a long one.

        The nearest, of these the most frequent; None where `term` is here, or short, or nothing is like it.
        """
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        if len(term) < _LEAST_RESPELLED or self._searcher.doc_freq("text", term):
            return None
        known = self._beginning_with(term[0])
        alike = extract(term, known.keys(), scorer=OSA.distance, score_cutoff=1 + (len(term) > _LONG), limit=None)
        meant = [(distance, -known[other], other) for other, distance, _ in alike]
        return min(meant)[2] if meant else None

    def _beginning_with(self, letter: str) -> dict[str, int]:
        """Return the terms that begin with a letter, and how many texts hold each."""
        if letter not in self._vocabulary:
            self._vocabulary[letter] = dict(self._searcher.terms_with_prefix("text", letter))
        return self._vocabulary[letter]

    def _add(self, documents: Iterable[tuple[int, str]]) -> None:
        import tantivy

        writer = self._index.writer(_HEAP_BYTES, 1)  # one thread: the same texts give the same segments
        for number, text in documents:
            document = tantivy.Document()
            document.add_unsigned("number", number)
            document.add_text("text", _spaced(text))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()
        self._vocabulary.clear()


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", fast=True, indexed=True)
    builder.add_text_field("text", tokenizer_name="words", index_option="freq")
    return builder.build()


def _link(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:  # a file system without links
        shutil.copy2(path, target)
