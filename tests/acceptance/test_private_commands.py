"""Private libraries and the data pod from the command line."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bench.product import Product, running_lectern
from tests.commands import QUICK, add, run, write_notes
from tests.qdrant_double import Mood, running_qdrant

SETTINGS = QUICK | {"LECTERN_POD_ALLOW_PRIVATE": "true"}


@pytest.fixture(scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Product]:
    async with running_lectern(tmp_path_factory.mktemp("up"), **SETTINGS) as running:
        yield running


async def test_the_administrators_own_libraries_and_pod(product: Product, tmp_path: Path) -> None:
    ended = await add(product, write_notes(tmp_path / "notes"), "/acme/colours", "--private")
    assert ended.status == 0, ended.text
    listed = await run(product.environment, "libraries")
    assert "/acme/colours is private, of user " in listed.text
    key_file = tmp_path / "key.txt"
    key_file.write_text("the-key-of-the-pod\n")
    async with running_qdrant("the-key-of-the-pod") as pod:
        refused = await run(product.environment, "pod", "set", pod.url)
        assert refused.status == 1
        assert "refuses the API key" in refused.text
        kept = await run(product.environment, "pod", "set", pod.url, "--key-file", str(key_file))
        assert kept.status == 0, kept.text
        assert "asked with a key" in kept.text
        assert "the-key-of-the-pod" not in kept.text
        shown = json.loads((await run(product.environment, "pod", "show", "--json")).text)
        assert (shown["url"], shown["versions"]) == (pod.url, 1)
        assert (await run(product.environment, "pod", "check")).status == 0
        asked = await run(product.environment, "query", "/acme/colours", "how is a colour set")
        assert "paint(colour)" in asked.text
        pod.mood = Mood.FAILING
        checked = await run(product.environment, "pod", "check")
        assert checked.status == 1
        assert "status 500" in checked.text
        removed = await run(product.environment, "pod", "remove")
        assert removed.status == 0, removed.text
    assert (await run(product.environment, "pod", "show")).status == 1
    assert (await run(product.environment, "remove", "/acme/colours", "--yes")).status == 0
