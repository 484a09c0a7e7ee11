"""Pages to chunks, a batch at a time, in a process of its own."""

from typing import Any, cast
from uuid import UUID

import pytest

from indexer.extract import extract_page
from indexer.preparing import LibraryName, RawPage, prepare_page

OF = LibraryName(UUID(int=7), "Library", "1.0")
URL = "https://x.dev/files"
WORDS = "<h1>Files</h1><p>Everything about files, which hold what is to stay when a program ends.</p>"


def test_a_page_that_breaks_the_reader_fails_alone_and_says_what_broke() -> None:
    # What no reader was made for: a body that is none.
    no_body = cast("Any", 7)
    pages = [RawPage(f"{URL}/{number}", "text/html", body) for number, body in enumerate([WORDS.encode(), no_body])]

    good, broken = (prepare_page(OF, page) for page in pages)

    assert (good.outcome.outcome, len(good.chunks), good.fault) == ("indexed", 1, "")
    assert (broken.outcome.outcome, broken.outcome.page_url, broken.chunks) == ("unreadable", f"{URL}/1", ())
    assert broken.fault.rstrip().endswith("TypeError: object of type 'int' has no len()")


@pytest.mark.parametrize(
    "drawn",
    [
        '<svg><base xlink:href="/b"></svg>',
        '<math><a xlink:href="/b">the sum of all the sizes of the files</a></math>',
        '<svg><script xlink:href="/b"></script></svg>',
        '<pre><span id="VALx"><span class="keyword"></span></span> x</pre>',
    ],
    ids=["base", "link", "script", "a definition without words"],
)
def test_what_once_broke_a_page_is_read(drawn: str) -> None:
    body = f"<html><body><main>{WORDS}<p>x {drawn}</p></main></body></html>".encode()
    assert extract_page(body, "text/html", URL).problem is None
    assert prepare_page(OF, RawPage(URL, "text/html", body)).fault == ""
