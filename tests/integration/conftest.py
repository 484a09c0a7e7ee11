"""Fixtures of crawling and indexing: a website on loopback, a folder for its snapshots, and what indexes them."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from core.database import Database
from core.objects import ObjectStore, open_object_store
from indexer.extraction_processes import ExtractionProcesses
from tests.crawl_site import Site, serve_site
from tests.workshop import Workshop, open_workshop


@pytest.fixture
async def site() -> AsyncGenerator[Site]:
    async with serve_site() as site:
        yield site


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return open_object_store(tmp_path / "snapshots")


@pytest.fixture(scope="module")
async def processes() -> AsyncGenerator[ExtractionProcesses]:
    async with ExtractionProcesses(1) as running:
        yield running


@pytest.fixture
async def workshop(
    content_database: Database, tmp_path: Path, processes: ExtractionProcesses
) -> AsyncGenerator[Workshop]:
    async with open_workshop(content_database, tmp_path, processes) as opened:
        yield opened
