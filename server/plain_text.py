"""Text from strangers -> text that can be stored, sent and put on a line."""

import re

_MAX_LINE_CHARS = 500
# Line breaks, controls, direction marks, invisible characters and Unicode tags.
_UNPRINTABLE = re.compile(
    r"[\x00-\x20\x7f-\xa0\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]+"
)


def storable(text: str) -> str:
    """Gives the text without what has no place in a database or on the wire: NUL and lone surrogates."""
    return text.replace("\x00", " ").encode(errors="replace").decode().strip()


def one_line(text: str) -> str:
    """Gives the text on one line, without invisible characters, cut to a readable length."""
    line = _UNPRINTABLE.sub(" ", text).strip()
    return line if len(line) <= _MAX_LINE_CHARS else line[: _MAX_LINE_CHARS - 3] + "..."
