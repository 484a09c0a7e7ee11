"""Pages a website names only in lists: those of its generator, of an inventory and of an llms.txt."""

import uuid
import zlib

import orjson

from core.database import Database
from core.objects import ObjectStore
from crawler.rules import CrawlRules
from crawler.survey import survey
from indexer.queries.symbols import symbols_of_pages
from tests.crawl_runs import SETTINGS, add_source, crawl, crawl_site, states_of
from tests.crawl_site import Answer, Site

INVENTORY = b"# Sphinx inventory version 2\n# Project: X\n# Version: 1\n# The remainder is compressed using zlib.\n"
SPHINX = '<script id="documentation_options" src="./_static/documentation_options.js"></script>'


async def test_pages_that_only_the_search_of_mkdocs_knows_are_read(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/docs/", text="<script>var base_url = '.';</script>")
    index = {"docs": [{"location": "hidden/#a"}, {"location": "../outside/"}, {"location": "gone/"}]}
    site.routes["/docs/search/search_index.json"] = Answer(orjson.dumps(index), content_type="application/json")
    site.page("/docs/hidden/")

    report = await crawl_site(content_database, store, f"{site.url}/docs/")

    states = await states_of(content_database, site, report.crawl_id)
    assert states == {
        "/docs/": "fetched",
        "/docs/hidden/": "fetched",
        "/docs/gone/": "missing",
        "/outside/": "excluded",
    }


async def test_a_site_without_a_known_generator_is_asked_for_no_lists(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/docs/")
    await crawl_site(content_database, store, f"{site.url}/docs/")
    extras = {"/robots.txt", "/sitemap.xml", "/docs/sitemap.xml", "/docs/objects.inv", "/docs/llms.txt", "/llms.txt"}
    assert set(site.hits) == {"/docs/", *extras}
    assert max(site.hits.values()) == 1


async def test_an_llms_txt_names_pages_of_a_website_and_other_sites_do_not_count(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/docs/")
    site.page("/docs/listed")
    links = "- [A](/docs/listed.md)\n- [B](http://169.254.169.254/docs/x)\n- [C](/blog/c)\n- [D](/docs/dead)\n"
    site.routes["/docs/llms.txt"] = Answer(f"# X\n{links}".encode(), content_type="text/plain")
    report = await crawl_site(content_database, store, f"{site.url}/docs/")
    states = await states_of(content_database, site, report.crawl_id)
    assert states == {"/docs/": "fetched", "/docs/listed": "fetched", "/docs/dead": "missing", "/blog/c": "excluded"}
    assert site.hits["/llms.txt"] == 0


async def test_the_symbols_of_an_inventory_reach_the_indexer(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    lines = b"__file__ py:attribute 1 import.html#file__ -\njson.loads py:function 1 json.html#$ -\n"
    site.page("/docs/", "import.html", "json.html", text=SPHINX)
    site.page("/docs/import.html")
    site.page("/docs/json.html")
    site.routes["/docs/objects.inv"] = Answer(INVENTORY + zlib.compress(lines))
    source = await add_source(content_database, f"{site.url}/docs/")

    async def symbols() -> dict[str, tuple[tuple[str, str], ...]]:
        urls = [f"{site.url}/docs/{name}.html" for name in ("import", "json")]
        async with content_database.connection() as connection:
            found = await symbols_of_pages(connection, source.library_version_id, urls)
        return {url.rpartition("/")[2]: named for url, named in found.items()}

    await crawl(content_database, store, source)
    assert await symbols() == {"import.html": (("file__", "__file__"),), "json.html": (("json.loads", "json.loads"),)}

    site.routes["/docs/objects.inv"] = Answer(INVENTORY + zlib.compress(lines.splitlines()[0] + b"\n"))
    async with content_database.connection() as connection:
        await connection.execute("update crawls set status = 'completed' where source_id = $1", source.id)
    await crawl(content_database, store, source)
    assert await symbols() == {"import.html": (("file__", "__file__"),)}
    async with content_database.connection() as connection:
        assert await symbols_of_pages(connection, uuid.uuid4(), [f"{site.url}/docs/import.html"]) == {}


async def test_a_dry_run_says_which_lists_there_are(site: Site) -> None:
    site.page("/docs/", text=SPHINX)
    site.routes["/docs/objects.inv"] = Answer(
        INVENTORY + zlib.compress(b"a std:doc -1 a.html -\nb py:data 1 a.html#$ -\n")
    )
    site.page("/docs/a.html")
    seen = await survey("website", f"{site.url}/docs/", CrawlRules(), SETTINGS)
    assert f"{site.url}/docs/objects.inv" in {finding.url for finding in seen.site_files}
    assert seen.facts["symbols"] == "1"
