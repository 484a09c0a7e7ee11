"""What a dry run tells, on a real site and without any database."""

import asyncio

import pytest

from core.errors import SourceFailed
from crawler.rules import CrawlRules
from crawler.service import recognise_source
from crawler.survey import Survey, survey
from tests.crawl_runs import SETTINGS
from tests.crawl_site import Answer, Request, Site, serve_site


async def survey_site(site: Site, path: str = "/", rules: CrawlRules | None = None, **limits: float) -> Survey:
    found = recognise_source(site.url + path)
    max_pages, max_seconds = int(limits.get("max_pages", 50)), limits.get("max_seconds", 20)
    return await survey(
        found.kind, found.address, rules or CrawlRules(), SETTINGS, max_pages=max_pages, max_seconds=max_seconds
    )


def paths_of(site: Site, addresses: tuple[str, ...]) -> list[str]:
    return [address.removeprefix(site.url) for address in addresses]


async def test_a_dry_run_tells_pages_robots_sitemaps_and_the_rule_behind_each_exclusion() -> None:
    async with serve_site() as site:
        site.page("/docs/", "a.html", "changelog/1.html", "changelog/2.html", "/blog/", "secret.html", "gone.html")
        site.page("/docs/a.html")
        site.page("/docs/b.html")
        site.routes["/robots.txt"] = Answer(
            f"User-agent: *\nDisallow: /docs/secret\nSitemap: {site.url}/map.xml\n".encode(), content_type="text/plain"
        )
        site.routes["/map.xml"] = Answer(f"{site.url}/docs/b.html\n".encode(), content_type="text/plain")

        seen = await survey_site(site, "/docs/", CrawlRules(excludes=("changelog/**",)))

        assert {page.url.removeprefix(site.url): page.state for page in seen.pages} == {
            "/docs/": "read",
            "/docs/a.html": "read",
            "/docs/b.html": "read",
            "/docs/secret.html": "excluded",
            "/docs/gone.html": "missing",
        }
        assert {rule.reason: (rule.count, paths_of(site, rule.examples)[0]) for rule in seen.exclusions} == {
            "excluded by the rule changelog/**": (2, "/docs/changelog/1.html"),
            "outside /docs/": (1, "/blog/"),
            "robots.txt forbids it": (1, "/docs/secret.html"),
        }
        assert {file.url.removeprefix(site.url): file.says for file in seen.site_files} == {
            "/robots.txt": "obeyed, 1 sitemaps named",
            "/map.xml": "names 1 addresses",
        }
        assert (seen.kind, seen.would_crawl, seen.stopped_by) == ("website", 3, None)
        assert seen.pages[0].links == 4
        assert "/docs/secret.html" not in site.hits


async def test_a_dry_run_counts_what_a_crawl_would_keep() -> None:
    async with serve_site() as site:
        site.page("/", "index.html", "guide", "guide/", *(f"list?sort={number}" for number in range(105)))
        site.routes["/index.html"] = site.routes["/"]
        site.page("/guide", text="A guide")
        site.routes["/guide/"] = site.routes["/guide"]

        seen = await survey_site(site, max_pages=10)

        states = {page.url.removeprefix(site.url): (page.state, page.reason) for page in seen.pages}
        assert states["/index.html"] == ("redirected", f"to {site.url}/")
        assert states["/guide/"] == ("redirected", f"to {site.url}/guide")
        reason = "one of more than 100 addresses that differ by their query alone"
        assert {rule.reason: rule.count for rule in seen.exclusions} == {reason: 5}
        assert seen.would_crawl == 2 + 100 - sum(page.state == "missing" for page in seen.pages)


async def test_a_dry_run_asks_for_few_pages_and_lists_the_others() -> None:
    async with serve_site() as site:
        site.page("/", *(f"p{number}.html" for number in range(9)))
        for number in range(9):
            site.page(f"/p{number}.html")

        seen = await survey_site(site, max_pages=3)

        assert len(seen.pages) == 3
        assert len(seen.not_asked) == 7
        assert seen.would_crawl == 10
        assert seen.stopped_by == "asked for 3 pages"
        assert sum(target.startswith("/p") for target in site.hits) == 2


async def test_a_dry_run_ends_in_time_on_a_site_that_never_answers() -> None:
    async def never(_request: Request) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError

    async with serve_site() as site:
        site.page("/", "slow.html")
        site.routes["/slow.html"] = never
        async with asyncio.timeout(15):
            seen = await survey_site(site, max_seconds=1)
        assert seen.stopped_by == "stopped after 1 seconds"
        assert paths_of(site, seen.not_asked) == ["/slow.html"]


async def test_a_start_page_that_moved_is_read_where_it_went() -> None:
    async with serve_site() as site:
        site.redirect("/docs/", "/manual/")
        site.page("/manual/", "a.html", "/docs/")
        site.page("/manual/a.html")
        seen = await survey_site(site, "/docs/")
        assert [(page.url.removeprefix(site.url), page.state) for page in seen.pages] == [
            ("/manual/", "read"),
            ("/manual/a.html", "read"),
        ]


async def test_a_dry_run_of_a_closed_site_says_why() -> None:
    async with serve_site() as site:
        site.routes["/robots.txt"] = Answer(status=500)
        with pytest.raises(SourceFailed, match=r"robots\.txt answers 500"):
            await survey_site(site)
