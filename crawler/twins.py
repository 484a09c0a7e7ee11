"""Markdown twins: the text of a page as its authors wrote it, beside the page or for those who ask for Markdown.

A twin is only taken for what the page itself says: its words have to stand in the page and its anchors to exist there.
Sites are asked for twins only if something speaks for them, and no longer when the first pages turn out to have none.

Source: https://llmstxt.org/, 2024-09; where generators put them: sphinx-llm, Mintlify, GitBook, 2026.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace

from crawler.addresses import path_of, resolve_address
from crawler.agreement import agreed_anchors
from crawler.exchange import Ask
from crawler.llms_files import is_llms_file, page_address
from crawler.outcomes import Failed, Fetched, Outcome, Unchanged
from crawler.records import PreviousPage
from crawler.site_files import SiteFiles

_MAX_PROBED_PAGES = 3
_MARKDOWN_TYPES = frozenset({"text/markdown", "text/x-markdown", "text/plain"})
_ACCEPT = "text/markdown"
_ALTERNATE = re.compile(rb"<link\b[^>]{0,500}\btype=[\"']?text/markdown\b[^>]{0,500}>", re.IGNORECASE)
_HREF = re.compile(rb"\bhref=[\"']?([^\"'\s>]{1,2048})")
_KNOWN_FOR_TWINS = (b"mintcdn.com", b"mintlify", b'content="gitbook', b"fern-docs", b"readme-deploy")
_SNIFFED_BYTES = 2**16


def is_twin_type(content_type: str) -> bool:
    """Tells from its type that a stored text is a page's twin."""
    return content_type.startswith("text/markdown;anchors=")


class Twins:
    """The twins of one site's pages."""

    def __init__(self, files: SiteFiles, max_bytes: int) -> None:
        self.is_likely = False
        """Whether the site has said that it writes for language models."""
        self._files = files
        self._max_bytes = max_bytes
        self._has_any: bool | None = None
        self._is_negotiated = False
        self._probed = 0
        self._probing = asyncio.Lock()

    async def find(self, page: Fetched, previous: PreviousPage | None) -> Fetched | Unchanged | None:
        """Gives a web page's twin under the address of the page, None if it has none that agrees with it."""
        if self._has_any is False or "html" not in page.content_type:
            return None
        named = _named_twin(page)
        if self._has_any is None and not (named or self.is_likely or _is_known_for_twins(page)):
            return None
        if self._has_any:
            return await self._find(page, named, previous)
        async with self._probing:
            return await self._probe(page, named, previous)

    async def stand_for_pages(self, markdown: str) -> bool:
        """Tells whether the page at the address less its `.md` exists and says the same."""
        shown = page_address(markdown, markdown)
        if shown is None or shown == markdown:
            return False
        page = await self._fetch(Ask(shown, self._max_bytes))
        twin = await self._fetch(Ask(markdown, self._max_bytes, _MARKDOWN_TYPES)) if isinstance(page, Fetched) else None
        if not (isinstance(page, Fetched) and isinstance(twin, Fetched)) or "html" not in page.content_type:
            return False
        return await asyncio.to_thread(agreed_anchors, page.body, twin.body) is not None

    async def _probe(
        self, page: Fetched, named: str | None, previous: PreviousPage | None
    ) -> Fetched | Unchanged | None:
        """Looks for the twin of one of the first pages; after the last of them without one, the site has none."""
        if self._has_any is False:
            return None
        found = await self._find(page, named, previous)
        if found is not None:
            self._has_any = True
        elif self._has_any is None:
            self._probed += 1
            self._has_any = False if self._probed >= _MAX_PROBED_PAGES else None
        return found

    async def _find(
        self, page: Fetched, named: str | None, previous: PreviousPage | None
    ) -> Fetched | Unchanged | None:
        for ask in self._asks(page.url, named):
            known = previous if previous and is_twin_type(previous.content_type) else None
            outcome = await self._fetch(
                replace(ask, etag=known.etag, last_modified=known.last_modified) if known is not None else ask
            )
            if isinstance(outcome, Unchanged):
                return Unchanged(page.url)
            if isinstance(outcome, Fetched) and is_llms_file(outcome.body, outcome.content_type):
                anchors = await asyncio.to_thread(agreed_anchors, page.body, outcome.body)
                self._is_negotiated = self._is_negotiated or (anchors is not None and ask.accept is not None)
                return (
                    replace(outcome, url=page.url, content_type=f"text/markdown;anchors={anchors}") if anchors else None
                )
        return None

    def _asks(self, address: str, named: str | None) -> Iterator[Ask]:
        if named or not self._is_negotiated:
            for twin in (named,) if named else twins_of(address):
                yield Ask(twin, self._max_bytes, _MARKDOWN_TYPES)
        if self._is_negotiated or (self._has_any is None and not self._probed and not named):
            yield Ask(address, self._max_bytes, _MARKDOWN_TYPES, accept=_ACCEPT)

    async def _fetch(self, ask: Ask) -> Outcome:
        async def stay(target: str) -> Outcome | str:
            return Failed(target, "a twin that redirects is none")

        refusal = await self._files.refusal_of(ask.url)
        return refusal or await self._files.fetch(ask, stay)


def twins_of(address: str) -> tuple[str, ...]:
    """Gives the addresses at which generators put the Markdown of a page."""
    if "?" in address:
        return ()
    name = address.rpartition("/")[2]
    if not name:
        beside = (f"{address[:-1]}.md",) if path_of(address) != "/" else ()
        return (*beside, f"{address}index.html.md")
    if name.endswith((".html", ".htm")):
        return (f"{address}.md", f"{address.rpartition('.')[0]}.md")
    return () if re.search(r"\.[A-Za-z]{2,5}$", name) else (f"{address}.md",)


def _head(page: Fetched) -> bytes:
    return page.body[:_SNIFFED_BYTES]


def _is_known_for_twins(page: Fetched) -> bool:
    head = _head(page).lower()
    return any(mark in head for mark in _KNOWN_FOR_TWINS)


def _named_twin(page: Fetched) -> str | None:
    """Gives the twin a page names itself, if it is on the same site."""
    link = _ALTERNATE.search(_head(page))
    href = _HREF.search(link[0]) if link else None
    address = resolve_address(page.url, href[1].decode(errors="replace")) if href else None
    origin = page.url[: len(page.url) - len(path_of(page.url))] if "?" not in page.url else ""
    return address if address and origin and address.startswith(f"{origin}/") else None
