"""Places an operator takes out of the answers, over HTTP and from the command line, and libraries found by topic."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from bench.product import Product, running_lectern
from tests.commands import QUICK, Ended, add, run
from tests.waiting import eventually

LIBRARY = "/acme/notes"
BLOCKS = f"/libraries{LIBRARY}/blocks"


@pytest.fixture(scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Product]:
    folder = tmp_path_factory.mktemp("blocks")
    notes = folder / "notes"
    notes.mkdir()
    (notes / "crimson.md").write_text("# Crimson\n\nThe crimson colour of a widget is set with `crimson()`.\n")
    (notes / "teal.md").write_text("# Teal\n\nThe teal colour of a widget is set with `teal()`.\n")
    async with running_lectern(folder, **QUICK) as running:
        assert (await add(running, str(notes), LIBRARY)).status == 0
        yield running


@pytest.fixture
async def api(product: Product) -> AsyncGenerator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {product.key}"}
    async with httpx.AsyncClient(base_url=f"{product.url}/api/v1", headers=headers, timeout=30) as client:
        yield client


async def command(product: Product, *words: str) -> Ended:
    return await run(product.environment, *words)


async def says(api: httpx.AsyncClient, word: str, *, is_said: bool) -> None:
    """Waits until answers hold the word, or do no more."""

    async def look() -> bool:
        found = await api.get("/search", params={"library": LIBRARY, "query": "colour of a widget"})
        return (word in found.text) is is_said

    await eventually(look, within_seconds=5)


async def address(api: httpx.AsyncClient, word: str) -> str:
    found = (await api.get("/search", params={"library": LIBRARY, "query": word})).json()
    return next(one["sourceUrl"] for one in found["snippets"] if word in one["title"].lower())


async def test_a_place_is_blocked_listed_and_lifted_from_the_command_line(
    product: Product, api: httpx.AsyncClient
) -> None:
    await says(api, "crimson", is_said=True)
    place = (await address(api, "crimson")).partition("#")[0]

    blocked = await command(product, "block", LIBRARY, place, "--reason", "It is wrong.")
    assert blocked.status == 0, blocked.text
    assert "passages: 1" in blocked.text
    await says(api, "crimson", is_said=False)
    assert (await command(product, "reindex", LIBRARY, "--wait")).status == 0
    await says(api, "crimson", is_said=False)

    listed = json.loads((await command(product, "blocked", LIBRARY, "--json")).text)
    assert [(one["place"], one["reason"]) for one in listed] == [(place, "It is wrong.")]
    assert place in (await command(product, "blocked", LIBRARY)).text

    assert (await command(product, "unblock", LIBRARY, place)).status == 0
    await says(api, "crimson", is_said=True)
    again = await command(product, "unblock", LIBRARY, place)
    assert again.status == 1
    assert "has no block" in again.text


async def test_a_passage_is_blocked_and_lifted_over_http(api: httpx.AsyncClient) -> None:
    found = (await api.get("/search", params={"library": LIBRARY, "query": "teal"})).json()
    passage = next(one["chunkId"] for one in found["snippets"] if "Teal" in one["title"])
    made = await api.post(BLOCKS, json={"place": passage, "reason": "It is wrong."})
    assert made.status_code == 201, made.text
    assert made.json()["passages"] == 1
    await says(api, "teal", is_said=False)

    listed = (await api.get(BLOCKS)).json()["blocks"]
    assert [one["id"] for one in listed] == [made.json()["id"]]
    assert (await api.delete(f"{BLOCKS}/{made.json()['id']}")).status_code == 204
    await says(api, "teal", is_said=True)
    assert (await api.delete(f"{BLOCKS}/{made.json()['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (BLOCKS, {"place": "#only-an-anchor", "reason": "x"}, 400),
        (BLOCKS, {"place": "a\x00b", "reason": "x"}, 400),
        (BLOCKS, {"place": "page.html", "reason": ""}, 400),
        (BLOCKS, {"place": "page.html", "reason": " \x00"}, 400),
        (BLOCKS, {"place": "00000000-0000-0000-0000-000000000000", "reason": "x"}, 404),
        ("/libraries/no/such/blocks", {"place": "page.html", "reason": "x"}, 404),
    ],
)
async def test_what_cannot_be_blocked_is_refused(
    api: httpx.AsyncClient, path: str, body: dict[str, str], status: int
) -> None:
    refused = await api.post(path, json=body)
    assert refused.status_code == status, refused.text
    assert (await api.get(BLOCKS)).json()["blocks"] == []


async def test_who_may_only_read_neither_blocks_nor_sees_what_is_blocked(product: Product) -> None:
    key = (await command(product, "key", "create", "--name", "reader")).text.splitlines()[0]
    async with httpx.AsyncClient(
        base_url=f"{product.url}/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=30
    ) as reader:
        assert (await reader.get(BLOCKS)).status_code == 403
        assert (await reader.post(BLOCKS, json={"place": "x", "reason": "x"})).status_code == 403


async def test_a_library_is_found_by_what_it_is_about_soon_after_it_was_added(
    product: Product, api: httpx.AsyncClient, tmp_path: Path
) -> None:
    source = tmp_path / "parcels"
    source.mkdir()
    (source / "index.md").write_text("# Parcel scales\n\nWeighs parcels in warehouses and prints their labels.\n")
    assert (await add(product, str(source), "/acme/zyx")).status == 0

    async def look() -> list[dict[str, str]]:
        wanted = {"query": "weigh", "libraryName": "warehouses parcels labels"}
        return (await api.get("/resolve", params=wanted)).json()["libraries"]

    (found,) = await eventually(look)
    assert (found["id"], found["match"]) == ("/acme/zyx", "topic")
    assert "topic" in (await command(product, "resolve", "warehouses parcels labels")).text
