"""What a site's robots.txt allows this crawler.

Source: RFC 9309, https://www.rfc-editor.org/rfc/rfc9309.
"""

import re
from dataclasses import dataclass
from itertools import islice

from protego import Protego

from crawler.settings import ROBOTS_TOKEN

MAX_ROBOTS_BYTES = 500 * 1024
"""What a crawler must read at least, and all that this one reads (RFC 9309, section 2.5)."""

_OK = range(200, 300)
_MISSING = range(300, 500)
_TOO_MANY_REQUESTS = 429
_MAX_SITEMAPS = 1000

# The name of a group is a product token; what is behind it says nothing, though the parser would compare it.
_OWN_GROUP = re.compile(rf"^([ \t]*user-agent[ \t]*:[ \t]*{ROBOTS_TOKEN})/[^\r\n#]*", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Robots:
    """The rules of one origin."""

    _rules: Protego | None = None
    failure: str | None = None
    """Why nothing may be fetched at all, as far as is known now."""

    def allows(self, address: str) -> bool:
        """Tells whether the address may be fetched."""
        if self.failure is not None:
            return False
        return self._rules is None or self._rules.can_fetch(address, ROBOTS_TOKEN)

    @property
    def is_present(self) -> bool:
        """Tells that the site has such a file."""
        return self._rules is not None

    @property
    def crawl_delay_seconds(self) -> float:
        """The pause the site asks for between two requests; 0 if it asks for none."""
        return (self._rules.crawl_delay(ROBOTS_TOKEN) if self._rules else None) or 0.0

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps the file names, as written there."""
        return tuple(islice(self._rules.sitemaps, _MAX_SITEMAPS)) if self._rules else ()


def parse_robots(body: bytes) -> Robots:
    """Reads a robots.txt; lines that mean nothing are skipped.

    The byte order mark goes first: with it, the parser would not see the first group and allow everything.
    """
    text = body[:MAX_ROBOTS_BYTES].decode("utf-8-sig", errors="replace")
    return Robots(Protego.parse(_OWN_GROUP.sub(r"\1", text)))


def robots_of(status: int, body: bytes) -> Robots:
    """Gives the rules an answer to the request for robots.txt stands for.

    A missing file, or one behind too many redirects (3xx), allows everything; a server in trouble (5xx, 429) allows
    nothing until it has recovered.
    """
    if status in _OK:
        return parse_robots(body)
    if status in _MISSING and status != _TOO_MANY_REQUESTS:
        return Robots()
    return Robots(failure=f"its robots.txt answers {status}, so no page may be fetched for now; try again later")
