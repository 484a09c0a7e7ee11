"""What the vector store keeps of a passage beside its vectors, for answers and for other tools."""

from datetime import date
from typing import Any
from uuid import UUID

from indexer.payloads import payload_of
from indexer.preparing import LibraryName, RawPage, prepare_page

VERSION = UUID(int=7)
PAGE = b"""
<html lang="en"><head><title>Files</title></head><body><main>
<h1>Files</h1><p>Everything about files, which hold what is to stay when a program ends.</p>
<h2 id="reading">Reading</h2><p>A file is read as a whole, by lines, or in pieces of a size that you choose.</p>
<h3>Whole</h3><p>Small files are best read as a whole, which takes one call and no loop around it at all, and is what
most programs do with their settings, their templates and the like. Large ones are read by lines, since they may not fit
into memory; how large a file is can be asked before it is opened, and a limit is best set where others write it. Where
a file grows while it is read, what comes after the end is given by the next call.</p>
<h3 id="lines">Lines</h3><p>By lines it is a loop:</p>
<pre><code class="language-python">for line in open("notes.txt"):\n    print(line)</code></pre>
<p>The loop ends with the file. What a line ends with is part of it, and the last one may have no end, as in a file that
is still being written. Empty lines are lines, too; a file that is empty has none of them.</p>
</main></body></html>
"""


def payloads() -> dict[str, dict[str, Any]]:
    """Gives the payloads of the page by the titles of its passages."""
    of = LibraryName(VERSION, "Library", "1.0")
    rows = prepare_page(of, RawPage("https://x.dev/files", "text/html", PAGE)).chunks
    given = [payload_of("/a/b", "1.0", VERSION, row, date(2026, 1, 2)) for row in rows]
    return {payload["title"]: payload for payload in given}


def test_a_payload_has_everything_an_answer_shows_and_other_tools_look_for() -> None:
    lines = payloads()["Lines"]
    text = lines.pop("chunk_text")
    assert "for line in open" in text
    assert lines == {
        "library_id": "/a/b",
        "version": "1.0",
        "version_id": str(VERSION),
        "content_type": "snippet",
        "source_url": "https://x.dev/files#lines",
        "page_url": "https://x.dev/files",
        "chunk_index": 3,
        "token_count": lines["token_count"],
        "indexed_on": "2026-01-02",
        "title": "Lines",
        "page_title": "Files",
        "section": ["Files", "Reading", "Lines"],
        "anchor": "lines",
        "parent": "https://x.dev/files#reading",
        "code_language": "python",
    }


def test_the_parent_is_the_closest_section_around_that_has_an_address_of_its_own() -> None:
    given = payloads()
    assert "parent" not in given["Reading"], "only the page is around it"
    whole = given["Whole"]
    assert whole["source_url"] == "https://x.dev/files#reading", "for want of an own one"
    assert "parent" not in whole
    assert "anchor" not in given["Files"]


def test_the_passages_of_a_page_are_counted_so_that_neighbours_are_found() -> None:
    assert [payload["chunk_index"] for payload in payloads().values()] == [0, 1, 2, 3]
