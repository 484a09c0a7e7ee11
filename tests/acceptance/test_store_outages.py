"""The running product on a Qdrant server that is away for a while."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.crawl_site import Site, serve_site
from tests.qdrant_double import Mood, QdrantDouble, running_qdrant
from tests.tenancy import Tenancy, open_tenancy
from tests.waiting import eventually

LIBRARY = "/acme/vault"


@pytest.fixture
async def site() -> AsyncGenerator[Site]:
    async with serve_site() as site:
        site.page("/", text="<p>The xylograph opens the vault, and nothing else does.</p>")
        yield site


@pytest.fixture
async def qdrant() -> AsyncGenerator[QdrantDouble]:
    async with running_qdrant() as double:
        yield double


@pytest.fixture
async def tenancy(database_url: str, data_dir: Path, qdrant: QdrantDouble) -> AsyncGenerator[Tenancy]:
    async with open_tenancy(database_url, data_dir, qdrant_url=qdrant.url) as tenancy:
        yield tenancy


async def test_a_library_is_removed_while_the_store_is_away_and_leaves_it_when_it_is_back(
    tenancy: Tenancy, site: Site, qdrant: QdrantDouble
) -> None:
    operator = tenancy.administrator
    await operator.crawled(site.url, LIBRARY, private=False)
    assert [payload["library_id"] for payload in qdrant.payloads()] == [LIBRARY]
    qdrant.mood = Mood.RESETTING
    await operator.api("DELETE", f"/libraries{LIBRARY}", 204)
    await operator.ask(LIBRARY, "what opens the vault", 404)

    qdrant.mood = Mood.WELL

    async def is_gone() -> bool:
        return not qdrant.payloads()

    await eventually(is_gone)
