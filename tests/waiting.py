"""Waiting for what comes about by itself, with an end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Result = TypeVar("Result")

MOST_SECONDS = 30


async def eventually(look: Callable[[], Awaitable[Result | None]], *, within_seconds: float = MOST_SECONDS) -> Result:
    """Looks again and again until there is something, and gives it."""
    async with asyncio.timeout(within_seconds):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(0.05)
