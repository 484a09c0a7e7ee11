"""Libraries -> the text a model reads and the structured copy a program reads.

Names and descriptions are written by strangers, so each stays on its line.
"""

from typing import Any, Final

from indexer.answers import LibraryMatch, Resolution
from server.plain_text import one_line

_MAX_VERSIONS = 30

NO_LIBRARIES: Final = (
    "No libraries found matching the provided name. Try another spelling or the name of the package; if there is still "
    "nothing, this server does not hold the library."
)

_HEADINGS: Final = {
    "spelling": "No library has exactly this name; these are spelled nearly so.\n\n",
    "owner": "No library has this name; these are by an organisation called so.\n\n",
    "topic": (
        "No library has this name. What follows is a guess by topic: use one of these only if its description fits "
        "what the user wants, and tell the user which one it is.\n\n"
    ),
}
"""What is said first when the best match is not called as was asked."""

RESOLVE_OUTPUT_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "libraries": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "title": {"type": "string"},
                    "snippets": {"type": "integer"},
                    "versions": {"type": "array", "items": {"type": "string"}},
                    "match": {"type": "string", "enum": ["name", "spelling", "owner", "topic"]},
                },
                "required": ["id", "title", "snippets", "versions", "match"],
            },
        }
    },
    "required": ["libraries"],
}


def render_libraries(resolution: Resolution) -> str:
    """Gives the libraries as text, best first."""
    if not resolution.libraries:
        return NO_LIBRARIES
    entries = "\n----------\n".join(_render_library(library) for library in resolution.libraries)
    return f"{_HEADINGS.get(resolution.libraries[0].match, '')}Available Libraries:\n\n{entries}"


def structure_libraries(resolution: Resolution) -> dict[str, Any]:
    """Gives the libraries in the form of `RESOLVE_OUTPUT_SCHEMA`."""
    return {
        "libraries": [
            {
                "id": library.id,
                "title": one_line(library.title),
                "snippets": library.snippet_count,
                "versions": [one_line(version) for version in library.versions[:_MAX_VERSIONS]],
                "match": library.match,
            }
            for library in resolution.libraries
        ]
    }


def _render_library(library: LibraryMatch) -> str:
    lines = [
        f"- Title: {one_line(library.title)}",
        f"- Context7-compatible library ID: {library.id}",
        f"- Description: {one_line(library.description)}",
        f"- Code Snippets: {library.snippet_count}",
    ]
    if library.versions:
        lines.append(f"- Versions: {', '.join(one_line(version) for version in library.versions[:_MAX_VERSIONS])}")
    if library.default_version is not None:
        lines.append(f"- Default version: {one_line(library.default_version)}")
    if library.last_indexed_at is not None:
        lines.append(f"- Last indexed: {library.last_indexed_at.date().isoformat()}")
    return "\n".join(lines)
