"""Whether the process lives, whether it can serve, and its metrics: nothing the public could learn from."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.database import Database
from core.errors import LecternError
from server.metrics import CONTENT_TYPE, Metrics

Check = Callable[[], Awaitable[None]]
"""Returns if a part works and raises if not."""

_CHECK_TIMEOUT_SECONDS = 2
_UNAVAILABLE = 503


def health_routes(checks: Mapping[str, Check], metrics: Metrics) -> list[Route]:
    """Gives the routes `/healthz`, `/readyz` and `/metrics`.

    Args:
        checks: What must work for the server to be ready, by a name that may be shown to anyone.
        metrics: What `/metrics` renders.
    """

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_request: Request) -> Response:
        results = dict(zip(checks, await asyncio.gather(*map(_run_check, checks.values())), strict=True))
        is_ready = all(result["status"] == "ok" for result in results.values())
        body = {"status": "ok" if is_ready else "unavailable", "checks": results}
        return JSONResponse(body, status_code=200 if is_ready else _UNAVAILABLE)

    async def render(_request: Request) -> Response:
        return Response(metrics.render(), headers={"content-type": CONTENT_TYPE})

    return [Route("/healthz", live), Route("/readyz", ready), Route("/metrics", render)]


def database_check(database: Database) -> Check:
    """Gives a check that a database answers."""

    async def check() -> None:
        async with database.connection() as connection:
            await connection.fetchval("select 1")

    return check


async def _run_check(check: Check) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT_SECONDS):
            await check()
    except (LecternError, TimeoutError):
        return {"status": "unavailable"}
    return {"status": "ok", "latencyMs": round((time.perf_counter() - started) * 1000, 2)}
