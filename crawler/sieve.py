"""Which of the pages that came are none: said to be missing with a 200, empty without a browser, or another variant."""

import asyncio
from dataclasses import dataclass
from functools import partial

from selectolax.lexbor import LexborHTMLParser

from crawler.links import PageLinks
from crawler.outcomes import Excluded, Failed, Fetched, Outcome, Unchanged
from crawler.probes import Probes
from crawler.readings import Reading
from crawler.scope import Scope
from crawler.shells import Shell, read_shell
from crawler.variants import Variants

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

    async def judge(self, reading: Reading, links: PageLinks | None, scope: Scope) -> Judgement:
        """Gives what becomes of a page that came or is unchanged."""
        outcome = reading.outcome
        if links is None or not isinstance(outcome, Fetched | Unchanged):
            return Judgement(outcome)
        if isinstance(outcome, Fetched) and "html" in outcome.content_type:
            if not reading.is_of_start and await self._is_missing(reading, outcome, scope):
                reason = "the site answers as it does where there is no page, though with 200"
                return Judgement(Failed(outcome.url, reason, outcome.status, is_missing=True))
            if shell := await _shell_of(outcome):
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


def plain_text(body: bytes) -> str:
    """Gives the prose of a page of HTML."""
    page = LexborHTMLParser(body)
    for node in page.css("script, style, pre, code, nav, header, footer"):
        node.decompose()
    return page.body.text(separator=" ") if page.body is not None else ""
