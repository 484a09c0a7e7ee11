"""The app: every path a client can reach, composed from the opened parts."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from mcp.server import Server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from accounts.callers import anonymous_caller
from core.clock import utc_now
from server.api import blocks, crawls, data_pods, evaluation, libraries, secrets, sources
from server.api.application import API_PATH, build_api
from server.api.crawl_feeds import CrawlFeeds
from server.api.crawl_views import CrawlViews
from server.api.library_services import LibraryServices
from server.api.services import ApiServices
from server.desk import Desk
from server.gate.mcp_gate import McpGate
from server.health import database_check, health_routes
from server.mcp.endpoint import MCP_PATH, build_mcp, build_mcp_app
from server.metrics import Metrics
from server.problems import PROBLEM_TYPE
from server.runtime import Runtime


@asynccontextmanager
async def open_app(runtime: Runtime) -> AsyncGenerator[Starlette]:
    """Gives the ASGI app over a runtime; it answers while the context is open."""
    configuration = runtime.configuration
    settings = configuration.server
    metrics = Metrics()
    anonymous = anonymous_caller(configuration.accounts) if settings.is_anonymous_allowed else None
    desk = Desk(runtime.key_ring, runtime.limiter, runtime.meter, metrics, settings, utc_now, anonymous=anonymous)
    server = build_mcp(runtime.answers)
    mcp_app = build_mcp_app(server, max_body_bytes=settings.max_body_bytes)
    api = build_api(
        ApiServices(runtime.answers, desk, runtime.key_ring, runtime.accounts, utc_now),
        settings,
        libraries.router,
        blocks.router,
        secrets.router,
        data_pods.router,
        sources.router,
        crawls.router,
        evaluation.router,
    )
    api.state.evaluation = runtime.evaluation
    views = CrawlViews(runtime.content, runtime.indexer, runtime.embedder)
    feeds = CrawlFeeds(views.moment)
    api.state.library_services = LibraryServices(
        runtime.content, runtime.ingest, runtime.vault, views, feeds, configuration.crawler, runtime.pods
    )
    checks = {"content": database_check(runtime.content), "accounts": database_check(runtime.accounts)}
    routes = [
        Route("/", _front_page),
        *health_routes(checks, metrics),
        Mount(API_PATH, api),
        Route(MCP_PATH, McpGate(mcp_app, desk, settings)),
    ]
    app = Starlette(routes=routes, exception_handlers={404: _not_found})
    app.state.feeds = feeds
    async with (
        _running(server),
        runtime.embedder.answering(),
        runtime.reranker.running(),
        runtime.askings.running(),
    ):
        yield app


@asynccontextmanager
async def _running(server: Server) -> AsyncGenerator[None]:
    """Runs the protocol's session manager beside the app.

    In a task of its own: it is a task group, which would wrap every error of what runs inside it.
    """
    is_up, is_over = asyncio.Event(), asyncio.Event()

    async def run() -> None:
        async with server.session_manager.run():
            is_up.set()
            await is_over.wait()

    manager = asyncio.create_task(run())
    await is_up.wait()
    try:
        yield
    finally:
        is_over.set()
        await manager


async def _not_found(_request: Request, _error: Exception) -> Response:
    said = "Nothing is at this address. The front page, /, names those there are."
    document = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": said, "code": "not_found"}
    return JSONResponse(document, status_code=404, media_type=PROBLEM_TYPE)


async def _front_page(_request: Request) -> Response:
    return PlainTextResponse(
        "Lectern serves documentation to coding assistants.\n\n"
        f"MCP endpoint   {MCP_PATH}\nHTTP API       {API_PATH}/openapi.json\nHealth         /healthz, /readyz\n"
    )
