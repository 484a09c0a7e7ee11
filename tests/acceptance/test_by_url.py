"""The same product on engines named by URL: PostgreSQL for each plane, Redis, an object store."""

import asyncio
from pathlib import Path

import httpx
import pytest

from bench.product import Product, lectern, running_lectern
from tests.conftest import run_statement, with_database
from tests.redis_server import running_redis


async def test_engines_are_chosen_by_settings_alone(tmp_path: Path, postgres_url: str) -> None:
    for name in ("by_url_content", "by_url_accounts"):
        await run_statement(postgres_url, f"create database {name}")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "note.md").write_text("# Note\n\nThe colour of the note is vermilion.\n")
    with running_redis() as redis:
        settings = {
            "DATABASE_URL": with_database(postgres_url, "by_url_content"),
            "ACCOUNTS_DATABASE_URL": with_database(postgres_url, "by_url_accounts"),
            "REDIS_URL": redis.url,
            "SNAPSHOT_URL": (tmp_path / "elsewhere").as_uri(),
            "LECTERN_EMBEDDING_ENABLED": "false",
        }
        (tmp_path / "elsewhere").mkdir()
        async with running_lectern(tmp_path, **settings) as product:
            await product.run("add", str(tmp_path / "notes"), "--id", "/acme/notes", "--version", "1", "--wait")
            assert "vermilion" in await product.run("query", "/acme/notes", "colour")
            assert await first_refused(product, "/acme/notes") == 4
    assert list((tmp_path / "elsewhere").rglob("*.warc.gz"))
    assert not (tmp_path / "data" / "postgres").exists()


async def first_refused(product: Product, library: str) -> int:
    """Gives which of several calls was the first over a limit of three a minute, counted in Redis."""
    key = (await product.run("key", "create", "--per-minute", "3")).strip()
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as client:
        for number in range(1, 10):
            parameters = {"library": library, "query": "colour"}
            response = await client.get(f"{product.url}/api/v1/search", params=parameters)
            if response.status_code == 429:
                return number
    return 0


async def test_a_database_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ended with status 1"):
        async with running_lectern(tmp_path, DATABASE_URL="postgresql://127.0.0.1:9/none"):
            pass


async def test_serving_refuses_a_schema_that_was_not_migrated(tmp_path: Path, postgres_url: str) -> None:
    await run_statement(postgres_url, "create database never_migrated")
    url = with_database(postgres_url, "never_migrated")
    environment = {"DATABASE_URL": url, "LECTERN_DATA_DIR": str(tmp_path / "data"), "PATH": "/usr/bin:/bin"}
    process = await asyncio.create_subprocess_exec(
        *lectern("serve", "--port", "0"), env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert b"lectern migrate" in err
