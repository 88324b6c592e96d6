"""How well copies and versions of articles are told from other articles.

    python -m benchmarks.duplicates DATA/wikinews/corpus.jsonl DATA/squad2/corpus.jsonl DATA/clapnq/corpus.jsonl

Edits of many kinds are made of each corpus's articles, and pairs of different articles that share something, all with a
fixed seed; printed is the share of pairs of each kind that are taken for one story, with Wilson's interval at 95 %:
recall for the edits, false alarms for the others. "met" is the share that the bands bring together at all; "says
nothing else" the share taken for mere copies: of one story, and all that the second says stands in the first.
"""

import argparse
import json
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from scipy.stats import binomtest

from rag.chunking import sentences
from rag.corpus import article_id, normalise
from rag.lexical import content_terms
from rag.resemblance import bands, one_story, resemblance, sketch
from rag.retrieval.versions import tells
from rag.types import Article, Origin, Span

Pair: TypeAlias = tuple[str, str]
Edit: TypeAlias = Callable[[str, random.Random, Sequence[str]], str]
_FOOTER, _QUOTED, _ADDED, _LEAD = 60, 60, 80, 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path, help="JSON lines with a text each")
    parser.add_argument("--articles", type=int, default=290, help="how many of each corpus are edited")
    parser.add_argument("--spread", action="store_true", help="print the resemblances of each kind too")
    args = parser.parse_args()
    for path in args.corpora:
        measure(path, args.articles, spread=args.spread)


def measure(path: Path, most: int, *, spread: bool) -> None:
    """Print the table of one corpus."""
    texts = read(path, most)
    words = [word for text in texts for word in text.split()]
    median = int(np.median([len(text.split()) for text in texts]))
    print(f"\n{path.parent.name}: {len(texts)} articles, median {median} words\n")
    print("| pairs | n | one story | met | says nothing else |\n|---|---|---|---|---|")
    counts = {True: [0, 0], False: [0, 0]}
    for same, kind, pairs in kinds(texts, words):
        sketches = [(sketch(one), sketch(other)) for one, other in pairs]
        told = [one_story(a, [b])[0] for a, b in sketches]
        met = sum(bool({*bands(a)} & {*bands(b)}) for a, b in sketches)
        copies = sum(
            t and tells(article(a), article(b), Span(0, len(b))) for t, (a, b) in zip(told, pairs, strict=True)
        )
        counts[same][0] += sum(told)
        counts[same][1] += len(told)
        shares = f"{share(sum(told), len(told))} | {met / len(told):.3f} | {copies / len(told):.3f}"
        print(f"| {kind} | {len(told)} | {shares} |")
        if spread:
            print("  ", np.percentile([like(a, b) for a, b in sketches], [0, 1, 5, 50, 95, 99, 100]).round(2))
    (found, edits), (wrong, others) = counts[True], counts[False]
    print(f"\nrecall {share(found, edits)}, false alarms {share(wrong, others)}, ", end="")
    print(f"precision {share(found, found + wrong)}")
    started = time.perf_counter()
    for text in texts:
        sketch(text)
    print(f"{1000 * (time.perf_counter() - started) / len(texts):.2f} ms to sketch an article")


def article(text: str) -> Article:
    return Article(article_id(text), text, (Origin("a", "a"),))


def read(path: Path, most: int) -> list[str]:
    """Return distinct texts of a corpus, of 60 words at least, in an order made by chance with a fixed seed."""
    with path.open(encoding="utf-8") as file:
        texts = list(dict.fromkeys(normalise(json.loads(line)["text"]) for line in file))
    texts = [text for text in texts if len(text.split()) >= 60]
    random.Random(1).shuffle(texts)
    return texts[:most]


def kinds(texts: Sequence[str], words: Sequence[str]) -> Iterator[tuple[bool, str, list[Pair]]]:
    """Yield whether pairs are of one story, what was done to the second, and the pairs."""
    for name, edit in EDITS.items():
        rng = random.Random(name)
        yield True, name, [(text, new) for text in texts if (new := edit(text, rng, words)) != text]
    rng = random.Random(2)
    others = list(zip(texts, [*texts[1:], texts[0]], strict=True))
    yield False, "other articles", others
    yield False, "the most alike other article", nearest(texts)
    footer = some_words(rng, words, _FOOTER)
    yield (
        False,
        f"others with one footer of {_FOOTER} words",
        [(f"{a}\n\n{footer}", f"{b}\n\n{footer}") for a, b in others],
    )
    quoted = [some_words(rng, words, _QUOTED) for _ in others]
    yield (
        False,
        f"others with one quotation of {_QUOTED} words",
        [(put_in(a, f'"{q}"', rng), put_in(b, f'"{q}"', rng)) for (a, b), q in zip(others, quoted, strict=True)],
    )


def nearest(texts: Sequence[str]) -> list[Pair]:
    """Return each text with the other one that shares most of its content words: of the same topic, or a true copy."""
    sets = [frozenset(content_terms(text)) for text in texts]
    pairs = []
    for i, mine in enumerate(sets):
        shares = [len(mine & other) / len(mine | other) if i != j else -1.0 for j, other in enumerate(sets)]
        pairs.append((texts[i], texts[int(np.argmax(shares))]))
    return pairs


def some_words(rng: random.Random, words: Sequence[str], n: int) -> str:
    start = rng.randrange(len(words) - n)
    return " ".join(words[start : start + n])


def put_in(text: str, more: str, rng: random.Random) -> str:
    parts = split(text)
    parts.insert(rng.randint(0, len(parts)), more)
    return " ".join(parts)


def split(text: str) -> list[str]:
    return [span.of(text) for span in sentences(text)]


def substitute(share_: float) -> Edit:
    def edit(text: str, rng: random.Random, words: Sequence[str]) -> str:
        return " ".join(rng.choice(words) if rng.random() < share_ else word for word in text.split())

    return edit


def delete(share_: float) -> Edit:
    """Leave out so many of the sentences, at least one, never all."""

    def edit(text: str, rng: random.Random, _words: Sequence[str]) -> str:
        parts = split(text)
        gone = set(rng.sample(range(len(parts)), min(len(parts) - 1, max(1, round(share_ * len(parts))))))
        return " ".join(part for i, part in enumerate(parts) if i not in gone)

    return edit


def reorder(text: str, rng: random.Random, _words: Sequence[str]) -> str:
    parts = split(text)
    return " ".join(rng.sample(parts, len(parts)))


def add_paragraph(text: str, rng: random.Random, words: Sequence[str]) -> str:
    return f"{text}\n\n{some_words(rng, words, _ADDED)}."


def cut(text: str, _rng: random.Random, _words: Sequence[str]) -> str:
    parts = text.split()
    return " ".join(parts[: len(parts) // 2])


def new_lead(text: str, rng: random.Random, words: Sequence[str]) -> str:
    """Put another first sentence in place of the first, behind another dateline."""
    return " ".join(["GENEVA, May 2 (Agency) —", some_words(rng, words, _LEAD) + ".", *split(text)[1:]])


def renumber(text: str, rng: random.Random, _words: Sequence[str]) -> str:
    return re.sub(r"\d+", lambda found: str(int(found[0]) + rng.randint(1, 9)), text)


def retype(text: str, rng: random.Random, _words: Sequence[str]) -> str:
    """Wrap lines anew, turn quotation marks and dashes into others, and some spaces into ones that do not break."""
    for old, new in (('"', "“"), ("'", "’"), (" - ", " — "), ("...", "…"), (". ", ".  "), (", ", ",\u00a0")):
        text = text.replace(old, new)
    return re.sub(r" ", lambda _: "\n" if rng.random() < 0.1 else " ", text)


EDITS: dict[str, Edit] = {
    "1 % of words substituted": substitute(0.01),
    "5 % of words substituted": substitute(0.05),
    "10 % of words substituted": substitute(0.1),
    "20 % of words substituted": substitute(0.2),
    "10 % of sentences left out": delete(0.1),
    "30 % of sentences left out": delete(0.3),
    "sentences in another order": reorder,
    f"a paragraph of {_ADDED} words added": add_paragraph,
    "cut to the first half": cut,
    "new dateline and lead": new_lead,
    "every number changed": renumber,
    "white space and typography": retype,
}


def like(one: bytes, other: bytes) -> float:
    return float(resemblance(one, [other])[0]) if one and other else 0.0


def share(found: int, n: int) -> str:
    """Return a share with Wilson's interval at 95 %."""
    if not n:
        return "–"
    interval = binomtest(found, n).proportion_ci(method="wilson")
    return f"{found / n:.3f} ({interval.low:.3f}–{interval.high:.3f})"


if __name__ == "__main__":
    main()
