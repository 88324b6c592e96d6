"""The word index: BM25 over passages, in tantivy, derived from the catalogue.

The only module that imports tantivy. Words are lower case, without accents, as English stems. Queries are made of
terms, never parsed, so that no operator can be smuggled in. Knows nothing about articles or vectors.
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_HEAP_BYTES = 128_000_000
_LONGEST_WORD = 40
_COPIED = ("meta.json", ".managed.json")  # replaced when the index grows; all other files never change


class WordIndex:
    """Passages by number, searched by their words."""

    def __init__(self, index: Any) -> None:
        self._index = index
        self._analyzer = _analyzer()
        index.register_tokenizer("words", self._analyzer)
        self._searcher = index.searcher()

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

    def search(self, text: str, k: int) -> list[tuple[int, float]]:
        """Return numbers and BM25 scores of at least the `k` best texts that hold any word of `text`, ties by number.

        Those that tie with the last are there too.
        """
        import tantivy

        terms = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._index.schema, "text", term))
            for term in dict.fromkeys(self._analyzer.analyze(text))
        ]
        if not terms or not len(self) or k < 1:
            return []
        query, n = tantivy.Query.boolean_query(terms), len(self)
        reach = min(k + 1, n)
        while True:
            hits = self._searcher.search(query, reach, count=False).hits
            if reach == n or len(hits) < reach or hits[-1][0] < hits[k - 1][0]:  # ties are cut as they come
                break
            reach = min(2 * reach, n)
        numbers = self._searcher.fast_field_values("number", [address for _, address in hits])
        scored = zip(map(int, numbers), (float(score) for score, _ in hits), strict=True)
        return sorted(scored, key=lambda hit: (-hit[1], hit[0]))

    def _add(self, documents: Iterable[tuple[int, str]]) -> None:
        import tantivy

        writer = self._index.writer(_HEAP_BYTES, 1)  # one thread: the same texts give the same segments
        for number, text in documents:
            document = tantivy.Document()
            document.add_unsigned("number", number)
            document.add_text("text", text)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", fast=True)
    builder.add_text_field("text", tokenizer_name="words", index_option="freq")
    return builder.build()


def _analyzer() -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple())
    for step in (Filter.remove_long(_LONGEST_WORD), Filter.lowercase(), Filter.ascii_fold(), Filter.stemmer("english")):
        builder = builder.filter(step)
    return builder.build()


def _link(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:  # a file system without links
        shutil.copy2(path, target)
