"""What an operator says about a site's pages, and what comes of it."""

from typing import Any, cast
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from core.errors import InvalidInput
from crawler.rules import rules_from_json
from indexer.extract import ExtractedPage, SiteRules, extract_page, site_rules_of
from indexer.extract.measuring import measure_page
from indexer.preparing import LibraryName, RawPage, prepare_page
from tests.certificates import Authority, private_key_pem

URL = "https://docs.example/tides.html"
PAGE = f"""<html><head><title>Site</title></head><body><div id="top">Breaking news</div><h6 class="name">Tides</h6>
<main><h1>Welcome</h1><p>{"This is the portal around the text. " * 20}</p></main>
<div class="prose"><h2>Ebb</h2><p>The water falls.</p><p class="ad">Buy boats.</p><pre>let tide = 1;</pre>
<pre class="language-python">tide = 2</pre></div></body></html>"""


def extracted(rules: SiteRules, page: str = PAGE) -> ExtractedPage:
    return extract_page(page.encode(), "text/html; charset=utf-8", URL, rules)


def texts(page: ExtractedPage) -> list[str]:
    return [block.text for block in page.blocks]


def test_the_selectors_of_an_operator_go_before_what_is_detected() -> None:
    assert texts(extracted(SiteRules()))[0] == "Welcome"

    page = extracted(SiteRules(main=".prose", strip=(".ad",), title=".name", code_language="rust"))

    assert texts(page) == ["Ebb", "The water falls.", "let tide = 1;", "tide = 2"]
    assert (page.title, page.is_main_missing) == ("Tides", False)
    assert [block.language for block in page.blocks if block.kind == "code"] == ["rust", "python"]


@pytest.mark.parametrize("selector", [".nowhere", "p.ad span", "#empty"])
def test_a_main_selector_that_finds_no_text_falls_back_and_says_so(selector: str) -> None:
    page = extracted(SiteRules(main=selector), PAGE.replace("<main>", "<p id=empty></p><main>"))
    assert texts(page)[0] == "Welcome"
    assert page.is_main_missing

    of = LibraryName(uuid4(), "Tides", "1.0")
    outcome = prepare_page(of, RawPage(URL, "text/html", PAGE.encode()), SiteRules(main=selector)).outcome
    assert (outcome.outcome, outcome.is_main_missing) == ("indexed", True)


def test_what_is_stripped_is_gone_even_if_it_is_most_of_the_page() -> None:
    assert texts(extracted(SiteRules(strip=("main", "h6", "#top", ".prose p")))) == ["Ebb", "let tide = 1;", "tide = 2"]
    assert extracted(SiteRules(strip=("html", "body", "*"))).problem == "empty"


def test_a_title_that_is_not_there_is_taken_from_the_page() -> None:
    assert extracted(SiteRules(title=".nowhere")).title == "Welcome"


def test_the_code_of_a_site_is_in_its_language_in_markdown_as_well() -> None:
    body = b"# A\n\n```\nx\n```\n\n```c\ny\n```\n"
    page = extract_page(body, "text/markdown", "https://docs.example/a.md", SiteRules(code_language="rust"))
    assert [block.language for block in page.blocks if block.kind == "code"] == ["rust", "c"]


def test_other_rules_have_another_digest() -> None:
    rules = [
        SiteRules(),
        SiteRules(main="p"),
        SiteRules(title="p"),
        SiteRules(strip=("p",)),
        SiteRules(strip=("p", "q")),
        SiteRules(code_language="p"),
    ]
    assert len({each.digest for each in rules}) == len(rules)
    assert SiteRules(main="p").digest == SiteRules(main="p").digest


def test_rules_come_to_the_extraction_as_they_were_stored() -> None:
    given = {"main": ".prose", "strip": [".ad"], "title": "h6", "code_language": "rust", "max_pages": 3}
    stored = rules_from_json(given).to_json()
    assert site_rules_of(stored) == SiteRules(".prose", (".ad",), "h6", "rust")
    assert site_rules_of({}) == SiteRules()


@pytest.mark.parametrize(
    "rules",
    [
        {"main": "main >"},
        {"main": ""},
        {"main": "p" * 501},
        {"title": "p::before"},
        {"strip": [".a", "{"]},
        {"strip": [".a"] * 51},
        {"code_language": "Rust lang"},
        {"code_language": "r" * 31},
        {"certificates": "hello"},
        {"certificates": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
        {"certificates": Authority().pem * 21},
        {"certificates": Authority().pem + private_key_pem(ec.generate_private_key(ec.SECP256R1())).decode()},
    ],
)
def test_rules_that_cannot_be_followed_are_refused(rules: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match=f"The crawl rule {next(iter(rules))}"):
        rules_from_json(rules)


def test_several_certificates_are_taken_without_what_stands_around_them() -> None:
    first, second = Authority("first").pem, Authority("second").pem
    taken = rules_from_json({"certificates": f"# ours\n{first}\nnonsense\n{second}"}).certificates
    assert taken is not None
    assert taken.count("BEGIN CERTIFICATE") == 2
    assert "nonsense" not in taken
    assert rules_from_json({"certificates": taken}).certificates == taken


def test_what_would_be_taken_of_a_page_is_told_in_numbers() -> None:
    found = measure_page(PAGE.encode(), "text/html", URL, SiteRules(main=".prose"))
    assert (found.code_blocks, found.page_code_blocks, found.headings, found.is_main_missing) == (2, 2, 1, False)
    assert 0 < found.text_percent < 20
    assert str(found) == f"code blocks 2/2, {found.text_percent} % of page text, 1 heading"
    portal = measure_page(PAGE.encode(), "text/html", URL, SiteRules(main="#no"))
    assert str(portal).startswith("code blocks 0/2, ")
    assert str(portal).endswith("the selector of the main content finds nothing")
    assert measure_page(b"# A\n\ntext", "text/markdown", URL, SiteRules()).text_percent == 100


def test_a_page_that_breaks_the_reader_is_told_of_and_does_not_end_the_look() -> None:
    no_body = cast("Any", 7)  # what no reader was made for
    assert str(measure_page(no_body, "text/html", URL, SiteRules())).endswith("; unreadable")
