"""Which articles tell one story: the same whatever the order they came in, and whoever came and went."""

import random
import sqlite3
from contextlib import closing
from itertools import permutations
from pathlib import Path

import pytest

from rag.index import Catalogue, stories, sync
from rag.index.doctor import examine, repair
from rag.index.remove import remove
from rag.testing import ToyEmbedder
from tests.test_resemblance import story

CHAIN = {name: " ".join(story(1, 400).split()[i * 50 : i * 50 + 200]) for i, name in enumerate("abcd")}
"""Each shares three quarters of its words with the next, and less with the one after."""
OTHER = {"x": story(9)}


def index(folder: Path, *paths: Path) -> None:
    sync(paths, folder, ToyEmbedder("rain"), passage_tokens=32, max_file_bytes=100_000)


def written(folder: Path, texts: dict[str, str]) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text)
    return [folder / f"{name}.txt" for name in texts]


def related(folder: Path) -> dict[str, list[str]]:
    with closing(Catalogue.open(folder)) as catalogue:
        names = {i: origin.path[-5] for i, origin in catalogue.origins()}
        return {names[i]: sorted(names[o] for o in o_s) for i, o_s in stories.others(catalogue, names).items()}


def count(folder: Path) -> int:
    with closing(Catalogue.open(folder)) as catalogue:
        return len(stories.members(catalogue))


def rows(folder: Path) -> list[list[tuple[object, ...]]]:
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as db:
        return [db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in ("trait", "band")]


def test_a_chain_does_not_grow_into_one_story(tmp_path: Path) -> None:
    index(tmp_path / "i", *written(tmp_path / "n", CHAIN | OTHER))
    assert related(tmp_path / "i") == {"a": ["b"], "b": ["a", "c"], "c": ["b", "d"], "d": ["c"]}
    assert count(tmp_path / "i") == 4


def test_any_order_of_indexing_gives_the_same(tmp_path: Path) -> None:
    paths = written(tmp_path / "n", CHAIN)
    made = []
    for i, order in enumerate(permutations(paths)):
        if i % 5 == 0:
            for path in order:
                index(tmp_path / str(i), path)
            made.append((related(tmp_path / str(i)), rows(tmp_path / str(i))))
    assert all(one == made[0] for one in made)


def test_what_goes_takes_its_relations_along_and_nothing_else(tmp_path: Path) -> None:
    index(tmp_path / "i", *written(tmp_path / "n", CHAIN))
    remove(["b.txt"], tmp_path / "i")
    assert related(tmp_path / "i") == {"c": ["d"], "d": ["c"]}
    index(tmp_path / "without", *written(tmp_path / "m", {k: v for k, v in CHAIN.items() if k != "b"}))
    assert rows(tmp_path / "i") == rows(tmp_path / "without")
    assert examine(tmp_path / "i") == []


def test_a_corrected_file_takes_the_place_of_the_old(tmp_path: Path) -> None:
    paths = written(tmp_path / "n", {"a": story(1), "b": story(2)})
    index(tmp_path / "i", *paths)
    assert related(tmp_path / "i") == {}
    written(tmp_path / "n", {"b": f"A correction. {story(1)}"})
    index(tmp_path / "i", *paths)
    assert related(tmp_path / "i") == {"a": ["b"], "b": ["a"]}
    assert examine(tmp_path / "i") == []


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        (
            "UPDATE trait SET sketch = zeroblob(256) WHERE number = (SELECT min(number) FROM trait)",
            "language or sketch",
        ),
        ("UPDATE trait SET language = 'xx' WHERE number = (SELECT min(number) FROM trait)", "language or sketch"),
        ("DELETE FROM band WHERE key = (SELECT min(key) FROM band)", "what tells copies from other articles"),
        ("UPDATE band SET number = number + 1 WHERE key = (SELECT min(key) FROM band)", "what tells copies"),
        ("DELETE FROM trait WHERE number = (SELECT min(number) FROM trait)", "1 article without trait"),
    ],
)
def test_damage_is_found_and_mended_from_the_texts(tmp_path: Path, sql: str, what: str) -> None:
    index(tmp_path / "i", *written(tmp_path / "n", CHAIN))
    before = rows(tmp_path / "i")
    with closing(sqlite3.connect(tmp_path / "i" / "catalogue.sqlite")) as db:
        db.execute(sql)
        db.commit()
    assert any(what in finding.what for finding in examine(tmp_path / "i"))
    repair(tmp_path / "i", ToyEmbedder("rain"), passage_tokens=32)
    assert rows(tmp_path / "i") == before
    assert examine(tmp_path / "i") == []


def test_a_rebuild_makes_the_same(tmp_path: Path) -> None:
    paths = written(tmp_path / "n", CHAIN)
    index(tmp_path / "i", *paths)
    before = rows(tmp_path / "i")
    embedder = ToyEmbedder("rain", "snow")
    sync(paths, tmp_path / "i", embedder, passage_tokens=32, max_file_bytes=100_000, rebuild=True)
    assert rows(tmp_path / "i") == before


def test_many_copies_are_counted_each_once(tmp_path: Path) -> None:
    copies = {f"{i:02}": f"{random.Random(i).random()} {story(1)}" for i in range(30)}
    index(tmp_path / "i", *written(tmp_path / "n", copies | OTHER))
    assert count(tmp_path / "i") == 30
    with closing(Catalogue.open(tmp_path / "i")) as catalogue:
        assert {len(found) for found in stories.others(catalogue, catalogue.article_ids()).values()} == {29}
