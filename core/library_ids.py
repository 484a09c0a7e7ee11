"""Library ids: `/org/project`, `/org/project/version` or `/org/project@version`."""

import re
from dataclasses import dataclass
from uuid import UUID

from core.errors import InvalidInput, InvalidLibraryId

_PART = r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}"
_VERSION = r"[A-Za-z0-9][^\s/@\x00-\x1f\x7f\ud800-\udfff]{0,49}"
_PATTERN = re.compile(rf"^/?(?P<org>{_PART})/(?P<project>{_PART})(?:[/@](?P<version>{_VERSION}))?/?$")
_MOST_SHOWN = 80

MAX_LIBRARY_ID_CHARS = 100
"""The width of `libraries.id`."""
_OWNED_BY = "~"


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
        raise InvalidLibraryId(
            f"{_shown(text)} is not a library id. Ids look like /org/project or /org/project/version."
        )
    return LibraryId(library, match["version"])


def check_version(text: str) -> str:
    """Gives the version back, if it is one that a library id can name.

    Raises:
        InvalidInput: It has another form.
    """
    if re.fullmatch(_VERSION, text) is None:
        raise InvalidInput(
            f"{_shown(text)} is not a version. Versions look like 5.2 or 2024-lts: they begin with a letter or a digit "
            "and have at most 50 characters, no space, no slash and no @ among them."
        )
    return text


def owned_id(library: str, owner: UUID) -> str:
    """Gives the id under which a private library is kept; no id that can be asked for looks like it."""
    return f"{library}{_OWNED_BY}{owner.hex}"


def check_owned_id(library: str, owner: UUID) -> str:
    """Gives the same, if it is one that can be kept.

    Raises:
        InvalidLibraryId: It is too long.
    """
    kept = owned_id(library, owner)
    if len(kept) > MAX_LIBRARY_ID_CHARS:
        most = MAX_LIBRARY_ID_CHARS - len(kept) + len(library)
        raise InvalidLibraryId(f"{_shown(library)} is too long: ids of private libraries have {most} characters.")
    return kept


def shown_id(library_id: str) -> str:
    """Gives the id as its owner writes it."""
    return library_id.partition(_OWNED_BY)[0]


def _shown(text: str) -> str:
    """Gives enough of a text for its writer to recognise it."""
    return repr(text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "...")
