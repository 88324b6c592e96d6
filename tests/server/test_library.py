"""Search, articles, vectors, models, health: what needs no language model."""

import base64
from pathlib import Path

import numpy as np
import openai
import pytest

from rag.index.remove import remove
from rag.testing import ToyEmbedder
from tests.server.conftest import Serve
from tests.world import FLOOD, WAR, WORDS, withdraw_all

DATED = [f"date 2023-0{n}-11 Rain fell in place {n}." for n in range(1, 6)]


def test_models_are_listed_and_shown(serve: Serve) -> None:
    served = serve()
    assert [model.id for model in served.openai.models.list()] == ["rag", "toy"]
    assert served.openai.models.retrieve("rag").id == "rag"
    with pytest.raises(openai.NotFoundError):
        served.openai.models.retrieve("none")


def test_vectors_are_the_embedders_as_numbers_and_packed(serve: Serve) -> None:
    served = serve()
    expected = ToyEmbedder(*WORDS).embed(["goggles", "flood flood rifles"])
    for how in ("float", "base64"):
        made = served.openai.embeddings.create(
            model="toy", input=["goggles", "flood flood rifles"], encoding_format=how
        )
        vectors = [np.array(one.embedding) if how == "float" else one.embedding for one in made.data]
        if how == "base64":
            vectors = [np.frombuffer(base64.b64decode(str(v)), "<f4") for v in vectors]
        np.testing.assert_allclose(np.stack(vectors), expected, rtol=1e-6)
        assert made.usage.prompt_tokens == 4
    np.testing.assert_allclose(served.openai.embeddings.create(model="toy", input="flood").data[0].embedding[2], 1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"input": ""}, "1 to 62 tokens"),
        ({"input": "x " * 63}, "there is one of 63"),
        ({"input": []}, "input"),
        ({"input": [1, 2]}, "input"),
        ({"input": "x", "dimensions": 3}, "dimensions is 3"),
    ],
)
def test_what_cannot_be_embedded_is_said(serve: Serve, options: dict[str, object], said: str) -> None:
    answer = serve().http.post("/v1/embeddings", json={"model": "toy"} | options)
    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]


def test_another_embedder_is_not_found(serve: Serve) -> None:
    with pytest.raises(openai.NotFoundError, match="there is 'toy'"):
        serve().openai.embeddings.create(model="ada", input="x")


def test_a_search_is_that_of_the_command_line(serve: Serve) -> None:
    served = serve()
    found = served.http.get("/search", params={"q": "Goggles?", "k": 1}).json()
    [hit] = found["hits"]
    assert hit["text"] == WAR[hit["start"] : hit["end"]]
    assert found["searched"]["text"] == "Goggles?"
    assert served.world.llm.history == []


@pytest.mark.parametrize(
    "query", ["", "q=", "q=x&k=0", "q=x&from=never", "q=x&source=Nobody", "q=x&in=1&collection=no"]
)
def test_a_search_that_is_wrong_is_a_bad_request(serve: Serve, query: str) -> None:
    answer = serve().http.get(f"/search?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_articles_are_paged_the_newest_first(serve: Serve, tmp_path: Path) -> None:
    http = serve(texts=DATED).http
    pages, offset = [], 0
    while offset is not None:
        page = http.get("/articles", params={"limit": 2, "offset": offset}).json()
        pages.append([article["published"] for article in page["articles"]])
        assert page["total"] == 5
        offset = page["next"]
    assert pages == [["2023-05-11", "2023-04-11"], ["2023-03-11", "2023-02-11"], ["2023-01-11"]]
    assert http.get("/articles", params={"offset": 5}).json() == {"articles": [], "total": 5, "next": None}


def test_articles_are_filtered(serve: Serve) -> None:
    http = serve(texts=DATED).http
    page = http.get("/articles", params={"from": "February 2023", "to": "2023-04", "limit": 1}).json()
    assert (page["total"], page["next"], page["articles"][0]["published"]) == (3, 1, "2023-04-11")
    assert http.get("/articles", params={"source": "Nobody"}).status_code == 400


def test_an_article_is_shown_by_id_its_beginning_and_path(serve: Serve) -> None:
    http = serve().http
    listed = {a["path"][-5:]: a["article_id"] for a in http.get("/articles").json()["articles"]}
    for name in (listed["0.txt"], listed["0.txt"][:6], "articles/0.txt"):
        shown = http.get(f"/articles/{name}").json()
        assert (shown["article_id"], shown["text"]) == (listed["0.txt"], WAR)
        assert shown["origins"][0]["path"].endswith("0.txt")


def test_an_article_that_is_not_here_and_one_that_was_taken_out(serve: Serve) -> None:
    served = serve()
    assert served.http.get("/articles/nothing").status_code == 404
    [article] = remove(["1.txt"], served.world.settings.index_dir)
    assert article.text == FLOOD
    gone = served.http.get(f"/articles/{article.id}")
    assert (gone.status_code, gone.json()["error"]["code"]) == (410, "withdrawn")


def test_a_server_that_runs_sees_what_was_indexed_since(serve: Serve, tmp_path: Path) -> None:
    served = serve()
    assert served.http.get("/health").json() == {"status": "ok", "articles": 2, "waiting": 0}
    withdraw_all(tmp_path)
    assert served.http.get("/health").json()["articles"] == 0
    assert served.http.get("/search?q=goggles").json()["hits"] == []


def test_the_description_is_served_and_no_page_that_loads_scripts_from_elsewhere(serve: Serve) -> None:
    http = serve().http
    described = http.get("/openapi.json").json()
    assert set(described["paths"]) == {
        "/v1/chat/completions",
        "/v1/models",
        "/v1/models/{name}",
        "/v1/embeddings",
        "/search",
        "/articles",
        "/articles/{name}",
        "/health",
        "/metrics",
    }
    assert (http.get("/docs").status_code, http.get("/redoc").status_code) == (404, 404)
    assert http.get("/docs").json()["error"]["type"] == "not_found_error"


def test_what_happened_is_counted_without_what_was_asked(serve: Serve) -> None:
    served = serve("The goggles were green.", "NOT FOUND", "NOT FOUND")
    served.ask()
    list(served.ask(stream=True))
    served.http.get("/search?q=secret")
    served.http.get("/articles/secret")
    text = served.http.get("/metrics").text
    assert 'rag_requests_total{endpoint="/search",status="200"} 1.0' in text
    assert 'rag_requests_total{endpoint="/articles/{name:path}",status="404"} 1.0' in text
    assert 'rag_answers_total{outcome="answered"} 1.0' in text
    assert 'rag_answers_total{outcome="not-in-evidence"} 1.0' in text
    assert 'rag_answer_seconds_count{moment="first_checked"} 1.0' in text
    assert "rag_articles 2.0" in text
    assert "secret" not in text
