"""Answers in a cache that several processes share: what one removes no other gives, and without it all goes on."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from core.cache import open_cache
from core.database import Database
from core.library_ids import LibraryId
from indexer.extraction_processes import ExtractionProcesses
from indexer.search.caching import ANSWERS_LIVE
from tests.answer_desk import REMOVED_WITHIN_SECONDS, Clock, open_desk
from tests.redis_server import RedisServer, running_redis
from tests.waiting import eventually
from tests.workshop import LIBRARY


@pytest.fixture
def redis_server() -> Generator[RedisServer]:
    with running_redis() as server:
        yield server


async def test_a_cache_that_is_away_or_holds_nonsense_is_done_without(
    content_database: Database, tmp_path: Path, processes: ExtractionProcesses, redis_server: RedisServer
) -> None:
    clock = Clock()
    async with (
        open_cache(SecretStr(redis_server.url)) as cache,
        open_desk(content_database, tmp_path, processes, cache, clock) as desk,
    ):
        await desk.crawl(a="The colour is crimson.")
        await desk.ask()
        answer = await desk.cached.query_docs(LIBRARY, "colour", None)
        assert desk.answers.made == 1
        key = desk.cached.key_of(
            await desk.answers.version(LibraryId(LIBRARY)), desk.answers.read(LIBRARY, "colour", None, 1)
        )
        await cache.set(key, b'{"text": 3}', ANSWERS_LIVE)
        assert await desk.cached.query_docs(LIBRARY, "colour", None) == answer

        redis_server.stop()
        with capture_logs() as logs:
            for number in range(20):
                assert "crimson" in await desk.ask(f"colour {number}")
        assert [line["event"] for line in logs].count("indexer.cache_away") == 1, "it is left alone for a while"


@asynccontextmanager
async def second_process(database_url: str, redis: RedisServer) -> AsyncGenerator[asyncio.subprocess.Process]:
    command = (sys.executable, "-m", "tests.cached_reader", database_url, redis.url)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 10)


async def ask_process(process: asyncio.subprocess.Process, library: str, question: str) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{library}\t{question}\n".encode())
    return json.loads(await asyncio.wait_for(process.stdout.readline(), 30))


async def test_removals_leave_the_cached_answers_of_another_process_within_five_seconds(
    content_database: Database,
    database_url: str,
    tmp_path: Path,
    processes: ExtractionProcesses,
    redis_server: RedisServer,
) -> None:
    clock = Clock()
    async with (
        open_cache(SecretStr(redis_server.url)) as cache,
        open_desk(content_database, tmp_path, processes, cache, clock) as desk,
        second_process(database_url, redis_server) as other,
    ):

        async def other_says(text: str) -> None:
            async def look() -> bool:
                return text in await ask_process(other, LIBRARY, "colour")

            await eventually(look, within_seconds=REMOVED_WITHIN_SECONDS)

        kept = {"b": "The colour is teal.", "c": "The colour is ochre.", "d": "A colour."}
        await desk.crawl(a="The colour is crimson.", **kept)
        given = await desk.ask()
        assert await ask_process(other, LIBRARY, "colour") == given
        assert "crimson" in given

        await desk.crawl(**kept)
        desk.later()
        await other_says("unavailable")  # not from the cache any more, and it has no index of its own
        without = await desk.ask()
        assert "crimson" not in without
        await other_says(without)

        await desk.workshop.ingest.remove(LibraryId(LIBRARY))
        await other_says("library_not_found")
