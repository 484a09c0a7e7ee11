"""The embedded PostgreSQL comes back by itself, on the same address and with everything that was committed."""

import signal
from pathlib import Path

import psutil
import pytest

from core.database import Database
from core.embedded_postgres import embedded_postgres
from core.errors import DatabaseUnavailable
from tests.waiting import eventually


def postmaster_of(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGQUIT])
async def test_a_server_that_is_killed_is_started_again(tmp_path: Path, ending: signal.Signals) -> None:
    with embedded_postgres(tmp_path) as url:
        database = await Database.connect(url, pool_size=2)
        async with database.connection() as connection:
            await connection.execute("create table kept as select 7 as number")
        killed = postmaster_of(tmp_path)
        killed.send_signal(ending)

        async def read() -> int | None:
            try:
                async with database.connection() as connection:
                    return await connection.fetchval("select number from kept")
            except DatabaseUnavailable:
                return None

        async def is_another_one() -> bool:
            try:
                return postmaster_of(tmp_path) != killed and await read() == 7
            except (OSError, IndexError, psutil.NoSuchProcess):  # its file is not there yet, or not written yet
                return False

        assert await eventually(is_another_one)
        await database.close()
    assert not (tmp_path / "postmaster.pid").exists()
