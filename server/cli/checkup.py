"""What `lectern doctor` asks: a server that runs, and parts that are elsewhere."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import typer

from core.cache import open_cache
from core.data_folder import RunningServer
from core.errors import Unavailable
from core.objects import open_object_store
from core.settings import CoreSettings
from server.cli.connection import open_api

_TIMEOUT_SECONDS = 5.0


async def check_running(server: RunningServer) -> None:
    """Prints what is well with a running server.

    Raises:
        Unavailable: Something is not.
    """
    ready = await _readiness(server)
    typer.echo(f"{'server':<12} ok   {server.url}, process {server.pid}")
    for name, check in ready["checks"].items():
        typer.echo(f"{name:<12} {check['status']}")
    if ready["status"] != "ok":
        raise Unavailable("A database does not answer. The log of the server says more.")
    await _check_vectors()


async def check_elsewhere(core: CoreSettings) -> None:
    """Asks the cache and the snapshot store at addresses of their own, which opening them does not.

    Raises:
        Unavailable: One does not answer.
    """
    if core.redis_url:
        async with _answering("REDIS_URL"), open_cache(core.redis_url) as cache:
            await cache.get("doctor")
    if core.snapshot_url:
        async with _answering("SNAPSHOT_URL"):
            await open_object_store(core.snapshot_url).list("doctor/")


@asynccontextmanager
async def _answering(setting: str) -> AsyncGenerator[None]:
    try:
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            yield
    except (Unavailable, TimeoutError) as error:
        raise Unavailable(f"What {setting} names does not answer. Check the address, and that it runs.") from error


async def _readiness(server: RunningServer) -> dict[str, Any]:
    try:
        async with httpx.AsyncClient(base_url=server.url, timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
            return (await client.get("/readyz")).json()
    except (httpx.HTTPError, ValueError) as error:
        raise Unavailable(
            f"Process {server.pid} holds the data folder and does not answer at {server.url}. Its log may say why; "
            "stop it and start it again if it hangs."
        ) from error


async def _check_vectors() -> None:
    async with open_api() as api:
        versions = [one for library in (await api.get("/libraries"))["libraries"] for one in library["versions"]]
        crawls = [one["crawlId"] for one in versions if one["crawlId"]]
        crawl = await api.get(f"/crawls/{crawls[0]}") if crawls else None
    if crawl is not None and crawl["embeddingProblem"]:
        raise Unavailable(f"{crawl['embeddingProblem']} Answers compare words only.")
    if crawl is not None and crawl["embedding"]:
        embedded, passages = sum(one["withMeaning"] for one in versions), sum(one["chunks"] for one in versions)
        typer.echo(f"{'embedder':<12} ok   {embedded} of {passages} passages embedded")
