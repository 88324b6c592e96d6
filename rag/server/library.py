"""What needs no language model: search, articles, vectors, the list of models, and whether all is well."""

import base64
from dataclasses import asdict, replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from rag.assistant import Assistant
from rag.errors import RagError, UsageError
from rag.index.remove import the_one
from rag.retrieval import filters
from rag.server.chat import MODEL
from rag.server.problems import problem
from rag.types import SCHEMA_VERSION, found_to_json

_SPECIAL_TOKENS = 2

From = Annotated[str | None, Query(alias="from", description="This day or later, in any form: 2023-04-11, April 2023.")]
To = Annotated[str | None, Query(description="This day or earlier.")]
Sources = Annotated[list[str] | None, Query(alias="source", description="From this source; may be repeated.")]
Articles = Annotated[list[str] | None, Query(alias="article", description="Id, record id or path; may be repeated.")]
Collection = Annotated[str | None, Query(description="Of this collection.")]


class EmbeddingsRequest(BaseModel):
    """OpenAI's request."""

    model_config = ConfigDict(extra="ignore")

    model: str
    input: str | Annotated[list[str], Field(min_length=1, max_length=256)]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None


def router(assistant: Assistant) -> APIRouter:
    """Return the endpoints over an assistant."""
    routes = APIRouter()

    @routes.get("/v1/models", tags=["OpenAI"])
    def list_models() -> dict[str, Any]:
        """List the model that answers and the one that makes vectors."""
        return {"object": "list", "data": [_model(MODEL), _model(assistant.embedder.name)]}

    @routes.get("/v1/models/{name:path}", tags=["OpenAI"])
    def get_model(name: str) -> Response:
        """Show one of them."""
        if name in (MODEL, assistant.embedder.name):
            return JSONResponse(_model(name))
        return problem(404, f"no model {name[:200]!r}; see /v1/models", code="model_not_found")

    @routes.post("/v1/embeddings", tags=["OpenAI"])
    def embeddings(body: EmbeddingsRequest) -> Response:
        """Return the vectors of texts by the embedder of the index."""
        embedder = assistant.embedder
        if body.model != embedder.name:
            return problem(404, f"no embedder {body.model[:200]!r}; there is {embedder.name!r}", code="model_not_found")
        if body.dimensions not in (None, embedder.dimension):
            raise UsageError(
                f"dimensions is {body.dimensions}; {embedder.name!r} has {embedder.dimension}: leave it out"
            )
        texts = [body.input] if isinstance(body.input, str) else body.input
        sizes = [len(embedder.tokens(text)) for text in texts]
        if not all(texts) or max(sizes) > embedder.max_tokens - _SPECIAL_TOKENS:
            most = embedder.max_tokens - _SPECIAL_TOKENS
            raise UsageError(f"each input must hold 1 to {most} tokens; there is one of {max(sizes)}: cut it in parts")
        data = [
            {
                "object": "embedding",
                "index": i,
                "embedding": vector.tolist()
                if body.encoding_format == "float"
                else base64.b64encode(vector.astype("<f4").tobytes()).decode(),
            }
            for i, vector in enumerate(embedder.embed(texts))
        ]
        usage = {"prompt_tokens": sum(sizes), "total_tokens": sum(sizes)}
        return JSONResponse({"object": "list", "model": embedder.name, "data": data, "usage": usage})

    @routes.get("/search", tags=["articles"])
    def search(
        q: Annotated[str, Query(description="What to look for.")],
        *,
        k: Annotated[int, Query(ge=1, le=100, description="How many passages.")] = 5,
        from_: From = None,
        to: To = None,
        sources: Sources = None,
        articles: Articles = None,
        collection: Collection = None,
        newest: Annotated[bool, Query(description="The newest of those that fit first.")] = False,
    ) -> dict[str, Any]:
        """Find the passages that most probably answer; no language model is used, nothing is waited for."""
        within = filters(
            assistant.index.catalogue,
            today=assistant.settings.day,
            from_=from_,
            to=to,
            sources=sources,
            articles=articles,
            collection=collection,
        )
        query = assistant.query(q, within=within)
        query = replace(query, newest=query.newest or newest)
        return {"schema_version": SCHEMA_VERSION} | found_to_json(query, assistant.retriever.search(query, k=k))

    @routes.get("/articles", tags=["articles"])
    def list_articles(
        *,
        offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        from_: From = None,
        to: To = None,
        sources: Sources = None,
        collection: Collection = None,
    ) -> dict[str, Any]:
        """List articles, the newest first, undated ones last; `next` is the offset of what follows, or null."""
        catalogue = assistant.index.catalogue
        within = filters(
            catalogue, today=assistant.settings.day, from_=from_, to=to, sources=sources, collection=collection
        )
        with catalogue.snapshot():
            total = catalogue.passing(within)
            found = list(catalogue.origins(filters=within, limit=limit, offset=offset))
        keys = ("title", "published", "source", "path", "record", "source_id", "url")
        listed = [{"article_id": i} | {key: getattr(origin, key) for key in keys} for i, origin in found]
        after = offset + len(listed)
        return {"articles": listed, "total": total, "next": after if listed and after < total else None}

    @routes.get("/articles/{name:path}", tags=["articles"])
    def get_article(name: str) -> Response:
        """Show an article by id, the beginning of one, record id or path; 410 where it was withdrawn."""
        catalogue = assistant.index.catalogue
        if gone := catalogue.withdrawal(name):
            replaced = f"; in its place: {gone.replaced_by}" if gone.replaced_by else ""
            return problem(410, f"article {name!r} was withdrawn at {gone.at}{replaced}", code="withdrawn")
        if not catalogue.named(name):
            return problem(404, f"no article {name[:200]!r} in this index; see which there are: /articles")
        article = catalogue.article(the_one(catalogue, name))
        origins = [asdict(origin) for origin in article.origins]
        return JSONResponse({"article_id": article.id, "text": article.text, "origins": origins})

    @routes.get("/health", tags=["server"])
    def health() -> Response:
        """Tell whether questions can be answered: 200, or 503."""
        try:
            counts = assistant.index.catalogue.counts()
        except RagError as error:
            return problem(503, str(error))
        return JSONResponse({"status": "ok", "articles": counts["articles"], "waiting": len(assistant.scheduler)})

    return routes


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "rag"}
