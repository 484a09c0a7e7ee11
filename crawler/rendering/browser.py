"""The one door to a browser: an address in, the page as its scripts have drawn it out.

Chromium runs headless as a process of its own, driven by Playwright, with a fresh profile for each page. It reaches the
network through the guarded proxy alone; images, fonts, media, downloads, service workers, frames and web sockets are
off; time, requests, bytes and memory are bounded.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import structlog

from core.errors import SourceFailed
from crawler.addresses import origin_of, resolve_address
from crawler.guard import GuardedBackend
from crawler.outcomes import Failed, Fetched, Redirected
from crawler.rendering.driver import Chromium, Page, Route, Socket, start_driver
from crawler.rendering.memory import resident_bytes_below
from crawler.rendering.proxy import Budget, GuardedProxy
from crawler.settings import CrawlerSettings

log = structlog.get_logger(__name__)

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_LOAD_SECONDS, _QUIET_SECONDS, _TOTAL_SECONDS = 20.0, 8.0, 45.0
_MAX_CONNECTIONS = 200
_MAX_BYTES = 64 * 2**20
_MAX_MEMORY_BYTES: Final = 1536 * 2**20
_WATCH_SECONDS = 0.5
_DROPPED = frozenset({"image", "media", "font", "manifest", "texttrack", "eventsource", "ping"})

# Chromium goes around a proxy for loopback, for UDP and to look up names; none of that is to leave here.
_ARGUMENTS = (
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--dns-prefetch-disable",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-file-system",
    "--renderer-process-limit=1",
    "--js-flags=--max-old-space-size=512",
)


@dataclass(frozen=True)
class Guards:
    """How the browser connects: to the site itself, and to everything else."""

    own: GuardedBackend
    others: GuardedBackend

    @classmethod
    def of(cls, settings: CrawlerSettings) -> "Guards":
        """Gives the guards of a source: only the site itself may be private."""
        return cls(GuardedBackend(allow_private=settings.allow_private), GuardedBackend(allow_private=False))


class Browser:
    """Draws the pages of one site, one at a time."""

    def __init__(self, chromium: Chromium, proxy: GuardedProxy, settings: CrawlerSettings) -> None:
        """`chromium` is Playwright's browser, which its opener closes."""
        self._chromium = chromium
        self._proxy = proxy
        self._settings = settings
        self._drawing = asyncio.Lock()

    async def render(self, page: Fetched) -> Fetched | Redirected | Failed:
        """Gives a page as it is once its scripts have run; it has no validators, since those are of what was sent."""
        async with self._drawing:
            self._proxy.budget = Budget(_MAX_CONNECTIONS, _MAX_BYTES)
            try:
                async with asyncio.timeout(_TOTAL_SECONDS):
                    landing, markup = await self._draw(page.url)
            except TimeoutError:
                return Failed(page.url, f"its scripts did not come to an end in {_TOTAL_SECONDS:g} seconds")
            except Exception as error:  # Playwright's errors have no type without the package
                log.warning("crawler.rendering_failed", url=page.url, reason=str(error)[:500])
                return Failed(page.url, "the browser could not draw it")
        if landing != page.url:
            return Redirected(page.url, landing)
        body = markup.encode()
        if len(body) > self._settings.max_page_bytes:
            return Failed(page.url, f"too large once drawn (more than {self._settings.max_page_bytes / 2**20:g} MiB)")
        headers = (("content-type", "text/html; charset=utf-8"), ("content-length", str(len(body))))
        return Fetched(page.url, page.status, headers, body, "text/html", seconds=page.seconds)

    async def _draw(self, address: str) -> tuple[str, str]:
        """Gives the address the page calls its own in the end, and its document."""
        context = await self._chromium.new_context(
            accept_downloads=False, service_workers="block", user_agent=self._settings.user_agent
        )
        try:
            page = await context.new_page()
            await context.route("**/*", _Router(page, origin_of(address)).decide)
            await context.route_web_socket("**", _close_socket)
            await page.goto(address, wait_until="commit", timeout=_LOAD_SECONDS * 1000)
            with suppress(Exception):  # a page that never falls silent is taken as it is
                await page.wait_for_load_state("networkidle", timeout=_QUIET_SECONDS * 1000)
            return resolve_address(address, page.url.partition("#")[0]) or address, await page.content()
        finally:
            with suppress(Exception):  # the browser may be gone
                await context.close()


class _Router:
    """Decides what a page may ask for."""

    def __init__(self, page: Page, origin: str) -> None:
        self._page = page
        self._origin = origin

    async def decide(self, route: Route) -> None:
        """Lets a request go to the proxy, or drops it."""
        request = route.request
        is_own = request.frame == self._page.main_frame and origin_of(request.url) == self._origin
        is_dropped = request.resource_type in _DROPPED or (request.is_navigation_request() and not is_own)
        with suppress(Exception):  # the page may be gone
            # So aborted, the page stays as it is instead of turning into one about an error.
            await (route.abort("aborted") if is_dropped else route.continue_())


async def _close_socket(socket: Socket) -> None:
    with suppress(Exception):  # the page may be gone
        await socket.close()


@asynccontextmanager
async def open_browser(site: str, settings: CrawlerSettings, guards: Guards | None = None) -> AsyncGenerator[Browser]:
    """Gives a browser for the pages of a site; its processes end with the block.

    Raises:
        SourceFailed: Chromium or Playwright is not installed, or the browser does not start.
    """
    guards = guards or Guards.of(settings)
    program = chromium_program(settings)
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(GuardedProxy(site, own=guards.own, others=guards.others))
        home = stack.enter_context(TemporaryDirectory(prefix="lectern-browser-", ignore_cleanup_errors=True))
        driver = await start_driver(stack)
        try:
            chromium = await driver.chromium.launch(
                executable_path=str(program),
                proxy={"server": proxy.address, "username": proxy.user, "password": proxy.password},
                args=list(_ARGUMENTS),
                # Chromium refuses its sandbox to root.
                chromium_sandbox=os.geteuid() != 0,
                env={"PATH": os.defpath, "HOME": home, "LANG": "C.UTF-8"},
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
                timeout=_LOAD_SECONDS * 1000,
            )
        except Exception as error:
            raise SourceFailed(f"The browser {program} does not start: {str(error).partition(chr(10))[0]}.") from error
        stack.push_async_callback(_close, chromium)
        watcher = asyncio.create_task(_watch_memory(chromium))
        stack.callback(watcher.cancel)
        yield Browser(chromium, proxy, settings)


def chromium_program(settings: CrawlerSettings) -> Path:
    """Gives the browser to run: the one that is set, else one on the path.

    Raises:
        SourceFailed: There is none.
    """
    named = str(settings.chromium) if settings.chromium else next(filter(shutil.which, _PROGRAMS), "")
    found = shutil.which(named) if named else None
    if found is None:
        raise SourceFailed("Rendering needs Chromium: install it, or set LECTERN_CHROMIUM to the program.")
    return Path(found)


async def _close(chromium: Chromium) -> None:
    with suppress(Exception):  # it may have ended by itself
        await chromium.close()


async def _watch_memory(chromium: Chromium) -> None:
    """Ends the browser when it has taken more memory than a page of documentation can need."""
    while True:
        await asyncio.sleep(_WATCH_SECONDS)
        if await asyncio.to_thread(resident_bytes_below, os.getpid(), "chrom") > _MAX_MEMORY_BYTES:
            log.warning("crawler.browser_too_large", limit_bytes=_MAX_MEMORY_BYTES)
            await _close(chromium)
            return
