"""What a newcomer meets behind the first command: settings as the documentation gives them, slips, what to do next."""

import asyncio
import signal
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest

from accounts.key_format import mint_key
from bench.product import Product, environment_for, free_port, lectern, running_lectern
from tests.commands import COMMAND_SECONDS, QUICK, run
from tests.crawl_site import Answer, Request, serve_site

PUBLIC = {"LECTERN_ALLOWED_HOSTS": "docs.example.org"}


@pytest.fixture(scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Product]:
    """A server set up as it is behind a proxy: it answers to a public name."""
    async with running_lectern(tmp_path_factory.mktemp("first-steps"), **QUICK, **PUBLIC) as running:
        yield running


async def status(product: Product, key: str, **headers: str) -> int:
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {key}", **headers}) as client:
        return (await client.get(f"{product.url}/api/v1/keys")).status_code


async def test_commands_still_reach_a_server_that_was_given_a_public_name(product: Product) -> None:
    assert await status(product, product.key, host="docs.example.org") == 200
    assert await status(product, product.key, host="evil.example") == 421
    assert "/lectern/docs" in await product.run("libraries")


async def test_a_placeholder_for_a_key_locks_nobody_out(product: Product) -> None:
    assert [await status(product, "YOUR_KEY") for _ in range(40)] == [401] * 40
    assert await status(product, product.key) == 200


async def test_wrong_keys_from_this_machine_do_not_lock_out_its_commands(tmp_path: Path) -> None:
    async with running_lectern(tmp_path, **QUICK, LECTERN_REFUSED_KEYS_PER_MINUTE="3") as besieged:
        statuses = [await status(besieged, mint_key()) for _ in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        assert "/lectern/docs" in await besieged.run("libraries")


async def test_doctor_asks_the_server_that_runs(product: Product) -> None:
    well = await run(product.environment, "doctor")
    assert (well.status, product.url in well.text) == (0, True), well.text
    product.process.send_signal(signal.SIGSTOP)
    try:
        ill = await run(product.environment, "doctor")
    finally:
        product.process.send_signal(signal.SIGCONT)
    assert (ill.status, "does not answer" in ill.text) == (1, True), ill.text


@pytest.mark.parametrize(
    ("setting", "address"), [("REDIS_URL", "redis://127.0.0.1:{port}"), ("SNAPSHOT_URL", "s3://bucket/prefix")]
)
async def test_doctor_asks_the_parts_that_are_elsewhere(tmp_path: Path, setting: str, address: str) -> None:
    # Nothing listens there, and what would give out credentials is nowhere.
    nowhere = {setting: address.format(port=free_port()), "AWS_METADATA_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    ended = await run(environment_for(tmp_path, **QUICK, **nowhere), "doctor")
    assert (ended.status, f"What {setting} names does not answer." in ended.text) == (1, True), ended.text


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        (("query", "/no/such", "x"), 1, "There is no library /no/such. `lectern libraries` lists what there is."),
        (("resolve", "zzqqxx"), 1, "No library here is called 'zzqqxx'. `lectern libraries` lists what there is."),
        (("crawl", "watch", "nonsense"), 1, "'nonsense' is neither the id of a crawl nor that of a library"),
        (("crawl", "pages", "/lectern/docs", "--state", "failed"), 0, "No page of this crawl is failed."),
        (("blocked", "/lectern/docs"), 0, "Nothing is blocked in /lectern/docs."),
        (("serve",), 1, "Stop it first, or set LECTERN_DATA_DIR to another folder."),
        (("add", "x", "--id", "/a/b", "--max-pages", "0"), 2, "'--max-pages'"),
    ],
)
async def test_what_a_command_cannot_do_or_show_it_says(
    product: Product, command: tuple[str, ...], status: int, said: str
) -> None:
    ended = await run(product.environment, *command)
    assert (ended.status, said in ended.text) == (status, True), ended.text


async def test_whoever_stops_watching_is_told_what_becomes_of_the_crawl(product: Product) -> None:
    async def wait(_request: Request) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError

    async with serve_site() as site:
        site.fallback = wait
        command = lectern("add", site.url, "--id", "/slow/site", "--allow-private", "--wait")
        process = await asyncio.create_subprocess_exec(*command, env=product.environment, stderr=PIPE)
        assert process.stderr is not None
        async with asyncio.timeout(COMMAND_SECONDS):
            assert b"is taken for" in await process.stderr.readline()
            process.send_signal(signal.SIGINT)
            said = (await process.stderr.read()).decode()
            assert await process.wait() == 130
    assert "The crawl goes on." in said
    crawl = said.partition("`lectern crawl cancel ")[2].partition("`")[0]
    assert (await run(product.environment, "crawl", "cancel", crawl)).status == 0


@pytest.mark.parametrize("path", ["/docs", "/api", "/api/v1/nothing", "/api/v1/libraries/a%0Ab/c/source"])
async def test_an_address_that_is_none_is_a_problem_as_well(product: Product, path: str) -> None:
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {product.key}"}) as client:
        response = await client.get(f"{product.url}{path}")
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")
    assert response.json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("POST", "", {"source": "https://x.example/", "id": "/a/b", "exclude": []}, "`exclude`: Extra inputs are not"),
        ("PUT", "/lectern/docs/source/secrets", {}, "`body`: there is no secret in it"),
    ],
)
async def test_a_request_with_a_slip_is_refused_in_words_that_name_it(
    product: Product, method: str, path: str, body: dict[str, Any], said: str
) -> None:
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {product.key}"}) as client:
        response = await client.request(method, f"{product.url}/api/v1/libraries{path}", json=body)
    assert response.status_code == 400
    assert response.json()["detail"].startswith(f"Wrong in the request: {said}")
