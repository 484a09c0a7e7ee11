"""What a source tells about the addresses it finds: to the frontier in a crawl, to a sketch of it in a dry run."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from crawler.readings import Reading
from crawler.records import FrontierPage, PreviousPage


class Ledger(Protocol):
    """The addresses of one crawl."""

    async def add(self, addresses: Iterable[str], depth: int) -> None:
        """Queues addresses that are new."""
        ...

    async def exclude(self, reasons: Mapping[str, str], depth: int) -> None:
        """Notes addresses that are left out."""
        ...

    async def claim_hop(self, address: str, depth: int) -> bool:
        """Hands out the target of a redirect, and tells whether it did: somebody else may look after it."""
        ...

    async def find_landing(self, start: str) -> str | None:
        """Gives the address the start page led to, itself or another; None before it was asked."""
        ...

    async def note_landing(self, start: str, landing: str) -> None:
        """Notes where the start page leads."""
        ...


class Reader(Protocol):
    """A kind of source."""

    async def open(self) -> None:
        """Queues what to start with, or raises SourceFailed."""
        ...

    async def read(self, page: FrontierPage, previous: PreviousPage | None) -> Reading:
        """Gives what became of a page, after queueing what it leads to."""
        ...
