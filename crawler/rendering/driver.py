"""What is used of Playwright, which is an optional dependency and so has no types here unless it is installed."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from importlib import import_module
from typing import Protocol, cast

from core.errors import SourceFailed


class Frame(Protocol):
    """A document in a page."""


class Request(Protocol):
    """What a page asks for."""

    url: str
    resource_type: str
    frame: Frame

    def is_navigation_request(self) -> bool:
        """Tells whether it would replace the document of its frame."""
        ...


class Route(Protocol):
    """A request that waits to be let through."""

    request: Request

    async def abort(self, error_code: str) -> None:
        """Drops it."""
        ...

    async def continue_(self) -> None:
        """Lets it through."""
        ...


class Socket(Protocol):
    """A web socket a page opens."""

    async def close(self) -> None:
        """Closes it."""
        ...


class Page(Protocol):
    """A page that is shown."""

    main_frame: Frame
    url: str

    async def goto(self, url: str, *, wait_until: str, timeout: float) -> object:
        """Goes to an address; times are milliseconds, so below."""
        ...

    async def wait_for_load_state(self, state: str, *, timeout: float) -> None:
        """Waits for the page to get so far."""
        ...

    async def content(self) -> str:
        """Gives the document as markup."""
        ...


class Context(Protocol):
    """A profile of its own."""

    async def new_page(self) -> Page:
        """Opens a page."""
        ...

    async def route(self, url: str, handler: Callable[[Route], Awaitable[None]]) -> object:
        """Has requests decided about."""
        ...

    async def route_web_socket(self, url: str, handler: Callable[[Socket], Awaitable[None]]) -> None:
        """Has web sockets decided about."""
        ...

    async def close(self) -> None:
        """Forgets it."""
        ...


class Chromium(Protocol):
    """A running browser."""

    async def new_context(self, *, accept_downloads: bool, service_workers: str, user_agent: str) -> Context:
        """Makes a profile."""
        ...

    async def close(self) -> None:
        """Ends it."""
        ...


class Launcher(Protocol):
    """Starts browsers."""

    async def launch(self, **options: object) -> Chromium:
        """Starts one."""
        ...


class Driver(Protocol):
    """Playwright's own process."""

    chromium: Launcher

    async def stop(self) -> None:
        """Ends it."""
        ...


class _Playwright(Protocol):
    async def start(self) -> Driver: ...


async def start_driver(stack: AsyncExitStack) -> Driver:
    """Starts Playwright's process, which ends with the stack.

    Raises:
        SourceFailed: It is not installed.
    """
    try:
        module = import_module("playwright.async_api")
    except ImportError as error:
        raise SourceFailed("Rendering needs Playwright: pip install 'lectern[render]'.") from error
    driver = await cast("_Playwright", module.async_playwright()).start()
    stack.push_async_callback(driver.stop)
    return driver
