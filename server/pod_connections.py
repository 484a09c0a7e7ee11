"""The way to data pods: through the guard that crawls pass, in time, and with bounded answers."""

from uuid import UUID

from accounts.data_pods import DataPods
from core.errors import AddressRefused, PodUnavailable
from crawler.bounded_transport import BoundedTransport, guarded_transport
from crawler.guard import GuardedBackend
from crawler.settings import CrawlerSettings
from crawler.trust import trusting
from indexer.settings import IndexerSettings
from indexer.vectors.pod import OpenStore, Pod
from indexer.vectors.pod_address import POD_PORTS, PodAddress, check_pod_url

_MAX_ANSWER_BYTES = 8 * 2**20
_MOST_CONNECTIONS = 8


class PodConnections:
    """The way to every pod: through the guard, and in time."""

    def __init__(self, pods: DataPods, crawler: CrawlerSettings, indexing: IndexerSettings) -> None:
        self._pods = pods
        self._crawler = crawler
        self._indexing = indexing

    async def connect(self, owner_id: UUID) -> OpenStore:
        """Opens a user's pod.

        Raises:
            PodUnavailable: They have none, or it does not answer.
            InvalidInput: Its address may not be asked.
        """
        found = await self._pods.find(owner_id)
        if found is None:
            raise PodUnavailable("The data pod was removed.")
        return await self.connect_to(PodAddress(found.url, found.api_key))

    async def mark(self, owner_id: UUID) -> object:
        """Gives something that is another when the user has set another pod, or none."""
        stored = await self._pods.stored(owner_id)
        return None if stored is None else stored.updated_at

    async def connect_to(self, address: PodAddress) -> OpenStore:
        """Opens the pod at an address.

        Raises:
            Unavailable: It does not answer.
            InvalidInput: The address may not be asked.
        """
        # Imported late: an installation without pods should not pay for their client.
        from indexer.vectors.pod_connection import connect_pod  # noqa: PLC0415 - only where there are data pods

        url = check_pod_url(address.url, allow_private=self.allow_private)
        backend = GuardedBackend(allow_private=self.allow_private, ports=POD_PORTS)
        context = trusting(self._crawler.ca_file, None)
        inner = guarded_transport(backend, context, max_connections=_MOST_CONNECTIONS)
        transport = BoundedTransport(inner, _MAX_ANSWER_BYTES)
        seconds = self._indexing.pod_timeout_seconds
        return await connect_pod(PodAddress(url, address.api_key), transport, self._indexing.qdrant_collection, seconds)

    @property
    def allow_private(self) -> bool:
        """Whether the operator lets pods be on private networks."""
        return self._indexing.pod_allow_private

    def pod_at(self, address: PodAddress) -> Pod:
        """Gives the pod at an address, for one look."""

        async def mark() -> object:
            return address

        return Pod(lambda: self.connect_to(address), mark, self._indexing.pod_timeout_seconds)


def refusal_behind(error: BaseException) -> AddressRefused | None:
    """Gives why the address was refused, if that is why the pod could not be asked."""
    link: BaseException | None = error
    while link is not None and not isinstance(link, AddressRefused):
        link = getattr(link, "source", None) or link.__cause__
    if link is None:
        return None
    return AddressRefused(
        "The address of the data pod is refused: it is not on the public internet. The operator can let data pods be "
        "on private networks (LECTERN_POD_ALLOW_PRIVATE)."
    )
