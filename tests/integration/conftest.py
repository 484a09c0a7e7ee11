"""Fixtures of the crawler's tests: a website on loopback and a folder for its snapshots."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from core.objects import ObjectStore, open_object_store
from tests.crawl_site import Site, serve_site


@pytest.fixture
async def site() -> AsyncGenerator[Site]:
    async with serve_site() as site:
        yield site


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return open_object_store(tmp_path / "snapshots")
