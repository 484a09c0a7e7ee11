"""How a site answers where nothing is, asked once for each of the folders that matter."""

import asyncio

from crawler.addresses import path_of
from crawler.exchange import Ask
from crawler.outcomes import Fetched, Outcome, Redirected
from crawler.scope import Scope
from crawler.shells import read_shell
from crawler.site_files import SiteFiles
from crawler.soft_missing import MAX_PROBES, MissingPage, missing_page, probe_address, probed_folder

_MAX_BYTES = 2**20


class Probes:
    """Asks for addresses that cannot exist and remembers what came; most sites answer that there is nothing."""

    def __init__(self, files: SiteFiles) -> None:
        self._files = files
        self._found: dict[str, MissingPage | None] = {}
        self._asking = asyncio.Lock()

    async def find(self, scope: Scope, address: str) -> MissingPage | None:
        """Gives what the site shows in the folder of a page instead of saying that there is no such page.

        None: it says so, or was not asked, because robots.txt forbids it or because enough folders were.
        """
        folder = probed_folder(path_of(address), scope.directory)
        async with self._asking:
            if folder not in self._found and len(self._found) >= MAX_PROBES:
                folder = scope.directory
            if folder not in self._found:
                self._found[folder] = await self._ask(scope, folder)
        return self._found[folder]

    async def _ask(self, scope: Scope, folder: str) -> MissingPage | None:
        asked = probe_address(scope.origin, folder)
        landed = asked

        async def follow(target: str) -> Outcome | str:
            nonlocal landed
            landed = scope.aligned(target)
            refusal = await self._files.refusal_of(landed)
            return refusal or (landed if scope.is_same_origin(landed) else Redirected(asked, landed))

        if await self._files.refusal_of(asked):
            return None
        outcome = await self._files.fetch(Ask(asked, _MAX_BYTES, is_cut=True), follow)
        if not isinstance(outcome, Fetched) or "html" not in outcome.content_type:
            return None
        return await asyncio.to_thread(_missing_page, asked, landed, outcome.body)


def _missing_page(asked: str, landed: str, body: bytes) -> MissingPage | None:
    """Gives the mark of an answer; an application that draws every page in the browser answers alike everywhere."""
    return None if read_shell(body, landed) is not None else missing_page(asked, landed, body)
