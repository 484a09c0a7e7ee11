"""Crawls of folders, and what the sources promise."""

import tarfile
import zipfile
from pathlib import Path

import pytest

from core.database import Database
from core.errors import InvalidInput, NotFound
from core.objects import ObjectStore
from core.snapshots import read_record
from crawler import service
from crawler.queries import crawls
from crawler.rules import CrawlRules
from tests.crawl_runs import SETTINGS, add_source, complete, crawl, crawl_site, rows_of, stored_bodies
from tests.crawl_site import Answer, Site


async def test_a_folder_is_crawled_under_addresses_that_do_not_tell_where_it_is(
    content_database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    docs = tmp_path / "my docs"
    (docs / "guide").mkdir(parents=True)
    (docs / "index.html").write_text("<h1>Start</h1>")
    (docs / "guide" / "intro.md").write_text("# Intro")
    (docs / "guide" / "notes.pdf").write_bytes(b"%PDF")
    (docs / "draft.md").write_text("later")
    source = await add_source(content_database, str(docs), CrawlRules(excludes=("draft.md",)))

    report = await crawl(content_database, store, source)

    async with content_database.connection() as connection:
        rows = await connection.fetch(
            "select url, state, snapshot_key, snapshot_offset, snapshot_length from crawl_pages"
        )
    assert {row["url"]: row["state"] for row in rows} == {
        "folder://my%20docs/index.html": "fetched",
        "folder://my%20docs/guide/intro.md": "fetched",
        "folder://my%20docs/draft.md": "excluded",
        "folder://my%20docs/*.pdf": "excluded",
    }
    place = {row["url"]: (row["snapshot_key"], row["snapshot_offset"], row["snapshot_length"]) for row in rows}
    stored = await read_record(store, *place["folder://my%20docs/guide/intro.md"])
    assert stored.body == b"# Intro"
    assert stored.header("Content-Type") == "text/markdown"
    assert report.status == "crawled"


async def test_of_a_file_that_alone_is_read_with_what_it_refers_to(
    content_database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    folder = spread(tmp_path)
    (folder / "guide.md").write_text("# Guide")
    alone = await crawl(content_database, store, await add_source(content_database, str(folder / "guide.md")))
    assert await stored_bodies(content_database, store, alone.crawl_id) == {"folder://api/guide.md": b"# Guide"}

    source = await add_source(content_database, str(folder / "openapi.yaml"))
    report = await crawl(content_database, store, source)
    bodies = await stored_bodies(content_database, store, report.crawl_id)
    assert list(bodies) == ["folder://api/openapi.yaml"]
    assert b'"description":"pets"' in bodies["folder://api/openapi.yaml"]


async def test_what_stands_for_a_file_kept_elsewhere_is_no_document(
    content_database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    (tmp_path / "big.md").write_text(pointer)
    (tmp_path / "a.md").write_text(f"# Pointers\n\n    {pointer}")
    report = await crawl(content_database, store, await add_source(content_database, str(tmp_path)))
    assert (report.pages.fetched, report.pages.failed) == (1, 1)


async def test_data_that_is_no_specification_is_no_document(
    content_database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    (tmp_path / "package.json").write_text("{}")
    report = await crawl(content_database, store, await add_source(content_database, str(tmp_path / "package.json")))
    assert (report.status, (report.reason or "")[:34]) == ("failed", "The file holds no document to read")


async def test_an_unchanged_file_is_not_stored_again(
    content_database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("a")
    (docs / "b.md").write_text("b")
    source = await add_source(content_database, str(docs))
    first = await crawl(content_database, store, source)
    async with content_database.connection() as connection:
        await service.complete_crawl(connection, first.crawl_id)
        previous = await crawls.find_completed_crawl(connection, source.id)
    (docs / "b.md").write_text("changed")

    second = await crawl(content_database, store, source)

    assert previous is not None
    assert previous.id == first.crawl_id
    assert (second.pages.fetched, second.pages.unchanged) == (2, 1)


async def test_an_empty_folder_fails_with_its_reason(
    content_database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "data.csv").write_text("1,2")
    source = await add_source(content_database, str(tmp_path / "docs"))

    report = await crawl(content_database, store, source)

    assert report.status == "failed"
    assert (report.reason or "").startswith("The folder holds no document to read (.html, .htm, .xhtml, .md,")


async def test_saving_a_source_again_changes_it_in_place(content_database: Database) -> None:
    source = await add_source(content_database, "https://docs.example/a/")
    async with content_database.connection() as connection:
        changed = await service.save_source(
            connection, source.library_version_id, "website", "https://docs.example/b/", CrawlRules(max_pages=5)
        )
    assert (changed.id, changed.address, changed.rules.max_pages) == (source.id, "https://docs.example/b/", 5)


async def test_a_failed_crawl_makes_room_for_a_new_one(content_database: Database) -> None:
    source = await add_source(content_database, "https://docs.example/a/")
    first = await service.start_crawl(content_database, source.id)
    assert (await service.start_crawl(content_database, source.id)).id == first.id

    async with content_database.connection() as connection:
        await service.fail_crawl(connection, first.id, "it lost coverage")
        assert (await service.crawl_progress(connection, first.id)).reason == "it lost coverage"

    assert (await service.start_crawl(content_database, source.id)).id != first.id


async def test_a_crawl_of_no_source_is_refused(content_database: Database) -> None:
    source = await add_source(content_database, "https://docs.example/a/")
    with pytest.raises(NotFound):
        await service.start_crawl(content_database, source.library_version_id)


async def test_a_source_of_no_version_is_refused(content_database: Database) -> None:
    source = await add_source(content_database, "https://docs.example/a/")
    with pytest.raises(InvalidInput):
        async with content_database.connection() as connection:
            await service.save_source(connection, source.id, "website", "https://docs.example/", CrawlRules())


async def test_an_archive_is_read_as_a_folder_under_its_name(
    content_database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "docs 1.0.zip", "w") as archive:
        archive.writestr("guide/intro.md", "# Intro")
        archive.writestr("draft.md", "later")
        archive.writestr("../up.md", "evil")
        archive.writestr("big.md", "x" * 5000)
    source = await add_source(content_database, str(tmp_path / "docs 1.0.zip"), CrawlRules(excludes=("draft.md",)))
    settings = SETTINGS.model_copy(update={"max_page_bytes": 2048})

    report = await crawl(content_database, store, source, settings)

    rows = await rows_of(content_database, report.crawl_id)
    assert {
        url.removeprefix("folder://docs%201.0.zip/"): (row["state"], row["reason"]) for url, row in rows.items()
    } == {
        "guide/intro.md": ("fetched", None),
        "draft.md": ("excluded", "excluded by the rule draft.md"),
        "../up.md": ("excluded", "a path that leads out of the archive"),
        "big.md": ("failed", "too large (more than 0.00195312 MiB)"),
    }
    await complete(content_database, report.crawl_id)
    assert (await crawl(content_database, store, source, settings)).pages.unchanged == 1


async def test_an_archive_behind_an_address_is_fetched_and_read(
    content_database: Database, store: ObjectStore, site: Site, tmp_path: Path
) -> None:
    with tarfile.open(tmp_path / "docs.tgz", "w:gz") as archive:
        (tmp_path / "a.md").write_text("# A")
        archive.add(tmp_path / "a.md", "docs/a.md")
    packed = (tmp_path / "docs.tgz").read_bytes()
    site.routes["/dl/docs.tgz"] = Answer(packed, content_type="application/gzip")
    site.redirect("/docs.tgz", "/dl/docs.tgz")

    report = await crawl_site(content_database, store, f"{site.url}/docs.tgz")
    assert await stored_bodies(content_database, store, report.crawl_id) == {"folder://docs.tgz/docs/a.md": b"# A"}

    refused = await crawl_site(content_database, store, f"{site.url}/docs.tgz", allow_private=False)
    assert refused.status == "failed"
    assert "--allow-private" in (refused.reason or "")
    missing = await crawl_site(content_database, store, f"{site.url}/no.tgz")
    assert "404" in (missing.reason or "")


async def test_a_folder_gives_every_format_that_can_be_read_and_no_other_data(
    content_database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for name, text in {
        "a.mdx": "# A",
        "b.rst": "B",
        "c.adoc": "= C",
        "d.asciidoc": "= D",
        "e.txt": "E",
        "f.ipynb": "{}",
        "g.json": '{\n  "openapi": "3.1.0"}',
        "h.yaml": "# ours\nopenapi: 3.0.3\n",
        "i.yml": "swagger: '2.0'\n",
        "package.json": '{"dependencies": {"openapi": "^3.0"}}',
        "other.yaml": "name: openapi\n",
        "requirements.txt": "openapi",
    }.items():
        (docs / name).write_text(text)
    source = await add_source(content_database, str(docs))

    report = await crawl(content_database, store, source)

    rows = await rows_of(content_database, report.crawl_id)
    types = {url.rpartition("/")[2]: row["content_type"] for url, row in rows.items() if row["state"] == "fetched"}
    assert types == {
        "a.mdx": "text/markdown",
        **dict.fromkeys(("b.rst", "c.adoc", "d.asciidoc", "e.txt"), "text/plain"),
        "f.ipynb": "application/x-ipynb+json",
        "g.json": "application/json",
        **dict.fromkeys(("h.yaml", "i.yml"), "application/yaml"),
    }
    assert rows["folder://docs/requirements.txt"]["reason"] == "a file of the build"


SPLIT = b"""openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets: {$ref: "./parts/pets.yaml"}
  /out: {$ref: "../secret.yaml"}
  /link: {$ref: "parts/link.yaml"}
  /hidden: {$ref: ".hidden/a.yaml"}
  /text: {$ref: "notes.txt"}
  /web: {$ref: "https://elsewhere.example/x.yaml"}
  /absolute: {$ref: "/etc/passwd"}
"""
PARTS = {
    "api/parts/pets.yaml": b"get: {operationId: listPets, responses: {$ref: '../answers.json#/all'}}",
    "api/answers.json": b'{"all": {"200": {"description": "pets"}}}',
    "secret.yaml": b"get: {operationId: secret}",
    "api/.hidden/a.yaml": b"get: {operationId: hidden}",
    "api/notes.txt": b"get: {operationId: notes}",
}


def spread(folder: Path) -> Path:
    """Writes an OpenAPI document of several files, some of which are none of its folder's business."""
    for name, body in {"api/openapi.yaml": SPLIT, **PARTS}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    (folder / "api/parts/link.yaml").symlink_to(folder / "secret.yaml")
    return folder / "api"


async def test_files_an_openapi_document_of_a_folder_refers_to_are_put_in_and_none_outside_it(
    content_database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    folder = spread(tmp_path)
    source = await add_source(content_database, str(folder))
    report = await crawl(content_database, store, source)

    bodies = await stored_bodies(content_database, store, report.crawl_id)
    body = next(body for url, body in bodies.items() if url.endswith("openapi.yaml"))
    assert b"listPets" in body
    assert b'"description":"pets"' in body
    assert [
        word for word in (b"secret}", b'"secret"', b"operationId: hidden", b'"hidden"', b'"notes"') if word in body
    ] == []
    assert b"https://elsewhere.example/x.yaml" in body

    await complete(content_database, report.crawl_id)
    (folder / "answers.json").write_bytes(b'{"all": {"200": {"description": "all of them"}}}')
    again = await crawl(content_database, store, source)
    bodies = await stored_bodies(content_database, store, again.crawl_id)
    assert any(b"all of them" in body for body in bodies.values())


async def test_references_of_a_folder_that_unfold_without_end_fail_their_document(
    content_database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    layers = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))
    (tmp_path / "big.yaml").write_text(f"a0: &a0 [x]\n{layers}")
    (tmp_path / "openapi.yaml").write_text("openapi: 3.0.0\ninfo: {}\npaths: {/a: {$ref: big.yaml}}\n")
    (tmp_path / "a.md").write_text("# A\n")
    report = await crawl(content_database, store, await add_source(content_database, str(tmp_path)))
    assert (report.pages.fetched, report.pages.failed) == (1, 1)
