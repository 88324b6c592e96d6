"""Past conversations, kept on this machine: one SQLite file, each row with a hash of whose it is.

An answer is kept without the texts of articles: its own sentences, which may quote them, and ids and offsets of what it
cites, so that a text that was withdrawn is not shown again. Knows nothing about screens.
"""

import json
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from rag.errors import CatalogueError
from rag.types import Answer, Article, Origin

FILE = "conversations.sqlite"
GONE = "An article that is not here any more"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversation (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, place TEXT NOT NULL, at TEXT NOT NULL, pending TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS conversation_owner ON conversation (owner, place, at);
CREATE TABLE IF NOT EXISTS turn (
    conversation TEXT NOT NULL REFERENCES conversation ON DELETE CASCADE, n INTEGER NOT NULL, question TEXT NOT NULL,
    answer TEXT NOT NULL, said TEXT NOT NULL, judged TEXT NOT NULL DEFAULT '', PRIMARY KEY (conversation, n)
) STRICT, WITHOUT ROWID;
"""
_ANSWER = TypeAdapter(Answer)
_TEXTS = {"text": True, "origins": True}
_LEFT_OUT: Any = {
    "hits": {"__all__": {"article": _TEXTS, "copies": {"__all__": _TEXTS}, "later": _TEXTS}},
    "evidence": {"__all__": {"article": _TEXTS}},
    "citations": {"__all__": {"article": _TEXTS}},
}
_LISTED = 200

FindArticles = Callable[[Sequence[str]], Mapping[str, Article]]
"""Returns those of some articles that are here, by id; `Reader.articles` fits."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer, and what the reader thought of it: a reason of `rag.web.judging`, or nothing."""

    answer: Answer
    judged: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation as it stands in the list: its first question, the last change (ISO 8601), how many questions."""

    id: str
    title: str
    at: str
    turns: int


class Conversations:
    """Everybody's conversations about one index; every request names whose it is about, and reaches no other's."""

    def __init__(self, folder: Path, *, place: Path) -> None:
        """Open or make the file in `folder`; `place` tells the index. Raises `CatalogueError`."""
        self._path = folder / FILE
        self._place = str(place.resolve())
        self._lock = threading.RLock()
        with self._told():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.touch(mode=0o600)
            self._db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            self._db.executescript(
                f"PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; {_SCHEMA}"
            )

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @staticmethod
    def new_id() -> str:
        """Return an id that nobody can guess."""
        return secrets.token_urlsafe(12)

    def turns(self, owner: str, conversation: str, articles: FindArticles) -> list[Turn]:
        """Return the turns of one's own conversation, in order; none where it is not one's own."""
        rows = self._all(
            "SELECT answer, judged FROM turn JOIN conversation c ON c.id = conversation "
            "WHERE c.id = ? AND owner = ? AND place = ? ORDER BY n",
            conversation, owner, self._place,
        )  # fmt: skip
        return [Turn(_from_json(answer, articles), judged) for answer, judged in rows]

    def put(self, owner: str, conversation: str, n: int, answer: Answer) -> None:
        """Keep an answer as turn `n` (from 0) in place of what was there and after it."""
        said = " ".join([answer.question, *(claim.text for claim in answer.shown)])
        with self._own(owner, conversation):
            self._all("DELETE FROM turn WHERE conversation = ? AND n >= ?", conversation, n)
            self._all(
                "INSERT INTO turn (conversation, n, question, answer, said) VALUES (?, ?, ?, ?, ?)",
                conversation, n, answer.question, _to_json(answer), said.casefold(),
            )  # fmt: skip
            self._all("UPDATE conversation SET at = ?, pending = '' WHERE id = ?", _now(), conversation)

    def judge(self, owner: str, conversation: str, n: int, judged: str) -> None:
        """Keep what the reader thought of turn `n`."""
        with self._own(owner, conversation):
            self._all("UPDATE turn SET judged = ? WHERE conversation = ? AND n = ?", judged, conversation, n)

    def wait(self, owner: str, conversation: str, question: str) -> None:
        """Keep a question that is being answered, until `put`; "" forgets it."""
        with self._own(owner, conversation):
            self._all("UPDATE conversation SET pending = ?, at = ? WHERE id = ?", question, _now(), conversation)

    def pending(self, owner: str, conversation: str) -> str:
        """Return the question that was never answered, because the page or the server was closed meanwhile."""
        rows = self._all("SELECT pending FROM conversation WHERE id = ? AND owner = ?", conversation, owner)
        return str(rows[0][0]) if rows else ""

    def listed(self, owner: str, text: str = "") -> list[Listed]:
        """Return one's own conversations that hold all words of `text`, the latest first, at most 200."""
        words = [f"%{_like(word)}%" for word in text.casefold().split()]
        holds = "AND c.id IN (SELECT conversation FROM turn WHERE said LIKE ? ESCAPE '!') " * len(words)
        rows = self._all(
            "SELECT c.id, (SELECT question FROM turn WHERE conversation = c.id ORDER BY n LIMIT 1), at, "  # noqa: S608
            "(SELECT count(*) FROM turn WHERE conversation = c.id) AS turns FROM conversation c "
            f"WHERE owner = ? AND place = ? AND turns > 0 {holds} ORDER BY at DESC LIMIT {_LISTED}",
            owner, self._place, *words,
        )  # fmt: skip
        return [Listed(*row) for row in rows]

    def delete(self, owner: str, conversation: str | None = None) -> None:
        """Delete one of one's own conversations, or all."""
        self._all(
            "DELETE FROM conversation WHERE owner = ?1 AND place = ?2 AND (?3 IS NULL OR id = ?3)",
            owner, self._place, conversation,
        )  # fmt: skip

    @contextmanager
    def _own(self, owner: str, conversation: str) -> Iterator[None]:
        """Hold a transaction on one's own conversation, which is made where it is not there yet."""
        with self._told(), self._lock, self._db:
            self._all("BEGIN IMMEDIATE")
            self._all(
                "INSERT INTO conversation (id, owner, place, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                conversation, owner, self._place, _now(),
            )  # fmt: skip
            if self._all("SELECT owner FROM conversation WHERE id = ?", conversation) != [(owner,)]:
                raise CatalogueError("this conversation is somebody else's; begin a new one")
            yield

    def _all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._told(), self._lock:
            return self._db.execute(sql, [_whole(value) for value in values]).fetchall()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what goes wrong with the file into a `CatalogueError` that names it."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise CatalogueError(
                f"{str(self._path)!r} cannot be used for past conversations ({error}); move it away, or name another "
                "folder: python app.py --data DIR"
            ) from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _whole(value: object) -> object:
    """Return a value as SQLite takes it: a lone surrogate becomes U+FFFD."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else value


def _like(word: str) -> str:
    """Return a word as LIKE takes it: none of its characters stands for others."""
    return "".join(f"!{c}" if c in "!%_" else c for c in word)


def _to_json(answer: Answer) -> str:
    return _ANSWER.dump_json(answer, exclude=_LEFT_OUT).decode()


def _from_json(text: str, articles: FindArticles) -> Answer:
    """Return a kept answer with the articles that are here; others are empty, so that their quotes are too."""
    kept = json.loads(text)
    cited = [*kept["citations"], *kept["evidence"], *kept["hits"]]
    named = [one["article"] for one in cited] + [copy for hit in kept["hits"] for copy in hit["copies"]]
    named += [hit["later"] for hit in kept["hits"] if hit.get("later")]
    found = articles(list({article["id"] for article in named}))
    for article in named:
        here = found.get(article["id"]) or Article(article["id"], "", (Origin("", GONE),))
        article.update(text=here.text, origins=here.origins)
    return _ANSWER.validate_python(kept)
