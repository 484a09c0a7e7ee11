"""Pages that a site's guard shows instead of the one asked for, to see whether a person with a browser is there."""

import re

CHALLENGE_STATUSES = frozenset({403, 429, 503})
SNIFFED_BYTES = 16 * 1024

# Source: https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/.
_HEADER, _HEADER_VALUE = "cf-mitigated", "challenge"
_TITLE = re.compile(
    rb"<title[^>]{0,100}>\s*(?:just a moment\.\.\.|attention required! \| cloudflare|ddos-guard|please wait\.\.\.)",
    re.IGNORECASE,
)
_SCRIPT = b"/cdn-cgi/challenge-platform/"

REASON = (
    "the site answers with a check for browsers instead of the page; ask its owner to let this crawler in, or add the "
    "documentation from its repository"
)


def is_challenge_header(name: str, value: str) -> bool:
    """Tells whether a header names the answer as a challenge."""
    return name.lower() == _HEADER and value.strip().lower() == _HEADER_VALUE


def is_challenge_page(head: bytes) -> bool:
    """Tells from the beginning of a page whether it is a challenge."""
    return _TITLE.search(head) is not None or _SCRIPT in head
