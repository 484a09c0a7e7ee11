"""From bytes to a page: charsets, formats, broken and hostile input."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from indexer.extract import ExtractedPage, extract_page
from indexer.extract.html.profiles import PROFILES

WORDS = "word " * 60
URL = "https://docs.example/page.html"


def html(text: str) -> ExtractedPage:
    return extract_page(text.encode(), "text/html; charset=utf-8", URL)


def first_text(body: bytes, content_type: str = "text/html") -> str:
    return extract_page(body, content_type, URL).blocks[0].text


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<p>café</p>".encode(), "text/html"),
        ("<p>café</p>".encode("utf-8-sig"), "text/html; charset=iso-8859-1"),
        ("<p>café</p>".encode("utf-16"), "text/html"),
        ("<p>café</p>".encode("latin-1"), "text/html; charset=ISO-8859-1"),
        ('<meta charset="iso-8859-15"><p>café</p>'.encode("iso-8859-15"), "text/html"),
        ('<?xml version="1.0" encoding="latin-1"?><p>café</p>'.encode("latin-1"), "text/html"),
        ("<p>café</p>".encode("latin-1"), "text/html; charset=utf-8"),
        ("<p>café</p>".encode(), "text/html; charset=base64"),
        ("<p>café</p>".encode(), "text/html; charset=no-such-charset"),
        ('<meta charset="utf-16"><p>café</p>'.encode(), "text/html"),
    ],
)
def test_text_is_decoded_from_what_declares_or_fits_it(body: bytes, content_type: str) -> None:
    assert first_text(body, content_type) == "café"


@pytest.mark.parametrize(
    ("charset", "encoding", "text"),
    [
        ("utf-8", "utf-8", "naïve 日本"),
        ("gb2312", "gb18030", "朱镕基"),
        ("x-gbk", "gb18030", "潮汐表"),
        ("euc-kr", "cp949", "똠방각하"),
        ("big5", "big5hkscs", "香港嘅潮汐"),
        ("Shift_JIS", "cp932", "①潮汐"),
        ("x-sjis", "cp932", "潮汐"),
        ("iso-8859-8-i", "iso8859-8", "גאות"),
        ("iso-8859-9", "cp1254", "“gelgit” şöyle"),
        ("windows-874", "cp874", "น้ำขึ้นน้ำลง"),
    ],
)
def test_one_broken_byte_in_a_page_breaks_one_character(charset: str, encoding: str, text: str) -> None:
    body = f"<p>{text}</p>".encode(encoding)
    assert first_text(body, f"text/html; charset={charset}") == text
    broken = b"<p>" + f"{text} ".encode(encoding) * 40 + b"</p><p>" + b"\xff\xff.</p>"
    assert first_text(broken, f"text/html; charset={charset}") == " ".join([text] * 40)


@pytest.mark.parametrize("charset", ["gbk", "euc-kr", "big5", "shift_jis"])
def test_utf_8_is_known_even_if_an_encoding_is_declared_that_would_take_it(charset: str) -> None:
    text = "潮汐表 tide tables 日本"
    assert first_text(f"<p>{text}</p>".encode(), f"text/html; charset={charset}") == text


def test_a_page_in_latin_1_that_says_it_is_utf_8_is_read_as_latin_1() -> None:
    body = "<p>" + "Ein Pier für Boote, auch große. " * 40 + "</p>"
    assert first_text(body.encode("latin-1"), "text/html; charset=utf-8").startswith("Ein Pier für Boote, auch große.")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "text/html"),
        (b"x" * (16 * 1024 * 1024 + 1), "text/html"),
    ],
)
def test_what_is_no_text_is_unreadable(body: bytes, content_type: str) -> None:
    assert extract_page(body, content_type, URL).problem == "unreadable"


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>" * 100_000,
        "<x-y/>" * 100_000,
        "".join(f"<b c{number}>" for number in range(390)) + "<p>" * 100_000,
        "<p " + " ".join(f"a{number}" for number in range(60_000)) + ">",
    ],
)
def test_markup_that_would_keep_a_parser_busy_is_not_parsed(bomb: str) -> None:
    assert html(f"<main>{bomb}{WORDS}").problem == "unreadable"


@pytest.mark.parametrize(
    "deep",
    [
        "<div>",
        "<ul><li>",
        "<blockquote>",
        "<dl><dd>",
        "<details>",
        "<span>",
        "<code>",
        "<dl class=py><dt class=sig>x<dd>",
    ],
)
def test_deep_nesting_keeps_the_words(deep: str) -> None:
    page = html(f"<main>{deep * 180}{WORDS}")
    assert sum(block.text.count("word") for block in page.blocks) == 60


def test_markup_inside_scripts_does_not_count_as_nesting() -> None:
    page = html(f"<script>var x = '{'<div>' * 500}'</script><main><p>{WORDS}</main>")
    assert page.problem is None


@pytest.mark.parametrize(
    "shell",
    [
        '<div id="root"></div><script src="app.js"></script>',
        "<redoc spec-url=x></redoc>",
        "<script>$docsify = {}</script>",
    ],
)
def test_an_application_shell_says_that_it_needs_javascript(shell: str) -> None:
    assert html(f"<body>{shell}</body>").problem == "needs_javascript"


def test_a_page_without_text_is_empty() -> None:
    assert html("<body><nav></nav></body>").problem == "empty"
    assert html("").problem == "empty"


def test_every_profile_has_selectors_the_engine_understands() -> None:
    document = LexborHTMLParser("<p>x</p>")
    for profile in PROFILES:
        for selector in filter(
            None, (*profile.containers, profile.strips, profile.title, profile.lead, profile.members)
        ):
            document.css(selector)


def test_a_container_with_too_little_text_is_passed_over() -> None:
    page = html(f"<main>Loading</main><article><p>{WORDS}</p></article>")
    assert page.blocks[0].text.startswith("word")


def test_the_body_without_its_chrome_is_the_last_resort() -> None:
    page = html(f"<header>top</header><aside>side</aside><div><p>{WORDS}</p></div><footer>end</footer>")
    assert [block.text for block in page.blocks] == [WORDS.strip()]


def test_old_listings_in_code_elements_are_code_blocks() -> None:
    page = html(f"<main><p>{WORDS}</p><code class=code>type t =<br>  | A</code></main>")
    assert (page.blocks[-1].kind, page.blocks[-1].text) == ("code", "type t =\n  | A")


def test_a_code_language_may_stand_on_an_ancestor_and_plain_text_has_none() -> None:
    page = html(
        f"<main><p>{WORDS}</p><div class='language-ts x'><pre><code>a</code></pre></div>"
        "<pre class='brush: js'>b</pre><div class=highlight-none><div class=highlight><pre>c</pre></div></div>"
        "<pre data-lang=golang>d</pre><pre class=ruby>e</pre></main>"
    )
    assert [block.language for block in page.blocks[1:]] == ["typescript", "javascript", None, "go", "ruby"]


def test_a_layout_table_gives_its_code() -> None:
    page = html(
        f"<main><p>{WORDS}</p><table class=highlighttable><tr><td class=linenos>1</td><td><pre>a\n  b</pre></table>"
    )
    assert (page.blocks[-1].kind, page.blocks[-1].text) == ("code", "a\n  b")


@given(st.text(alphabet=st.sampled_from(list("<>/=\"'&;!- \nabdiptlu#`|\u202e\x00"))))
def test_any_tag_soup_gives_a_page(soup: str) -> None:
    page = html(f"<main>{soup}")
    assert all("\u202e" not in block.text and "\x00" not in block.text for block in page.blocks)


@given(
    st.binary(max_size=300), st.sampled_from(["text/html", "text/markdown", "text/plain", "text/html; charset=utf-16"])
)
def test_any_bytes_give_a_page(body: bytes, content_type: str) -> None:
    assert extract_page(body, content_type, URL).url == URL
