"""Giving articles the passages, vectors, statements and traits they should have.

A text is embedded once, whatever article it stands in; what is embedded is kept at once, some hundred at a time.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from rag.chunking import EMBED_TEXT_VERSION, context_of, embed_text, passages
from rag.index.catalogue import Catalogue
from rag.index.schema import Manifest
from rag.languages import detect
from rag.resemblance import sketch
from rag.statements import statements
from rag.types import Article, Embedder, Passage, Vectors

T = TypeVar("T")
_AT_ONCE = 512
_REMEMBERED = 10_000
"""Plans that are kept between preparing and settling: about 10 MB of text."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The passages an article should have, with the hash and the text to embed of each."""

    passages: list[Passage]
    hashes: list[bytes]
    texts: list[str]


class Settler:
    """Plans and embeds for one catalogue; `known` may return a vector that was made elsewhere for a text."""

    def __init__(
        self,
        catalogue: Catalogue,
        embedder: Embedder,
        known: Callable[[bytes, str], Vectors | None] = lambda _hash, _text: None,
    ) -> None:
        self._catalogue = catalogue
        self._embedder = embedder
        self._known = known
        self._plans: dict[tuple[str, str], Plan] = {}
        self.embedded = 0

    def prepare(
        self,
        articles: Sequence[Article],
        *,
        manifest: Manifest | None = None,
        anew: bool = False,
        progress: Callable[[float], None] = lambda _share: None,
    ) -> None:
        """Embed what the passages of some articles need, and keep it, before anything else changes.

        `progress` is told the share that is done, wherever there is more to do.
        """
        for done, some in enumerate(chunks(articles)):
            if done:
                progress(done * _AT_ONCE / len(articles))
            self._embed([self._plan(article, manifest) for article in some], anew=anew)

    def settle(self, article_ids: Sequence[str]) -> int:
        """Give articles the passages, statements and traits they should have; return how many had none before."""
        new = 0
        for article_id in article_ids:
            article = self._catalogue.article(article_id)
            plan = self._plan(article)
            before = self._catalogue.passage_hashes(article_id)
            new += not before
            if plan.hashes != before:
                self._embed([plan])
                self._catalogue.put_passages(plan.passages, plan.hashes)
            if not before:
                self._catalogue.put_statements(article_id, statements(article.text))
                self._catalogue.put_trait(article_id, language=detect(article.text), sketch=sketch(article.text))
        self._plans.clear()
        return new

    def _embed(self, plans: Sequence[Plan], *, anew: bool = False) -> None:
        texts = {h: text for plan in plans for h, text in zip(plan.hashes, plan.texts, strict=True)}
        new = list(texts) if anew else self._catalogue.without_vector(texts)
        for some in chunks(new):
            vectors = self._vectors({h: texts[h] for h in some})
            with self._catalogue.transaction():
                self._catalogue.put_vectors(some, vectors)

    def _vectors(self, texts: dict[bytes, str]) -> Vectors:
        found = {h: vector for h, text in texts.items() if (vector := self._known(h, text)) is not None}
        if left := [h for h in texts if h not in found]:
            found |= dict(zip(left, self._embedder.embed([texts[h] for h in left]), strict=True))
            self.embedded += len(left)
        return np.stack([found[h] for h in texts])

    def _plan(self, article: Article, manifest: Manifest | None = None) -> Plan:
        """Return the passages an article should have; one that was planned just before is not cut again."""
        key = (article.id, article.origin.title)
        if key not in self._plans:
            if len(self._plans) >= _REMEMBERED:
                self._plans.clear()
            context = context_of(article.origin.title, self._embedder)
            target = (manifest or self._catalogue.manifest).passage_tokens
            spans = passages(article.text, self._embedder, context=context, target_tokens=target)
            texts = [embed_text(context, span.of(article.text)) for span in spans]
            made_of = f"{self._embedder.digest}\0{article.origin.title}\0"  # the whole title: its words are indexed
            hashes = [hashlib.sha256(f"{made_of}{text}".encode()).digest()[:16] for text in texts]
            self._plans[key] = Plan([Passage(article.id, span.start, span.end) for span in spans], hashes, texts)
        return self._plans[key]


def manifest_of(embedder: Embedder, passage_tokens: int) -> Manifest:
    """Return how an index made now with this embedder is made."""
    return Manifest(
        embedder=embedder.name,
        embedder_digest=embedder.digest,
        dimension=embedder.dimension,
        embed_text_version=EMBED_TEXT_VERSION,
        passage_tokens=passage_tokens,
    )


def chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield the items, so many at a time as are embedded and kept together."""
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
