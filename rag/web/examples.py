"""Example questions, made from the articles at hand: about the names that stand in them most often."""

import re
from collections import Counter
from collections.abc import Container

from rag.index import Reader
from rag.phrases import TITLES

_NAME = re.compile(r"(?:\b([a-z]+) )?\b([A-Z][\w’'-]+(?: (?:al|de|von|van|of the|of) )?(?: [A-Z][\w’'-]+)+)\b")
_ARTICLES = 40
_OF_PEOPLE = ("What did {} say?", "Who is {}?")


def example_questions(reader: Reader, *, most: int = 3) -> list[str]:
    """Return up to `most` questions about names in the newest articles, each name once.

    Two are about people who speak there, the others about what the titles name, or else the text.
    """
    articles = reader.articles([article_id for article_id, _ in reader.titles(_ARTICLES)]).values()
    found = Counter(pair for article in articles for pair in _NAME.findall(article.text))
    speakers = reader.speakers()
    people = dict.fromkeys(who for (before, name), _ in found.most_common() if (who := _person(before, name, speakers)))
    names = Counter[str]()
    for (_, name), n in found.items():
        names[name.removeprefix("The ")] += n
    others = [name for name, _ in names.most_common() if not any(who in name for who in people)]
    titles = " ".join(article.origin.title for article in articles)
    others.sort(key=lambda name: name not in titles)  # stable: the most frequent first
    asked = [question.format(who) for question, who in zip(_OF_PEOPLE, people, strict=False)]
    return [*asked, *(f"What is known about {name}?" for name in others)][:most]


def _person(before: str, name: str, speakers: Container[str]) -> str | None:
    """Return the end of a name that is a speaker's, where an office or a title stands before it: that is a person."""
    words = name.split()
    start = next((i for i in range(len(words) - 1) if " ".join(words[i:]) in speakers), None)
    titled = start is not None and not TITLES.isdisjoint(word.lower() for word in [before, *words[:start]])
    return " ".join(words[start:]) if titled else None
