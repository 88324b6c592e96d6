"""One writer, many readers, and how exactly they find."""

from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from rag.errors import CatalogueError
from rag.index import Index, derived
from rag.testing import ToyEmbedder
from tests.index.building import WORDS, FailingEmbedder, build, found, revision, state, write


def test_an_open_index_sees_what_was_synced_since(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    embedder = ToyEmbedder(*WORDS)
    index = Index.open(folder, embedder)
    before = index.revision
    write(root, c="Rain, rain, rain.")
    build(root, folder=folder)
    best, score = index.search(embedder.embed(["rain"])[0], 1)[0]
    assert index.catalogue.article(best.article_id).text == "Rain, rain, rain."
    assert score == pytest.approx(1, abs=1e-3)
    assert index.revision == revision(folder) != before


def test_a_second_writer_is_refused(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    with FileLock(folder / ".lock"), pytest.raises(CatalogueError, match="another rag is writing"):
        build(root, folder=folder)


@pytest.mark.parametrize("rebuild", [False, True], ids=["sync", "rebuild"])
def test_a_failure_in_between_leaves_the_catalogue_as_it_was(root: Path, folder: Path, rebuild: bool) -> None:
    build(root, folder=folder)
    before = state(folder)
    write(root, a="Rain fell.", c="Rain stopped.")
    with pytest.raises(RuntimeError, match="out of memory"):
        build(root, folder=folder, embedder=FailingEmbedder(*WORDS), rebuild=rebuild)
    assert state(folder) == before


def test_the_next_sync_does_what_a_failed_one_did_not(root: Path, folder: Path) -> None:
    build(root, folder=folder)
    write(root, c="Rain stopped.")
    with pytest.raises(RuntimeError, match="out of memory"):
        build(root, folder=folder, embedder=FailingEmbedder(*WORDS))
    assert build(root, folder=folder).added == 1


def test_above_a_size_the_best_are_scored_again_exactly(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    texts = {f"a{n}": " ".join(rng.choice(["goggles", "rifles", "rain", "sun"], 9)) + f" {n}." for n in range(300)}
    build(write(tmp_path / "many", **texts), folder=folder)
    exact = found(folder, "goggles rain rain")
    derived.clear(folder, keep=None)
    monkeypatch.setattr("rag.index.vectors.EXACT_UP_TO", 100)
    approximate = found(folder, "goggles rain rain")
    assert [score for _, score in approximate[:10]] == pytest.approx([score for _, score in exact[:10]], abs=1e-4)
    assert {passage for passage, _ in approximate[:10]} <= {p for p, score in exact if score >= exact[9][1] - 1e-4}
