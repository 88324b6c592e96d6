"""Example questions, made from the articles at hand: about the names that stand in them most often."""

import re
from collections import Counter

from rag.assistant import Assistant

_NAME = re.compile(r"\b[A-Z][\w’'-]+(?: (?:al|de|von|van|of the|of) )?(?: [A-Z][\w’'-]+)+\b")
_ARTICLES = 40


def example_questions(assistant: Assistant, *, most: int = 3) -> list[str]:
    """Return up to `most` questions about names in the newest articles, each name once."""
    catalogue = assistant.index.catalogue
    texts = [catalogue.article(article_id).text for article_id, _ in catalogue.titles(_ARTICLES)]
    names = Counter(name for text in texts for name in _NAME.findall(text))
    speakers = [name for name, _ in names.most_common() if _speaks(name, texts)]
    others = [name for name, _ in names.most_common() if name not in speakers]
    questions = [f"What did {name} say?" for name in speakers[:1]]
    return (questions + [f"What is said about {name}?" for name in others])[:most]


def _speaks(name: str, texts: list[str]) -> bool:
    said = re.compile(rf"\b{re.escape(name)}(?: has| had| also)? (?:said|told|says|announced|added)\b")
    return any(said.search(text) for text in texts)
