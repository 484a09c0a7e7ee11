"""Work that is done again and again beside other work: one run at a time, and with a pause between their beginnings."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any


class PacedWork:
    """Runs of one coroutine function; whoever makes it calls `finish` or `stop` at the end."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, object]], every_seconds: float) -> None:
        self._work = work
        self._every_seconds = every_seconds
        self._running: asyncio.Task[object] | None = None
        self._next_at = 0.0

    def go_on(self) -> None:
        """Begins the next run if it is time for it; raises what the one before has raised."""
        if self._running is not None and not self._running.done():
            return
        if self._running is not None:
            self._running.result()
        if time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + self._every_seconds
            self._running = asyncio.create_task(self._work())

    async def finish(self) -> None:
        """Waits for the run that is under way, and does a last one."""
        if self._running is not None:
            await self._running
        await self._work()

    async def stop(self) -> None:
        """Ends the run that is under way."""
        if self._running is not None and self._running.cancel():
            await asyncio.wait([self._running])
