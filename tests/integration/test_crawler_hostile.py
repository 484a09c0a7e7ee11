"""Nothing a site does harms us: every case of the table ends in time, with its reason, and the other pages are read."""

from collections.abc import AsyncGenerator

import pytest

from core.database import Database
from tests.conftest import run_statement, with_database
from tests.hostile.case import Case
from tests.hostile.judging import complaints
from tests.hostile.runs import Worker, open_worker
from tests.hostile.table import CASES


@pytest.fixture(scope="module")
async def worker(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Worker]:
    """One worker for all cases: what one leaves behind must not hurt the next."""
    await run_statement(postgres_url, f"create database hostile template {template_database}")
    database = await Database.connect(with_database(postgres_url, "hostile"), pool_size=5, schema="content")
    async with open_worker(database, tmp_path_factory.mktemp("worker")) as running:
        yield running
    await database.close()
    await run_statement(postgres_url, "drop database hostile with (force)")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_hostile_site_ends_as_the_table_says(case: Case, worker: Worker) -> None:
    assert complaints(case, await worker.run(case)) == []
