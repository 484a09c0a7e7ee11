"""Pages drawn by a real Chromium: what scripts write is read, and what they ask for goes through the guard.

Runs where LECTERN_CHROMIUM names a browser and Playwright is installed.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import httpcore
import pytest

from core.database import Database
from core.errors import SourceFailed
from core.objects import open_object_store
from crawler.guard import GuardedBackend
from crawler.outcomes import Failed, Fetched, Redirected
from crawler.rendering import browser as browsing
from crawler.rendering.browser import Browser, Guards, chromium_program, open_browser
from crawler.rules import CrawlRules
from crawler.settings import CrawlerSettings
from tests.crawl_runs import crawl_site, stored_bodies
from tests.crawl_site import Answer, Site, serve_site

pytestmark = pytest.mark.skipif("LECTERN_CHROMIUM" not in os.environ, reason="LECTERN_CHROMIUM names no browser")

HOST = "http://docs.example"
PUBLIC = "93.184.215.14"
TEXT = "<p>Drawn by a script, and long enough to be a page of documentation.</p>"


class Backend(httpcore.AsyncNetworkBackend):
    """Connects to a test site where a public address was checked."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connected: list[str] = []
        self._inner = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,  # noqa: ARG002 - it is that of the test site
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.connected.append(host)
        return await self._inner.connect_tcp("127.0.0.1", self.port, timeout, local_address, socket_options)


async def resolve(host: str, _port: int) -> list[str]:
    return {"docs.example": [PUBLIC], "rebound.example": ["127.0.0.1"]}.get(host, [host.strip("[]")])


@asynccontextmanager
async def drawing(site: Site, **settings: object) -> AsyncGenerator[tuple[Browser, Backend]]:
    backend = Backend(int(site.url.rpartition(":")[2]))
    guard = GuardedBackend(allow_private=False, resolve=resolve, inner=backend)
    async with open_browser(HOST, CrawlerSettings().model_copy(update=settings), Guards(guard, guard)) as browser:
        yield browser, backend


@pytest.fixture
async def site() -> AsyncGenerator[Site]:
    async with serve_site() as site:
        yield site


@asynccontextmanager
async def canary() -> AsyncGenerator[tuple[int, list[str]]]:
    """A server on loopback that nobody may reach."""
    reached: list[str] = []

    async def note(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append("reached")
        writer.close()

    server = await asyncio.start_server(note, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], reached


def page(script: str) -> Fetched:
    body = f'<html><body><div id="root"></div><script>{script}</script></body></html>'.encode()
    return Fetched(f"{HOST}/", 200, (), body, "text/html")


async def drawn(browser: Browser, site: Site, script: str) -> Fetched | Redirected | Failed:
    shell = page(script)
    site.routes["/"] = Answer(shell.body)
    return await browser.render(shell)


async def test_what_a_script_writes_is_read(site: Site) -> None:
    site.routes["/data.json"] = Answer(b'{"name": "zebra"}', content_type="application/json")
    script = (
        f"fetch('/data.json').then(r => r.json()).then(d => {{ root.innerHTML = '<h1>' + d.name + '</h1>{TEXT}' }})"
    )
    async with drawing(site) as (browser, backend):
        outcome = await drawn(browser, site, script)
    assert isinstance(outcome, Fetched)
    assert b"<h1>zebra</h1>" in outcome.body
    assert set(backend.connected) == {PUBLIC}


async def test_scripts_reach_nothing_on_this_machine_or_its_network(site: Site) -> None:
    async with canary() as (port, reached), drawing(site) as (browser, backend):
        targets = [
            f"http://{host}:{port}/" for host in ("127.0.0.1", "localhost", "[::1]", "0.0.0.0", "rebound.example")
        ]
        targets += ["http://169.254.169.254/latest/meta-data/", "https://169.254.169.254/", "http://10.0.0.1/"]
        attempts = ",".join(
            f"fetch('{target}', {{mode: 'no-cors'}}).then(() => got.push('{target}'), () => 0)" for target in targets
        )
        script = f"""
            const got = [];
            try {{ new WebSocket('ws://127.0.0.1:{port}/') }} catch {{}}
            try {{ new EventSource('http://127.0.0.1:{port}/') }} catch {{}}
            navigator.sendBeacon('http://127.0.0.1:{port}/', 'x');
            const frame = document.createElement('iframe'); frame.src = 'http://127.0.0.1:{port}/'; root.append(frame);
            const image = document.createElement('img'); image.src = 'http://127.0.0.1:{port}/'; root.append(image);
            Promise.all([{attempts}]).then(() => {{ root.innerHTML = '<h1>done ' + got.length + '</h1>{TEXT}' }});
        """
        outcome = await drawn(browser, site, script)
    assert isinstance(outcome, Fetched)
    assert b"<h1>done 0</h1>" in outcome.body
    assert reached == []
    assert set(backend.connected) == {PUBLIC}


async def test_images_and_downloads_are_not_asked_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing, "_LOAD_SECONDS", 3)
    script = "root.innerHTML = '<img src=/a.png><video src=/b.mp4></video>'; location.href = '/file.zip'"
    site.routes["/file.zip"] = Answer(b"PK", content_type="application/zip")
    async with drawing(site) as (browser, _):
        await drawn(browser, site, script)
    assert {"/a.png", "/b.mp4"}.isdisjoint(site.hits)


async def test_a_script_that_leads_away_does_not(site: Site) -> None:
    async with drawing(site) as (browser, backend):
        outcome = await drawn(browser, site, f"root.innerHTML = '{TEXT}'; location.href = 'http://elsewhere.example/'")
    assert isinstance(outcome, Fetched)
    assert b"Drawn by a script" in outcome.body
    assert set(backend.connected) == {PUBLIC}


async def test_a_page_that_turns_into_another_one_is_a_redirect(site: Site) -> None:
    async with drawing(site) as (browser, _):
        outcome = await drawn(browser, site, f"root.innerHTML = '{TEXT}'; history.replaceState(null, '', '/intro')")
        fragment = await drawn(browser, site, f"root.innerHTML = '{TEXT}'; location.hash = '/intro'")
    assert outcome == Redirected(f"{HOST}/", f"{HOST}/intro")
    assert isinstance(fragment, Fetched)


async def test_a_page_that_asks_without_end_has_used_up_its_budget(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing, "_MAX_CONNECTIONS", 10)
    script = "let n = 0; const more = () => fetch('/more' + n++).finally(() => n < 500 && more()); more()"
    async with drawing(site) as (browser, _):
        await drawn(browser, site, script)
    assert len(site.requests) <= 12


async def test_a_page_that_never_ends_fails_alone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing, "_TOTAL_SECONDS", 3)
    async with drawing(site) as (browser, _):
        stuck = await drawn(browser, site, "for (;;) {}")
        after = await drawn(browser, site, f"root.innerHTML = '{TEXT}'")
    assert isinstance(stuck, Failed)
    assert isinstance(after, Fetched)


async def test_a_page_that_is_too_large_once_drawn_fails(site: Site) -> None:
    async with drawing(site, max_page_bytes=50_000) as (browser, _):
        outcome = await drawn(browser, site, "root.innerHTML = '<p>' + 'x'.repeat(100000)")
    assert isinstance(outcome, Failed)
    assert "too large once drawn" in outcome.reason


async def test_memory_is_bounded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing, "_MAX_MEMORY_BYTES", 1)
    async with drawing(site) as (browser, _):
        outcomes = [await drawn(browser, site, "setTimeout(() => fetch('/x'), 2000)") for _ in range(3)]
    assert isinstance(outcomes[-1], Failed)


def test_a_browser_that_is_not_there_is_named() -> None:
    settings = CrawlerSettings().model_copy(update={"chromium": "/nowhere/chromium"})
    with pytest.raises(SourceFailed, match="LECTERN_CHROMIUM"):
        chromium_program(settings)


async def test_a_crawl_reads_what_scripts_draw_and_follows_it(
    content_database: Database, tmp_path: Path, site: Site
) -> None:
    for target, links in (("/", '<a href="/guide">Guide</a>'), ("/guide", "")):
        body = page(f"root.innerHTML = '<h1>Drawn {target}</h1>{TEXT * 5}{links}'").body
        site.routes[target] = Answer(body)
    store = open_object_store(tmp_path / "snapshots")

    report = await crawl_site(content_database, store, f"{site.url}/", CrawlRules(rendering=True))

    assert report.pages.fetched == 2
    bodies = await stored_bodies(content_database, store, report.crawl_id)
    assert b"<h1>Drawn /guide</h1>" in bodies[f"{site.url}/guide"]
