"""The application: endpoints, what stands before them, and the page beneath."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from mcp.server.transport_security import TransportSecuritySettings
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

import rag
from rag import mcp
from rag.assistant import Assistant
from rag.server import chat, library, metrics
from rag.server.guard import Guard
from rag.server.problems import handle_errors
from rag.server.running import Runner
from rag.server.serving import THIS_MACHINE
from rag.settings import revealed


def build(assistant: Assistant, *, hosts: tuple[str, ...] = THIS_MACHINE, with_page: bool = True) -> FastAPI:
    """Return the server over an assistant, answering to the names `hosts`, "*" for all."""
    settings = assistant.settings
    runner, measured, tools = Runner(assistant), metrics.Metrics(assistant), mcp.build(assistant)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with tools.session_manager.run():
            yield
        runner.stop()

    guard = Middleware(
        Guard,
        token=revealed(settings.server_token),
        body_bytes=settings.server_body_bytes,
        per_minute=settings.server_per_minute,
        origins=settings.server_origins,
    )
    cors = Middleware(
        CORSMiddleware,
        allow_origins=settings.server_origins,
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type"],
    )
    app = FastAPI(
        title="rag",
        version=rag.__version__,
        description="Answers from your own articles, each sentence checked against the exact place it comes from.",
        docs_url=None,  # both pages load scripts from other machines
        redoc_url=None,
        lifespan=lifespan,
        middleware=[
            Middleware(metrics.Counting, metrics=measured),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
            *([cors] if settings.server_origins else []),
            guard,
        ],
    )
    handle_errors(app)
    app.include_router(chat.router(assistant, runner, measured))
    app.include_router(library.router(assistant))
    app.include_router(metrics.router(measured))
    # stateless: nothing is kept between requests; names and origins are looked at by what stands before it
    unguarded = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    app.router.routes += tools.streamable_http_app(stateless_http=True, transport_security=unguarded).routes
    if with_page:
        from rag import web

        web.mount(web.build(assistant), app)
    return app
