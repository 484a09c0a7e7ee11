"""Which pages are release notes: they speak of everything once, and of what it was before."""

import re
from urllib.parse import urlsplit

_RELEASE_NOTES = re.compile(
    r"(?:^|[/_.-])(?:whats?-?new|release-?notes?|releases?|change-?logs?)(?:[/_.-]|$)|(?:^|/)(?:changes|news)(?:[/.]|$)",
    re.IGNORECASE,
)


def is_release_note(path: str) -> bool:
    """Tells whether a page's path says that it is about what changed."""
    return _RELEASE_NOTES.search(path) is not None


def is_at_release_notes(url: str) -> bool:
    """Tells whether the name of a page or of its folder says so; folders further up may hold a whole documentation."""
    return is_release_note("/".join(urlsplit(url).path.split("/")[-2:]))
