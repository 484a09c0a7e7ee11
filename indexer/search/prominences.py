"""How much each passage of a version is linked to, kept in memory: every question needs it of hundreds of passages."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import numpy as np

from core.database import Database
from indexer.queries.prominence import LinkedChunks, linked_chunks
from indexer.queries.versions import LibraryVersion
from indexer.search.flights import Flights

_MOST_CHUNKS = 4_000_000
"""At nine bytes each."""
_KEY_BITS = 64

_State = tuple[UUID, int, datetime | None]
"""Of a version and its index: one that was removed and added again counts its generations from the start."""


class Prominences:
    """Reads what is linked to once for each version and generation of its index; the versions asked last are kept."""

    def __init__(self, database: Database, most_chunks: int = _MOST_CHUNKS) -> None:
        self._database = database
        self._most_chunks = most_chunks
        self._known: OrderedDict[_State, LinkedChunks] = OrderedDict()
        self._count = 0
        self._flights = Flights()

    async def of(self, version: LibraryVersion, ids: Sequence[UUID]) -> list[float]:
        """Gives the prominence of passages of a version, in their order; 0 for what nothing links to."""
        if not ids:
            return []
        linked = await self._linked(version)
        if not len(linked.keys):
            return [0.0] * len(ids)
        # Half of an id tells the passages of a version apart: ids are hashes.
        keys = np.fromiter((id_.int >> _KEY_BITS for id_ in ids), np.uint64, len(ids))
        places = np.minimum(np.searchsorted(linked.keys, keys), len(linked.keys) - 1)
        return np.where(linked.keys[places] == keys, linked.hundredths[places] / 100, 0.0).tolist()

    async def _linked(self, version: LibraryVersion) -> LinkedChunks:
        key = version.id, version.index_generation, version.indexed_at
        if (known := self._known.get(key)) is not None:
            self._known.move_to_end(key)
            return known
        return await self._flights.join(" ".join(map(str, key)), lambda: self._read(key))

    async def _read(self, key: _State) -> LinkedChunks:
        async with self._database.connection() as connection:
            linked = await linked_chunks(connection, key[0])
        self._known[key] = linked
        self._count += len(linked.keys)
        while self._count > self._most_chunks and len(self._known) > 1:
            _, forgotten = self._known.popitem(last=False)
            self._count -= len(forgotten.keys)
        return linked
