"""The product as its users have it: `lectern up` in its own process, its commands, and clients written by others."""

import asyncio
import json
import signal
import threading
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import httpx2
import psutil
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent

from bench.product import Product, environment_for, lectern, running_lectern
from tests.crawl_site import Answer, Request, serve_site
from tests.waiting import eventually

PAGES = 12


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name the standard library gave it
        pass


@contextmanager
def served(folder: Path) -> Generator[str]:
    """Serves a folder on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def write_site(folder: Path) -> None:
    links = "".join(f'<li><a href="page{number}.html">Page {number}</a></li>' for number in range(PAGES))
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(
        f"<html><title>Widget</title><body><main><h1 id='widget'>Widget</h1>"
        f"<p>Widget is a library for making widgets of every size and colour, in a few lines of code.</p>"
        f"<ul>{links}</ul></main></body></html>"
    )
    for number in range(PAGES):
        (folder / f"page{number}.html").write_text(
            f"<html><title>Feature {number}</title><body><nav>menu</nav><main>"
            f"<h1 id='feature-{number}'>Feature {number}</h1>"
            f"<p>The function below configures feature number {number} of the widget. Call it once at start.</p>"
            f"<pre><code class='language-python'>widget.configure_feature_{number}(level={number})</code></pre>"
            f"<h2 id='errors-{number}'>Errors of feature {number}</h2>"
            f"<p>It raises FeatureError{number} when the level is not between zero and {number + 10}, and says why.</p>"
            "</main></body></html>"
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    folder = tmp_path_factory.mktemp("site") / "widget"
    write_site(folder)
    with served(folder) as url:
        yield url


@pytest.fixture(scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory, site: str) -> AsyncGenerator[Product]:
    """A server with one library, indexed by words and by meaning."""
    async with running_lectern(tmp_path_factory.mktemp("up")) as running:
        await running.run("add", site, "--id", "/acme/widget", "--version", "1.0", "--allow-private", "--wait")
        yield running


def text_of(result: CallToolResult) -> str:
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


async def call(client: Client, tool: str, **arguments: str) -> str:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, text_of(result)
    return text_of(result)


async def search(product: Product, key: str, **parameters: str) -> httpx.Response:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as client:
        return await client.get(f"{product.url}/api/v1/search", params=parameters)


async def usage_of(product: Product) -> dict[str, Any]:
    return json.loads(await product.run("usage", "--json"))["total"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_official_client_finds_the_passage_in_both_protocol_eras(product: Product, mode: Any) -> None:
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {product.key}"}) as http,
        Client(streamable_http_client(f"{product.url}/mcp", http_client=http), mode=mode) as client,
    ):
        assert "/acme/widget" in await call(client, "resolve-library-id", query="configure", libraryName="widget")
        answer = await call(client, "query-docs", libraryId="/acme/widget", query="configure_feature_7")
    first = answer.split("-" * 32)[0]
    assert "page7.html#" in first
    assert "widget.configure_feature_7(level=7)" in first
    assert "Version: 1.0, indexed " in first


async def test_the_official_client_is_served_over_stdio(product: Product) -> None:
    command, *arguments = lectern("mcp")
    environment = {**product.environment, "LECTERN_API_KEY": product.key}
    parameters = StdioServerParameters(command=command, args=arguments, env=environment)
    async with Client(stdio_client(parameters)) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == {"resolve-library-id", "query-docs"}
        answer = await call(client, "query-docs", libraryId="/acme/widget", query="FeatureError3")
    assert "page3.html#errors-3" in answer


async def test_every_call_is_one_row_whatever_its_end(product: Product) -> None:
    before = await usage_of(product)
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {product.key}"}) as http,
        Client(streamable_http_client(f"{product.url}/mcp", http_client=http)) as client,
    ):
        await call(client, "query-docs", libraryId="/acme/widget", query="feature levels")
        unknown = await client.call_tool("query-docs", {"libraryId": "/acme/nothing", "query": "x"})
        await client.list_tools()
    after = await usage_of(product)
    assert unknown.is_error
    assert after["calls"] - before["calls"] == 2
    assert after["billedCalls"] - before["billedCalls"] == 1


async def test_a_question_asked_again_gets_the_same_answer_and_counts_again(product: Product) -> None:
    asked = {"library": "/acme/widget", "query": "which levels does feature 5 take"}
    first = (await search(product, product.key, **asked)).json()
    before = await usage_of(product)
    answers = await asyncio.gather(*(search(product, product.key, **asked) for _ in range(6)))
    after = await usage_of(product)
    assert [answer.json() for answer in answers] == [first] * 6
    assert after["billedCalls"] - before["billedCalls"] == 6
    assert after["tokens"] - before["tokens"] == 6 * first["tokenCount"]


async def test_the_next_page_goes_on_where_the_answer_ended_at_every_door(product: Product) -> None:
    asked = {"library": "/acme/widget", "query": "feature levels", "tokens": "400"}
    pages = [(await search(product, product.key, **asked, page=page)).json() for page in ("1", "2")]
    first, second = ([snippet["chunkId"] for snippet in page["snippets"]] for page in pages)
    assert not set(first) & set(second)
    assert pages[0]["hasMore"]
    assert [page["page"] for page in pages] == [1, 2]
    links = [f"- {link['title']}: {link['sourceUrl']}" for link in pages[0]["links"]]
    told = pages[0]["text"].partition("Not shown (page 2 goes on with it):\n")[2]
    assert told.split("\n") == (links or [""])

    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {product.key}"}) as http,
        Client(streamable_http_client(f"{product.url}/mcp", http_client=http)) as client,
    ):
        named = {"libraryId": asked["library"], "query": asked["query"], "tokens": asked["tokens"]}
        assert await call(client, "query-docs", **named, page="2") == pages[1]["text"]
    assert await product.run("query", asked["library"], asked["query"], "--tokens", "400", "--page", "2") == (
        pages[1]["text"] + "\n"
    )


async def test_an_unknown_version_is_answered_with_those_that_exist(product: Product) -> None:
    response = await search(product, product.key, library="/acme/widget/9.9", query="x")
    assert response.status_code == 404
    assert response.json()["versions"] == ["1.0"]


async def test_a_revoked_key_is_refused_at_once(product: Product) -> None:
    created = json.loads(await product.run("key", "create", "--name", "short-lived", "--json"))
    asked = {"library": "/acme/widget", "query": "feature"}
    assert (await search(product, created["plaintext"], **asked)).status_code == 200

    await product.run("key", "revoke", created["key"]["id"])
    assert (await search(product, created["plaintext"], **asked)).status_code == 401


async def test_own_documentation_is_the_first_library(product: Product) -> None:
    async with asyncio.timeout(60):
        answer = await product.run("query", "/lectern/docs", "create an API key")
    assert "lectern key create" in answer


async def test_a_library_that_is_removed_answers_no_more(product: Product, site: str) -> None:
    await product.run("add", site, "--id", "/acme/gone", "--version", "1", "--allow-private", "--wait")
    assert "Source:" in await product.run("query", "/acme/gone", "feature 3")
    await product.run("remove", "/acme/gone", "--yes")
    with pytest.raises(RuntimeError, match="no library /acme/gone"):
        await product.run("query", "/acme/gone", "feature 3")


async def test_a_second_server_on_the_same_data_is_told_where_the_first_is(product: Product) -> None:
    with pytest.raises(RuntimeError, match=product.url):
        await product.run("up", "--port", "0")


async def test_a_port_in_use_is_named(product: Product, tmp_path: Path) -> None:
    port = product.url.rsplit(":", 1)[1]
    elsewhere = Product(product.url, "", product.process, environment_for(tmp_path / "data"))
    with pytest.raises(RuntimeError, match=f"Cannot listen on 127.0.0.1:{port}"):
        await elsewhere.run("up", "--port", port)


async def test_after_ctrl_c_nothing_runs_and_everything_is_kept(tmp_path: Path, site: str) -> None:
    async with running_lectern(tmp_path, LECTERN_EMBEDDING_ENABLED="false") as first:
        await first.run("add", site, "--id", "/acme/kept", "--version", "1", "--allow-private", "--wait")
        children = psutil.Process(first.process.pid).children(recursive=True)
        assert children
    _, still_there = psutil.wait_procs(children, timeout=5)
    assert not still_there

    # No server runs now: the command opens the data by itself.
    assert "configure_feature_5" in await first.run("query", "/acme/kept", "configure_feature_5")
    assert first.key[:10] in await first.run("key", "list")


async def test_a_path_too_long_for_a_socket_is_no_obstacle(tmp_path: Path, site: str) -> None:
    folder = tmp_path / ("long-" * 20) / ("path-" * 20)
    folder.mkdir(parents=True)
    async with running_lectern(folder, LECTERN_EMBEDDING_ENABLED="false") as running:
        await running.run("add", site, "--id", "/acme/deep", "--version", "1", "--allow-private", "--wait")
        assert "Source:" in await running.run("query", "/acme/deep", "feature 1")


async def test_killed_while_adding_the_same_command_goes_on(tmp_path: Path) -> None:
    data, is_open = tmp_path / "data", asyncio.Event()
    environment = environment_for(data, LECTERN_EMBEDDING_ENABLED="false", LECTERN_CRAWL_LEASE_SECONDS="5")
    async with serve_site() as widget:
        names = [f"page{number}.html" for number in range(PAGES)]
        widget.page("/", *names, text="<p>Widget is a library for making widgets of every size and colour.</p>")

        async def page(request: Request) -> Answer:
            if await is_half_read():
                await is_open.wait()
            text = f"<p>What {request.target} says of widgets is said on no other page.</p>"
            return Answer(f"<html><body><h1>{request.target}</h1>{text}</body></html>".encode())

        async def is_half_read() -> bool:
            return sum(widget.hits[f"/{name}"] > 0 for name in names) > PAGES // 2

        async def is_making_its_database() -> bool:
            return (data / "postgres" / "postmaster.pid").exists()

        widget.routes |= {f"/{name}": page for name in names}
        command = lectern("add", f"{widget.url}/", "--id", "/acme/widget", "--allow-private", "--wait", "--json")
        for is_to_be_killed in (is_making_its_database, is_half_read):
            killed = await asyncio.create_subprocess_exec(*command, env=environment, stdout=DEVNULL, stderr=DEVNULL)
            await eventually(is_to_be_killed)
            killed.kill()
            assert await killed.wait() == -signal.SIGKILL
        is_open.set()
        finished = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=DEVNULL)
        out, _ = await finished.communicate()
    report = json.loads(out)
    assert finished.returncode == 0
    assert report["status"] == "completed"
    assert report["pages"]["fetched"] == PAGES + 1
    assert report["chunks"]["total"] == report["chunks"]["withWords"] > PAGES


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("http://no-such-host.invalid/", "does not resolve"),
        ("http://127.0.0.1:9/", "refused"),
        ("http://127.0.0.1:{port}/absent/", "404"),
        ("http://127.0.0.1:{port}/page1.html", ""),
        ("/nowhere/at/all", "nowhere"),
    ],
)
async def test_a_source_that_cannot_be_read_says_why(product: Product, site: str, source: str, reason: str) -> None:
    address = source.format(port=site.rstrip("/").rsplit(":", 1)[1])
    command = ("add", address, "--id", "/acme/bad", "--version", "1", "--allow-private", "--wait")
    if not reason:
        await product.run(*command)
        return
    with pytest.raises(RuntimeError, match=reason):
        await product.run(*command)


async def test_private_addresses_need_to_be_allowed(product: Product, site: str) -> None:
    with pytest.raises(RuntimeError, match="--allow-private"):
        await product.run("add", site, "--id", "/acme/private", "--version", "1", "--wait")


async def test_an_id_of_another_form_is_refused(product: Product, site: str) -> None:
    with pytest.raises(RuntimeError, match="/org/project"):
        await product.run("add", site, "--id", "widget", "--version", "1", "--allow-private")
