"""Library ids: `/org/project`, `/org/project/version` or `/org/project@version`."""

import re
from dataclasses import dataclass

from core.errors import InvalidLibraryId

_PART = r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}"
_PATTERN = re.compile(rf"^/?(?P<org>{_PART})/(?P<project>{_PART})(?:[/@](?P<version>[A-Za-z0-9][^\s/@]{{0,49}}))?/?$")

MAX_LIBRARY_ID_CHARS = 100
"""The width of `libraries.id`."""


@dataclass(frozen=True)
class LibraryId:
    """A library, and the version asked for if one was named."""

    library: str
    version: str | None = None

    def __str__(self) -> str:
        return self.library if self.version is None else f"{self.library}/{self.version}"


def parse_library_id(text: str) -> LibraryId:
    """Reads a library id; case is kept, since lookups ignore it.

    Raises:
        InvalidLibraryId: The text has another form.
    """
    match = _PATTERN.match(text.strip())
    library = f"/{match['org']}/{match['project']}" if match else ""
    if match is None or len(library) > MAX_LIBRARY_ID_CHARS:
        shown = text if len(text) <= 80 else text[:80] + "..."  # noqa: PLR2004 - enough to recognise one's own input
        raise InvalidLibraryId(
            f"{shown!r} is not a library id. Ids look like /org/project or /org/project/version; "
            "resolve-library-id finds the id for a name."
        )
    return LibraryId(library, match["version"])
