"""What robots.txt says, and what it does not open."""

import pytest

from crawler.robots import parse_robots, robots_of

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
