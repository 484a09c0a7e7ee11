"""How a command reaches Lectern: the server that runs on the data folder, or the same app opened in this process."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx

from core.data_folder import DataFolder
from core.errors import InvalidInput, LecternError, Unavailable
from core.logging import configure_logging
from server.configuration import Configuration, read_configuration

_TIMEOUT_SECONDS = 60.0
_SUCCESS = range(200, 300)
_HINTS = {"library_not_found": " `lectern libraries` lists what there is."}
"""What to do next on the command line, by the code of a problem."""


class Api:
    """Lectern's own HTTP API, called with the rights of the administrator."""

    def __init__(self, client: httpx.AsyncClient, *, is_remote: bool) -> None:
        self._client = client
        self.is_remote = is_remote

    async def get(self, path: str, **parameters: str | int | None) -> Any:  # noqa: ANN401 - JSON
        """Gives the JSON at a path."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return await self._request("GET", path, params=given)

    async def post(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Sends JSON and gives the JSON that comes back."""
        return await self._request("POST", path, json=body)

    async def put(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Puts JSON at a path and gives the JSON that comes back."""
        return await self._request("PUT", path, json=body)

    async def patch(self, path: str, body: dict[str, Any], **parameters: str | None) -> Any:  # noqa: ANN401 - JSON
        """Changes what is at a path and gives the JSON that comes back."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return await self._request("PATCH", path, json=body, params=given)

    async def delete(self, path: str, **parameters: str | None) -> Any:  # noqa: ANN401 - JSON
        """Deletes what is at a path, and gives the JSON that comes back, if any does."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return await self._request("DELETE", path, params=given)

    async def _request(self, method: str, path: str, **arguments: Any) -> Any:  # noqa: ANN401 - JSON
        try:
            response = await self._client.request(method, f"/api/v1{path}", **arguments)
        except httpx.InvalidURL as error:
            raise InvalidInput(f"What was given cannot be sent to the server: {error}. Shorten it.") from error
        except httpx.TimeoutException as error:
            raise Unavailable(
                f"The server at {self._client.base_url} did not answer within {_TIMEOUT_SECONDS:g} seconds. "
                "Its log may say why; stop it and start it again if it hangs."
            ) from error
        except httpx.HTTPError as error:
            raise Unavailable(f"The server at {self._client.base_url} does not answer: {error}") from error
        if response.status_code not in _SUCCESS:
            raise LecternError(_problem_text(response))
        return response.json() if response.content else None


@asynccontextmanager
async def open_api(*, with_worker: bool = False) -> AsyncGenerator[Api]:
    """Connects to the server on this data folder, or opens the data here when none runs.

    Args:
        with_worker: Whether, opened here, jobs are worked on while the context is open.
    """
    configuration = read_configuration()
    configure_logging(configuration.core.log_format, "warning")
    server = DataFolder(configuration.core.data_dir).running_server()
    async with AsyncExitStack() as stack:
        if server is not None:
            client = httpx.AsyncClient(base_url=server.url, timeout=_TIMEOUT_SECONDS, trust_env=False)
            token = server.local_token
        else:
            client, token = await _open_here(stack, configuration, with_worker=with_worker)
        client.headers["authorization"] = f"Bearer {token}"
        yield Api(await stack.enter_async_context(client), is_remote=server is not None)


async def _open_here(
    stack: AsyncExitStack, configuration: Configuration, *, with_worker: bool
) -> tuple[httpx.AsyncClient, str]:
    # Imported late: a command that finds a server should not pay for the engines.
    from server.app import open_app  # noqa: PLC0415 - other commands start sooner
    from server.runtime import open_runtime  # noqa: PLC0415 - other commands start sooner
    from server.serving import working  # noqa: PLC0415 - other commands start sooner

    runtime = await stack.enter_async_context(open_runtime(configuration, may_migrate=False))
    app = await stack.enter_async_context(open_app(runtime))
    if with_worker:
        await stack.enter_async_context(working(runtime))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=_TIMEOUT_SECONDS)
    return client, runtime.local_token


def _problem_text(response: httpx.Response) -> str:
    try:
        problem = response.json()
        said = str(problem.get("detail") or problem.get("title"))
        return said if problem.get("similar") else f"{said}{_HINTS.get(problem.get('code'), '')}"
    except (ValueError, AttributeError):
        return f"The server answered with status {response.status_code}."
