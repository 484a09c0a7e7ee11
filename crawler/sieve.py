"""What of a site is left out: addresses that are not wanted, and pages that are none or another variant of one."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from crawler.links import PageLinks
from crawler.outcomes import Excluded, Failed, Fetched, Outcome, Unchanged
from crawler.probes import Probes
from crawler.readings import Reading
from crawler.scope import Scope
from crawler.shells import Shell, read_shell
from crawler.trees import plain_text
from crawler.variants import Variants

# What takes longer than the change to another thread: a sitemap or an inventory may name a hundred thousand pages.
_MANY_ADDRESSES = 1000
_MAX_SHELL_BYTES = 2**20


@dataclass(frozen=True)
class Judgement:
    """What becomes of a page, and the empty one it may have turned out to be."""

    outcome: Outcome
    shell: Shell | None = None


class Sieve:
    """Judges the pages of one site."""

    def __init__(self, variants: Variants, probes: Probes) -> None:
        self._variants = variants
        self._probes = probes

    async def sort(self, scope: Scope, addresses: Sequence[str]) -> tuple[list[str], dict[str, str]]:
        """Gives the addresses to ask for, and those of the others that are on this site, with the reason."""
        if len(addresses) > _MANY_ADDRESSES:
            return await asyncio.to_thread(self._sorted, scope, addresses)
        return self._sorted(scope, addresses)

    def _sorted(self, scope: Scope, addresses: Iterable[str]) -> tuple[list[str], dict[str, str]]:
        wanted: list[str] = []
        excluded: dict[str, str] = {}
        aligned = [scope.aligned(found) for found in addresses]
        self._variants.learn_addresses([address for address in aligned if scope.is_same_origin(address)])
        for address in aligned:
            if reason := scope.exclusion(address) or self._variants.exclusion(address):
                if scope.is_same_origin(address):
                    excluded[address] = reason
            else:
                wanted.append(address)
        return wanted, excluded

    async def judge(self, reading: Reading, links: PageLinks | None, scope: Scope) -> Judgement:
        """Gives what becomes of a page that came or is unchanged."""
        outcome = reading.outcome
        if links is None or not isinstance(outcome, Fetched | Unchanged):
            return Judgement(outcome)
        if isinstance(outcome, Fetched) and "html" in outcome.content_type:
            if not reading.is_of_start and await self._is_missing(reading, outcome, scope):
                reason = "the site answers as it does where there is no page, though with 200"
                return Judgement(Failed(outcome.url, reason, outcome.status, is_missing=True))
            if not links.has_prose and (shell := await _shell_of(outcome)):
                return Judgement(Excluded(outcome.url, shell.reason, outcome.status), shell)
        signs = links.signs
        self._variants.learn(reading.final_url, signs)
        # What an unchanged page says was judged when it came.
        body = outcome.body if isinstance(outcome, Fetched) else b""
        reason = self._variants.verdict(reading.final_url, signs, partial(plain_text, body))
        return Judgement(Excluded(outcome.url, reason) if reason else outcome)

    async def leads_nowhere(self, address: str, target: str, scope: Scope) -> bool:
        """Tells whether a redirect goes where the site sends those who ask for what is not there."""
        missing = await self._probes.find(scope, address)
        return missing is not None and missing.address == target

    async def _is_missing(self, reading: Reading, page: Fetched, scope: Scope) -> bool:
        missing = await self._probes.find(scope, reading.page.url)
        return missing is not None and await asyncio.to_thread(missing.is_like, reading.final_url, page.body)


async def _shell_of(page: Fetched) -> Shell | None:
    if len(page.body) > _MAX_SHELL_BYTES:
        return None
    return await asyncio.to_thread(read_shell, page.body, page.url)
