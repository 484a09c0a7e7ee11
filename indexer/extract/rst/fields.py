"""Field lists: what describes parameters becomes a list, what describes the file is left out."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from indexer.extract.blocks import Block
from indexer.extract.cursor import Cursor

if TYPE_CHECKING:
    from indexer.extract.rst.reader import Reader

_FIELD = re.compile(r"^:(?!\s)([^:`\n]{1,200}):(?:\s+(.*)|)$")
_FILE_FIELDS = frozenset(["orphan", "tocdepth", "nocomments", "nosearch", "author", "date", "revision", "copyright"])
# Source: Sphinx, Python domain, info field lists.
_NAMED_WORDS = "param parameter arg argument key keyword kwarg raises raise except exception var ivar cvar"
_NAMED = frozenset(_NAMED_WORDS.split())
_RAISED = frozenset(["raises", "raise", "except", "exception"])
_TITLES = {"returns": "Returns", "return": "Returns", "rtype": "Return type", "yields": "Yields"}


def is_field(line: str) -> bool:
    """Whether a line begins a field."""
    return line.startswith(":") and _FIELD.match(line) is not None


def field_list(reader: "Reader", cursor: Cursor) -> Iterator[Block]:
    """Takes the fields that follow each other, and yields them as one list."""
    lines: list[str] = []
    while cursor and (field := _FIELD.match(cursor.peek())) is not None:
        cursor.take()
        body = cursor.take_while(lambda line: line.startswith(" ") and bool(line.strip()))
        text = reader.inline([field[2] or "", *body])
        if text and field[1].strip().lower() not in _FILE_FIELDS:
            lines.append(f"- {_label(field[1])}: {text}")
        cursor.skip_blank()
    if lines:
        yield reader.emit(Block("list", "\n".join(lines)))


def _label(name: str) -> str:
    kind, _, rest = name.strip().partition(" ")
    if kind not in _NAMED or not rest:
        return _TITLES.get(kind, f"`{rest}` {kind}" if rest else name.strip())
    words = rest.replace("*", "").replace("\\", "").split()
    if kind in _RAISED:
        return f"Raises `{words[-1]}`" if words else "Raises"
    types = " ".join(words[:-1])
    return f"`{words[-1]}` ({types})" if types else f"`{' '.join(words)}`"
