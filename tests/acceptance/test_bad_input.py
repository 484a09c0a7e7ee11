"""Whatever it is given, Lectern says what is wrong and goes on answering: sources, names, questions and keys."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest

from accounts.key_format import mint_key
from bench.product import Product, running_lectern
from tests.commands import COMMAND_SECONDS, QUICK, add, run, write_notes
from tests.crawl_site import Answer, Request, Site, serve_site

LIBRARY = "/acme/notes"
NO_PAGES = ("/robots.txt", "/sitemap.xml")
TEXT = "<p>Widgets are made of brass, and every widget has a colour that is set once.</p>"


@pytest.fixture(scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Product]:
    """A server with one library, which has to survive everything below."""
    folder = tmp_path_factory.mktemp("bad-input")
    notes = write_notes(folder / "notes")
    async with running_lectern(folder, **QUICK) as running:
        for version in ("1.0", "2.0"):
            await running.run("add", notes, "--id", LIBRARY, "--version", version, "--wait")
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
    site.routes |= dict.fromkeys(NO_PAGES, Answer(status=404))
    site.page("/", *(f"/page{number}" for number in range(5)), text=TEXT)


def never_answer(site: Site) -> None:
    async def wait(_request: Request) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError

    site.fallback = wait


SOURCES: list[tuple[Callable[[Site], None], str]] = [
    (redirect_for_ever, "more than 5 redirects"),
    (redirect_in_a_circle, "redirects in a circle"),
    (answer_500, "answered 500 (Internal Server Error)"),
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


async def test_an_empty_folder_is_named_as_such(survivor: Product, tmp_path: Path) -> None:
    ended = await add(survivor, str(tmp_path), "/bad/empty")
    assert ended.status == 1
    assert "The folder holds no document to read (.html, .htm, .xhtml, .md, " in ended.text


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
    "library", ["notes", "x", "/acme", "/acme/../etc", "https://acme.org/notes", "/a/" + "b" * 300]
)
async def test_an_id_of_another_form_is_shown_the_right_one(survivor: Product, tmp_path: Path, library: str) -> None:
    ended = await add(survivor, str(tmp_path), library)
    assert ended.status == 1
    assert "is not a library id. Ids look like /org/project" in ended.text


@pytest.mark.parametrize("version", ["1 0", "1/0", "-1", "", "1" * 51, "1\n"])
async def test_a_version_of_another_form_is_shown_the_right_one(
    survivor: Product, tmp_path: Path, version: str
) -> None:
    ended = await run(survivor.environment, "add", str(tmp_path), "--id", "/bad/version", f"--version={version}")
    assert ended.status == 1
    assert "is not a version. Versions look like 5.2" in ended.text


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
    pytest.param("", "is empty|at least 1 character", id="empty"),
    pytest.param(" \t\n ", "is empty", id="white space"),
    pytest.param("x" * 100_000, "4000 characters|too long|Invalid HTTP request", id="too long"),
    pytest.param("the of and", "has nothing on this question", id="stop words"),
]


@pytest.mark.parametrize(("question", "reason"), QUESTIONS)
async def test_a_question_that_cannot_be_answered_is_told_why_at_every_door(
    survivor: Product, question: str, reason: str
) -> None:
    status, body = await raw_search(survivor, question)
    assert status in (400, 404)
    assert re.search(reason, body)
    assert re.search(reason, tool_error(await call(survivor, libraryId=LIBRARY, query=question)))
    ended = await run(survivor.environment, "query", LIBRARY, question)
    assert ended.status == 1
    assert re.search(reason, ended.text)
    assert len(ended.text) < 500


async def raw_search(product: Product, question: str) -> tuple[int, str]:
    """Asks over HTTP by hand and gives status and body: the client library refuses to send such long addresses."""
    address = urlsplit(product.url)
    target = f"/api/v1/search?library={quote(LIBRARY)}&query={quote(question)}"
    head = f"GET {target} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {product.key}\r\n"
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(f"{head}Connection: close\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), COMMAND_SECONDS)
    writer.close()
    status, body = answer.split(b" ", 2)[1], answer.partition(b"\r\n\r\n")[2]
    return int(status), body.decode()


async def test_nul_in_a_question_is_white_space(survivor: Product) -> None:
    response = await search(survivor, library=LIBRARY, query="\0colour\0")
    assert "paint(colour)" in response.json()["text"]
    assert "paint(colour)" in (await call(survivor, libraryId=LIBRARY, query="\0colour\0")).text
    assert "is empty" in (await search(survivor, library=LIBRARY, query="\0\0")).json()["detail"]
    assert "is empty" in tool_error(await call(survivor, libraryId=LIBRARY, query="\0\0"))


@pytest.mark.parametrize("tokens", ["x", "1.5", "", "1e3"])
async def test_a_budget_that_is_no_whole_number_is_refused_in_the_same_words_over_http(
    survivor: Product, tokens: str
) -> None:
    response = await search(survivor, library=LIBRARY, query="colour", tokens=tokens)
    assert response.status_code == 400
    refusal = tool_error(await call(survivor, libraryId=LIBRARY, query="colour", tokens=tokens))
    assert response.json()["detail"] in refusal
    assert "`tokens` must be a positive whole number" in refusal


@pytest.mark.parametrize("tokens", [0, -1])
async def test_a_budget_below_one_token_is_refused_at_every_door(survivor: Product, tokens: int) -> None:
    response = await search(survivor, library=LIBRARY, query="colour", tokens=str(tokens))
    assert response.status_code == 400
    assert "`tokens` must be a positive whole number" in response.json()["detail"]
    refusal = tool_error(await call(survivor, libraryId=LIBRARY, query="colour", tokens=tokens))
    assert "`tokens` must be a positive whole number" in refusal
    ended = await run(survivor.environment, "query", LIBRARY, "colour", "--tokens", str(tokens))
    assert ended.status == 1
    assert "`tokens` must be a positive whole number" in ended.text


@pytest.mark.parametrize(("asked", "budget"), [(10**30, 20_000), (1, 100), (700, 700)])
async def test_a_budget_out_of_bounds_is_cut_at_every_door_which_says_to_what(
    survivor: Product, asked: int, budget: int
) -> None:
    answer = (await search(survivor, library=LIBRARY, query="colour", tokens=str(asked))).json()
    assert answer["budgetTokens"] == budget
    assert "paint(colour)" in answer["text"]
    result = await call(survivor, libraryId=LIBRARY, query="colour", tokens=asked)
    assert "paint(colour)" in result.text
    assert f'"budget":{budget}' in result.text.replace(" ", "")


@pytest.mark.parametrize("page", ["0", "11", "-1", "x", "1.5"])
async def test_a_page_out_of_bounds_is_refused_at_every_door(survivor: Product, page: str) -> None:
    response = await search(survivor, library=LIBRARY, query="colour", page=page)
    assert response.status_code == 400
    assert "`page` must be a whole number from 1 to 10" in response.json()["detail"]
    refusal = tool_error(await call(survivor, libraryId=LIBRARY, query="colour", page=page))
    assert "`page` must be a whole number from 1 to 10" in refusal


async def test_a_page_beyond_the_last_says_so(survivor: Product) -> None:
    response = await search(survivor, library=LIBRARY, query="colour", page="9")
    assert response.status_code == 404
    assert "There is no page 9" in response.json()["detail"]
    assert "There is no page 9" in tool_error(await call(survivor, libraryId=LIBRARY, query="colour", page=9))


# Keys


async def refusals(product: Product, key: str) -> tuple[str, str]:
    """Gives what the HTTP API and the MCP endpoint say to a key they refuse."""
    response = await search(product, key, library=LIBRARY, query="colour")
    assert response.status_code == 401, response.text
    rpc = await call(product, key, libraryId=LIBRARY, query="colour")
    assert rpc.status_code == 401, rpc.text
    return response.json()["detail"], rpc.json()["error"]["message"]


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        pytest.param(mint_key(), "is not known here", id="of another server"),
        pytest.param("lk_live_" + "A" * 38, "copied whole", id="wrong checksum"),
        pytest.param("sk-ant-0123", "keys begin with lk_live_", id="of another product"),
        pytest.param("lk_live_" + "A" * 20_000, "copied whole", id="endless"),
    ],
)
async def test_a_key_that_is_none_is_told_so(survivor: Product, key: str, reason: str) -> None:
    for refusal in await refusals(survivor, key):
        assert reason in refusal
        assert key not in refusal


async def test_a_revoked_key_is_told_so(survivor: Product) -> None:
    made = await create_key(survivor)
    assert (await search(survivor, made["plaintext"], library=LIBRARY, query="colour")).status_code == 200
    assert (await run(survivor.environment, "key", "revoke", made["key"]["id"])).status == 0
    for refusal in await refusals(survivor, made["plaintext"]):
        assert "was revoked" in refusal


async def test_an_expired_key_is_told_so(survivor: Product) -> None:
    made = await create_key(survivor, expiresAt=(datetime.now(UTC) + timedelta(seconds=1)).isoformat())
    async with asyncio.timeout(10):
        while (await search(survivor, made["plaintext"], library=LIBRARY, query="colour")).status_code == 200:
            pass
    for refusal in await refusals(survivor, made["plaintext"]):
        assert "has expired" in refusal


async def test_a_key_that_would_expire_in_the_past_is_not_made(survivor: Product) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        await create_key(survivor, expiresAt="2020-01-01T00:00:00Z")


async def create_key(product: Product, **wishes: str) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {product.key}"}
    body = {"name": "short-lived", "requestsPerMinute": 10_000, **wishes}
    async with httpx.AsyncClient(headers=headers) as client:
        response = await client.post(f"{product.url}/api/v1/keys", json=body)
    return response.raise_for_status().json()
