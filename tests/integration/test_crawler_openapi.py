"""OpenAPI documents by address: recognised, made whole of files of their site, and nothing else."""

import asyncio

import orjson
import pytest

from core.database import Database
from core.objects import ObjectStore
from crawler.recognition import MAX_LOOK_SECONDS, look_at_source
from crawler.records import SourceKind
from crawler.service import recognise_source
from indexer.extract import extract_page
from tests.crawl_runs import SETTINGS, add_source, complete, crawl, rows_of, stored_bodies
from tests.crawl_site import Answer, Request, Site

WHOLE = b'{"openapi": "3.1.0", "info": {"title": "Pets", "version": "1"}, "paths": {"/pets": {"get": {}}}}'
SPLIT = """openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    $ref: paths/pets.yaml
  /else:
    get:
      operationId: elsewhere
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "ELSEWHERE/x.json#/A"}}}}
"""
PETS = """get:
  operationId: listPets
  responses:
    "200":
      description: pets
      content: {application/json: {schema: {$ref: "../schemas.json#/Pet"}}}
"""
SCHEMAS = {"Pet": {"type": "object", "properties": {"name": {"type": "string"}, "owner": {"$ref": "#/Owner"}}}}
SCHEMAS["Owner"] = {"type": "object", "properties": {"id": {"type": "integer"}, "pets": {"$ref": "#/Pet"}}}


def openapi(site: Site, target: str, body: bytes, content_type: str = "application/json") -> str:
    site.routes[target] = Answer(body, content_type=content_type)
    return f"{site.url}{target}"


async def test_a_document_is_stored_as_it_came(content_database: Database, store: ObjectStore, site: Site) -> None:
    source = await add_source(content_database, openapi(site, "/openapi.json", WHOLE, "text/plain"))
    assert source.kind == "openapi"
    report = await crawl(content_database, store, source)
    assert await stored_bodies(content_database, store, report.crawl_id) == {f"{site.url}/openapi.json": WHOLE}
    assert (await rows_of(content_database, report.crawl_id))[source.address]["content_type"] == "application/json"
    assert set(site.hits) == {"/robots.txt", "/openapi.json"}
    await complete(content_database, report.crawl_id)
    assert (await crawl(content_database, store, source)).pages.unchanged == 1


async def test_files_of_the_same_site_are_put_in_and_those_of_others_are_named(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    openapi(site, "/api/paths/pets.yaml", PETS.encode(), "application/yaml")
    openapi(site, "/api/schemas.json", orjson.dumps(SCHEMAS))
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    openapi(site, "/x.json", b'{"A": {"type": "string"}}')
    body = SPLIT.replace("ELSEWHERE", elsewhere).encode()
    source = await add_source(content_database, openapi(site, "/api/openapi.yaml", body, "text/yaml"))

    report = await crawl(content_database, store, source)

    (body,) = (await stored_bodies(content_database, store, report.crawl_id)).values()
    page = extract_page(body, "application/json", source.address)
    text = "\n".join(block.text for block in page.blocks)
    assert "GET /pets" in text
    assert "`owner` Owner" in text
    assert f"{elsewhere}/x.json#/A" in text
    assert site.hits["/x.json"] == 0
    assert [block.anchor for block in page.blocks if block.kind == "signature"][:2] == ["listPets", "elsewhere"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<!doctype html><p>Sign in", "no OpenAPI or Swagger document"),
        (b'{"openapi": "3.0.0", "paths": ', "no OpenAPI or Swagger document"),
        (b'{"swagger": "1.2"}', "no OpenAPI or Swagger document"),
    ],
)
async def test_what_is_no_specification_fails_with_its_reason(
    content_database: Database, store: ObjectStore, site: Site, body: bytes, reason: str
) -> None:
    source = await add_source(content_database, openapi(site, "/openapi.json", body))
    report = await crawl(content_database, store, source)
    assert report.status == "failed"
    assert reason in (report.reason or "")


async def test_references_that_unfold_without_end_fail_that_document_only(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    levels = "".join(f"x{n}: &a{n} [{', '.join(f'*a{n - 1}' for _ in range(9))}]\n" for n in range(1, 12))
    body = f"openapi: 3.0.0\ninfo: {{}}\nx0: &a0 [1]\n{levels}paths: {{/a: {{$ref: b.yaml}}}}\n"
    source = await add_source(content_database, openapi(site, "/openapi.yaml", body.encode()))
    report = await crawl(content_database, store, source)
    assert report.status == "failed"
    assert "unfold to too much" in (report.reason or "")


ATOM = b"<?xml version='1.0'?><feed><entry/></feed>"
SITEMAP = b"<?xml version='1.0'?><urlset><url><loc>https://x.org/a</loc></url></urlset>"
LLMS = b"# Docs\n\n- [A](/a): a\n- [B](/b): b\n- [C](/c): c\n"
GITEA = '<html><input id="repo-clone-url" value="{url}.git" readonly>'


@pytest.mark.parametrize(
    ("target", "body", "content_type", "kind"),
    [
        ("/v3/api", WHOLE, "application/json", "openapi"),
        ("/spec", SPLIT.encode(), "text/plain", "openapi"),
        ("/map", SITEMAP, "application/xml", "sitemap"),
        ("/feed", ATOM, "application/xml", "website"),
        ("/ai.txt", LLMS, "text/plain", "llms_txt"),
        ("/notes.txt", b"# Notes\n\nNo links.\n", "text/plain", "website"),
        ("/latest", b"PK\x03\x04", "application/zip", "archive"),
        ("/docs/", b"<html><h1>Docs</h1>", "text/html", "website"),
        ("/org/repo", GITEA.encode(), "text/html", "git"),
        ("/org/repo/wiki", GITEA.replace("{url}", "{origin}/org/repo").encode(), "text/html", "website"),
    ],
)
async def test_an_address_is_taken_for_what_it_answers_with(
    site: Site, target: str, body: bytes, content_type: str, kind: SourceKind
) -> None:
    shown = body.replace(b"{url}", f"{site.url}{target}".encode()).replace(b"{origin}", site.url.encode())
    site.routes[target] = Answer(shown, content_type=content_type)
    found = await look_at_source(recognise_source(f"{site.url}{target}"), SETTINGS)
    assert found.kind == kind
    assert found.address == f"{site.url}{target}" + (".git" if kind == "git" else "")


async def test_an_address_that_does_not_answer_stays_a_website(site: Site) -> None:
    site.routes["/broken"] = Answer(status=503)
    for address in (f"{site.url}/broken", f"{site.url}/gone", "http://127.0.0.1:9/", "https://169.254.169.254/"):
        found = await look_at_source(recognise_source(address), SETTINGS)
        assert found.kind == "website"
    site.routes["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /\n", content_type="text/plain")
    site.routes["/spec"] = Answer(WHOLE)
    assert (await look_at_source(recognise_source(f"{site.url}/spec"), SETTINGS)).kind == "website"
    assert site.hits["/spec"] == 0


async def test_a_silent_address_is_looked_at_no_longer_than_a_request_may_take(site: Site) -> None:
    async def silent(_request: Request) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError

    site.routes["/"] = silent
    hurried = SETTINGS.model_copy(update={"request_timeout_seconds": 0.1})
    async with asyncio.timeout(MAX_LOOK_SECONDS / 2):
        assert (await look_at_source(recognise_source(f"{site.url}/"), hurried)).kind == "website"


@pytest.mark.parametrize(
    ("text", "kind", "address", "ref", "folder"),
    [
        ("https://github.com/org/repo", "git", "https://github.com/org/repo.git", None, None),
        ("https://github.com/org/repo/tree/main/docs/en", "git", "https://github.com/org/repo.git", "main", "docs/en"),
        ("https://gitlab.com/org/repo/-/tree/v1.0", "git", "https://gitlab.com/org/repo.git", "v1.0", None),
        (
            "https://codeberg.org/org/repo/src/branch/main/docs",
            "git",
            "https://codeberg.org/org/repo.git",
            "main",
            "docs",
        ),
        ("https://github.com/org/repo/wiki", "website", "https://github.com/org/repo/wiki", None, None),
        ("https://github.com/features/actions", "website", "https://github.com/features/actions", None, None),
        ("https://docs.github.com/en/rest", "website", "https://docs.github.com/en/rest", None, None),
        ("https://readthedocs.org/projects/requests/", "website", "https://requests.readthedocs.io/", None, None),
        ("https://x.org/v1/openapi.yaml", "openapi", "https://x.org/v1/openapi.yaml", None, None),
        ("https://x.org/swagger-v2.json", "openapi", "https://x.org/swagger-v2.json", None, None),
        ("https://x.org/data.json", "website", "https://x.org/data.json", None, None),
        ("https://x.org/llms-small.txt", "llms_txt", "https://x.org/llms-small.txt", None, None),
    ],
)
def test_an_address_is_taken_for_what_its_name_tells(
    text: str, kind: SourceKind, address: str, ref: str | None, folder: str | None
) -> None:
    found = recognise_source(text)
    assert (found.kind, found.address, found.ref, found.folder) == (kind, address, ref, folder)
