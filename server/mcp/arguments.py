"""Arguments of the tools as models send them -> checked values, or an error that says how to call instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.errors import InvalidInput
from indexer.search.packing import MAX_PAGE
from server.mcp import wording
from server.plain_text import storable

MAX_QUERY_CHARS: Final = 4000
MAX_NAME_CHARS: Final = 500
MIN_TOKENS: Final = 100
MAX_TOKENS: Final = 50_000

_QUERY_ALIASES = ("userQuery", "question")
# Models that met other documentation servers use their names. Source: Context7's MCP server 4.1.
_LIBRARY_ALIASES = ("context7CompatibleLibraryID", "libraryID", "libraryName")


@dataclass(frozen=True)
class ResolveArguments:
    """What resolve-library-id is asked."""

    query: str
    library_name: str


@dataclass(frozen=True)
class QueryArguments:
    """What query-docs is asked; `tokens` is None for the default."""

    library_id: str
    query: str
    tokens: int | None
    page: int = 1


def _text(description: str, most: int) -> dict[str, Any]:
    return {"type": "string", "description": description, "minLength": 1, "maxLength": most}


RESOLVE_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "query": _text(wording.RESOLVE_QUERY, MAX_QUERY_CHARS),
        "libraryName": _text(wording.RESOLVE_NAME, MAX_NAME_CHARS),
    },
    "required": ["query", "libraryName"],
}

QUERY_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "libraryId": _text(wording.QUERY_LIBRARY, MAX_NAME_CHARS),
        "query": _text(wording.QUERY_QUERY, MAX_QUERY_CHARS),
        "tokens": {
            "type": "integer",
            "description": wording.QUERY_TOKENS,
            "minimum": MIN_TOKENS,
            "maximum": MAX_TOKENS,
        },
        "page": {"type": "integer", "description": wording.QUERY_PAGE, "minimum": 1, "maximum": MAX_PAGE},
    },
    "required": ["libraryId", "query"],
}


def read_resolve(arguments: Mapping[str, Any]) -> ResolveArguments:
    """Reads the arguments of resolve-library-id.

    Raises:
        InvalidInput: One is missing or of the wrong kind.
    """
    return ResolveArguments(
        query=_read_text(arguments, "query", _QUERY_ALIASES, MAX_QUERY_CHARS),
        library_name=_read_text(arguments, "libraryName", (), MAX_NAME_CHARS),
    )


def read_query(arguments: Mapping[str, Any]) -> QueryArguments:
    """Reads the arguments of query-docs.

    Raises:
        InvalidInput: One is missing or of the wrong kind.
    """
    return QueryArguments(
        library_id=_read_text(arguments, "libraryId", _LIBRARY_ALIASES, MAX_NAME_CHARS),
        query=_read_text(arguments, "query", _QUERY_ALIASES, MAX_QUERY_CHARS),
        tokens=_read_tokens(arguments.get("tokens")),
        page=_read_page(arguments.get("page")),
    )


def _read_text(arguments: Mapping[str, Any], name: str, aliases: tuple[str, ...], most: int) -> str:
    value = next((arguments[key] for key in (name, *aliases) if key in arguments), None)
    if not isinstance(value, str):
        raise InvalidInput(f"The argument `{name}` is missing or not a text. Call again with `{name}` as a string.")
    if not storable(value):
        raise InvalidInput(f"The argument `{name}` is empty. Say in a few words what it asks for, and call again.")
    if len(value) > most:
        raise InvalidInput(f"The argument `{name}` is longer than {most} characters. Shorten it and call again.")
    return storable(value)


def _read_tokens(value: object) -> int | None:
    """Gives the budget, moved to the nearest bound: a model that asks for too much still wants an answer."""
    if value is None:
        return None
    number = _number(value)
    budget = None if number is None else float(min(number, MAX_TOKENS))
    if budget is None or not budget.is_integer():
        raise InvalidInput("The argument `tokens` must be a positive whole number. Leave it out for the default.")
    return max(MIN_TOKENS, int(budget))


def _read_page(value: object) -> int:
    """Gives the page; one out of bounds is refused, as another page would be no answer."""
    if value is None:
        return 1
    number = _number(value)
    if number is None or number > MAX_PAGE or number != int(number):
        raise InvalidInput(f"The argument `page` must be a whole number from 1 to {MAX_PAGE}. Leave it out to begin.")
    return int(number)


def _number(value: object) -> float | None:
    """Gives a positive number however it is written, or None for what is none."""
    # Models write numbers as text, and JSON numbers such as 3000.0 are integers to a JSON schema.
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = float(value)
    # Written so that NaN, which compares false with everything, is none either.
    return None if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0 else value
