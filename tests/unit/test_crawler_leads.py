"""Where a site leads besides plain links, each seen in a dry run of a real site: frames, stubs, versions, scripts."""

from crawler.rules import CrawlRules
from crawler.service import recognise_source
from crawler.survey import Survey, survey
from tests.crawl_runs import SETTINGS
from tests.crawl_site import Answer, Site, serve_site

WORDS = "<p>The program reads its settings from a file, and this page tells which there are and what they do.</p>" * 5
OPENAPI = Answer(
    b'{"openapi": "3.0.3", "info": {"title": "Pets", "version": "1"}, "paths": {}}', 200, "application/json"
)


async def look(site: Site, path: str = "/", rules: CrawlRules | None = None) -> Survey:
    found = recognise_source(site.url + path)
    return await survey(found.kind, found.address, rules or CrawlRules(), SETTINGS, max_seconds=20)


def states(site: Site, seen: Survey) -> dict[str, str]:
    return {page.url.removeprefix(site.url): page.state for page in seen.pages}


def left_out(site: Site, seen: Survey) -> dict[str, str]:
    return {url.removeprefix(site.url): rule.reason for rule in seen.exclusions for url in rule.examples}


def sends_on(target: str, text: str = "Redirecting") -> Answer:
    head = f'<meta http-equiv="refresh" content="0; url={target}">'
    return Answer(f"<html><head>{head}</head><body>{text}</body></html>".encode())


async def test_pages_in_frames_are_read_and_those_of_other_sites_are_not() -> None:
    async with serve_site() as site:
        site.routes["/api/"] = Answer(
            b"<html><head><title>Acme API</title></head><frameset cols='20%,80%'><frameset rows='30%,70%'>"
            b"<frame src='overview-frame.html'><frame src='http://169.254.169.254/x'></frameset>"
            b"<frame src='overview-summary.html'><noframes><a href='help-doc.html'>No frames</a></noframes></frameset>"
        )
        for name in ("help-doc", "com/acme/Inner"):
            site.page(f"/api/{name}.html", text=WORDS)
        site.page("/api/overview-summary.html", "com/acme/A.html", text=WORDS)
        site.page(
            "/api/com/acme/A.html", text=f"{WORDS}<iframe src='Inner.html'></iframe><iframe src='/demo'></iframe>"
        )

        seen = await look(site, "/api/")

        pages = ("", "overview-summary.html", "help-doc.html", "com/acme/A.html")
        assert states(site, seen) == {f"/api/{name}": "read" for name in (*pages, "com/acme/Inner.html")}
        assert left_out(site, seen) == {
            "/api/overview-frame.html": "an index, search or source listing page",
            "/demo": "outside /api/",
        }


async def test_a_page_that_only_sends_browsers_on_stands_for_a_redirect() -> None:
    async with serve_site() as site:
        site.page("/docs/", "stub.html", "out.html", "away.html", "old/", "slow.html")
        site.routes["/docs/stub.html"] = sends_on("target.html#part", "Redirecting to <a href=target.html>target</a>")
        site.routes["/docs/out.html"] = sends_on("/blog/")
        site.routes["/docs/away.html"] = sends_on("http://169.254.169.254/latest/")
        site.routes["/docs/old/"] = sends_on("../older/")
        site.routes["/docs/older/"] = sends_on("../old/")
        site.routes["/docs/slow.html"] = sends_on("target.html", WORDS)
        site.page("/docs/target.html", text=WORDS)

        seen = await look(site, "/docs/")

        assert states(site, seen) == {
            "/docs/": "read",
            "/docs/stub.html": "redirected",
            "/docs/out.html": "excluded",
            "/docs/away.html": "excluded",
            "/docs/old/": "redirected",
            "/docs/older/": "read",
            "/docs/slow.html": "read",
            "/docs/target.html": "read",
        }
        reasons = left_out(site, seen)
        assert reasons["/docs/out.html"] == f"redirects to {site.url}/blog/: outside /docs/"
        assert reasons["/docs/away.html"].startswith("redirects to http://169.254.169.254/latest/: on another site")


async def test_the_start_page_may_be_sent_on_more_than_once() -> None:
    async with serve_site() as site:
        site.routes["/"] = sends_on("/en/")
        site.routes["/en/"] = sends_on("/en/latest/")
        site.page("/en/latest/", "guide.html", "/en/1.0/", text=WORDS)
        site.page("/en/latest/guide.html", text=WORDS)

        seen = await look(site)

        assert {path for path, state in states(site, seen).items() if state == "read"} == {
            "/en/latest/",
            "/en/latest/guide.html",
        }
        assert left_out(site, seen)["/en/1.0/"] == "another version of the documentation (1.0)"


async def test_of_versions_below_the_start_page_one_is_read() -> None:
    async with serve_site() as site:
        site.page("/", "/stable/", "/latest/", "/v1.2/", "/about.html", text=WORDS)
        for label in ("stable", "latest", "v1.2"):
            site.page(f"/{label}/", f"/{label}/guide.html", "/v1.2/guide.html", text=WORDS + label)
            site.page(f"/{label}/guide.html", text=label + WORDS)
        site.page("/about.html", text=WORDS + "about")

        one = await look(site)
        every = await look(site, rules=CrawlRules(all_versions=True))
        asked = await look(site, rules=CrawlRules(excludes=("stable/**",)))

        assert states(site, one) == dict.fromkeys(("/", "/about.html", "/stable/", "/stable/guide.html"), "read")
        assert left_out(site, one)["/v1.2/"] == "another version of the documentation (v1.2)"
        assert (one.facts["version_folder"], one.facts["docs_version"]) == ("/stable/", "stable")
        assert len(every.pages) == 8
        assert set(states(site, asked)) == {"/", "/about.html", "/v1.2/", "/v1.2/guide.html"}


async def test_a_version_that_is_only_a_name_for_another_is_read_under_that_ones_address() -> None:
    async with serve_site() as site:
        site.page("/", "/stable/", "/latest/", "/1.2/", "/1.1/", text=WORDS)
        site.routes["/stable/"] = sends_on("../1.2/")
        for label in ("latest", "1.2", "1.1"):
            site.page(f"/{label}/", f"/{label}/guide.html", text=WORDS + label)
            site.page(f"/{label}/guide.html", text=label + WORDS)

        by_page = await look(site)
        site.redirect("/stable/", "/1.2/")
        by_redirect = await look(site)

        for seen in (by_page, by_redirect):
            assert states(site, seen) == {"/": "read", "/1.2/": "read", "/1.2/guide.html": "read"}
            assert seen.facts["docs_version"] == "1.2"


async def test_swagger_ui_shows_what_its_initializer_and_its_configuration_name() -> None:
    ui = (
        b"<html><body><div id='swagger-ui'></div><script src='./swagger-ui-bundle.js'></script>"
        b"<script src='./swagger-initializer.js' charset='UTF-8'></script></body></html>"
    )
    started = b"window.ui = SwaggerUIBundle({ %s, dom_id: '#swagger-ui' })"
    async with serve_site() as site:
        site.routes["/docs/"] = Answer(ui)
        site.routes["/docs/openapi.json"] = site.routes["/docs/v3/pets"] = OPENAPI
        site.routes["/docs/swagger-initializer.js"] = Answer(started % b"url: 'openapi.json'", 200, "text/javascript")
        direct = await look(site, "/docs/")
        site.routes["/docs/swagger-initializer.js"] = Answer(
            started % b'url: "https://petstore.swagger.io/v2/swagger.json", configUrl: "/docs/v3/config"',
            200,
            "text/javascript",
        )
        names = b'{"configUrl": "/docs/v3/config", "urls": [{"url": "/docs/v3/pets", "name": "a"}, {"url": "/v3/b"}]}'
        site.routes["/docs/v3/config"] = Answer(names, 200, "application/json")
        indirect = await look(site, "/docs/")

        assert states(site, direct) == {"/docs/": "excluded", "/docs/openapi.json": "read"}
        assert states(site, indirect) == {"/docs/": "excluded", "/docs/v3/pets": "read"}
        assert left_out(site, indirect)["/v3/b"] == "outside /docs/"
        assert site.hits["/docs/v3/config"] == 1
        assert "swagger-ui-bundle.js" not in " ".join(site.hits)


async def test_scripts_of_other_sites_and_those_robots_txt_forbids_are_not_asked_for_what_they_show() -> None:
    script = "<html><body><div id='swagger-ui'></div><script src='{}'></script></body></html>"
    async with serve_site() as site:
        site.routes["/robots.txt"] = Answer(b"User-agent: lectern/1.0\nDisallow: /swagger\n", 200, "text/plain")
        site.page("/", "/a", "/b")
        elsewhere = f"{site.url.replace('127.0.0.1', 'localhost')}/elsewhere/swagger-initializer.js"
        site.routes["/a"] = Answer(script.format(elsewhere).encode())
        site.routes["/b"] = Answer(script.format("/swagger-initializer.js").encode())

        seen = await look(site)

        assert states(site, seen) == {"/": "read", "/a": "excluded", "/b": "excluded"}
        assert not [target for target in site.hits if "initializer" in target]


async def test_an_empty_segment_of_an_address_is_kept() -> None:
    async with serve_site() as site:
        site.page("/docs/", "deep//double.html")
        site.page("/docs/deep//double.html", "../up.html")
        site.page("/docs/deep/up.html")
        assert set(states(site, await look(site, "/docs/")).values()) == {"read"}


async def test_sitemaps_that_are_not_read_any_more_are_noted() -> None:
    async with serve_site() as site:
        nested = "".join(f"<sitemap><loc>{site.url}/map-{number}.xml</loc></sitemap>" for number in range(150))
        site.routes["/sitemap.xml"] = Answer(f"<sitemapindex>{nested}</sitemapindex>".encode())
        for number in range(150):
            site.routes[f"/map-{number}.xml"] = Answer(f"{site.url}/page-{number}\n".encode())
            site.page(f"/page-{number}")
        site.page("/")

        seen = await look(site, "/sitemap.xml")
        assert seen.would_crawl + len([page for page in seen.pages if page.state != "read"]) == 99

        site.page("/", text=WORDS)
        whole = await survey("website", site.url, CrawlRules(), SETTINGS, max_pages=1000, max_seconds=20)
        assert whole.stopped_by == "read only the first 100 sitemaps"


async def test_an_inventory_given_as_the_source_stands_for_its_site() -> None:
    async with serve_site() as site:
        site.page("/docs/")
        site.page("/docs/library/os.html")
        site.routes["/docs/objects.inv"] = Answer(
            b"# Sphinx inventory version 1\n# Project: acme\n# Version: 2.1\nos.path mod library/os.html\n"
            b"os.path.join function library/os.html\n",
            200,
            "application/octet-stream",
        )
        seen = await look(site, "/docs/objects.inv")
        assert states(site, seen) == {"/docs/": "read", "/docs/library/os.html": "read"}
        assert seen.facts == {"symbols": "2", "docs_version": "2.1"}
