"""Transports for HTTP clients that ask machines nobody here knows: guarded at the socket, bounded in what they take."""

import ssl
from collections.abc import AsyncGenerator

import httpcore
import httpx

from crawler.guard import GuardedBackend


def guarded_transport(
    backend: GuardedBackend, context: ssl.SSLContext, *, max_connections: int
) -> httpx.AsyncHTTPTransport:
    """Gives a transport whose every connection passes the guard."""
    transport = httpx.AsyncHTTPTransport(verify=context, trust_env=False)
    # httpx has no way to set the network backend; its version is pinned, and the guard's tests would see it ignored.
    transport._pool = httpcore.AsyncConnectionPool(  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - see above
        ssl_context=context, max_connections=max_connections, keepalive_expiry=10, network_backend=backend
    )
    return transport


class BoundedTransport(httpx.AsyncBaseTransport):
    """A transport that takes no more than so many bytes of an answer, and nothing that would grow on being unpacked."""

    def __init__(self, inner: httpx.AsyncBaseTransport, max_bytes: int) -> None:
        self._inner = inner
        self._max_bytes = max_bytes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Gives the response; reading too much of it is a ReadError."""
        request.headers["accept-encoding"] = "identity"
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise httpx.ReadError("the answer is packed, which was not asked for", request=request)
        response.stream = _Bounded(response.stream, self._max_bytes)
        return response

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._inner.aclose()


class _Bounded(httpx.AsyncByteStream):
    def __init__(self, inner: object, max_bytes: int) -> None:
        assert isinstance(inner, httpx.AsyncByteStream)  # noqa: S101 - what an asynchronous transport gives
        self._inner = inner
        self._max_bytes = max_bytes

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        taken = 0
        async for part in self._inner:
            taken += len(part)
            if taken > self._max_bytes:
                raise httpx.ReadError(f"the answer is longer than {self._max_bytes} bytes")
            yield part

    async def aclose(self) -> None:
        """Closes the response."""
        await self._inner.aclose()
