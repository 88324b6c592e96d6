"""An embedder behind a server."""

from pathlib import Path

import numpy as np
import pytest

from rag.errors import CatalogueError, ModelError
from rag.index import Index, sync
from rag.remote import ModelServer, RemoteEmbedder
from tests.remote.conftest import Answer, Fake, FakeServer


def vectors(*rows: list[float]) -> Answer:
    """Return vectors, in reverse order."""
    return Answer({"data": [{"index": i, "embedding": row} for i, row in reversed(list(enumerate(rows)))]})


def opened(fake: FakeServer, model: str = "tiny") -> RemoteEmbedder:
    """Open the model of a server."""
    server = ModelServer(f"{fake.address}#{model}", key="k", option="--embedder", timeout_s=10, pauses_s=())
    return RemoteEmbedder(server, max_tokens=256)


def test_vectors_are_of_length_one_in_the_order_of_the_texts(fake_server: Fake) -> None:
    fake = fake_server(vectors([3.0, 4.0], [0.0, 2.0]))
    embedder = opened(fake)
    embedder.__dict__["dimension"] = 2
    made = embedder.embed(["a", "b"])
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, [[0.6, 0.8], [0.0, 1.0]], rtol=1e-6)
    assert fake.asked[0]["input"] == ["a", "b"]
    assert embedder.embed([]).shape == (0, 2)
    embedder.close()


def test_many_texts_are_sent_in_parts(fake_server: Fake) -> None:
    fake = fake_server(vectors([1.0]), vectors(*[[1.0]] * 32), vectors([1.0]))
    embedder = opened(fake)
    assert embedder.dimension == 1
    assert embedder.embed(["x"] * 33).shape == (33, 1)
    assert [len(asked["input"]) for asked in fake.asked] == [1, 32, 1]
    embedder.close()


@pytest.mark.parametrize(
    "answer",
    [
        Answer({}),
        Answer([]),
        vectors(),
        vectors([1.0], [1.0]),
        vectors([0.0, 0.0]),
        vectors([float("nan")]),
        Answer({"data": [{"index": 0, "embedding": "AAAA"}]}),
        Answer({}, status=401),
    ],
)
def test_what_is_no_vector_is_an_error(fake_server: Fake, answer: Answer) -> None:
    embedder = opened(fake_server(answer))
    with pytest.raises(ModelError, match=r"gives no vectors|RAG_EMBEDDER_API_KEY"):
        embedder.embed(["a"])
    embedder.close()


def test_a_model_keeps_its_digest_where_it_moves_and_another_has_another(fake_server: Fake) -> None:
    embedders = [opened(fake_server()), opened(fake_server()), opened(fake_server(), "other")]
    assert embedders[0].digest == embedders[1].digest != embedders[2].digest
    for embedder in embedders:
        embedder.close()


def test_tokens_cover_all_that_is_no_space(fake_server: Fake) -> None:
    embedder, said = opened(fake_server()), "Ünïcode words, 12345!\n火"
    spans = [span.of(said) for span in embedder.tokens(said)]
    assert spans == ["Ü", "n", "ï", "code", "word", "s", ",", "1234", "5", "!", "火"]
    embedder.close()


def test_an_index_remembers_the_dimension_of_a_server(fake_server: Fake, tmp_path: Path) -> None:

    folder, articles = tmp_path / "index", tmp_path / "articles"
    articles.mkdir()
    (articles / "a.txt").write_text("Rain fell.")
    one = opened(fake_server(vectors([3.0, 4.0])))
    sync([articles], folder, one, passage_tokens=32, max_file_bytes=1000)
    assert Index.open(folder, one).catalogue.manifest.dimension == 2
    other = opened(fake_server(vectors([1.0, 2.0, 3.0])))
    with pytest.raises(CatalogueError, match="rag index --rebuild"):
        Index.open(folder, other)
    one.close()
    other.close()
