"""Kinds of source that are less than a website, or told by a list: one page, a sitemap, an llms.txt."""

import re
from collections.abc import Iterable
from dataclasses import replace
from posixpath import commonprefix

from core.errors import SourceFailed
from crawler.addresses import path_of
from crawler.fetch import Ask
from crawler.links import PageLinks, read_links
from crawler.outcomes import Failed, Fetched, Outcome, Unchanged
from crawler.readings import Reading
from crawler.records import FrontierPage, PreviousPage
from crawler.scope import Scope
from crawler.sitemap import MAX_SITEMAP_BYTES
from crawler.website import Website

_MARKUP = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)
_PLAIN_TYPES = frozenset({"text/markdown", "text/x-markdown", "text/plain"})
_LIST_OF_LISTS = re.compile(r"/llms-[a-z]+\.txt$")
_MAX_PAGES_WITHOUT_TWIN = 3
"""After so many pages in a row from the start, a site is taken to have no twins."""


class SinglePage(Website):
    """One page, wherever it redirects to; nothing it links to."""

    async def _follow_up(self, reading: Reading, links: PageLinks | None) -> None:
        """Queues nothing."""


class SitemapPages(Website):
    """The pages a sitemap names, anywhere on its site; nothing they link to."""

    async def open(self) -> None:
        """Queues the pages of the sitemap and of those it names.

        Raises:
            SourceFailed: The sitemap cannot be had, or names no page of its site.
        """
        given = await self._fetch_start(MAX_SITEMAP_BYTES)
        self._scope = Scope.of_site(given.url, self._asked_scope.paths)
        self._is_scope_known = True
        if not await self._add_from_sitemaps(given):
            raise SourceFailed(f"{self._start} names no page of {self._scope.origin}. Is it a sitemap?")

    async def _follow_up(self, reading: Reading, links: PageLinks | None) -> None:
        """Queues nothing."""


class ListedPages(Website):
    """The pages an llms.txt lists, and what those link to in the folder they have in common.

    Such files are written by hand or by a script and are often wrong: every address is checked as a link would be.
    Where a page has a Markdown twin, the twin is read, under the address of the page.

    Source: https://llmstxt.org/, 2024-09.
    """

    async def open(self) -> None:
        """Queues the pages the file lists, or, if it lists none, the file itself.

        Raises:
            SourceFailed: The file cannot be had.
        """
        given = await self._fetch_start(self._settings.max_page_bytes)
        if "html" in given.content_type or _MARKUP.match(given.body):
            raise SourceFailed(f"{self._start} answers with a web page, not with an llms.txt. Add the site itself.")
        self._scope = self._asked_scope.adopting(given.url)
        self._is_scope_known = True
        self._covered: set[str] = set()
        self._has_twins: bool | None = None
        self._pages_without_twin = 0
        links = read_links(given.body, given.url, "text/markdown").links
        listed = self._uncovered(link for link in links if link != given.url and not _LIST_OF_LISTS.search(link))
        usable = [link for link in listed if self._scope.exclusion(self._scope.aligned(link)) is None]
        self._directory = commonprefix([path_of(link) for link in usable]).rpartition("/")[0] + "/"
        await self._add(listed, 1)
        if not usable:
            await self._ledger.add([self._start], 0)

    async def _follow_up(self, reading: Reading, links: PageLinks | None) -> None:
        """Queues links to pages below the folder that the listed ones have in common."""
        if links is None or reading.is_of_start:
            return
        near = (link for link in links.links if path_of(link).startswith(self._directory))
        await self._add(self._uncovered(near), reading.page.depth + 1)

    def _uncovered(self, addresses: Iterable[str]) -> list[str]:
        """Gives the addresses that are new: `/a`, `/a.html` and `/a.md` are taken for the same page."""
        new: list[str] = []
        for address in addresses:
            if self._covered.isdisjoint((address, *_twins_of(address))):
                new.append(address)
            self._covered.update((address, *_twins_of(address)))
        return new

    async def _read(self, page: FrontierPage, previous: PreviousPage | None) -> Reading:
        twins = _twins_of(page.url) if page.url != self._start and self._has_twins is not False else ()
        for twin in twins:
            if outcome := await self._read_twin(twin, page.url, previous):
                self._has_twins = True
                return Reading(page, previous, outcome)
        if twins and self._has_twins is None:
            self._pages_without_twin += 1
            self._has_twins = False if self._pages_without_twin >= _MAX_PAGES_WITHOUT_TWIN else None
        is_of_twin = previous is not None and previous.content_type == "text/markdown"
        return await super()._read(page, None if is_of_twin and _twins_of(page.url) else previous)

    async def _read_twin(self, twin: str, url: str, previous: PreviousPage | None) -> Outcome | None:
        """Gives the page as Markdown, None if the site does not have it so."""
        if await self.files.refusal_of(twin):
            return None
        known = previous if previous and previous.content_type == "text/markdown" else None
        ask = Ask(twin, self._settings.max_page_bytes, _PLAIN_TYPES)
        if known is not None:
            ask = replace(ask, etag=known.etag, last_modified=known.last_modified)
        outcome = await self._fetcher.fetch(ask, _stay)
        if isinstance(outcome, Unchanged):
            return Unchanged(url)
        if not isinstance(outcome, Fetched) or _MARKUP.match(outcome.body) or b"\0" in outcome.body:
            return None
        return replace(outcome, url=url, content_type="text/markdown")


async def _stay(target: str) -> Outcome | str:
    return Failed(target, "a twin that redirects is none")


def _twins_of(address: str) -> tuple[str, ...]:
    """Gives the addresses at which generators put the Markdown of a page."""
    if "?" in address:
        return ()
    name = address.rpartition("/")[2]
    if not name:
        beside = (f"{address[:-1]}.md",) if path_of(address) != "/" else ()
        return (*beside, f"{address}index.html.md")
    if name.endswith((".html", ".htm")):
        return (f"{address}.md", f"{address.rpartition('.')[0]}.md")
    return () if "." in name else (f"{address}.md",)
