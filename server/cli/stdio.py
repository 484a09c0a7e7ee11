"""MCP on standard input and output, for clients that start a program instead of calling an address."""

from contextlib import AsyncExitStack

import httpx
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.data_folder import DataFolder
from core.errors import Misconfigured
from server.configuration import Configuration
from server.stdio import serve_stdio


class StdioSettings(BaseSettings):
    """What the client's configuration of a stdio server gives in its environment."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    api_key: SecretStr | None = Field(default=None, validation_alias="LECTERN_API_KEY")
    url: str | None = Field(default=None, validation_alias="LECTERN_URL")
    """A server elsewhere; left out, the one on the data folder, or one opened in this process."""


async def run_stdio(configuration: Configuration) -> None:
    """Serves one client until its end of input."""
    settings = StdioSettings()
    key = settings.api_key.get_secret_value() if settings.api_key else None
    running = DataFolder(configuration.core.data_dir).running_server()
    url = server_url(settings.url) if settings.url else running.url if running else None
    async with AsyncExitStack() as stack:
        client = httpx.AsyncClient(base_url=url, trust_env=False) if url else await _open_here(stack, configuration)
        await serve_stdio(await stack.enter_async_context(client), key)


def server_url(given: str) -> str:
    """Gives the address of a server, also when that of its MCP endpoint was given.

    Raises:
        Misconfigured: It is no web address.
    """
    if not given.startswith(("http://", "https://")):
        raise Misconfigured("LECTERN_URL has to begin with http:// or https://, such as http://127.0.0.1:8000.")
    return given.rstrip("/").removesuffix("/mcp")


async def _open_here(stack: AsyncExitStack, configuration: Configuration) -> httpx.AsyncClient:
    # Imported late: a bridge to a running server should not load the engines.
    from server.app import open_app  # noqa: PLC0415 - other commands start sooner
    from server.runtime import open_runtime  # noqa: PLC0415 - other commands start sooner
    from server.serving import working  # noqa: PLC0415 - other commands start sooner

    runtime = await stack.enter_async_context(open_runtime(configuration, may_migrate=False))
    await stack.enter_async_context(working(runtime))
    app = await stack.enter_async_context(open_app(runtime))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://localhost"
    )
