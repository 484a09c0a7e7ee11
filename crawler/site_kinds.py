"""Kinds of source that are less than a website, or told by a list: a page, a sitemap, an llms.txt, an OpenAPI file."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from posixpath import commonprefix

from core.errors import SourceFailed
from crawler.addresses import path_of
from crawler.links import PageLinks
from crawler.llms_files import MAX_LLMS_BYTES, Part, is_llms_file, listed_pages, page_address, split_pages
from crawler.outcomes import Failed, Fetched, Outcome
from crawler.readings import Reading
from crawler.records import FrontierPage, PreviousPage
from crawler.scope import Scope
from crawler.sitemap import MAX_SITEMAP_BYTES
from crawler.specification import Specification, SpecificationFiles
from crawler.twins import twins_of
from crawler.website import Website

_UNVERIFIED = "text/markdown;anchors=none"
"""The type of a text whose headings have no place in any page that is known."""


class SinglePage(Website):
    """One page, wherever it redirects to; nothing it links to."""

    async def _follow_up(self, reading: Reading, links: PageLinks | None) -> None:
        """Queues nothing."""

    async def _with_twin(self, reading: Reading) -> Reading:
        return reading

    def may_return(self, address: str) -> bool:  # noqa: ARG002 - as of a website
        """Tells no: what else was read was of another source."""
        return False


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
    """The pages an llms.txt lists and what those link to in the folder they have in common, or the parts of one file.

    Such files are written by hand or by a script and are often wrong: every address is checked as a link would be.
    A file of everything that lists no pages is split into those it was made of.
    """

    _parts: dict[str, str]
    """The texts of an llms-full.txt by the addresses of their pages."""

    async def open(self) -> None:
        """Queues the pages the file lists, or, if it lists none, those it holds.

        Raises:
            SourceFailed: The file cannot be had.
        """
        given = await self._fetch_start(MAX_LLMS_BYTES)
        if not is_llms_file(given.body, given.content_type):
            raise SourceFailed(f"{self._start} answers with a web page, not with an llms.txt. Add the site itself.")
        self._scope = self._asked_scope.adopting(given.url)
        self._is_scope_known = True
        self._covered: set[str] = set()
        self._directory = "/"
        self._parts = await asyncio.to_thread(self._parts_of, given)
        listed = () if self._parts else await self._listed(given)
        usable = [link for link in listed if self._scope.exclusion(self._scope.aligned(link)) is None]
        self._directory = commonprefix([path_of(link) for link in usable]).rpartition("/")[0] + "/"
        await self._add(listed, 1)
        await self._ledger.add(self._parts or ([] if usable else [self._start]), 0 if not usable else 1)

    def _parts_of(self, given: Fetched) -> dict[str, str]:
        """Gives the pages of a file that holds pages, not of one that lists them.

        A page that the file places on another site is left where it was found: nobody may speak for others.
        """
        parts = split_pages(given.body.decode("utf-8", errors="replace"))
        if len(parts) <= 1 or not (parts[0].address or path_of(given.url).endswith("-full.txt")):
            return {}
        texts: dict[str, str] = {}
        for number, part in enumerate(parts, 1):
            address = self._address_of(part, given.url) or f"{given.url}#part-{number}"
            texts[address] = f"{texts[address]}\n\n{part.text}" if address in texts else part.text
        return texts

    def _address_of(self, part: Part, base: str) -> str | None:
        address = page_address(base, part.address) if part.address else None
        address = self._scope.aligned(address) if address else None
        return address if address and self._scope.exclusion(address) is None else None

    async def _listed(self, given: Fetched) -> list[str]:
        """Gives what the file lists, each page once and by the address people open."""
        links = await asyncio.to_thread(listed_pages, given.body, given.url)
        first = next((link for link in links if link.endswith(".md") and self._scope.is_same_origin(link)), None)
        if first is not None and await self._twins.stand_for_pages(first):
            links = tuple(page_address(link, link) or link for link in links)
        return self._uncovered(links)

    async def _follow_up(self, reading: Reading, links: PageLinks | None) -> None:
        """Queues links to pages below the folder that the listed ones have in common."""
        if links is None or reading.is_of_start or self._parts:
            return
        near = (link for link in links.links if path_of(link).startswith(self._directory))
        await self._add(self._uncovered(near), reading.page.depth + 1)

    def _uncovered(self, addresses: Iterable[str]) -> list[str]:
        """Gives the addresses that are new: `/a`, `/a.html` and `/a.md` are taken for the same page."""
        new: list[str] = []
        for address in addresses:
            if self._covered.isdisjoint((address, *twins_of(address))):
                new.append(address)
            self._covered.update((address, *twins_of(address)))
        return new

    async def read(self, page: FrontierPage, previous: PreviousPage | None) -> Reading:
        """Gives a part of the file, or fetches a page."""
        if page.url not in self._parts:
            return await super().read(page, previous)
        body = self._parts[page.url].encode()
        headers = (("content-type", _UNVERIFIED), ("content-length", str(len(body))))
        return Reading(page, previous, Fetched(page.url, 200, headers, body, _UNVERIFIED))


class SpecificationPage(SinglePage):
    """An OpenAPI or Swagger document, with the files of its site that it refers to put into it."""

    async def open(self) -> None:
        """Queues the document.

        Raises:
            SourceFailed: The site does not answer, or its robots.txt cannot be had.
        """
        await super().open()
        self._references = SpecificationFiles(self.files, self._settings)

    async def _read(self, page: FrontierPage, previous: PreviousPage | None) -> Reading:
        # Files it refers to may have changed when it has not.
        outcome = await self.files.fetch_named(page.url, self._settings.max_page_bytes)
        if isinstance(outcome, Fetched):
            outcome = await self._specification_of(outcome)
        return Reading(page, previous, replace(outcome, url=page.url))

    async def _specification_of(self, fetched: Fetched) -> Outcome:
        found = await asyncio.to_thread(Specification.read, fetched.body)
        if found is None:
            return Failed(fetched.url, "it is no OpenAPI or Swagger document of version 2 or 3", fetched.status)
        return await self._references.complete(fetched, found)
