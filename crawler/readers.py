"""The reader of each kind of source."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from core.errors import SourceFailed
from core.objects import ObjectStore
from crawler.access import Access
from crawler.addresses import MAX_ADDRESS_CHARS, path_of
from crawler.archive import unpack
from crawler.credentials import Credentials
from crawler.fetch import Fetcher
from crawler.folder import Folder, folder_base
from crawler.git import check_out
from crawler.ledger import Ledger, Reader
from crawler.outcomes import Excluded, Failed, Fetched, Unchanged
from crawler.politeness import Politeness
from crawler.readings import Reading
from crawler.records import FrontierPage, PreviousPage, SourceKind
from crawler.rendering.browser import open_browser
from crawler.rules import CrawlRules
from crawler.scope import PathFilter, Scope
from crawler.settings import CrawlerSettings
from crawler.site_files import SiteFiles
from crawler.site_kinds import ListedPages, SinglePage, SitemapPages, SpecificationPage
from crawler.variants import Variants
from crawler.website import Website

_ARCHIVE_SECONDS = 300.0
"""How long a download may take."""

_WEBSITES: dict[SourceKind, type[Website]] = {
    "website": Website,
    "page": SinglePage,
    "sitemap": SitemapPages,
    "llms_txt": ListedPages,
    "openapi": SpecificationPage,
}


@dataclass(frozen=True)
class Unpacked:
    """A folder made for one crawl."""

    folder: Folder
    refused: dict[str, str]
    """Addresses that were left out when it was made, with the reason."""
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    """What it says about itself."""


@asynccontextmanager
async def open_reader(
    kind: SourceKind,
    address: str,
    rules: CrawlRules,
    settings: CrawlerSettings,
    ledger: Ledger,
    store: ObjectStore | None,
    credentials: Credentials | None = None,
) -> AsyncGenerator[Reader]:
    """Gives the reader of a source, not yet opened; what it holds is let go at the end of the block.

    `settings` are those of the source; `store` holds the pages of an earlier crawl, if there was one.
    """
    access = Access(credentials, rules.certificates)
    async with AsyncExitStack() as stack:
        if kind == "folder":
            yield FolderReader(_folder(Path(address), rules, settings), ledger)
            return
        if kind in ("archive", "git"):
            scratch = TemporaryDirectory(prefix="lectern-", ignore_cleanup_errors=True)
            unpacked = _unpacked_archive if kind == "archive" else _checked_out
            yield UnpackedReader(unpacked(address, Path(stack.enter_context(scratch)), rules, settings, access), ledger)
            return
        politeness = Politeness(
            connections=settings.connections, delay_seconds=settings.delay_seconds, breaking=settings.breaking
        )
        fetcher = await stack.enter_async_context(Fetcher(settings, politeness, access=access))
        files = SiteFiles(settings, fetcher, politeness)
        scope = Scope.of(address, PathFilter.of(rules))
        website = _WEBSITES[kind]
        browser = await stack.enter_async_context(open_browser(address, settings)) if rules.rendering else None
        yield website(
            address,
            scope,
            settings=settings,
            fetcher=fetcher,
            files=files,
            ledger=ledger,
            store=store,
            variants=Variants(rules),
            browser=browser,
        )


def _folder(path: Path, rules: CrawlRules, settings: CrawlerSettings, base: str | None = None) -> Folder:
    return Folder(
        path,
        PathFilter.of(rules),
        max_files=settings.max_addresses,
        max_bytes=settings.max_page_bytes,
        base=base,
        language=rules.language,
        all_versions=bool(rules.all_versions),
    )


async def _unpacked_archive(
    address: str, scratch: Path, rules: CrawlRules, settings: CrawlerSettings, access: Access
) -> Unpacked:
    archive, tree = Path(address), scratch / "tree"
    base = folder_base(path_of(address).rpartition("/")[2] if "://" in address else archive.name)
    if "://" in address:
        archive = scratch / "archive"
        await asyncio.to_thread(archive.write_bytes, await _fetch_archive(address, settings, access))
    await asyncio.to_thread(tree.mkdir)
    bounds = {"max_file_bytes": settings.max_page_bytes, "max_bytes": settings.max_archive_bytes}
    refused = await asyncio.to_thread(unpack, archive, tree, **bounds)
    return Unpacked(_folder(tree, rules, settings, base), _addresses(base, refused))


def _addresses(base: str, refused: Mapping[str, str]) -> dict[str, str]:
    return {
        (base + quote(path, safe="/*", errors="replace"))[:MAX_ADDRESS_CHARS]: reason
        for path, reason in refused.items()
    }


async def _fetch_archive(address: str, settings: CrawlerSettings, access: Access) -> bytes:
    politeness = Politeness(connections=1, delay_seconds=settings.delay_seconds)
    settings = settings.model_copy(update={"request_timeout_seconds": _ARCHIVE_SECONDS})
    async with Fetcher(settings, politeness, access=access) as fetcher:
        outcome = await SiteFiles(settings, fetcher, politeness).fetch_named(address, settings.max_archive_bytes)
    if isinstance(outcome, Fetched):
        return outcome.body
    reason = outcome.reason if isinstance(outcome, Failed | Excluded) else "it gives nothing to read"
    raise SourceFailed(f"{address}: {reason}.")


async def _checked_out(
    address: str, scratch: Path, rules: CrawlRules, settings: CrawlerSettings, access: Access
) -> Unpacked:
    has_includes = bool(rules.includes)
    checkout = await check_out(
        address, scratch, settings, ref=rules.ref, folder=rules.folder, has_includes=has_includes, access=access
    )
    folder = Folder(
        checkout.folder,
        PathFilter.of(rules),
        max_files=settings.max_addresses,
        max_bytes=settings.max_page_bytes,
        base=checkout.base,
        hashes=checkout.hashes,
        select=checkout.exclusion,
        language=rules.language,
        all_versions=bool(rules.all_versions),
    )
    return Unpacked(folder, _addresses(checkout.base, checkout.refused), checkout.facts)


class FolderReader:
    """Reads the documents of a folder, which are all known from the start."""

    def __init__(self, folder: Folder, ledger: Ledger) -> None:
        self._folder = folder
        self._ledger = ledger
        self._excluded: dict[str, str] = {}

    async def open(self) -> None:
        """Queues every document.

        Raises:
            SourceFailed: There is none.
        """
        wanted, self._excluded = await asyncio.to_thread(self._folder.scan)
        if self._folder.language:
            await self._ledger.note_facts({"language": self._folder.language})
        await self._ledger.add(wanted, 0)
        await self._ledger.exclude(self._excluded, 0)

    async def read(self, page: FrontierPage, previous: PreviousPage | None) -> Reading:
        """Reads one document, unless its hash is known and the one of the crawl before."""
        known = self._folder.etag_of(page.url)
        if known and previous is not None and previous.etag == known:
            return Reading(page, previous, Unchanged(page.url))
        return Reading(page, previous, await asyncio.to_thread(self._folder.read, page.url))

    def may_return(self, address: str) -> bool:  # noqa: ARG002 - the reader of a website looks at it
        """Tells no: a document that is not in the folder was taken out of it."""
        return False

    def exclusion(self, address: str) -> str | None:
        """Gives why a document that is in the folder was left out."""
        return self._excluded.get(address)


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
        if unpacked.facts:
            await self._ledger.note_facts(unpacked.facts)
        await self._ledger.exclude(unpacked.refused, 0)
        await self._documents.open()

    async def read(self, page: FrontierPage, previous: PreviousPage | None) -> Reading:
        """Reads one document."""
        return await self._documents.read(page, previous)

    def may_return(self, address: str) -> bool:
        """Tells what the folder says."""
        return self._documents.may_return(address)

    def exclusion(self, address: str) -> str | None:
        """Gives what the folder says."""
        return self._documents.exclusion(address)
