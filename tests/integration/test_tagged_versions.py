"""Versions by tag, and names of an inventory, through the product's own parts."""

import zlib
from pathlib import Path

from core.database import Database
from crawler.rules import CrawlRules
from crawler.service import recognise_source
from indexer.catalogue.catalogue import version_by_id
from indexer.extraction_processes import ExtractionProcesses
from server.ingest import CRAWL_JOB, Ingest
from tests.crawl_site import Answer, Site
from tests.git_repository import commit, git, make_repository
from tests.ingest_runs import open_library


async def versions_of(database: Database) -> dict[str, str]:
    async with database.connection() as connection:
        rows = await connection.fetch(
            "select version, rules ->> 'ref' as ref "
            "from library_versions join sources on library_version_id = library_versions.id"
        )
    return {row["version"]: row["ref"] for row in rows}


async def work_off(database: Database, ingest: Ingest) -> None:
    """Does the crawls that wait, and those that they lead to."""
    for _ in range(10):
        async with database.connection() as connection:
            waiting = await connection.fetch("select id from crawls where status = 'queued'")
        if not waiting:
            return
        for row in waiting:
            await ingest.handlers[CRAWL_JOB](str(row["id"]))


async def test_each_matching_tag_becomes_a_version_and_a_refresh_finds_new_ones(
    content_database: Database, tmp_path: Path, processes: ExtractionProcesses
) -> None:
    repository = tmp_path / "repo.git"
    owners = '{"description": "What the owners call it."}'
    url = make_repository(repository, {"README.md": "# Project\n\nThis it is.\n", "lectern.json": owners})
    for tag in ("v4.0", "v5.0", "v5.1"):
        git(repository, "tag", tag)
    async with open_library(content_database, tmp_path, processes, url) as library:
        crawl = await library.ingest.add_tagged(
            "/test/library", recognise_source(url), CrawlRules(tags="v5.*", newest=3)
        )
        await work_off(content_database, library.ingest)
        assert await versions_of(content_database) == {"5.0": "v5.0", "5.1": "v5.1"}
        async with content_database.connection() as connection:
            described = await connection.fetchval("select metadata ->> 'description' from libraries")
        assert described == "What the owners call it."

        commit(repository, {"README.md": "# Project\n\nNow it is about something else.\n"})
        for tag in ("v5.0.1", "v5.2", "v6.0"):
            git(repository, "tag", tag)
        async with content_database.connection() as connection:
            version = await version_by_id(connection, crawl.library_version_id)
        await library.ingest.refresh(version)
        await work_off(content_database, library.ingest)
        assert await versions_of(content_database) == {"5.0": "v5.0", "5.1": "v5.1", "5.2": "v5.2"}


async def test_passages_bear_the_names_the_inventory_places_at_their_anchors(
    content_database: Database, tmp_path: Path, processes: ExtractionProcesses, site: Site
) -> None:
    text = "It is the path of the file the module was loaded from. " * 5
    script = '<script id="documentation_options" src="_static/documentation_options.js"></script>'
    site.routes["/docs/"] = Answer(
        f"<html>{script}<main role=main><h1 id=top>Modules</h1><p>{text}</p><h2 id='file__'>The file</h2>"
        f"<p>{text}</p></main></html>".encode()
    )
    header = b"# Sphinx inventory version 2\n# Project: X\n# Version: 1\n# The remainder is compressed using zlib.\n"
    site.routes["/docs/objects.inv"] = Answer(
        header + zlib.compress(b"__file__ py:attribute 1 index.html#file__ -\nfile py:data 1 #file__ -\n")
    )
    async with open_library(content_database, tmp_path, processes, f"{site.url}/docs/") as library:
        assert await library.crawl() == ("completed", None)
    async with content_database.connection() as connection:
        found = await connection.fetch(
            "select metadata -> 'symbols' as symbols from documentation_chunks where source_url = $1",
            f"{site.url}/docs/#file__",
        )
    assert [row["symbols"] for row in found] == [["__file__", "file"]]
