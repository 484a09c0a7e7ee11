"""Pages as they came, now or in the crawl before: what they say and where they lead."""

from functools import partial

from core.errors import NotFound
from core.objects import ObjectStore
from core.snapshots import read_record
from crawler.links import PageLinks, is_current, read_links, unpacked
from crawler.outcomes import Failed, Fetched, Outcome, Unchanged
from crawler.readings import Reading
from crawler.trees import read_tree

_UNREADABLE = "its markup is nested too deeply or has too many elements to be read"


class Copies:
    """The pages of one source; those that are unchanged lie in the snapshot of an earlier crawl."""

    def __init__(self, store: ObjectStore | None) -> None:
        """Without a store there was no crawl before."""
        self._store = store
        self._has_segment: dict[str, bool] = {}

    async def body_of(self, reading: Reading) -> bytes:
        """Gives a page as it came, or as it came in the crawl before."""
        if isinstance(reading.outcome, Fetched):
            return reading.outcome.body
        previous = reading.previous
        if not isinstance(reading.outcome, Unchanged) or self._store is None or previous is None:
            return b""
        key, offset, length = previous.snapshot_key, previous.snapshot_offset, previous.snapshot_length
        try:
            return (await read_record(self._store, key, offset, length)).body
        except NotFound:
            return b""

    async def has_copy(self, reading: Reading) -> bool:
        """Tells whether what an unchanged page was is still in the snapshot; asked once for each file of it."""
        previous = reading.previous
        if previous is None or self._store is None:
            return False
        key = previous.snapshot_key
        if key not in self._has_segment:
            try:
                await self._store.get_range(key, previous.snapshot_offset, 1)
                self._has_segment[key] = True
            except NotFound:
                self._has_segment[key] = False
        return self._has_segment[key]

    async def links_of(self, reading: Reading) -> tuple[PageLinks | None, Outcome]:
        """Gives the links of a page that came or is unchanged, and the outcome: ruinous markup makes it a failure."""
        outcome, previous = reading.outcome, reading.previous
        if not isinstance(outcome, Fetched | Unchanged):
            return None, outcome
        is_known = isinstance(outcome, Unchanged) or (previous and previous.body_sha256 == outcome.sha256)
        if is_known and previous and previous.links is not None and is_current(previous.links):
            return unpacked(previous.links), outcome
        body = outcome.body if isinstance(outcome, Fetched) else await self.body_of(reading)
        kind = outcome.content_type if isinstance(outcome, Fetched) else previous.content_type if previous else ""
        links = await read_tree(partial(read_links, address=outcome.url, content_type=kind), body)
        if links is None and isinstance(outcome, Fetched):
            return None, Failed(outcome.url, _UNREADABLE, outcome.status)
        return links, outcome
