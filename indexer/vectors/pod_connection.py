"""The way to a data pod: Qdrant's client over a transport that somebody else guards."""

from typing import Any

from qdrant_client import AsyncQdrantClient

from core.errors import PodUnavailable
from indexer.vectors.pod_address import PodAddress
from indexer.vectors.server import ServerStore


async def connect_pod(address: PodAddress, transport: Any, collection: str, seconds: float) -> ServerStore:  # noqa: ANN401 - an httpx transport
    """Opens the collection in a user's Qdrant, and creates it if it is not there.

    Raises:
        Unavailable: It does not answer, or refuses.
    """
    # As a header: the client would warn of a key without TLS, where the operator has allowed just that.
    headers = {"api-key": address.api_key.get_secret_value()} if address.api_key else {}
    try:
        client = AsyncQdrantClient(
            address.url,
            headers=headers,
            timeout=max(1, round(seconds)),
            # Would ask for the version past the transport.
            check_compatibility=False,
            transport=transport,
            trust_env=False,
            follow_redirects=False,
        )
    except ValueError as error:
        raise PodUnavailable("The address of the data pod cannot be used.") from error
    try:
        return await ServerStore.over(client, collection)
    except BaseException:  # also when the time is over
        await client.close()
        raise
