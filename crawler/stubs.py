"""Pages with nothing on them but where they send browsers on: they stand for redirects."""

from crawler.copies import Copies
from crawler.links import PageLinks
from crawler.readings import Reading
from crawler.scope import Scope
from crawler.trees import plain_text, read_tree

_MAX_STUB_CHARS = 300
_MAX_START_STUBS = 5


class Stubs:
    """The stubs of one site that were met so far."""

    def __init__(self, copies: Copies) -> None:
        self._copies = copies
        self._targets: dict[str, str] = {}

    async def target_of(self, reading: Reading, links: PageLinks, scope: Scope) -> str | None:
        """Gives where a stub leads, None for a page that is to be read.

        That is also the last of those that lead in a circle. The start page leads to its own site only, a few times.
        """
        target = scope.aligned(links.refresh) if links.refresh else reading.final_url
        if self._leads_to(target, reading.final_url):
            return None
        if reading.is_of_start and (not scope.is_same_origin(target) or len(self._targets) >= _MAX_START_STUBS):
            return None
        if len(await read_tree(plain_text, await self._copies.body_of(reading))) > _MAX_STUB_CHARS:
            return None
        self._targets[reading.final_url] = target
        return target

    def _leads_to(self, address: str, end: str) -> bool:
        while address != end and address in self._targets:
            address = self._targets[address]
        return address == end
