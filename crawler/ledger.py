"""What a source tells about the addresses it finds: to the frontier in a crawl, to a sketch of it in a dry run."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from crawler.readings import Reading
from crawler.records import FrontierPage, PageSymbol, PreviousPage


class Ledger(Protocol):
    """The addresses of one crawl."""

    def unknown(self, addresses: Iterable[str]) -> list[str]:
        """Gives those of the addresses that were neither queued nor noted yet, as far as is remembered."""
        ...

    async def add(self, addresses: Iterable[str], depth: int) -> None:
        """Queues addresses that are new."""
        ...

    async def exclude(self, reasons: Mapping[str, str], depth: int) -> None:
        """Notes addresses that are left out."""
        ...

    async def claim_hop(self, address: str, depth: int) -> bool:
        """Hands out the target of a redirect, and tells whether it did: somebody else may look after it."""
        ...

    async def find_previous(self, address: str) -> PreviousPage | None:
        """Gives what the crawl before knew about a page."""
        ...

    async def find_landing(self, start: str) -> str | None:
        """Gives the address the start page led to, itself or another; None before it was asked."""
        ...

    async def note_landing(self, start: str, landing: str) -> None:
        """Notes where the start page leads."""
        ...

    async def note_symbols(self, symbols: Sequence[PageSymbol]) -> None:
        """Notes names that pages of the source define."""
        ...

    def note_limit(self, reason: str) -> None:
        """Notes that pages may be missing, and why."""
        ...

    async def note_facts(self, facts: Mapping[str, str]) -> None:
        """Notes what the source says about the state of it that is read."""
        ...

    async def find_facts(self) -> Mapping[str, str]:
        """Gives what was noted so far, also by another run."""
        ...


class Reader(Protocol):
    """A kind of source."""

    async def open(self) -> None:
        """Queues what to start with, or raises SourceFailed."""
        ...

    async def read(self, page: FrontierPage, previous: PreviousPage | None) -> Reading:
        """Gives what became of a page, after queueing what it leads to."""
        ...

    def may_return(self, address: str) -> bool:
        """Tells whether a page of an earlier crawl that was not met this time still belongs to the source."""
        ...

    def exclusion(self, address: str) -> str | None:
        """Gives the rule that leaves out a page of an earlier crawl that was not met this time, None if none does."""
        ...
