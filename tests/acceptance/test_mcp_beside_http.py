"""The HTTP API beside the MCP endpoint: the same answers, the same usage log, the same limits."""

import asyncio
from typing import Any

import httpx
import pytest
from conftest import Edge, OpenEdge

from accounts.people import create_user
from server.settings import ServerSettings

PROBLEM = "application/problem+json"


async def ask(edge: Edge, method: str, path: str, *, key: str | None = None, **options: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {key or edge.key}"} | options.pop("headers", {})
    async with httpx.AsyncClient() as client:
        return await client.request(method, edge.api_url + path, headers=headers, **options)


async def test_a_search_gives_the_tool_s_text_and_is_metered_like_it(edge: Edge) -> None:
    response = await ask(
        edge, "GET", "/search", params={"library": "/encode/httpx", "query": "timeouts", "tokens": 500}
    )
    assert response.status_code == 200
    assert edge.answers.calls == [("/encode/httpx", "timeouts", 500)]
    body = response.json()
    assert (body["version"], body["tokenCount"], body["usesMeaning"]) == ("0.28", 9, False)
    assert body["text"].startswith("### Timeouts")
    assert body["snippets"][0]["sourceUrl"] == "https://example.org/timeouts#set"
    assert response.headers["ratelimit-remaining"] == "59"
    (usage,) = await edge.usage()
    assert (usage.tool_name, usage.status, usage.is_billed, usage.transport) == ("query-docs", "ok", True, "http")
    assert response.headers["x-request-id"] == str(usage.request_id)


async def test_a_name_is_resolved_over_http_too(edge: Edge) -> None:
    response = await ask(edge, "GET", "/resolve", params={"libraryName": "httpx", "query": "timeouts"})
    assert [library["id"] for library in response.json()["libraries"]] == ["/encode/httpx"]
    (usage,) = await edge.usage()
    assert (usage.tool_name, usage.is_billed) == ("resolve-library-id", True)


async def test_an_unknown_library_is_a_problem_with_what_looks_alike(edge: Edge) -> None:
    response = await ask(edge, "GET", "/search", params={"library": "/encode/nothing", "query": "x"})
    assert (response.status_code, response.headers["content-type"]) == (404, PROBLEM)
    problem = response.json()
    assert (problem["code"], problem["similar"]) == ("library_not_found", ["/encode/httpx"])
    assert response.headers["ratelimit-limit"] == "60"
    (usage,) = await edge.usage()
    assert (usage.status, usage.is_billed) == ("library_not_found", False)


async def test_what_cannot_be_metered_is_not_answered_here_either(edge: Edge) -> None:
    await edge.meter_database.close()
    response = await ask(edge, "GET", "/search", params={"library": "/encode/httpx", "query": "x"})
    assert response.status_code == 503
    assert "Timeouts" not in response.text


async def test_a_slow_answer_ends_as_unavailable(open_edge: OpenEdge) -> None:
    edge = await open_edge(ServerSettings(call_timeout_seconds=0.1))

    async def hang() -> None:
        await asyncio.Event().wait()

    edge.answers.before_answer = hang
    response = await ask(edge, "GET", "/search", params={"library": "/encode/httpx", "query": "x"})
    assert response.status_code == 503
    (usage,) = await edge.usage()
    assert usage.status == "timeout"


async def test_what_nobody_thought_of_is_a_problem_with_the_id_the_log_has(edge: Edge) -> None:
    async def fall_over() -> None:
        raise RuntimeError("postgres://user:password@host")

    edge.answers.before_answer = fall_over
    response = await ask(edge, "GET", "/search", params={"library": "/encode/httpx", "query": "x"})
    assert (response.status_code, response.headers["content-type"]) == (500, PROBLEM)
    assert response.json()["requestId"] == response.headers["x-request-id"]
    assert "password" not in response.text


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/search", {}),
        ("/search", {"library": "/a/b", "query": "x", "tokens": "0"}),
        ("/search", {"library": "/a/b", "query": "x" * 4001}),
        ("/search", {"library": "/a/b", "query": "\x00"}),
        ("/usage", {"start": "2026-01-01T00:00:00"}),
        ("/usage", {"start": "2020-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}),
        ("/usage", {"start": "9999-12-31T23:59:59-23:59"}),
        ("/usage", {"end": "0001-01-02T00:00:00Z"}),
        ("/usage/calls", {"cursor": "MDAwMS0wMS0wMVQwMDowMDowMC4wMDAwMDArMjM6NTkgYQ=="}),
        ("/usage/calls", {"limit": "1000000"}),
        ("/usage/calls", {"cursor": "bm9uc2Vuc2U="}),
        ("/usage/calls", {"cursor": "%ff"}),
    ],
)
async def test_a_wrong_request_is_a_problem_that_repeats_nothing(edge: Edge, path: str, params: dict[str, str]) -> None:
    response = await ask(edge, "GET", path, params=params)
    assert (response.status_code, response.headers["content-type"]) == (400, PROBLEM)
    assert "xxxx" not in response.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("PATCH", "/keys", 405), ("GET", "/keys", 421)],
)
async def test_every_refusal_is_a_problem(edge: Edge, method: str, path: str, status: int) -> None:
    headers = {"host": "evil.example"} if status == 421 else {}
    response = await ask(edge, method, path, headers=headers)
    assert (response.status_code, response.headers["content-type"]) == (status, PROBLEM)
    assert response.json()["requestId"] == response.headers["x-request-id"]


async def test_a_key_is_shown_once_works_at_once_and_is_refused_once_revoked(edge: Edge) -> None:
    wish = {"name": "ci", "requestsPerMinute": 5, "allowedNetworks": ["127.0.0.0/8"]}
    made = await ask(edge, "POST", "/keys", json=wish)
    assert made.status_code == 201
    plaintext, key = made.json()["plaintext"], made.json()["key"]
    params = {"library": "/encode/httpx", "query": "x"}
    assert (await ask(edge, "GET", "/search", key=plaintext, params=params)).status_code == 200

    listed = await ask(edge, "GET", "/keys")
    assert key["id"] in [entry["id"] for entry in listed.json()["keys"]]
    assert plaintext not in listed.text

    revoked = await ask(edge, "DELETE", f"/keys/{key['id']}")
    assert revoked.json()["revokedAt"]
    assert (await ask(edge, "GET", "/search", key=plaintext, params=params)).status_code == 401


@pytest.mark.parametrize(
    "wish",
    [
        {"name": "x", "scopes": ["admin"]},
        {"name": "x", "scopes": ["docs:read", "usage:read"]},
        {"name": "x", "requestsPerMinute": 61},
    ],
)
async def test_a_key_cannot_make_one_that_may_do_more(edge: Edge, wish: dict[str, Any]) -> None:
    manager = await edge.key_ring.create(edge.user_id, "manager", ["keys:manage", "docs:read"])
    assert (await ask(edge, "POST", "/keys", key=manager.plaintext, json=wish)).status_code == 403


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"name": ""},
        {"name": "x" * 101},
        {"name": "x", "scopes": []},
        {"name": "x", "admin": True},
        {"name": "\x00"},
    ],
)
async def test_a_wish_out_of_bounds_is_refused(edge: Edge, wish: dict[str, Any]) -> None:
    assert (await ask(edge, "POST", "/keys", json=wish)).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/keys"), ("POST", "/keys"), ("GET", "/usage"), ("GET", "/usage/calls")]
)
async def test_a_key_for_reading_documentation_manages_nothing(edge: Edge, method: str, path: str) -> None:
    reader = await edge.key_ring.create(edge.user_id, "reader", ["docs:read"])
    response = await ask(edge, method, path, key=reader.plaintext, json={"name": "x"})
    assert response.status_code == 403
    assert "insufficient_scope" in response.headers["www-authenticate"]
    assert (await ask(edge, method, path, key="wrong")).status_code == 401


async def test_nobody_sees_or_touches_what_is_another_user_s(edge: Edge) -> None:
    params = {"library": "/encode/httpx", "query": "mine"}
    await ask(edge, "GET", "/search", params=params)
    other = await create_user(edge.accounts, "other@example.org")
    key = (await edge.key_ring.create(other.id, "other", ["keys:manage", "usage:read"])).plaintext
    (mine,) = [entry["id"] for entry in (await ask(edge, "GET", "/keys")).json()["keys"]]

    assert [entry["name"] for entry in (await ask(edge, "GET", "/keys", key=key)).json()["keys"]] == ["other"]
    assert (await ask(edge, "DELETE", f"/keys/{mine}", key=key)).status_code == 404
    assert (await ask(edge, "GET", "/usage", key=key)).json()["total"]["calls"] == 0
    assert (await ask(edge, "GET", "/usage/calls", key=key)).json()["calls"] == []
    assert (await ask(edge, "GET", "/usage")).json()["total"] == {"calls": 1, "billedCalls": 1, "tokens": 9}


async def test_calls_are_listed_page_by_page_without_gap_or_repeat(edge: Edge) -> None:
    for number in range(5):
        await ask(edge, "GET", "/search", params={"library": "/encode/httpx", "query": f"q{number}"})
    seen: list[str] = []
    cursor: str | None = None
    for _page in range(3):
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await ask(edge, "GET", "/usage/calls", params=params)).json()
        seen += [call["query"] for call in page["calls"]]
        cursor = page["next"]
    assert seen == ["q4", "q3", "q2", "q1", "q0"]
    assert cursor is None


async def test_the_description_names_every_route_and_loads_nothing_from_elsewhere(edge: Edge) -> None:
    description = (await ask(edge, "GET", "/openapi.json")).json()
    assert {"/search", "/resolve", "/keys", "/keys/{key_id}", "/usage", "/usage/calls"} <= set(description["paths"])
    assert PROBLEM in description["paths"]["/search"]["get"]["responses"]["404"]["content"]
    assert (await ask(edge, "GET", "/docs")).status_code == 404


async def test_the_description_knows_no_error_that_is_answered_otherwise(edge: Edge) -> None:
    description = (await ask(edge, "GET", "/openapi.json")).json()
    operations = [operation for path in description["paths"].values() for operation in path.values()]
    errors = [
        answer["content"]
        for operation in operations
        for status, answer in operation["responses"].items()
        if not status.startswith("2")
    ]
    assert all(PROBLEM in content for content in errors)
    assert all("default" in operation["responses"] for operation in operations)


@pytest.mark.parametrize(
    ("body", "sent_as", "said"),
    [
        (b'{"name": "x"}', "application/x-www-form-urlencoded", "header `Content-Type: application/json`"),
        (b'{"name": "x"}', "", "header `Content-Type: application/json`"),
        (b"", "", "This takes a JSON object as its body."),
        (b"{name: x}", "application/json", "The body is not JSON: "),
        (b"[" * 100_000, "application/json", "The body is not JSON "),
        (b"[]", "application/json", "This takes a JSON object as its body."),
        (b"", "application/json", "This takes a JSON object as its body."),
        (b'{"nme": "x"}', "application/json", "`name`: Field required; `nme`: Extra inputs are not permitted"),
    ],
)
async def test_a_body_that_cannot_be_taken_is_told_why(edge: Edge, body: bytes, sent_as: str, said: str) -> None:
    response = await ask(edge, "POST", "/keys", content=body, headers={"content-type": sent_as})
    assert (response.status_code, response.headers["content-type"]) == (400, PROBLEM)
    assert said in response.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"), [("PUT", "/keys", {"GET", "POST"}), ("POST", "/openapi.json", {"GET", "HEAD"})]
)
async def test_a_wrong_method_is_told_all_right_ones(edge: Edge, method: str, path: str, allowed: set[str]) -> None:
    response = await ask(edge, method, path)
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == allowed
    assert response.headers["allow"] in response.json()["detail"]


async def test_health_says_little_and_metrics_count_the_calls(edge: Edge) -> None:
    await ask(edge, "GET", "/search", params={"library": "/encode/httpx", "query": "x"})
    async with httpx.AsyncClient(base_url=edge.url) as client:
        ready = await client.get("/readyz")
        metrics = (await client.get("/metrics")).text
        await edge.meter_database.close()
        away = await client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["checks"]["database"]["latencyMs"] >= 0
    assert 'lectern_calls_total{status="ok",tool="query-docs",transport="http"} 1.0' in metrics
    assert (away.status_code, away.json()["status"]) == (503, "unavailable")
