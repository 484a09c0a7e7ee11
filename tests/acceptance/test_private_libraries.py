"""Private libraries: everything for their owner, and nothing at all for anybody else, by any way in."""

import re
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from core.database import Database
from tests.crawl_site import Site, serve_site
from tests.tenancy import Person, Tenancy, open_tenancy
from tests.waiting import eventually

LIBRARY, UNKNOWN = "/acme/vault", "/acme/vaqqq"
SECRET = "xylograph"
_ECHOES = re.compile(r'"requestId":"[^"]*"')


@pytest.fixture
async def site() -> AsyncGenerator[Site]:
    async with serve_site() as site:
        site.page("/", "hush.html", text=f"<p>The {SECRET} opens the vault, and nothing else does.</p>")
        site.page("/hush.html", text=f"<p>Call <code>{SECRET}.open()</code> to open the vault once a day.</p>")
        yield site


@pytest.fixture
async def tenancy(database_url: str, data_dir: Path) -> AsyncGenerator[Tenancy]:
    async with open_tenancy(database_url, data_dir) as tenancy:
        yield tenancy


@dataclass(frozen=True)
class Subject:
    """What a request is about: the private library, or one that does not exist."""

    library: str
    crawl_id: str

    @property
    def path(self) -> str:
        return f"/libraries{self.library}"


@dataclass(frozen=True)
class Probe:
    """A request about a subject, if the route names one; else one that must give nothing of others away."""

    path: Callable[[Subject], str]
    body: Callable[[Subject], Any] = lambda _: None
    names_subject: bool = True


def at(path: str, body: Any = None) -> Probe:
    """A request below a library."""
    return Probe(lambda subject: f"{subject.path}{path}", lambda _: body)


def of_crawl(path: str) -> Probe:
    return Probe(lambda subject: f"/crawls/{subject.crawl_id}{path}")


def named(path: str, **body: Any) -> Probe:
    """A request whose body names the library."""
    return Probe(lambda _: path, lambda subject: body | {"id": subject.library})


def aside(path: str, body: Any = None) -> Probe:
    """A request that names no library."""
    return Probe(lambda _: path, lambda _: body, names_subject=False)


def evaluated(path: str, **body: Any) -> Probe:
    return Probe(lambda _: path, lambda subject: body | {"library": subject.library})


QUESTION = {"id": "1", "query": "what opens it", "gold": [{"path": "/start.html"}]}
POD = {"url": "https://pod.invalid"}
PROBES = {
    "resolveLibraryId": aside("/resolve?query=open+the+vault&libraryName=vault"),
    "queryDocs": Probe(lambda subject: f"/search?query=what+opens+it&library={subject.library}"),
    "listKeys": aside("/keys"),
    "createKey": aside("/keys", {"name": "another", "scopes": ["docs:read"]}),
    "revokeKey": aside(f"/keys/{uuid4()}"),
    "getUsage": aside("/usage"),
    "listCalls": aside("/usage/calls"),
    "listLibraries": aside("/libraries"),
    # Adding the id of another's library adds one's own: see below.
    "addLibrary": aside("/libraries", {"source": "ftp://nowhere", "id": LIBRARY, "private": True}),
    "refreshLibrary": named("/libraries/refresh"),
    "reindexLibrary": named("/libraries/reindex"),
    "removeLibrary": at(""),
    "removeVersion": at("/versions/1.0"),
    "listBlocks": at("/blocks"),
    "addBlock": at("/blocks", {"place": "https://example.org/start.html", "reason": "none"}),
    "liftBlock": at(f"/blocks/{uuid4()}"),
    "setSourceSecrets": at("/source/secrets", {"bearer": "token"}),
    "getSourceSecrets": at("/source/secrets"),
    "removeSourceSecrets": at("/source/secrets"),
    "rotateSecrets": aside("/secrets/rotate"),
    "getDataPod": aside("/me/data-pod"),
    "setDataPod": aside("/me/data-pod", POD),
    "checkDataPod": aside("/me/data-pod/check"),
    "removeDataPod": aside("/me/data-pod"),
    "getSource": at("/source"),
    "changeSource": at("/source", {"maxPages": 1}),
    "setAliases": at("/aliases", {"aliases": ["safe"]}),
    "dryRun": aside("/libraries/dry-run", {"source": "ftp://nowhere"}),
    "listCrawls": at("/crawls"),
    "getCrawl": of_crawl(""),
    "pauseCrawl": of_crawl("/pause"),
    "resumeCrawl": of_crawl("/resume"),
    "cancelCrawl": of_crawl("/cancel"),
    "retryCrawl": of_crawl("/retry"),
    "listCrawlPages": of_crawl("/pages"),
    "getCrawlReport": of_crawl("/report"),
    "watchCrawl": of_crawl("/events"),
    "evaluate": evaluated("/evaluations", questions=[QUESTION]),
    "makeQuestions": evaluated("/evaluations/questions"),
}
"""One request for every route there is, by the route's name."""


def operations(tenancy: Tenancy) -> dict[str, str]:
    """Gives the method of every route."""
    return {
        operation["operationId"]: method.upper()
        for path in tenancy.openapi["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    }


async def asked(person: Person, method: str, probe: Probe, subject: Subject) -> tuple[int, str]:
    """Gives status and text of an answer, with what differs between any two requests made equal."""
    response = await person.http.request(method, f"/api/v1{probe.path(subject)}", json=probe.body(subject))
    text = _ECHOES.sub("", response.text).replace(subject.library, "LIBRARY").replace(subject.crawl_id, "CRAWL")
    return response.status_code, text


async def test_no_route_gives_anybody_else_anything_of_a_private_library(tenancy: Tenancy, site: Site) -> None:
    crawl_id = await tenancy.owner.crawled(site.url, LIBRARY, name="Strongroom")
    private, unknown = Subject(LIBRARY, crawl_id), Subject(UNKNOWN, str(uuid4()))
    ways = operations(tenancy)
    assert set(ways) == set(PROBES), "every route needs a probe here"
    for name, method in ways.items():
        for person in (tenancy.stranger, tenancy.manager, tenancy.administrator):
            probe = PROBES[name]
            status, text = await asked(person, method, probe, private)
            assert not [word for word in (SECRET, "hush", "Strongroom", site.url) if word in text], (name, text)
            if probe.names_subject:
                assert (status, text) == await asked(person, method, probe, unknown), name
                assert status == 404, (name, text)
    assert (await tenancy.owner.ask(LIBRARY, SECRET))["libraryId"] == LIBRARY


async def test_the_owner_has_all_of_it_by_every_way(tenancy: Tenancy, site: Site) -> None:
    owner = tenancy.owner
    crawl_id = await owner.crawled(site.url, LIBRARY)
    found = await owner.api("GET", "/resolve", params={"query": "open", "libraryName": "vault"})
    assert [match["id"] for match in found["libraries"]] == [LIBRARY]
    (listed,) = (await owner.api("GET", "/libraries"))["libraries"]
    assert (listed["id"], listed["private"], listed["ownerId"]) == (LIBRARY, True, str(owner.user_id))
    assert f"{SECRET}.open()" in (await owner.ask(LIBRARY, f"{SECRET}.open"))["text"]
    assert f"{SECRET}.open()" in (await owner.ask(f"{LIBRARY}/1.0", f"{SECRET}.open"))["text"]
    assert (await owner.api("GET", f"/crawls/{crawl_id}"))["library"] == LIBRARY
    assert (await owner.api("GET", f"/crawls/{crawl_id}/report"))["library"] == LIBRARY
    assert (await owner.api("GET", f"/libraries{LIBRARY}/source"))["library"] == LIBRARY
    await owner.api("PUT", f"/libraries{LIBRARY}/aliases", json={"aliases": ["strongroom"]})
    assert LIBRARY in await owner.tool("resolve-library-id", query="open", libraryName="strongroom")
    assert f"{SECRET}.open()" in await owner.tool("query-docs", libraryId=LIBRARY, query=f"{SECRET}.open")
    calls = (await owner.api("GET", "/usage/calls"))["calls"]
    assert {call["libraryId"] for call in calls if call["toolName"] == "query-docs"} == {LIBRARY}
    await owner.api("DELETE", f"/libraries{LIBRARY}", 204)
    await owner.ask(LIBRARY, SECRET, 404)


async def test_over_mcp_it_does_not_exist_for_others(tenancy: Tenancy, site: Site) -> None:
    await tenancy.owner.crawled(site.url, LIBRARY)
    for person in (tenancy.stranger, tenancy.manager, tenancy.administrator):
        found = await person.tool("resolve-library-id", query="open the vault", libraryName="vault")
        assert found == await person.tool("resolve-library-id", query="open the vault", libraryName="vaqqq")
        answers = [
            re.sub(f"{LIBRARY}|{UNKNOWN}", "LIBRARY", await person.tool("query-docs", libraryId=library, query=SECRET))
            for library in (LIBRARY, UNKNOWN, f"{LIBRARY}/1.0", f"{UNKNOWN}/1.0")
        ]
        assert answers[0] == answers[1]
        assert answers[2] == answers[3]
        assert "There is no library" in answers[0]


async def test_it_is_nobodys_suggestion(tenancy: Tenancy, site: Site) -> None:
    await tenancy.owner.crawled(site.url, LIBRARY)
    assert (await tenancy.owner.ask("/acme/vaul", SECRET, 404))["similar"] == [LIBRARY]
    assert (await tenancy.stranger.ask("/acme/vaul", SECRET, 404))["similar"] == []


async def test_an_answer_kept_for_its_owner_is_given_to_nobody_else(tenancy: Tenancy, site: Site) -> None:
    await tenancy.owner.crawled(site.url, LIBRARY)
    for _ in range(2):
        assert SECRET in (await tenancy.owner.ask(LIBRARY, SECRET))["text"]
        assert (await tenancy.owner.api("GET", "/resolve", params={"query": "x", "libraryName": "vault"}))["libraries"]
        await tenancy.stranger.ask(LIBRARY, SECRET, 404)
        found = await tenancy.stranger.api("GET", "/resolve", params={"query": "x", "libraryName": "vault"})
        assert found["libraries"] == []


async def test_two_owners_and_the_public_may_use_one_id(tenancy: Tenancy, site: Site) -> None:
    async with serve_site() as other, serve_site() as public:
        other.page("/", text="<p>The lockpick opens another vault, which is somebody else's alone.</p>")
        public.page("/", text="<p>The doorbell opens the public vault, and everybody may ring.</p>")
        await tenancy.owner.crawled(site.url, LIBRARY)
        await tenancy.stranger.crawled(other.url, LIBRARY)
        await tenancy.administrator.crawled(public.url, LIBRARY, private=False)
        opens = "opens vault"
        assert SECRET in (await tenancy.owner.ask(LIBRARY, opens))["text"]
        assert "lockpick" in (await tenancy.stranger.ask(LIBRARY, opens))["text"]
        assert "doorbell" in (await tenancy.manager.ask(LIBRARY, opens))["text"]
        found = await tenancy.owner.api("GET", "/resolve", params={"query": opens, "libraryName": "vault"})
        assert [match["id"] for match in found["libraries"]] == [LIBRARY]
        # A private one goes first; then the public one is there again.
        await tenancy.owner.api("DELETE", f"/libraries{LIBRARY}", 204)

        async def look() -> bool:
            asked = {"library": LIBRARY, "query": opens}
            return "doorbell" in (await tenancy.owner.http.get("/api/v1/search", params=asked)).text

        await eventually(look)
        await tenancy.owner.api("DELETE", f"/libraries{LIBRARY}", 403)
        assert "lockpick" in (await tenancy.stranger.ask(LIBRARY, opens))["text"]


async def test_an_id_that_all_see_is_taken_and_one_that_is_anothers_is_free(tenancy: Tenancy, site: Site) -> None:
    await tenancy.administrator.crawled(site.url, "/acme/open", private=False)
    await tenancy.owner.add(site.url, "/Acme/Open", status=409)
    await tenancy.owner.add(site.url, LIBRARY)
    await tenancy.stranger.add(site.url, LIBRARY)


async def test_an_administrator_sees_that_it_is_there_and_may_remove_it(tenancy: Tenancy, site: Site) -> None:
    await tenancy.owner.crawled(site.url, LIBRARY, name="Strongroom")
    (listed,) = (await tenancy.administrator.api("GET", "/libraries"))["libraries"]
    assert listed == {
        "id": LIBRARY,
        "name": "",
        "description": "",
        "aliases": [],
        "private": True,
        "ownerId": str(tenancy.owner.user_id),
        "versions": [],
    }
    owner = {"owner": str(tenancy.owner.user_id)}
    await tenancy.manager.api("DELETE", f"/libraries{LIBRARY}", 403, params=owner)
    await tenancy.administrator.api("DELETE", f"/libraries{LIBRARY}", 204, params=owner)
    await tenancy.owner.ask(LIBRARY, SECRET, 404)


@pytest.mark.parametrize(
    ("source", "options", "status"),
    [
        ("/etc", {}, 400),
        ("/nowhere-at-all", {}, 400),
        ("file:///srv/docs.git", {}, 400),
        ("localhost/org/docs.git", {}, 400),
        ("https://example.org/", {"allowPrivate": True}, 403),
        ("https://example.org/", {"maxPages": 1_000_000}, 403),
    ],
)
async def test_owners_reach_nothing_that_is_the_operators(
    tenancy: Tenancy, source: str, options: dict[str, Any], status: int
) -> None:
    refused = await tenancy.owner.add(source, LIBRARY, status=status, **options)
    assert (await tenancy.manager.add(source, LIBRARY, status=status, **options))["detail"] == refused["detail"]
    if "maxPages" not in options:
        rules = {"source": source, **options}
        await tenancy.owner.api("POST", "/libraries/dry-run", status, json=rules)


async def test_what_is_on_the_server_and_what_is_not_are_refused_alike(tenancy: Tenancy) -> None:
    there = await tenancy.owner.add("/etc", LIBRARY, status=400)
    missing = await tenancy.owner.add("/etc-is-missing", LIBRARY, status=400)
    assert there["detail"] == missing["detail"]


async def test_an_owner_cannot_open_a_source_to_private_addresses_later(tenancy: Tenancy, site: Site) -> None:
    await tenancy.owner.crawled(site.url, LIBRARY)
    await tenancy.owner.api("PATCH", f"/libraries{LIBRARY}/source", 403, json={"allowPrivate": True})
    await tenancy.owner.api("PATCH", f"/libraries{LIBRARY}/source", 200, json={"maxPages": 5})


async def test_a_key_for_private_libraries_changes_nothing_that_all_see(tenancy: Tenancy, site: Site) -> None:
    await tenancy.owner.add(site.url, "/acme/open", status=403, private=False)
    crawl_id = await tenancy.administrator.crawled(site.url, "/acme/open", private=False)
    for method, path, body in (
        ("POST", "/libraries/refresh", {"id": "/acme/open"}),
        ("DELETE", "/libraries/acme/open", None),
        ("PATCH", "/libraries/acme/open/source", {"maxPages": 1}),
        ("PUT", "/libraries/acme/open/aliases", {"aliases": ["mine"]}),
        ("POST", f"/crawls/{crawl_id}/cancel", None),
        ("POST", "/evaluations", {"library": "/acme/open", "questions": [QUESTION]}),
    ):
        await tenancy.owner.api(method, path, 403, json=body)
    assert (await tenancy.owner.ask("/acme/open", SECRET))["libraryId"] == "/acme/open"


async def test_nothing_of_a_private_library_is_among_what_all_are_searched_by(
    tenancy: Tenancy, site: Site, content_database: Database
) -> None:
    await tenancy.owner.crawled(site.url, LIBRARY)
    async with content_database.connection() as connection:
        assert await connection.fetchval("select count(*) from library_topics") == 0
        assert {row["owner_id"] for row in await connection.fetch("select owner_id from library_names")} == {
            tenancy.owner.user_id
        }
