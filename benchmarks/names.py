"""What it is worth to know who speaks and when, and to respell names: `python -m benchmarks.names INDEX [QUESTIONS]`.

INDEX holds news articles. The first table asks for statements whose sentence does not name its speaker ("he said"):
"What did SPEAKER say about A, B and C?", with the three rarest words of the sentence. These questions are made from
what `rag.statements` found, so they measure what the preference does, not whether the speakers are right. QUESTIONS is
a file of questions with their articles (`question`, `evidence` with `doc_id`): in each the longest capitalised word is
misspelt by one letter, drawn at random (seed 0), for the second table; for the third the month of its article is asked
for with it, or the same month of another year. No language model is used.
"""

import argparse
import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from rag import Settings, opening
from rag.index import Index
from rag.lexical import content_terms, terms
from rag.retrieval import Retriever, rank_articles, read, retriever
from rag.types import ALL, Embedder, Query

TODAY = date(2021, 12, 31)
ASKED = 200
GAINS = tuple(
    (name, times * retriever._PREFERRED) for name, times in (("none", 0), ("half", 0.5), ("default", 1), ("double", 2))
)
_NAME = re.compile(r"(?<=\s)[A-Z][a-z]{4,}\b")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("questions", type=Path, nargs="?")
    given = parser.parse_args()
    embedder = opening.embedder(Settings.load())
    index = Index.open(given.index, embedder)
    speakers(index, embedder)
    if given.questions:
        misspelt(index, embedder, given.questions)
        dated(index, embedder, given.questions)


def speakers(index: Index, embedder: Embedder) -> None:
    """Ask for statements by "he" and "she", with and without the preference for who speaks."""
    catalogue = index.catalogue
    asked = []
    for article_id, statement in catalogue.statements(speakers=catalogue.speakers()):
        text = catalogue.article(article_id).text
        sentence = text[statement.start : statement.end]
        words = sorted(set(content_terms(sentence)), key=lambda term: (-index.words.rarity(term), term))[:3]
        names = set(terms(statement.speaker))
        if " " in statement.speaker and names.isdisjoint(terms(sentence)) and len(words) == 3:
            about = [next(w for w in re.findall(r"\w+", sentence) if word in terms(w)) for word in words]
            question = f"What did {statement.speaker} say about {about[0]}, {about[1]} and {about[2]}?"
            asked.append((question, article_id, statement))
    asked = random.Random(0).sample(asked, min(ASKED, len(asked)))
    print(f"{len(asked)} statements by pronoun or role\n")
    print("| preference | passage first | passage among 6 | sentence in the evidence | best sentence |")
    print("|---|---|---|---|---|")
    for name, gain in GAINS:
        retriever._PREFERRED = gain
        searcher = Retriever(index, embedder)
        first = among = held = best = 0
        for question, article_id, statement in asked:
            query = read(question, index, filters=ALL, today=TODAY)
            query = query if gain else replace(query, speakers=())
            hits = searcher.search(query, k=6)
            found = [
                h.article.id == article_id and h.passage.start <= statement.start < h.passage.end
                for h in hits
                if h.kept
            ]
            evidence = searcher.evidence(query, hits, max_tokens=160, enough=0.8)
            right = [(e.article.id, e.start) == (article_id, statement.start) for e in evidence]
            first, among, held, best = first + found[0], among + any(found), held + any(right), best + right[-1]
        print(f"| {name} | {' | '.join(f'{n / len(asked):.3f}' for n in (first, among, held, best))} |")


def misspelt(index: Index, embedder: Embedder, file: Path) -> None:
    """Ask with one letter of a name wrong, with and without respelling."""
    chance, asked = random.Random(0), []
    for question, gold in questions(index, file):
        if names := _NAME.findall(question):
            name = max(names, key=len)
            asked.append((question, name, wrong(name, chance), gold))
    print(
        f"\n{len(asked)} questions, one letter of a name wrong\n\n| asked | hit@1 | hit@4 | hit@10 |\n|---|---|---|---|"
    )
    searcher = Retriever(index, embedder)
    for way in ("as written", "misspelt", "misspelt, respelled (default)"):
        ranks = []
        for question, name, other, gold in asked:
            text = question if way == "as written" else question.replace(name, other)
            query = read(text, index, filters=ALL, today=TODAY)
            query = query if way.endswith("(default)") else replace(query, respelled=())
            ranks.append(rank(searcher, query, gold))
        print(f"| {way} | {shares(ranks)} |")


def dated(index: Index, embedder: Embedder, file: Path) -> None:
    """Ask for a month too: that of the article, or another, with more or less preference."""
    retriever._PREFERRED = dict(GAINS)["default"]
    searcher, asked = Retriever(index, embedder), []
    for question, gold in questions(index, file):
        if published := index.catalogue.article(min(gold)).origin.published:
            asked.append((question.rstrip("?"), date.fromisoformat(published[:10]), gold))
    print(f"\n{len(asked)} questions, with a month\n")
    print("| month | preference | hit@1 | hit@4 | hit@10 |\n|---|---|---|---|---|")
    for way in ("of the article", "of another year"):
        for name, retriever._PREFERRED in GAINS:
            ranks = []
            for question, day, gold in asked:
                year = day.year if way == "of the article" else day.year + 1 if day.year < TODAY.year else day.year - 1
                text = f"{question} in {day.replace(day=1, year=year):%B %Y}?"
                ranks.append(rank(searcher, read(text, index, filters=ALL, today=TODAY), gold))
            print(f"| {way} | {name} | {shares(ranks)} |")


def questions(index: Index, file: Path) -> Iterator[tuple[str, set[str]]]:
    """Yield the questions of a file with the ids of the articles that answer them."""
    ids: dict[str, set[str]] = {}
    for article_id, _, source_id in index.catalogue.places():
        ids.setdefault(source_id or "", set()).add(article_id)
    for line in file.read_text("utf-8").splitlines():
        record = json.loads(line)
        if gold := set().union(*(ids.get(e["doc_id"], set()) for e in record["evidence"])):
            yield record["question"], gold


def rank(searcher: Retriever, query: Query, gold: set[str]) -> int:
    """Return the place, from 0, of the first article that answers; 99 where there is none."""
    ranked = list(rank_articles(searcher.search(query, k=30)))
    return min((ranked.index(a) for a in gold if a in ranked), default=99)


def shares(ranks: list[int]) -> str:
    """Return hit@1, @4 and @10 as cells."""
    return " | ".join(f"{sum(r < k for r in ranks) / len(ranks):.3f}" for k in (1, 4, 10))


def wrong(name: str, chance: random.Random) -> str:
    """Return a name with one letter left out, doubled, changed or swapped, not the first."""
    i = chance.randrange(1, len(name) - 1)
    return chance.choice(
        [
            name[:i] + name[i + 1 :],
            name[:i] + name[i] + name[i:],
            name[:i] + chance.choice("aeiou") + name[i + 1 :],
            name[:i] + name[i + 1] + name[i] + name[i + 2 :],
        ]
    )


if __name__ == "__main__":
    main()
