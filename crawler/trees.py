"""Reading of pages that are parsed into a tree, which takes up to fifty times the memory of the page."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from core.memory import return_freed
from core.parsing import parse

_MUCH_MARKUP_BYTES = 2**18
_LARGE_BYTES = 2**20

Read = TypeVar("Read")


async def read_tree(read: Callable[[bytes], Read], body: bytes) -> Read:
    """Gives what a function reads in a page, in a thread if that takes long; a large tree leaves no memory behind."""
    if len(body) <= _MUCH_MARKUP_BYTES:
        return read(body)
    found = await asyncio.to_thread(read, body)
    if len(body) >= _LARGE_BYTES:
        await asyncio.to_thread(return_freed)
    return found


def plain_text(body: bytes) -> str:
    """Gives the prose of a page of HTML; none where its markup would ruin the parser."""
    page = parse(body)
    if page is None:
        return ""
    for node in page.css("script, style, pre, code, nav, header, footer"):
        node.decompose()
    return page.body.text(separator=" ") if page.body is not None else ""
