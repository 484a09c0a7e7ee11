"""Processes of extraction get ready while the first pages of a crawl are fetched."""

import gc

from indexer.extraction_processes import ExtractionProcesses


async def test_a_process_that_was_woken_has_got_ready_before_it_does_anything_else() -> None:
    async with ExtractionProcesses(1) as processes:
        processes.wake(gc.disable)
        assert not await processes.run(gc.isenabled)


async def test_a_process_gets_ready_once() -> None:
    async with ExtractionProcesses(1) as processes:
        processes.wake(gc.disable)
        await processes.run(gc.enable)
        processes.wake(gc.disable)
        assert await processes.run(gc.isenabled)
