"""Crawls under an operator's hands: over HTTP, as server-sent events, and from the command line."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.product import Product, environment_for, running_lectern
from tests.acceptance.events import read_events
from tests.commands import QUICK, run
from tests.conftest import run_statement, with_database
from tests.crawl_site import Answer, Site, serve_site
from tests.waiting import MOST_SECONDS, eventually
from tests.workshop import Gate, hold, write_pages

PAGES = 6
SETTINGS = QUICK | {"LECTERN_CRAWL_REQUEST_TIMEOUT_SECONDS": "60"}


@pytest.fixture(scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Product]:
    async with running_lectern(tmp_path_factory.mktemp("up"), **SETTINGS) as running:
        yield running


@pytest.fixture
async def site() -> AsyncGenerator[Site]:
    async with serve_site() as site:
        write_pages(site, PAGES)
        yield site


@pytest.fixture
async def api(product: Product) -> AsyncGenerator[httpx.AsyncClient]:
    async with open_client(product) as client:
        yield client


@asynccontextmanager
async def open_client(product: Product) -> AsyncGenerator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {product.key}"}
    limits = httpx.Limits(max_connections=200)
    async with httpx.AsyncClient(
        base_url=f"{product.url}/api/v1", headers=headers, timeout=MOST_SECONDS, limits=limits
    ) as client:
        yield client


async def post(api: httpx.AsyncClient, path: str, body: dict[str, Any] | None = None, status: int = 200) -> Any:
    response = await api.post(path, json=body or {})
    assert response.status_code == status, response.text
    return response.json()


async def get(api: httpx.AsyncClient, path: str, **parameters: str | int) -> Any:
    response = await api.get(path, params=parameters)
    assert response.status_code == 200, response.text
    return response.json()


async def add(api: httpx.AsyncClient, site: Site, library: str, **options: Any) -> str:
    body = {"source": site.url, "id": library, "version": "1.0", "allowPrivate": True, **options}
    return (await post(api, "/libraries", body, 202))["id"]


async def until(api: httpx.AsyncClient, crawl_id: str, *statuses: str) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        crawl = await get(api, f"/crawls/{crawl_id}")
        return crawl if crawl["status"] in statuses else None

    return await eventually(look)


async def until_still(api: httpx.AsyncClient, crawl_id: str) -> None:
    """Waits until no page of a crawl is handed out any more, which must not take long."""

    async def look() -> bool:
        return not (await get(api, f"/crawls/{crawl_id}"))["pages"]["leased"]

    await eventually(look, within_seconds=5)


async def held_crawl(api: httpx.AsyncClient, site: Site, library: str) -> tuple[str, Gate]:
    """Starts a crawl one page of which does not come."""
    gate = hold(site, f"/page{PAGES - 1}.html")
    crawl_id = await add(api, site, library)
    await gate.wait()
    return crawl_id, gate


async def events_of(api: httpx.AsyncClient, crawl_id: str, **headers: str) -> AsyncGenerator[dict[str, Any]]:
    async with api.stream("GET", f"/crawls/{crawl_id}/events", headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        async for event in read_events(response.aiter_lines()):
            yield event


async def test_a_crawl_is_paused_while_a_page_is_awaited_and_goes_on(api: httpx.AsyncClient, site: Site) -> None:
    crawl_id, gate = await held_crawl(api, site, "/acme/paused")
    for _ in range(2):
        assert (await post(api, f"/crawls/{crawl_id}/pause"))["status"] == "paused"
    await until_still(api, crawl_id)
    gate.opened.set()
    assert (await post(api, f"/crawls/{crawl_id}/resume"))["status"] == "queued"
    crawl = await until(api, crawl_id, "completed")
    assert crawl["pages"]["fetched"] == PAGES + 1


async def test_cancelling_is_final_idempotent_and_frees_the_library(api: httpx.AsyncClient, site: Site) -> None:
    crawl_id, gate = await held_crawl(api, site, "/acme/cancelled")
    first = await post(api, f"/crawls/{crawl_id}/cancel")
    assert first["status"] == "cancelled"
    assert (await post(api, f"/crawls/{crawl_id}/cancel"))["reason"] == first["reason"]
    for order in ("pause", "resume", "retry"):
        assert (await post(api, f"/crawls/{crawl_id}/{order}", status=409))["code"] == "conflict"
    gate.opened.set()
    next_id = await add(api, site, "/acme/cancelled")
    assert next_id != crawl_id
    assert (await until(api, next_id, "completed"))["chunks"]["total"] > 0
    listed = (await get(api, "/libraries/acme/cancelled/crawls"))["crawls"]
    assert [crawl["status"] for crawl in listed] == ["completed", "cancelled"]


async def test_a_reader_sees_crawls_and_does_not_stop_them(
    product: Product, api: httpx.AsyncClient, site: Site
) -> None:
    crawl_id = await add(api, site, "/acme/readers")
    await until(api, crawl_id, "completed")
    key = json.loads(await product.run("key", "create", "--scope", "docs:read", "--json"))["plaintext"]
    headers = {"Authorization": f"Bearer {key}"}
    for path in ("", "/report", "/pages"):
        assert (await api.get(f"/crawls/{crawl_id}{path}", headers=headers)).status_code == 200
    for order in ("pause", "resume", "cancel", "retry"):
        assert (await api.post(f"/crawls/{crawl_id}/{order}", headers=headers)).status_code == 403
    assert (await api.get(f"/crawls/{crawl_id}/events", headers={"Authorization": ""})).status_code == 401


async def test_events_tell_of_every_change_and_end_with_the_crawl(api: httpx.AsyncClient, site: Site) -> None:
    crawl_id, gate = await held_crawl(api, site, "/acme/watched")
    seen: list[dict[str, Any]] = []
    async with asyncio.timeout(MOST_SECONDS), aclosing(events_of(api, crawl_id)) as events:
        async for event in events:
            seen.append(event)
            if event["data"]["crawl"]["pages"]["fetched"] >= PAGES:
                gate.opened.set()
    assert [event["event"] for event in seen[:-1]] == ["progress"] * (len(seen) - 1)
    assert any(f"{site.url}/page{PAGES - 1}.html" in event["data"]["currentPages"] for event in seen)
    last = seen[-1]
    assert (last["event"], last["data"]["crawl"]["status"]) == ("end", "completed")
    assert last["data"]["crawl"]["chunks"]["withWords"] == last["data"]["crawl"]["chunks"]["total"] > 0
    # Who comes again after the end is told the end at once.
    again = [event async for event in events_of(api, crawl_id, **{"Last-Event-ID": last["id"]})]
    assert [(event["event"], event["data"]["crawl"]["status"]) for event in again] == [("end", "completed")]


async def test_who_reconnects_is_told_the_present_state_first(api: httpx.AsyncClient, site: Site) -> None:
    crawl_id, gate = await held_crawl(api, site, "/acme/reconnected")
    async with asyncio.timeout(MOST_SECONDS):
        for _ in range(3):
            async with aclosing(events_of(api, crawl_id, **{"Last-Event-ID": "999"})) as events:
                assert (await anext(events))["data"]["crawl"]["id"] == crawl_id
    gate.opened.set()
    await until(api, crawl_id, "completed")


async def test_watchers_are_bounded_and_those_that_go_away_leave_room(api: httpx.AsyncClient, site: Site) -> None:
    crawl_id, gate = await held_crawl(api, site, "/acme/crowded")
    path = f"/crawls/{crawl_id}/events"
    async with asyncio.timeout(MOST_SECONDS):
        async with AsyncExitStack() as crowd:
            for _ in range(100):
                assert (await crowd.enter_async_context(api.stream("GET", path))).status_code == 200
            refused = await api.get(path)
            assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")

        async def is_let_in() -> bool:
            async with api.stream("GET", path) as response:
                return response.status_code == 200

        await eventually(is_let_in)
    gate.opened.set()
    await until(api, crawl_id, "completed")


async def test_a_crawl_that_does_not_exist_has_no_events(api: httpx.AsyncClient) -> None:
    response = await api.get("/crawls/00000000-0000-0000-0000-000000000000/events")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


async def test_failed_pages_are_listed_retried_and_reported(
    product: Product, api: httpx.AsyncClient, site: Site
) -> None:
    well, site.routes["/page1.html"] = site.routes["/page1.html"], Answer(b"down", 403)
    crawl_id = await add(api, site, "/acme/retried")
    await until(api, crawl_id, "completed")
    assert "the server answered 403" in await product.run("crawl", "pages", "/acme/retried", "--state", "failed")
    report = await product.run("crawl", "report", "/acme/retried")
    assert f"{PAGES} read, 1 failed" in report
    assert "1 the server answered 403 (Forbidden), such as " in report

    site.routes["/page1.html"] = well
    assert "7 pages, 0 failed" in (await run(product.environment, "crawl", "retry", "/acme/retried", "--wait")).text
    assert json.loads(await product.run("crawl", "pages", crawl_id, "--state", "failed", "--json")) == []
    assert json.loads(await product.run("crawl", "report", crawl_id, "--json"))["coverage"]["verdict"] == "passed"


async def test_pages_come_in_parts(api: httpx.AsyncClient, site: Site) -> None:
    crawl_id = await add(api, site, "/acme/parts")
    await until(api, crawl_id, "completed")
    first = await get(api, f"/crawls/{crawl_id}/pages", state="fetched", limit=4)
    rest = await get(api, f"/crawls/{crawl_id}/pages", state="fetched", limit=4, cursor=first["next"])
    assert (len(first["pages"]), len(rest["pages"]), rest["next"]) == (4, PAGES + 1 - 4, None)
    assert {page["indexed"] for page in rest["pages"]} == {"indexed"}
    for wrong in ("x", "%00", "4oK", "é", "AAAA", first["next"] + "!"):
        assert (await api.get(f"/crawls/{crawl_id}/pages", params={"cursor": wrong})).status_code == 400


async def test_an_index_is_built_anew_with_the_site_switched_off(product: Product, api: httpx.AsyncClient) -> None:
    async with serve_site() as site:
        write_pages(site, 3)
        await until(api, await add(api, site, "/acme/anew"), "completed")
    ended = await run(product.environment, "reindex", "/acme/anew", "--wait", "--json")
    assert ended.status == 0, ended.text
    assert "shade2" in await product.run("query", "/acme/anew", "colour of widget 2")
    assert (await get(api, "/libraries/acme/anew/crawls"))["crawls"][0]["origin"] == "snapshot"


async def test_rules_and_schedules_are_changed_and_shown(product: Product, api: httpx.AsyncClient, site: Site) -> None:
    await until(api, await add(api, site, "/acme/ruled", every="7d", excludes=["page0.html"]), "completed")
    source = await get(api, "/libraries/acme/ruled/source")
    assert (source["every"], source["rules"]["excludes"]) == ("1w", ["page0.html"])
    assert "crawled every 1w" in await product.run("source", "/acme/ruled")

    shown = await product.run("source", "/acme/ruled", "--exclude", "", "--exclude", "page1.html", "--max-pages", "5")
    assert "excludes: page1.html" in shown
    assert "maxPages: 5" in shown
    assert "crawled every 1w" in shown
    assert "maxPages" not in await product.run("source", "/acme/ruled", "--max-pages", "default")
    assert "every 12h" in await product.run("schedule", "/acme/ruled", "12h")
    assert "when asked" in await product.run("schedule", "/acme/ruled", "off")
    for change in ({"connections": 99}, {"unheard": 1}, {"every": "soon"}):
        response = await api.patch("/libraries/acme/ruled/source", json=change)
        assert (response.status_code, response.json()["code"]) == (400, "validation_error")
    await until(api, (await post(api, "/libraries/refresh", {"id": "/acme/ruled"}, 202))["id"], "completed")
    assert "shade1" not in await product.run("query", "/acme/ruled", "colour of widget 1")


async def test_a_library_answers_to_its_further_names(product: Product, api: httpx.AsyncClient, site: Site) -> None:
    await until(api, await add(api, site, "/acme/vermilion"), "completed")
    assert "zinnober" in await product.run("alias", "/acme/vermilion", "zinnober", "cinnabar")
    assert "/acme/vermilion" in await product.run("resolve", "zinnober")
    listed = {library["id"]: library for library in (await get(api, "/libraries"))["libraries"]}
    assert listed["/acme/vermilion"]["aliases"] == ["zinnober", "cinnabar"]
    await product.run("alias", "/acme/vermilion")

    async def is_forgotten() -> bool:
        return "/acme/vermilion" not in (await run(product.environment, "resolve", "zinnober")).text

    # What a name was resolved to is remembered for two seconds.
    await eventually(is_forgotten, within_seconds=10)


async def test_one_version_is_removed(product: Product, api: httpx.AsyncClient, site: Site) -> None:
    for version in ("1.0", "2.0"):
        await until(api, await add(api, site, "/acme/versions", version=version), "completed")
    assert (await api.delete("/libraries/acme/versions/versions/2")).status_code == 404
    await product.run("remove", "/acme/versions/2.0", "--yes")
    versions = {
        lib["id"]: [v["version"] for v in lib["versions"]] for lib in (await get(api, "/libraries"))["libraries"]
    }
    assert versions["/acme/versions"] == ["1.0"]


async def test_a_dry_run_shows_what_a_crawl_would_read(product: Product, api: httpx.AsyncClient, site: Site) -> None:
    body = {"source": site.url, "allowPrivate": True, "excludes": ["page0.html"], "pages": 3}
    seen = await post(api, "/libraries/dry-run", body)
    assert (seen["kind"], seen["wouldCrawl"], len(seen["pages"])) == ("website", PAGES, 3)
    assert seen["exclusions"][0]["examples"] == [f"{site.url}/page0.html"]
    assert seen["contents"].keys() == {page["url"] for page in seen["pages"]}
    assert all(content["headings"] and not content["problem"] for content in seen["contents"].values())
    assert (await api.post("/libraries/dry-run", json={"source": site.url})).status_code in (200, 422)
    for form in (
        ("crawl", site.url, "--dry-run"),
        ("crawl", "--dry-run", site.url),
        ("crawl", "look", "--dry-run", site.url),
    ):
        assert f"Would crawl {PAGES + 1} pages" in await product.run(*form, "--allow-private")


async def test_the_list_shows_the_last_problem_and_the_next_crawl(api: httpx.AsyncClient, site: Site) -> None:
    site.routes["/"] = Answer(b"down", 403)
    await until(api, await add(api, site, "/acme/problem", every="2d"), "failed")
    [version] = next(lib for lib in (await get(api, "/libraries"))["libraries"] if lib["id"] == "/acme/problem")[
        "versions"
    ]
    assert "the server answered 403" in version["problem"]
    assert version["every"] == "2d"
    assert version["nextAt"] is not None


async def test_a_pause_on_one_machine_is_noticed_by_the_worker_of_another(
    tmp_path: Path, postgres_url: str, site: Site
) -> None:
    await run_statement(postgres_url, "create database two_machines")
    url = with_database(postgres_url, "two_machines")
    async with running_lectern(tmp_path / "one", DATABASE_URL=url, **SETTINGS) as worker:
        environment = environment_for(tmp_path / "two", DATABASE_URL=url, **SETTINGS)
        async with open_client(worker) as api:
            crawl_id, gate = await held_crawl(api, site, "/acme/far")
            # The command opens the data by itself, without a worker: only the database is common.
            ended = await run(environment, "crawl", "pause", "/acme/far")
            assert ended.status == 0, ended.text
            await until_still(api, crawl_id)
            assert (await get(api, f"/crawls/{crawl_id}"))["status"] == "paused"
            gate.opened.set()
            await post(api, f"/crawls/{crawl_id}/resume")
            await until(api, crawl_id, "completed")


async def test_a_paused_crawl_outlives_a_restart(tmp_path: Path, site: Site) -> None:
    async with running_lectern(tmp_path, **SETTINGS) as first, open_client(first) as api:
        crawl_id, gate = await held_crawl(api, site, "/acme/restarted")
        await post(api, f"/crawls/{crawl_id}/pause")
        await until_still(api, crawl_id)
    asked = dict(site.hits)
    async with running_lectern(tmp_path, **SETTINGS) as second:
        gate.opened.set()
        assert " paused " in await second.run("libraries")
        assert dict(site.hits) == asked
        ended = await run(second.environment, "crawl", "resume", "/acme/restarted", "--wait")
        assert ended.status == 0, ended.text
    assert site.hits["/page1.html"] == 1


async def test_a_server_with_watchers_ends_at_once(tmp_path: Path, site: Site) -> None:
    async with AsyncExitStack() as stack, running_lectern(tmp_path, **SETTINGS) as product:
        api = await stack.enter_async_context(open_client(product))
        crawl_id, gate = await held_crawl(api, site, "/acme/ending")
        response = await stack.enter_async_context(api.stream("GET", f"/crawls/{crawl_id}/events"))
        lines = response.aiter_lines()
        await anext(lines)
        product.process.terminate()
        async with asyncio.timeout(9):
            assert await product.process.wait() == 0
        gate.opened.set()
