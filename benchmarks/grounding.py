"""What the check of sentences catches and what it wrongly doubts: `python -m benchmarks.grounding SET=DATA[=RUN] …`.

DATA is a folder with `corpus.jsonl` and `questions.jsonl`. True claims are the sentences of the reference answers, or,
with RUN (a folder of `rag eval`), what the language model wrote that holds a reference answer. Each is then made false
in one way at a time, and checked against all sentences of its document; or kept as it is and checked against another
sentence of the document, or against a document near in meaning. Prints the table of docs/benchmarks.md.
"""

import argparse
import calendar
import json
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag import Settings, opening
from rag.chunking import sentences
from rag.citations import Checker
from rag.citations.checker import LACKING
from rag.corpus import normalise
from rag.embedding import Remembering
from rag.types import Article, Claim, Embedder, Evidence, Origin

MONTHS = list(calendar.month_name)[1:]
COUNTS = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty"
YEAR = re.compile(r"\b(?:1\d{3}|20\d\d)\b")
DATE = re.compile(rf"{YEAR.pattern}|\b(?:{'|'.join(MONTHS)})\b")
NUMBER = re.compile(rf"\b\d[\d,]*(?:\.\d+)?\b|\b(?:{COUNTS})\b")
NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+(?: [A-Z][a-z]+)*")
NEGATION = re.compile(r"\b(?:not|never) ")
AUXILIARY = re.compile(r"\b(?:is|was|are|were|has|have|had|can|could|will|would|may|must|should)\b(?! not|n't)")
HEDGE = re.compile(r"\b(?:may|might|could|allegedly|reportedly|possibly|probably|perhaps|apparently|likely) ")
LEAST_WORDS = 4
NEAREST = 6
SEED = 3


@dataclass(frozen=True)
class Pair:
    """A claim, how it was made false, and the sentences it is checked against."""

    kind: str
    claim: str
    question: str
    sources: list[Evidence]


def main() -> None:
    """Make the pairs of each set, check them, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+", metavar="SET=DATA[=RUN]")
    sets: list[str] = parser.parse_args().sets
    embedder = Remembering(opening.embedder(Settings.load()))
    print(
        "| set | claims made false by | pairs | withheld | withheld or only partly supported |\n|---|---|---|---|---|"
    )
    for named in sets:
        name, folder, *run = named.split("=")
        pairs = list(make(Path(folder), Path(run[0]) if run else None, embedder, random.Random(SEED)))
        embedder.embed([text for p in pairs for text in (p.claim, *(e.quote for e in p.sources))])
        start = time.perf_counter()
        verdicts = [verdict(Checker(p.question, p.sources, embedder).check(p.claim)[0]) for p in pairs]
        spent = (time.perf_counter() - start) / len(pairs)
        for kind in dict.fromkeys(p.kind for p in pairs):
            of = [verdict for p, verdict in zip(pairs, verdicts, strict=True) if p.kind == kind]
            withheld, doubted = (
                sum(v in which for v in of) / len(of) for which in (("unsupported",), ("unsupported", "partly"))
            )
            print(f"| {name} | {kind} | {len(of)} | {withheld:.3f} | {doubted:.3f} |", flush=True)
        print(f"{name}: {1000 * spent:.1f} ms a sentence, embedding apart")


def verdict(claim: Claim) -> str | None:
    """Return the verdict on what a claim says: that it is not what was asked for, alone, makes it no false one."""
    return "supported" if any(what.endswith(LACKING) for what in claim.missing) else claim.verdict


def make(folder: Path, run: Path | None, embedder: Embedder, chance: random.Random) -> Iterator[Pair]:
    """Yield the true claims of a set, and each made false in every way that it can be."""
    articles = dict(read_articles(folder))
    ids = sorted(articles)
    vectors = embedder.embed([articles[i].text[:600] for i in ids])
    names = sorted({name for i in ids[:300] for name in NAME.findall(articles[i].text)})
    for claim, document, quotes, question in claims_of(folder, run):
        if document not in articles:
            continue
        own = split(articles[document])
        others = [e for e in own if len(e.quote) > 20 and not any(e.quote in q or q in e.quote for q in quotes)]
        yield Pair("nothing (false alarms)", claim, question, own)
        for kind, change in CHANGES.items():
            if changed := change(claim, chance):
                yield Pair(kind, changed, question, own)
        for kind, pool in (
            ("another name", names),
            ("another name of the document", NAME.findall(articles[document].text)),
        ):
            if changed := rename(claim, pool, chance):
                yield Pair(kind, changed, question, own)
        if others:
            yield Pair("another sentence cited", claim, question, [chance.choice(others)])
        near = np.argsort(-(vectors @ embedder.embed([claim])[0]))[:NEAREST]
        yield Pair(
            "another document cited",
            claim,
            question,
            split(articles[chance.choice([ids[i] for i in near if ids[i] != document])]),
        )


def read_articles(folder: Path) -> Iterator[tuple[str, Article]]:
    """Yield the documents of a set as articles, by id."""
    for line in (folder / "corpus.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        origin = Origin(path="corpus.jsonl", title=record.get("title") or "", source_id=record["id"])
        yield record["id"], Article(record["id"], normalise(record["text"]), (origin,))


def split(article: Article) -> list[Evidence]:
    """Return the sentences of an article as evidence."""
    return [Evidence(article, span.start, span.end) for span in sentences(article.text)]


def claims_of(folder: Path, run: Path | None) -> Iterator[tuple[str, str, list[str], str]]:
    """Yield true claims, each with its document, the gold quotes and the question."""
    questions = {q["id"]: q for q in map(json.loads, (folder / "questions.jsonl").read_text("utf-8").splitlines())}
    texts = [
        (q, [span.of(q["answers"][0]) for span in sentences(q["answers"][0])])
        for q in questions.values()
        if q["answers"]
    ]
    if run:
        predictions = map(json.loads, (run / "predictions.jsonl").read_text("utf-8").splitlines())
        texts = [(questions[p["id"]], [claim["text"] for claim in p.get("claims", ())]) for p in predictions]
    for question, claims in texts:
        if not question["answerable"] or not question["evidence"]:
            continue
        for claim in claims:
            holds = not run or any(answer.casefold() in claim.casefold() for answer in question["answers"])
            if holds and len(claim.split()) >= LEAST_WORDS:
                quotes = [e["quote"] for e in question["evidence"]]
                yield claim, question["evidence"][0]["doc_id"], quotes, question["question"]


def another_number(claim: str, chance: random.Random) -> str | None:
    """Return a claim with another number, years apart."""
    found = [m for m in NUMBER.finditer(claim) if not YEAR.fullmatch(m[0])]
    if not found:
        return None
    match = chance.choice(found)
    if match[0].isalpha():
        new = chance.choice([word for word in COUNTS.split("|") if word != match[0]])
    else:
        new = str(int(float(match[0].replace(",", ""))) + chance.choice([1, 2, 3, 7, 10]))
    return claim[: match.start()] + new + claim[match.end() :]


def another_date(claim: str, chance: random.Random) -> str | None:
    """Return a claim with another year or month."""
    found = list(DATE.finditer(claim))
    if not found:
        return None
    match = chance.choice(found)
    year = match[0].isdigit()
    new = str(int(match[0]) + chance.choice([-9, -4, -2, -1, 1, 2, 3, 10])) if year else ""
    return claim[: match.start()] + (new or chance.choice([m for m in MONTHS if m != match[0]])) + claim[match.end() :]


def negated(claim: str, _chance: random.Random) -> str | None:
    """Return a claim with a negation more, or less."""
    if match := NEGATION.search(claim):
        return claim[: match.start()] + claim[match.end() :]
    match = AUXILIARY.search(claim)
    return f"{claim[: match.end()]} not{claim[match.end() :]}" if match and "n't" not in claim else None


def unhedged(claim: str, _chance: random.Random) -> str | None:
    """Return a claim that is surer: without the word that hedges it."""
    told = HEDGE.sub("", claim)
    return told if told != claim else None


def rename(claim: str, pool: Sequence[str], chance: random.Random) -> str | None:
    """Return a claim with another name of a pool, not one of its own, in the place of one."""
    found = [m for m in NAME.finditer(claim) if m[0].split()[0] not in MONTHS]
    if not found:
        return None
    match = chance.choice(found)
    others = [
        n for n in pool if n.split()[0] not in MONTHS and n not in claim and not {*n.split()} & {*match[0].split()}
    ]
    return claim[: match.start()] + chance.choice(others) + claim[match.end() :] if others else None


CHANGES: dict[str, Callable[[str, random.Random], str | None]] = {
    "another number": another_number,
    "another date": another_date,
    "negation": negated,
    "no hedge": unhedged,
}

if __name__ == "__main__":
    main()
