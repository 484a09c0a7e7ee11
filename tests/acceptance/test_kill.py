"""The promise of the meter: whatever moment the server is killed at, every answered call has exactly one row."""

import asyncio
import json
import random
import signal
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from bench.product import Product, running_lectern
from core.database import Database
from core.embedded_postgres import embedded_postgres

CALLERS = 6
ROUNDS = 4
CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "query-docs", "arguments": {"libraryId": "/acme/notes", "query": "limits of a note"}},
}


def write_notes(folder: Path) -> None:
    folder.mkdir()
    for number in range(5):
        (folder / f"note{number}.md").write_text(
            f"# Note {number}\n\nThe limits of note {number} are {number} and ten.\n"
        )


async def call_until_gone(product: Product, key: str, answered: list[UUID]) -> None:
    headers = {
        "authorization": f"Bearer {key}",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": "2025-11-25",
    }
    async with httpx.AsyncClient(headers=headers, timeout=10) as client:
        while True:
            try:
                response = await client.post(f"{product.url}/mcp", json=CALL)
            except httpx.HTTPError:
                return
            body = json.loads(response.content)
            assert "result" in body, body
            answered.append(UUID(response.headers["x-request-id"]))


async def rows_of(data: Path) -> list[UUID]:
    with embedded_postgres(data / "postgres") as url:
        database = await Database.connect(url, pool_size=2, schema="accounts", role="lectern_service")
        async with database.connection() as connection:
            rows = await connection.fetch("select request_id from usage_logs")
        await database.close()
    return [row["request_id"] for row in rows]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_after_kill_9_every_answered_call_has_exactly_one_row(tmp_path: Path) -> None:
    write_notes(tmp_path / "notes")
    answered: list[UUID] = []
    dice = random.Random(11)
    settings = {"LECTERN_EMBEDDING_ENABLED": "false"}
    key = ""
    for _ in range(ROUNDS):
        async with running_lectern(tmp_path, **settings) as product:
            if not answered:
                # A key whose limits the callers do not reach.
                key = (await product.run("key", "create", "--per-minute", "1000000", "--per-day", "1000000")).strip()
                await product.run("add", str(tmp_path / "notes"), "--id", "/acme/notes", "--version", "1", "--wait")
            callers = [asyncio.create_task(call_until_gone(product, key, answered)) for _ in range(CALLERS)]
            done, _ = await asyncio.wait(callers, timeout=dice.uniform(0.2, 1.0))
            assert not done, "a caller ended before the kill"
            product.process.send_signal(signal.SIGKILL)
            await asyncio.gather(*callers)
            await product.process.wait()

    rows = await rows_of(tmp_path / "data")
    assert len(answered) > ROUNDS * CALLERS
    assert len(rows) == len(set(rows))
    assert set(answered) <= set(rows)
    # A call that was written down and whose answer the kill swallowed: at most one for each caller and kill.
    assert len(rows) - len(answered) <= ROUNDS * CALLERS
