"""The whole product in this process, with people who must not see what is the others'."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from pydantic import SecretStr

from accounts.people import create_user
from core.settings import CoreSettings
from crawler.settings import CrawlerSettings
from indexer.settings import IndexerSettings
from server.app import open_app
from server.configuration import Configuration
from server.runtime import Runtime, open_runtime
from server.serving import working
from tests.waiting import eventually

_MCP = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25"}


@dataclass(frozen=True)
class Person:
    """Someone with a key."""

    user_id: UUID
    http: httpx.AsyncClient

    async def api(self, method: str, path: str, status: int = 200, **arguments: Any) -> Any:
        """Gives the JSON of an answer that must have this status."""
        response = await self.http.request(method, f"/api/v1{path}", **arguments)
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    async def add(self, source: str, library: str, *, status: int = 202, **options: Any) -> dict[str, Any]:
        """Adds a library, private unless said otherwise."""
        body = {"source": source, "id": library, "version": "1.0", "private": True, **options}
        return await self.api("POST", "/libraries", status, json=body)

    async def crawled(self, source: str, library: str, **options: Any) -> str:
        """Adds a library and waits until it answers; gives its crawl."""
        crawl_id = (await self.add(source, library, **options))["id"]

        async def look() -> bool:
            crawl = await self.api("GET", f"/crawls/{crawl_id}")
            assert crawl["status"] not in ("failed", "cancelled"), crawl
            return crawl["status"] == "completed"

        await eventually(look)
        return crawl_id

    async def ask(self, library: str, question: str, status: int = 200) -> Any:
        """Asks a library."""
        return await self.api("GET", "/search", status, params={"library": library, "query": question})

    async def tool(self, name: str, **arguments: Any) -> str:
        """Calls a tool over MCP, and gives all it answers as text."""
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
        response = await self.http.post("/mcp", json=body, headers=_MCP)
        assert response.status_code == 200, response.text
        return response.text


@dataclass(frozen=True)
class Tenancy:
    """A running product and its people; `stranger` may own libraries, `manager` manages those that all see."""

    runtime: Runtime
    owner: Person
    stranger: Person
    manager: Person
    administrator: Person
    openapi: dict[str, Any]


@asynccontextmanager
async def open_tenancy(
    database_url: str, folder: Path, *, is_working: bool = True, qdrant_url: str | None = None, **indexing: Any
) -> AsyncGenerator[Tenancy]:
    """Opens the product on a database and a folder, without its embedding process."""
    configuration = Configuration(
        core=CoreSettings(data_dir=folder, database_url=SecretStr(database_url), qdrant_url=qdrant_url),
        crawler=CrawlerSettings(allow_private=True, retry_base_seconds=0, delay_seconds=0, max_tries=1),
        indexer=IndexerSettings.model_validate({"embedding_enabled": False, "extraction_processes": 1, **indexing}),
    )
    async with AsyncExitStack() as stack:
        runtime = await stack.enter_async_context(open_runtime(configuration, may_migrate=False))
        app = await stack.enter_async_context(open_app(runtime))
        if is_working:
            await stack.enter_async_context(working(runtime))

        async def person(*scopes: str) -> Person:
            user = await create_user(runtime.accounts, f"{uuid4()}@example.org")
            key = await runtime.key_ring.create(user.id, "test", scopes, per_minute=100_000, per_day=1_000_000)
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(app, raise_app_exceptions=False),
                base_url="http://localhost",
                headers={"authorization": f"Bearer {key.plaintext}"},
                timeout=60,
            )
            return Person(user.id, await stack.enter_async_context(client))

        own = ("docs:read", "libraries:own", "usage:read", "keys:manage")
        owner, stranger = await person(*own), await person(*own)
        manager, administrator = await person("libraries:manage", *own), await person("admin")
        openapi = (await owner.http.get("/api/v1/openapi.json")).json()
        yield Tenancy(runtime, owner, stranger, manager, administrator, openapi)
