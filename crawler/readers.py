"""The reader of each kind of source."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from core.errors import SourceFailed
from core.objects import ObjectStore
from crawler.addresses import MAX_ADDRESS_CHARS, path_of
from crawler.archive import MAX_ARCHIVE_BYTES, unpack
from crawler.fetch import Fetcher
from crawler.folder import Folder, folder_base
from crawler.git import check_out
from crawler.ledger import Ledger, Reader
from crawler.outcomes import Excluded, Failed, Fetched
from crawler.politeness import Politeness
from crawler.readings import Reading
from crawler.records import FrontierPage, PreviousPage, SourceKind
from crawler.rules import CrawlRules
from crawler.scope import PathFilter, Scope
from crawler.settings import CrawlerSettings
from crawler.site_files import SiteFiles
from crawler.site_kinds import ListedPages, SinglePage, SitemapPages
from crawler.website import Website

_ARCHIVE_SECONDS = 300.0
"""How long a download may take."""

_WEBSITES: dict[SourceKind, type[Website]] = {
    "website": Website,
    "page": SinglePage,
    "sitemap": SitemapPages,
    "llms_txt": ListedPages,
}


@dataclass(frozen=True)
class Unpacked:
    """A folder made for one crawl."""

    folder: Folder
    refused: dict[str, str]
    """Addresses that were left out when it was made, with the reason."""


@asynccontextmanager
async def open_reader(
    kind: SourceKind,
    address: str,
    rules: CrawlRules,
    settings: CrawlerSettings,
    ledger: Ledger,
    store: ObjectStore | None,
) -> AsyncGenerator[Reader]:
    """Gives the reader of a source, not yet opened; what it holds is let go at the end of the block.

    `settings` are those of the source; `store` holds the pages of an earlier crawl, if there was one.
    """
    async with AsyncExitStack() as stack:
        if kind == "folder":
            yield FolderReader(_folder(Path(address), rules, settings), ledger)
            return
        if kind in ("archive", "git"):
            scratch = TemporaryDirectory(prefix="lectern-", ignore_cleanup_errors=True)
            unpacked = _unpacked_archive if kind == "archive" else _checked_out
            yield UnpackedReader(unpacked(address, Path(stack.enter_context(scratch)), rules, settings), ledger)
            return
        politeness = Politeness(connections=settings.connections, delay_seconds=settings.delay_seconds)
        fetcher = await stack.enter_async_context(Fetcher(settings, politeness))
        files = SiteFiles(settings, fetcher, politeness)
        scope = Scope.of(address, PathFilter.of(rules))
        website = _WEBSITES[kind]
        yield website(address, scope, settings=settings, fetcher=fetcher, files=files, ledger=ledger, store=store)


def _folder(path: Path, rules: CrawlRules, settings: CrawlerSettings, base: str | None = None) -> Folder:
    limits = {"max_files": settings.max_addresses, "max_bytes": settings.max_page_bytes}
    return Folder(path, PathFilter.of(rules), **limits, base=base)


async def _unpacked_archive(address: str, scratch: Path, rules: CrawlRules, settings: CrawlerSettings) -> Unpacked:
    archive, tree = Path(address), scratch / "tree"
    base = folder_base(path_of(address).rpartition("/")[2] if "://" in address else archive.name)
    if "://" in address:
        archive = scratch / "archive"
        await asyncio.to_thread(archive.write_bytes, await _fetch_archive(address, settings))
    await asyncio.to_thread(tree.mkdir)
    refused = await asyncio.to_thread(unpack, archive, tree, max_file_bytes=settings.max_page_bytes)
    notes = {(base + quote(path, errors="replace"))[:MAX_ADDRESS_CHARS]: reason for path, reason in refused.items()}
    return Unpacked(_folder(tree, rules, settings, base), notes)


async def _fetch_archive(address: str, settings: CrawlerSettings) -> bytes:
    politeness = Politeness(connections=1, delay_seconds=settings.delay_seconds)
    settings = settings.model_copy(update={"request_timeout_seconds": _ARCHIVE_SECONDS})
    async with Fetcher(settings, politeness) as fetcher:
        outcome = await SiteFiles(settings, fetcher, politeness).fetch_named(address, MAX_ARCHIVE_BYTES)
    if isinstance(outcome, Fetched):
        return outcome.body
    reason = outcome.reason if isinstance(outcome, Failed | Excluded) else "it gives nothing to read"
    raise SourceFailed(f"{address}: {reason}.")


async def _checked_out(address: str, scratch: Path, rules: CrawlRules, settings: CrawlerSettings) -> Unpacked:
    checkout = await check_out(address, scratch, settings, ref=rules.ref, folder=rules.folder)
    return Unpacked(_folder(checkout.folder, rules, settings, checkout.base), {})


class FolderReader:
    """Reads the documents of a folder, which are all known from the start."""

    def __init__(self, folder: Folder, ledger: Ledger) -> None:
        self._folder = folder
        self._ledger = ledger

    async def open(self) -> None:
        """Queues every document.

        Raises:
            SourceFailed: There is none.
        """
        wanted, excluded = await asyncio.to_thread(self._folder.scan)
        await self._ledger.add(wanted, 0)
        await self._ledger.exclude(excluded, 0)

    async def read(self, page: FrontierPage, previous: PreviousPage | None) -> Reading:
        """Reads one document."""
        return Reading(page, previous, await asyncio.to_thread(self._folder.read, page.url))


class UnpackedReader:
    """Reads the documents of an archive or a repository, which lies in a folder for the time of the crawl."""

    def __init__(self, unpacking: Awaitable[Unpacked], ledger: Ledger) -> None:
        self._unpacking = unpacking
        self._ledger = ledger

    async def open(self) -> None:
        """Unpacks it and queues every document.

        Raises:
            SourceFailed: It cannot be had or read, breaks the bounds, or holds no document.
        """
        unpacked = await self._unpacking
        self._documents = FolderReader(unpacked.folder, self._ledger)
        await self._ledger.exclude(unpacked.refused, 0)
        await self._documents.open()

    async def read(self, page: FrontierPage, previous: PreviousPage | None) -> Reading:
        """Reads one document."""
        return await self._documents.read(page, previous)
