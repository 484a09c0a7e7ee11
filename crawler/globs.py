"""Patterns of paths, as in .gitignore files: `*` and `?` stay in one folder, `**` crosses folders.

Operators and the owners of repositories write them, and the paths come from anywhere. So that no pattern takes long,
what stands between two wildcards is sought from the left and, once found, never again (atomic groups): what comes after
it may lie anywhere behind, so the first place found is as good as any later one.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

_CROSSING = re.compile(r"((?<![^/])\*\*/|\*\*)")
_MEANINGS = {"**/": "(?:.*?/)??", "**": ".*?"}


def first_match(globs: Iterable[str], path: str) -> str | None:
    """Gives the first of the globs a path matches."""
    return next((glob for glob in globs if _compiled(glob).fullmatch(path)), None)


@lru_cache(maxsize=1024)
def _compiled(glob: str) -> re.Pattern[str]:
    """`**/` also stands for no folder at all, and `x/**` covers `x/` itself."""
    start, *further = _CROSSING.split(glob.removeprefix("/"))
    if not further:
        return re.compile(_last_part(start), re.DOTALL)
    *between, wildcard, end = further
    sought = [f"(?>{_MEANINGS[found]}{_part(part)})" for found, part in zip(between[::2], between[1::2], strict=True)]
    return re.compile("".join((_part(start), *sought, _MEANINGS[wildcard], _last_part(end))), re.DOTALL)


def _part(text: str) -> str:
    """Gives the expression for what stands between wildcards that cross folders."""
    start, *further = text.split("*")
    return _plain(start) + "".join(f"(?>[^/]*?{_plain(piece)})" for piece in further)


def _last_part(text: str) -> str:
    """Gives the expression for what stands at the end, where the last piece has to be."""
    before, star, end = text.rpartition("*")
    return f"{_part(before)}[^/]*{_plain(end)}" if star else _plain(end)


def _plain(text: str) -> str:
    return "[^/]".join(map(re.escape, text.split("?")))
