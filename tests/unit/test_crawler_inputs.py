"""What sites send: robots.txt, sitemaps, pages, bodies, headers; all of it may be hostile."""

import gzip
import os
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from core.errors import SourceFailed
from crawler.bodies import BodyDecoder, BodyRefused, gunzipped_pieces
from crawler.folder import Folder
from crawler.links import packed, read_links, unpacked
from crawler.outcomes import Excluded, Failed, Fetched, Redirected
from crawler.politeness import OriginSlot, Politeness, backoff_seconds, retry_after_seconds
from crawler.readings import Reading, results_of
from crawler.records import FrontierPage
from crawler.robots import parse_robots, robots_of
from crawler.scope import PathFilter
from crawler.settings import CrawlerSettings
from crawler.sitemap import parse_sitemap

SITE = "https://x.org"


def test_a_byte_order_mark_does_not_open_the_site() -> None:
    robots = parse_robots(b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n")
    assert not robots.allows(f"{SITE}/a")


@pytest.mark.parametrize("name", ["lectern/1.0", "Lectern/*", "LECTERN/0.1 (crawler)  # ours", "lectern"])
def test_a_group_that_names_us_with_a_release_is_ours(name: str) -> None:
    robots = parse_robots(f"User-agent: *\nDisallow:\n\nUser-Agent : {name}\r\nDisallow: /a\r\n".encode())
    assert not robots.allows(f"{SITE}/a")
    assert robots.allows(f"{SITE}/b")


def test_a_group_of_another_crawler_is_not_ours() -> None:
    assert parse_robots(b"User-agent: lecternbot/1.0\nDisallow: /\n").allows(f"{SITE}/a")


def test_the_longest_rule_of_our_own_group_wins() -> None:
    robots = parse_robots(
        b"User-agent: *\nDisallow: /\n\nUser-agent: Lectern\nCrawl-delay: 3\nDisallow: /a/\nAllow: /a/b/\n"
        b"Disallow: /*.txt$\nSitemap: https://x.org/map.xml\n"
    )
    assert robots.allows(f"{SITE}/")
    assert not robots.allows(f"{SITE}/a/c")
    assert robots.allows(f"{SITE}/a/b/c")
    assert not robots.allows(f"{SITE}/x.txt")
    assert robots.crawl_delay_seconds == 3
    assert robots.sitemaps == ("https://x.org/map.xml",)


@pytest.mark.parametrize(
    ("status", "is_open"), [(404, True), (403, True), (302, True), (429, False), (500, False), (503, False)]
)
def test_a_missing_robots_txt_allows_all_and_a_broken_server_nothing(status: int, is_open: bool) -> None:
    robots = robots_of(status, b"User-agent: *\nDisallow: /")
    assert robots.allows(f"{SITE}/a") is is_open
    assert (robots.failure is None) is is_open


def test_only_the_first_500_kib_of_robots_txt_count() -> None:
    robots = parse_robots(b"# " + b"x" * 600_000 + b"\nUser-agent: *\nDisallow: /\n")
    assert robots.allows(f"{SITE}/a")


def test_a_sitemap_gives_pages_and_nested_sitemaps() -> None:
    pages = (
        b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        b'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url><loc> https://x.org/a?b=1&amp;c=2 </loc>'
        b"<image:image><image:loc>https://x.org/i.png</image:loc></image:image></url></urlset>"
    )
    index = b"<sitemapindex><sitemap><loc>https://x.org/s.xml</loc></sitemap></sitemapindex>"
    assert parse_sitemap(pages).pages == ("https://x.org/a?b=1&c=2",)
    assert parse_sitemap(gzip.compress(pages)).pages == ("https://x.org/a?b=1&c=2",)
    assert parse_sitemap(index).sitemaps == ("https://x.org/s.xml",)
    assert parse_sitemap(b"https://x.org/a\nnot one\nhttp://x.org/b\n").pages == ("https://x.org/a", "http://x.org/b")


def test_a_feed_is_a_list_of_pages() -> None:
    rss = (
        b'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><link>https://x.org/</link>'
        b'<atom:link rel="self" href="https://x.org/feed.xml"/>'
        b"<item><title>A</title><link> https://x.org/a </link><guid>https://x.org/?p=1</guid></item>"
        b"<item><link><![CDATA[https://x.org/b?c=1&d=2]]></link></item></channel></rss>"
    )
    atom = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><link href="https://x.org/"/>'
        b'<entry><link rel="edit" href="https://x.org/edit"/><link rel="alternate" href="https://x.org/a"/></entry>'
        b'<entry><link href="b.html"/></entry></feed>'
    )
    assert parse_sitemap(rss).pages == ("https://x.org/a", "https://x.org/b?c=1&d=2")
    assert parse_sitemap(atom).pages == ("https://x.org/a", "b.html")


def test_a_broken_sitemap_gives_what_came_before_the_fault() -> None:
    assert parse_sitemap(b"<urlset><url><loc>https://x.org/a</loc></url><url><loc>https").pages == ("https://x.org/a",)


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><urlset><url><loc>&e;</loc></url></urlset>',
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>',
        b"<!doctype html><html><body>not found</body></html>",
        b"<a>" * 100_000,
        b"\x1f\x8b broken",
        b"",
    ],
)
def test_a_hostile_sitemap_gives_nothing(body: bytes) -> None:
    sitemap = parse_sitemap(body)
    assert (sitemap.pages, sitemap.sitemaps) == ((), ())


def test_a_huge_sitemap_is_cut() -> None:
    body = b"<urlset>" + b"<url><loc>https://x.org/a</loc></url>" * 60_000 + b"</urlset>"
    lines = b"https://x.org/a\n" * 60_000
    for cut in (parse_sitemap(body), parse_sitemap(lines)):
        assert (len(cut.pages), cut.is_cut) == (50_000, True)
    assert not parse_sitemap(b"https://x.org/a\n" * 50_000).is_cut


def test_links_are_resolved_against_the_base_and_given_once() -> None:
    page = (
        b'<html><head><base href="/docs/"><link rel="canonical" href="intro/">'
        b'<meta http-equiv="Refresh" content="0; URL=\'next.html\'"></head>'
        b'<a href="a.html#x">1</a><a href="a.html#y">2</a><a href="#z">3</a><a href="mailto:a@b">4</a><a>5</a>'
    )
    links = read_links(page, f"{SITE}/start.html", "text/html")
    assert links.links == (f"{SITE}/docs/a.html",)
    assert links.refresh == f"{SITE}/docs/next.html"
    assert links.canonical == f"{SITE}/docs/intro/"


def test_a_canonical_address_on_a_disk_is_none() -> None:
    page = b'<link rel="canonical" href="file:///usr/share/doc/python3/html/index.html">'
    assert read_links(page, f"{SITE}/", "text/html").canonical is None


def test_links_of_markdown_are_found() -> None:
    page = b"# A\nSee [b](b.md#x), ![c](<c.md>) and [d].\n\n[d]: ../d.md\n"
    assert read_links(page, f"{SITE}/docs/a.md", "text/markdown").links == (
        f"{SITE}/docs/b.md",
        f"{SITE}/docs/c.md",
        f"{SITE}/d.md",
    )


def test_links_of_markdown_are_found_in_every_form_and_not_in_code() -> None:
    page = (
        b"# Tool\n\n- https://x.org/bare\n- <https://x.org/auto.md>\n"
        b"Title: https://x.org/titled, or (https://x.org/in).\n"
        b"**https://x.org/bold** [D](https://x.org/d(1).md) [s](<a b.md>) [t](t.md 'T')\n"
        b"<a class=x href='html.md'>x</a>\n"
        b'<Card title="One"\n  href="card">\n[https://x.org/cut...](full.md)\n'
        b"`https://x.org/span` https://x.org/{id}/x\n"
        b"```sh\ncurl https://x.org/fence\n[f](fence.md)\n```\n- ~~~\n  https://x.org/list\n  ~~~\n"
        b"```inline``` [e](e.md)\n"
        b"````\n```\nhttps://x.org/never-closed\n"
    )
    found = read_links(page, f"{SITE}/docs/llms.txt", "text/plain").links
    names = ("d(1).md", "docs/a%20b.md", "docs/t.md", "docs/html.md", "docs/card", "docs/full.md", "docs/e.md")
    assert found == tuple(f"{SITE}/{name}" for name in ("bare", "auto.md", "titled", "in", "bold", *names))


@pytest.mark.parametrize(
    "piece", ["](", "](a(", "`", "```\n", "~~~~\n", "<a ", "https://x.org/(", "[a]: <", "](<", "1. "]
)
def test_markdown_made_to_be_slow_is_read_at_once(piece: str) -> None:
    assert len(read_links((piece * 60_000).encode(), f"{SITE}/", "text/markdown").links) <= 10_000


def test_the_links_of_a_page_are_bounded() -> None:
    page = b"".join(b'<a href="p%d.html">x</a>' % number for number in range(12_000))
    assert len(read_links(page, f"{SITE}/", "text/html").links) == 10_000


def test_links_are_kept_in_a_form_that_gives_them_back() -> None:
    links = b'<a href="a.html">a</a><a href="?b">b</a><a href="c?d=/e#f">c</a>'
    body = links + b'<meta http-equiv=refresh content="0;url=/g">'
    links = read_links(body, f"{SITE}/docs/x.html?q=/z", "text/html")
    assert links.links == (f"{SITE}/docs/a.html", f"{SITE}/docs/x.html?b", f"{SITE}/docs/c?d=/e")
    assert unpacked(packed(links)) == links


def test_what_bounds_the_links_of_a_page_is_told() -> None:
    many = b"".join(b'<a href="p%d.html">x</a>' % number for number in range(10_001))
    long = f'<a href="/{"x" * 3000}">x</a><a href="a.html">a</a>'.encode()
    found = read_links(long, f"{SITE}/", "text/html")
    assert read_links(many, f"{SITE}/", "text/html").is_cut
    assert (found.is_cut, found.links, len(found.too_long)) == (False, (f"{SITE}/a.html",), 1)
    assert found.too_long[0].startswith(f"{SITE}/xxx")


@pytest.mark.parametrize("encoding", ["", "identity", "gzip", "x-gzip", "deflate"])
def test_a_body_is_decoded_piece_by_piece(encoding: str) -> None:
    text = b"some text " * 1000
    packed = {"deflate": zlib.compress(text), "": text, "identity": text}.get(encoding) or gzip.compress(text)
    decoder = BodyDecoder(encoding, 20_000)
    for start in range(0, len(packed), 7):
        decoder.feed(packed[start : start + 7])
    assert decoder.finish() == text


def test_a_body_of_several_gzip_members_is_whole() -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0"
    assert b"".join(gunzipped_pieces(packed, 100)) == b"one two"


def decoded(encoding: str, body: bytes) -> bytes:
    decoder = BodyDecoder(encoding, 2048)
    decoder.feed(body)
    return decoder.finish()


@pytest.mark.parametrize(
    ("encoding", "body", "reason"),
    [
        ("", b"x" * 3000, "too large"),
        ("gzip", gzip.compress(b"x" * 3000), "too large"),
        ("gzip", gzip.compress(b"text")[:-6], "cut short"),
        ("gzip", b"no gzip at all", "compression is broken"),
        ("br", b"x", "not asked for"),
    ],
)
def test_a_body_that_cannot_be_taken_says_why(encoding: str, body: bytes, reason: str) -> None:
    with pytest.raises(BodyRefused, match=reason):
        decoded(encoding, body)


def test_a_bomb_stops_at_the_bound_and_at_the_ratio() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(64)) + packer.flush()
    with pytest.raises(BodyRefused, match="too large"):
        BodyDecoder("gzip", 2**20 // 2).feed(bomb)
    with pytest.raises(BodyRefused, match="far more than was sent"):
        BodyDecoder("gzip", 128 * 2**20).feed(bomb)


def test_a_cut_body_keeps_its_beginning() -> None:
    for encoding, body in (("", b"abcdef"), ("gzip", gzip.compress(b"abcdef"))):
        decoder = BodyDecoder(encoding, 3, is_cut=True)
        decoder.feed(body)
        assert decoder.is_complete
        assert decoder.finish() == b"abc"


NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("5", 5),
        ("86400", 60),
        ("9" * 400, 60),
        (format_datetime(NOW + timedelta(seconds=7), usegmt=True), 7),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0),
        ("soon", None),
        ("-3", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_capped(value: str | None, expected: float | None) -> None:
    assert retry_after_seconds(value, NOW) == expected


def test_backoff_doubles_and_waits_at_least_as_long_as_asked() -> None:
    assert 0.5 <= backoff_seconds(1, 1) <= 1.5
    assert 2 <= backoff_seconds(3, 1) <= 6
    assert backoff_seconds(1, 1, retry_after=30) == 30
    assert backoff_seconds(1, 0) == 0


class FakeTime:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds


def slot_with(time: FakeTime, delay_seconds: float, address: str = "https://x.org/") -> OriginSlot:
    politeness = Politeness(connections=2, delay_seconds=delay_seconds, monotonic=time, sleep=time.sleep)
    assert politeness.slot(address) is politeness.slot(address)
    return politeness.slot(address)


async def take_turns(slot: OriginSlot, count: int) -> None:
    for _ in range(count):
        async with slot.turn():
            pass


async def test_starts_are_spaced_by_the_longer_of_our_delay_and_the_sites() -> None:
    time = FakeTime()
    slot = slot_with(time, 0.1)
    await take_turns(slot, 3)
    slot.require_delay(2)
    await take_turns(slot, 2)
    assert time.slept == [0.1, 0.1, 0.1, 2]


async def test_own_machines_are_asked_without_a_pause() -> None:
    time = FakeTime()
    slot = slot_with(time, 0.1, "http://127.0.0.1:8000/")
    slot.note(10, is_ok=True)
    await take_turns(slot, 3)
    assert time.slept == []


async def test_a_slow_site_is_asked_more_slowly_and_errors_never_speed_up() -> None:
    slot = slot_with(FakeTime(), 0.1)
    slot.note(4, is_ok=True)
    assert slot.delay_seconds == 2
    slot.note(0.01, is_ok=False)
    assert slot.delay_seconds == 2
    slot.note(0.01, is_ok=True)
    assert 0.1 < slot.delay_seconds < 2
    for _ in range(20):
        slot.note(0.01, is_ok=True)
    assert slot.delay_seconds == pytest.approx(0.1)


async def test_retry_after_stops_everything_for_a_minute_at_most() -> None:
    time = FakeTime()
    slot = slot_with(time, 0.1)
    slot.pause(3600)
    await take_turns(slot, 1)
    assert time.slept == [60]


def a_folder(path: Path, **limits: int) -> Folder:
    bounds = {"max_files": 100, "max_bytes": 1000} | limits
    return Folder(path, PathFilter(), max_files=bounds["max_files"], max_bytes=bounds["max_bytes"])


def test_links_out_of_a_folder_pipes_and_large_files_are_refused(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    (docs / ".git").mkdir(parents=True)
    (docs / ".git" / "x.md").write_text("hidden")
    (tmp_path / "secret.md").write_text("secret")
    (docs / "leak.md").symlink_to(tmp_path / "secret.md")
    (docs / "a.md").write_text("a")
    (docs / "same.md").symlink_to(docs / "a.md")
    (docs / "big.html").write_bytes(b"x" * 1001)
    os.mkfifo(docs / "pipe.md")
    folder = a_folder(docs)

    wanted, excluded = folder.scan()

    assert wanted == [f"folder://docs/{name}" for name in ("a.md", "big.html", "pipe.md", "same.md")]
    assert excluded == {"folder://docs/leak.md": "a link that leads out of the folder"}
    outcomes = {url: folder.read(url) for url in wanted}
    assert isinstance(outcomes["folder://docs/same.md"], Fetched)
    for name, reason in (("big.html", "too large"), ("pipe.md", "not a regular file")):
        outcome = outcomes[f"folder://docs/{name}"]
        assert isinstance(outcome, Failed)
        assert reason in outcome.reason
    assert isinstance(folder.read("folder://docs/../secret.md"), Failed)


def test_a_folder_without_documents_is_no_source(tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match="no document"):
        a_folder(tmp_path).scan()
    with pytest.raises(SourceFailed, match="does not exist"):
        a_folder(tmp_path / "nowhere").scan()


def page(tries: int = 1) -> FrontierPage:
    return FrontierPage(f"{SITE}/a", 1, tries)


def test_a_passing_failure_is_tried_again_and_then_final() -> None:
    settings = CrawlerSettings(max_tries=3, retry_base_seconds=0)
    failure = Failed(f"{SITE}/a", "the server answered 503", 503, is_transient=True)
    states = [results_of(Reading(page(tries), None, failure), settings)[0].state for tries in (1, 2, 3)]
    assert states == ["queued", "queued", "failed"]
    lasting = Failed(f"{SITE}/a", "the server answered 403", 403)
    assert results_of(Reading(page(), None, lasting), settings)[0].state == "failed"


@pytest.mark.parametrize(
    ("status", "depth", "state"), [(404, 1, "missing"), (410, 3, "missing"), (404, 0, "failed"), (403, 1, "failed")]
)
def test_a_page_a_link_led_to_may_be_missing_the_start_page_may_not(status: int, depth: int, state: str) -> None:
    outcome = Failed(f"{SITE}/a", "the server answered", status)
    reading = Reading(FrontierPage(f"{SITE}/a", depth, 1), None, outcome)
    assert results_of(reading, CrawlerSettings())[0].state == state


def test_the_last_hop_bears_the_outcome_and_each_points_to_the_next() -> None:
    outcome = Excluded(f"{SITE}/c", "not a document", 200)
    results = results_of(Reading(page(), None, outcome, (f"{SITE}/b", f"{SITE}/c")), CrawlerSettings())
    assert [(result.url, result.state, result.final_url) for result in results] == [
        (f"{SITE}/a", "redirected", f"{SITE}/b"),
        (f"{SITE}/b", "redirected", f"{SITE}/c"),
        (f"{SITE}/c", "excluded", None),
    ]
    known = results_of(Reading(page(), None, Redirected(f"{SITE}/a", f"{SITE}/z")), CrawlerSettings())
    assert [(result.state, result.final_url) for result in known] == [("redirected", f"{SITE}/z")]
