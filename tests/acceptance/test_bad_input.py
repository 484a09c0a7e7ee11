"""Whatever it is given, Lectern says what is wrong and goes on answering: sources, ids, questions, keys and disks."""

import asyncio
import json
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from accounts.key_format import mint_key
from bench.product import Product, environment_for, lectern, running_lectern
from tests.crawl_site import Answer, Request, Site, serve_site

COMMAND_SECONDS = 30
QUICK = {
    "LECTERN_EMBEDDING_ENABLED": "false",
    "LECTERN_CRAWL_REQUEST_TIMEOUT_SECONDS": "0.3",
    "LECTERN_CRAWL_RETRY_BASE_SECONDS": "0.01",
}
LIBRARY = "/acme/notes"
TEXT = "<p>Widgets are made of brass, and every widget has a colour that is set once.</p>"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and everything it printed."""

    status: int | None
    text: str


async def run(environment: Mapping[str, str], *command: str) -> Ended:
    """Runs a `lectern` command to its end, which must come soon."""
    process = await asyncio.create_subprocess_exec(*lectern(*command), env=environment, stdout=PIPE, stderr=PIPE)
    try:
        out, err = await asyncio.wait_for(process.communicate(), COMMAND_SECONDS)
    except TimeoutError:
        process.kill()
        raise
    return Ended(process.returncode, out.decode() + err.decode())


@pytest.fixture(scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Product]:
    """A server with one library, which has to survive everything below."""
    folder = tmp_path_factory.mktemp("bad-input")
    (folder / "notes").mkdir()
    (folder / "notes" / "colours.md").write_text("# Colours\n\nA widget's colour is set once, with `paint(colour)`.\n")
    async with running_lectern(folder, **QUICK) as running:
        for version in ("1.0", "2.0"):
            await running.run("add", str(folder / "notes"), "--id", LIBRARY, "--version", version, "--wait")
        yield running


@pytest.fixture
async def survivor(product: Product) -> AsyncGenerator[Product]:
    """The server, which must answer as before when the test is over."""
    yield product
    response = await search(product, library=LIBRARY, query="colour of a widget")
    assert "paint(colour)" in response.json()["text"]


async def search(product: Product, key: str | None = None, **parameters: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {key or product.key}"}
    async with httpx.AsyncClient(headers=headers, timeout=COMMAND_SECONDS) as client:
        return await client.get(f"{product.url}/api/v1/search", params=parameters)


async def call(product: Product, key: str | None = None, **arguments: Any) -> httpx.Response:
    """Calls query-docs as raw JSON-RPC."""
    headers = {
        "authorization": f"Bearer {key or product.key}",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": "2025-11-25",
    }
    params = {"name": "query-docs", "arguments": arguments}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    async with httpx.AsyncClient(headers=headers, timeout=COMMAND_SECONDS) as client:
        return await client.post(f"{product.url}/mcp", json=message)


def tool_error(response: httpx.Response) -> str:
    result = response.json()["result"]
    assert result["isError"], result
    return result["content"][0]["text"]


# Sources


def redirect_for_ever(site: Site) -> None:
    async def onwards(request: Request) -> Answer:
        return Answer(status=302, headers={"Location": f"{request.target}x"})

    site.fallback = onwards


def redirect_in_a_circle(site: Site) -> None:
    site.redirect("/", "/other")
    site.redirect("/other", "/")


def answer_500(site: Site) -> None:
    site.fallback = Answer(b"oops", 500)


def be_a_pdf(site: Site) -> None:
    site.routes["/"] = Answer(b"%PDF-1.7\n", content_type="application/pdf")


def be_binary(site: Site) -> None:
    site.routes["/"] = Answer(bytes(range(256)) * 100, content_type="application/octet-stream")


def be_binary_under_a_false_name(site: Site) -> None:
    site.routes["/"] = Answer(bytes(range(256)) * 100)


def forbid_all(site: Site) -> None:
    site.page("/", text=TEXT)
    site.routes["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /\n", content_type="text/plain")


def fail_behind_the_start(site: Site) -> None:
    site.fallback = Answer(b"oops", 500)
    site.routes["/robots.txt"] = Answer(status=404)
    site.page("/", *(f"/page{number}" for number in range(5)), text=TEXT)


def never_answer(site: Site) -> None:
    async def wait(_request: Request) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError

    site.fallback = wait


SOURCES: list[tuple[Callable[[Site], None], str]] = [
    (redirect_for_ever, "more than 5 redirects"),
    (redirect_in_a_circle, "redirects in a circle"),
    (answer_500, "500 (Internal Server Error)"),
    (be_a_pdf, "not a document (application/pdf)"),
    (be_binary, "not a document (application/octet-stream)"),
    (be_binary_under_a_false_name, "No documentation was found"),
    (forbid_all, "robots.txt forbids it"),
    (fail_behind_the_start, "500 (Internal Server Error)"),
    (never_answer, "no complete answer within 0.3 seconds"),
]


@pytest.mark.parametrize(("spoil", "reason"), SOURCES, ids=lambda value: getattr(value, "__name__", None))
async def test_a_site_that_gives_nothing_says_why(
    survivor: Product, spoil: Callable[[Site], None], reason: str
) -> None:
    async with serve_site() as site:
        spoil(site)
        ended = await add(survivor, f"{site.url}/", f"/bad/{spoil.__name__}", "--allow-private")
    assert ended.status == 1, ended.text
    assert reason in ended.text


async def add(product: Product, source: str, library: str, *options: str) -> Ended:
    return await run(product.environment, "add", source, "--id", library, "--wait", *options)


async def test_an_empty_folder_is_named_as_such(survivor: Product, tmp_path: Path) -> None:
    ended = await add(survivor, str(tmp_path), "/bad/empty")
    assert ended.status == 1
    assert "The folder holds no document to read (.html, .htm, .md, .markdown)." in ended.text


async def test_a_folder_of_empty_files_is_told_from_an_empty_folder(survivor: Product, tmp_path: Path) -> None:
    for name in ("a.md", "b.html", "c.markdown"):
        (tmp_path / name).touch()
    ended = await add(survivor, str(tmp_path), "/bad/blank")
    assert ended.status == 1
    assert "No documentation was found on any page (3 empty)." in ended.text


async def test_a_failed_source_takes_nothing_from_the_library_it_was_meant_for(
    survivor: Product, tmp_path: Path
) -> None:
    ended = await add(survivor, str(tmp_path), LIBRARY, "--version", "2.0")
    assert ended.status == 1
    assert "paint(colour)" in (await search(survivor, library=f"{LIBRARY}/2.0", query="colour")).json()["text"]


# Names


@pytest.mark.parametrize(
    "library", ["notes", "x", "/acme", "/acme/not es", "/acme/../etc", "https://acme.org/notes", "/" + "a" * 300 + "/b"]
)
async def test_an_id_of_another_form_is_shown_the_right_one(survivor: Product, tmp_path: Path, library: str) -> None:
    ended = await add(survivor, str(tmp_path), library)
    assert ended.status == 1
    assert "/org/project" in ended.text


@pytest.mark.parametrize("version", ["1 0", "1/0", "-1", "1@2", "", "1" * 51, "1\n"])
async def test_a_version_of_another_form_is_shown_the_right_one(
    survivor: Product, tmp_path: Path, version: str
) -> None:
    ended = await add(survivor, str(tmp_path), "/bad/version", f"--version={version}")
    assert ended.status == 1
    assert "version" in ended.text


async def test_an_unknown_library_is_answered_with_those_that_look_alike(survivor: Product) -> None:
    response = await search(survivor, library="/acme/note", query="colour")
    assert (response.status_code, response.json()["similar"]) == (404, [LIBRARY])
    assert LIBRARY in response.json()["detail"]
    assert LIBRARY in tool_error(await call(survivor, libraryId="/acme/note", query="colour"))
    ended = await run(survivor.environment, "query", "/acme/note", "colour")
    assert ended.status == 1
    assert LIBRARY in ended.text


async def test_an_unknown_version_is_answered_with_those_that_exist(survivor: Product) -> None:
    library = f"{LIBRARY}/9.9"
    response = await search(survivor, library=library, query="colour")
    assert (response.status_code, response.json()["versions"]) == (404, ["2.0", "1.0"])
    assert "2.0, 1.0" in tool_error(await call(survivor, libraryId=library, query="colour"))
    ended = await run(survivor.environment, "query", library, "colour")
    assert ended.status == 1
    assert "2.0, 1.0" in ended.text


# Questions

QUESTIONS = [
    pytest.param("", "query", id="empty"),
    pytest.param(" \t\n ", "", id="white space"),
    pytest.param("\0\0", "", id="NUL"),
    pytest.param("x" * 100_000, "4000", id="too long"),
    pytest.param("the of and", "nothing on this question", id="stop words"),
    pytest.param("?!", "nothing on this question", id="punctuation"),
]


@pytest.mark.parametrize(("question", "reason"), QUESTIONS)
async def test_a_question_that_asks_nothing_is_told_so(survivor: Product, question: str, reason: str) -> None:
    response = await search(survivor, library=LIBRARY, query=question)
    print("API", response.status_code, response.text[:400])
    rpc = await call(survivor, libraryId=LIBRARY, query=question)
    print("MCP", rpc.status_code, rpc.text[:400])
    if "\0" not in question:
        ended = await run(survivor.environment, "query", LIBRARY, question)
        print("CLI", ended)
    assert 0


@pytest.mark.parametrize("tokens", ["0", "-1", str(10**30)])
async def test_tokens(survivor: Product, tokens: str) -> None:
    response = await search(survivor, library=LIBRARY, query="colour", tokens=tokens)
    print("API", response.status_code, response.text[:400])
    rpc = await call(survivor, libraryId=LIBRARY, query="colour", tokens=int(tokens))
    print("MCP", rpc.status_code, rpc.text[:400])
    ended = await run(survivor.environment, "query", LIBRARY, "colour", "--tokens", tokens)
    print("CLI", ended)
    assert 0
