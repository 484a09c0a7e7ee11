"""What a page says when it links to another."""

import pytest

from indexer.extract import extract_page
from indexer.extract.markdown import extract_markdown

URL = "https://docs.example/guide/page.html"


def mentions(body: str) -> list[tuple[str, str]]:
    html = f"<html><body><main><h1>Page</h1>{body}<p>{'And words enough to be a page. ' * 20}</p></main></body></html>"
    return list(extract_page(html.encode(), "text/html; charset=utf-8", URL).mentions)


def test_a_link_is_mentioned_by_the_sentence_around_it() -> None:
    body = """<p>First of all. To run <em>many</em> at once, use <a href="../task.html#gather"><code>gather()</code></a>
        or <a href="/pool.html">a pool</a>. The end.</p>"""
    sentence = "To run many at once, use gather() or a pool."
    assert mentions(body) == [
        ("https://docs.example/task.html#gather", sentence),
        ("https://docs.example/pool.html", sentence),
    ]


@pytest.mark.parametrize(
    "body",
    [
        '<p>This section says more <a href="#below">further below</a>.</p>',
        '<p>The page itself is <a href="page.html#top">here at its top</a>.</p>',
        '<h2>A heading that leads to <a href="other.html">another page</a></h2>',
        '<p>See <a href="other.html">other</a>.</p>',
        f'<p>Too long {"to be a sentence " * 60}<a href="other.html">other</a>.</p>',
        '<nav><p>All pages of this guide: <a href="other.html">other</a></p></nav>',
        '<pre>to run it call <a href="other.html">other</a> at once</pre>',
    ],
)
def test_links_within_the_page_and_those_outside_of_sentences_are_not_mentioned(body: str) -> None:
    assert mentions(body) == []


def test_an_item_of_a_list_is_a_sentence_without_the_lists_inside_it() -> None:
    body = '<ul><li>What to do with <a href="a.html">broken files</a><ul><li>Not this</li></ul></li></ul>'
    assert mentions(body) == [("https://docs.example/guide/a.html", "What to do with broken files")]


def test_marks_in_a_page_cannot_pretend_to_be_links() -> None:
    body = '<p>Words that end in \ue0000\ue001 and \ue0009\ue001 here: <a href="a.html">a link</a>.</p>'
    ((link, sentence),) = mentions(body)
    assert (link, sentence) == ("https://docs.example/guide/a.html", "Words that end in 0 and 9 here: a link.")


def test_a_page_of_nothing_but_links_has_a_bounded_number_of_mentions() -> None:
    body = "".join(f'<p>This is the sentence number {n} about <a href="p{n}.html">it</a>.</p>' for n in range(3000))
    assert len(mentions(body)) == 1000


def test_no_more_of_a_page_is_read_than_there_is_time_for(monkeypatch: pytest.MonkeyPatch) -> None:
    body = "".join(f'<p>This is the sentence number {n} about <a href="p{n}.html">it</a>.</p>' for n in range(9))
    monkeypatch.setattr("indexer.extract.mentions._MOST_CHARS", 100)
    assert len(mentions(body)) == 2


def test_markdown_mentions_by_paragraphs_and_items_but_not_by_headings() -> None:
    text = """# Title

## A heading about [this page](heading.md)

Call [`gather`](task.md#gather) to run them at once. It is [quick](q.md).

- to find the *best* way read [all of it](/y.md) now
"""
    assert list(extract_markdown(text, "https://h.example/a/b.md").mentions) == [
        ("https://h.example/a/task.md#gather", "Call gather to run them at once."),
        ("https://h.example/y.md", "to find the best way read all of it now"),
    ]
