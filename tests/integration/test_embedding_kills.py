"""Workers and embedding processes that are killed at random moments."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from subprocess import DEVNULL

import pytest

from core.database import Database
from indexer.embedding.worker import EmbeddingWorker
from tests.embedding_rig import Rig, open_rig, settings, working
from tests.light_models import LightEmbedder
from tests.waiting import eventually

SEED = 20261121
KILLS = 5
START_SECONDS = 60
TEXTS = [f"passage number {number} " * (1 + number % 7) for number in range(600)]


@pytest.fixture
async def rig(content_database: Database, tmp_path: Path) -> AsyncGenerator[Rig]:
    async with open_rig(content_database, tmp_path) as opened:
        yield opened


async def test_the_embedding_process_is_killed_at_random_moments_and_nothing_is_lost(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.embedding.process._FIRST_BACKOFF_SECONDS", 0.01)
    chance = random.Random(SEED)
    version = await rig.add("/acme/one", TEXTS)
    given = settings(embedding_model="light-8", embedding_batch_chunks=4)
    process = LightEmbedder(given)
    async with process.running(), working(EmbeddingWorker(rig.database, rig.store, process, given)):
        for _ in range(KILLS):
            await asyncio.wait_for(process.until_ready(), START_SECONDS)
            goal = await _embedded(rig) + chance.randrange(1, 60)
            await eventually(lambda: _has(rig, goal))  # noqa: B023 - it is over before the next turn
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
        assert await _embedded(rig) < len(TEXTS)
        await rig.until_settled()
    assert len(await rig.vectors(version.id)) == len(set(TEXTS))
    assert await _embedded(rig) == len(TEXTS)


async def test_a_worker_is_killed_at_random_moments_and_the_next_one_goes_on(
    content_database: Database, database_url: str, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    async with open_rig(content_database, tmp_path) as rig:
        version = await rig.add("/acme/one", TEXTS)
    counting = Rig(content_database, rig.store, rig.indexer)
    for _ in range(KILLS):
        worker = await _start_worker(database_url, tmp_path)
        done = await _embedded(counting)
        goal = done + chance.randrange(1, 60)
        await eventually(lambda: _has(counting, goal), within_seconds=START_SECONDS)  # noqa: B023 - as above
        worker.kill()
        await worker.wait()
    assert await _embedded(counting) < len(TEXTS)
    worker = await _start_worker(database_url, tmp_path)
    out, _ = await asyncio.wait_for(worker.communicate(), START_SECONDS * 2)
    assert b"settled" in out
    async with open_rig(content_database, tmp_path) as rig:
        assert len(await rig.vectors(version.id)) == len(set(TEXTS))
    assert await _embedded(counting) == len(TEXTS)


async def _start_worker(database_url: str, folder: Path) -> asyncio.subprocess.Process:
    arguments = ("-m", "tests.embedding_rig", database_url, str(folder))
    return await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, stderr=DEVNULL
    )


async def _embedded(rig: Rig) -> int:
    return await rig.value("select count(*) from documentation_chunks where embedded_by > 0")


async def _has(rig: Rig, goal: int) -> bool | None:
    return await _embedded(rig) >= min(goal, len(TEXTS)) or None
