"""Example questions, made from the articles at hand: about the names that stand in them most often."""

import re
from collections import Counter
from collections.abc import Container

from rag.index import Reader

_NAME = re.compile(r"\b[A-Z][\w’'-]+(?: (?:al|de|von|van|of the|of) )?(?: [A-Z][\w’'-]+)+\b")
_ARTICLES = 40


def example_questions(reader: Reader, *, most: int = 3) -> list[str]:
    """Return up to `most` questions about names in the newest articles, each name once."""
    articles = reader.articles([article_id for article_id, _ in reader.titles(_ARTICLES)])
    names = Counter(name.removeprefix("The ") for article in articles.values() for name in _NAME.findall(article.text))
    ordered = [name for name, _ in names.most_common()]
    speakers = reader.speakers()
    speaking = next(((name, who) for name in ordered if (who := _speaker(name, speakers))), None)
    questions = [f"What did {speaking[1]} say?"] if speaking else []
    others = [name for name in ordered if not speaking or speaking[1] not in name]
    return (questions + [f"What is said about {name}?" for name in others])[:most]


def _speaker(name: str, speakers: Container[str]) -> str | None:
    """Return the end of a name that is a speaker's: who speaks is known without titles."""
    words = name.split()
    return next((who for i in range(len(words) - 1) if (who := " ".join(words[i:])) in speakers), None)
