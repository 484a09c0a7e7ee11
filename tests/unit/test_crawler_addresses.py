"""One spelling per page, and what belongs to a source."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from crawler.addresses import index_variants, normalise_address, origin_of, resolve_address
from crawler.rules import CrawlRules, rules_from_json
from crawler.scope import PathFilter, Scope
from crawler.service import recognise_source
from crawler.settings import CrawlerSettings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("http://example.org:8080/a", "http://example.org:8080/a"),
        ("http://example.org./a", "http://example.org/a"),
        ("http://example.org/a/./b/../c", "http://example.org/a/c"),
        ("http://example.org/../../a/..", "http://example.org/"),
        ("http://example.org/%7euser/%e4%b8%ad", "http://example.org/~user/%E4%B8%AD"),
        ("http://example.org/%2e%2e/secret", "http://example.org/secret"),
        ("http://example.org/a%2Fb", "http://example.org/a%2Fb"),
        ("http://example.org/100%", "http://example.org/100%25"),
        ("http://example.org/a b?c d", "http://example.org/a%20b?c%20d"),
        ("http://example.org/a?b=2&a=1#part", "http://example.org/a?b=2&a=1"),
        ("http://example.org/a?utm_source=x&id=3&gclid=y", "http://example.org/a?id=3"),
        ("http://example.org/a?x", "http://example.org/a?x"),
        ("http://example.org//a//b/", "http://example.org//a//b/"),
        ("http://bücher.example/ü", "http://xn--bcher-kva.example/%C3%BC"),
        ("http://[::FFFF:1]:80/", "http://[::ffff:1]/"),
        ("http://①②⑦.0.0.1/", "http://127.0.0.1/"),
    ],
)
def test_an_address_has_one_spelling(text: str, expected: str) -> None:
    assert normalise_address(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://user:secret@example.org/",
        "http://good.example\\@evil.example/",
        "http:///a",
        "http://exa mple.org/",
        "http://example.org:99999/",
        "http://[::1/",
        "http://a..b/",
        "http://" + "a." * 200 + "example/",
        "http://example.org/" + "a" * 2048,
        "no address",
    ],
)
def test_what_is_no_web_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        normalise_address(text)


def test_pages_that_differ_by_case_slash_or_order_stay_different() -> None:
    texts = ["http://x.org/A", "http://x.org/a", "http://x.org/a/", "http://x.org/a?b&c", "http://x.org/a?c&b"]
    assert len({normalise_address(text) for text in texts}) == len(texts)


@given(st.text(alphabet=string.printable + "äß中%", max_size=60))
def test_normalising_twice_changes_nothing(path: str) -> None:
    address = resolve_address("http://example.org/", "/" + path)
    if address is not None:
        assert normalise_address(address) == address
        assert origin_of(address).startswith("http")


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("b.html#x", "http://x.org/docs/b.html"),
        ("../c", "http://x.org/c"),
        ("?page=2", "http://x.org/docs/a.html?page=2"),
        ("//y.org/d", "http://y.org/d"),
        ("mailto:a@x.org", None),
        ("sub\\b.html", "http://x.org/docs/sub/b.html"),
        ("..\\b.html?path=c:\\d", "http://x.org/b.html?path=c:%5Cd"),
        ("\\\\y.org\\d", "http://y.org/d"),
        ("http://[broken", None),
    ],
)
def test_references_are_resolved_or_dropped(reference: str, expected: str | None) -> None:
    assert resolve_address("http://x.org/docs/a.html", reference) == expected


@pytest.mark.parametrize(
    ("base", "reference", "expected"),
    [
        ("http://x.org/docs/", "deep//double.html", "http://x.org/docs/deep//double.html"),
        ("http://x.org/a//b/c", "../d?e=//f", "http://x.org/a//d?e=//f"),
        ("http://x.org/a//b/c", "e", "http://x.org/a//b/e"),
        ("http://x.org/a//b/c", "?q", "http://x.org/a//b/c?q"),
        ("http://x.org/a//b/c", "", "http://x.org/a//b/c"),
        ("http://x.org/a//b/c", "/", "http://x.org/"),
        ("http://x.org/a/b", "c?next=http://y.org/d", "http://x.org/a/c?next=http://y.org/d"),
        ("http://x.org/a//b", "//y.org/c//d", "http://y.org/c//d"),
        ("http://x.org/a//b", "http://y.org/c//../d", "http://y.org/c/d"),
    ],
)
def test_empty_segments_of_a_path_are_kept(base: str, reference: str, expected: str) -> None:
    assert resolve_address(base, reference) == expected


def test_index_variants_are_the_addresses_servers_treat_alike() -> None:
    assert index_variants("http://x.org/a/index.html") == ("http://x.org/a/", "http://x.org/a")
    assert index_variants("http://x.org/index.html") == ("http://x.org/",)
    assert index_variants("http://x.org/a") == ("http://x.org/a/",)
    assert "http://x.org/a" in index_variants("http://x.org/a/")
    assert index_variants("http://x.org/a.html") == ()
    assert index_variants("http://x.org/a/?x=1") == ()


@pytest.mark.parametrize(
    ("start", "directory"),
    [
        ("http://x.org/", "/"),
        ("http://x.org/docs/index.html", "/docs/"),
        ("http://x.org/docs/", "/docs/"),
        ("http://x.org/docs", "/docs/"),
        ("http://x.org/en/3.11", "/en/3.11/"),
    ],
)
def test_the_scope_is_the_directory_of_the_start_address(start: str, directory: str) -> None:
    assert Scope.of(start, PathFilter()).directory == directory


NOISE = (
    "org/junit/class-use/Assert.html",
    "src-html/org/junit/Assert.html",
    "api/org/junit/package-use.html",
    "index-all.html",
    "index-files/index-12.html",
    "Core_2Map_8h_source.html",
    "d0/d1/map_8h_source.html",
    "classEigen_1_1Map-members.html",
    "dir_0123456789abcdef0123456789abcdef.html",
    "search/enumvalues_1f.html",
    "functions_func_a.html",
    "namespacemembers_vars.html",
    "globals_0x7e.html",
    "src/std/io/mod.rs.html",
    "doc-index-All.html",
)
NO_NOISE = (
    "functions.html",
    "functions_and_operators.html",
    "search/full_text.html",
    "open_source.html",
    "team-members.html",
    "class-use.html",
    "guide/class-use/",
    "guide/class-use/index.html",
    "class-data-members.html",
    "src/index.html",
    "package-summary.html",
    "classes.html",
    "lib.rs.html",
    "dir_listing.html",
)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://x.org/docs", None),
        ("http://x.org/docs/", None),
        ("http://x.org/docs/a/b.html?x=1", None),
        ("http://x.org/docs~old/a.html", "outside /docs/"),
        ("http://x.org/docs2/", "outside /docs/"),
        ("http://x.org:8080/docs/", "on another site than http://x.org"),
        ("http://www.x.org/docs/", "on another site than http://x.org"),
        ("http://x.org/docs/genindex-A.html", "an index, search or source listing page"),
        ("http://x.org/docs/_modules/os.html", "an index, search or source listing page"),
        ("http://x.org/docs/search.html", "an index, search or source listing page"),
        ("http://x.org/docs/research.html", None),
        *((f"http://x.org/docs/{path}", "an index, search or source listing page") for path in NOISE),
        *((f"http://x.org/docs/{path}", None) for path in NO_NOISE),
        ("http://x.org/docs/a.tar.gz", "not a document (.gz)"),
        ("http://x.org/docs/theme.CSS", "not a document (.css)"),
        ("http://x.org/docs/whatsnew/3.0.html", "excluded by the rule whatsnew/**"),
        ("http://x.org/docs/a/old.html", "excluded by the rule */old.html"),
        ("http://x.org/docs/a/b/old.html", None),
    ],
)
def test_every_exclusion_has_its_reason(address: str, reason: str | None) -> None:
    scope = Scope.of("http://x.org/docs/", PathFilter(excludes=("whatsnew/**", "*/old.html")))
    assert scope.exclusion(address) == reason


def test_includes_narrow_the_scope_and_bring_back_what_is_skipped_by_default() -> None:
    paths = PathFilter(includes=("guide/**", "search.html"), excludes=("guide/**/draft-?.html",))
    assert paths.exclusion("guide/a/b.html") is None
    assert paths.exclusion("search.html") is None
    assert paths.exclusion("api.html") == "matches no include rule"
    assert paths.exclusion("guide/draft-1.html") == "excluded by the rule guide/**/draft-?.html"
    assert paths.exclusion("guide/x/draft-1.html") is not None
    assert paths.exclusion("guide/draft-10.html") is None


def test_a_moved_start_page_takes_the_scope_along() -> None:
    scope = Scope.of("http://x.org/docs/", PathFilter())
    assert scope.adopting("https://www.x.org/docs/en/").directory == "/docs/"
    moved = scope.adopting("https://docs.x.org/en/latest/index.html")
    assert (moved.origin, moved.directory) == ("https://docs.x.org", "/en/latest/")


def test_links_to_the_http_past_of_a_site_are_taken_as_its_own() -> None:
    scope = Scope.of("https://x.org/", PathFilter())
    assert scope.aligned("http://x.org/a") == "https://x.org/a"
    assert scope.aligned("http://y.org/a") == "http://y.org/a"
    assert Scope.of("http://x.org:81/", PathFilter()).aligned("https://x.org:81/") == "https://x.org:81/"


def test_rules_survive_the_database_and_bad_ones_are_named() -> None:
    rules = CrawlRules(excludes=("a/**",), max_pages=3, allow_private=False, delay_seconds=0.5)
    assert rules_from_json(rules.to_json()) == rules
    assert CrawlRules().to_json() == {}
    with pytest.raises(InvalidInput, match="connections"):
        rules_from_json({"connections": 99})


def test_rules_win_over_settings() -> None:
    settings = CrawlerSettings(max_pages=10, allow_private=True)
    chosen = settings.for_source(CrawlRules(max_pages=3, allow_private=False))
    assert (chosen.max_pages, chosen.allow_private, chosen.max_depth) == (3, False, settings.max_depth)


def test_a_source_is_recognised_or_refused_with_a_hint() -> None:
    assert recognise_source(" HTTPS://Docs.Example/a ").address == "https://docs.example/a"
    assert recognise_source("/").kind == "folder"
    for text in ("", "no/such/folder", "ftp://x.org/", "https://", "docs.example"):
        with pytest.raises(InvalidInput):
            recognise_source(text)
    with pytest.raises(InvalidInput, match="is a file"):
        recognise_source(__file__)


def test_a_file_address_is_the_repository_the_folder_or_the_archive_there(tmp_path: Path) -> None:
    for name in ("work tree/.git", "bare/objects", "plain"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "bare/HEAD").write_text("ref: refs/heads/main")
    (tmp_path / "docs.zip").touch()
    kinds = {name: recognise_source((tmp_path / name).as_uri()) for name in ("work tree", "bare", "plain", "docs.zip")}
    assert [found.kind for found in kinds.values()] == ["git", "git", "folder", "archive"]
    assert kinds["work tree"].address == (tmp_path / "work tree").as_uri()
    assert kinds["plain"].address == str(tmp_path / "plain")
    for text in ("file://host/share", "file://", "file:///no/such", "file:///a%00b", "file://["):
        with pytest.raises(InvalidInput):
            recognise_source(text)


def test_an_inventory_stands_for_the_site_it_lies_on() -> None:
    found = recognise_source("https://x.org/en/latest/objects.inv?v=2")
    assert (found.kind, found.address) == ("website", "https://x.org/en/latest/")
