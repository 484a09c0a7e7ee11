"""What is about the page or the site is left out although it stands in the main part."""

import pytest

from indexer.extract import extract_page

WORDS = "The pier holds four boats in summer and two in winter, and a watchman looks after all of them at night. " * 2


def texts(body: str) -> list[str]:
    html = f"<!DOCTYPE html><html><head><title>Piers</title></head><body>{body}</body></html>"
    page = extract_page(html.encode(), "text/html", "https://docs.example/page.html")
    return [block.text for block in page.blocks]


@pytest.mark.parametrize(
    "chrome",
    [
        "<footer class=page-footer><p>Copyright 2024 Acme Inc. All rights reserved.</p></footer>",
        "<footer><a href=/old>Old</a> <a href=/new>New</a> and imprint</footer>",
        "<hr><div role=contentinfo><p>Copyright 2024</p></div>",
        "<div class=affix role=complementary><h5>In this article</h5><ul><li>Methods</li></ul></div>",
        "<div class=prev-next-nav><a href=p>Previous: Old</a><a href=n>Next: New</a></div>",
        "<p class=edit-this><a href=x>Improve it</a></p>",
        "<p><a href=https://github.com/acme/docs/edit/main/a.md>Edit this page on GitHub</a></p>",
        "<p><a href=https://github.com/acme/docs/blob/main/a.md>View page source</a></p>",
        "<p class=last-updated>Last updated on Jan 1</p>",
        "<div class='mt-4 feedback--prompt'><p>Was this page helpful?</p></div>",
    ],
)
def test_what_is_about_the_page_is_left_out_of_its_main_part(chrome: str) -> None:
    assert texts(f"<main><h1>Piers</h1><p>{WORDS}</p>{chrome}</main>") == ["Piers", WORDS.strip()]


@pytest.mark.parametrize(
    "content",
    [
        f"<footer><p>{WORDS}{WORDS}</p></footer>",
        "<footer class=footnotes><p>A boat is a ship.</p></footer>",
        "<footer><pre>moor(boat)</pre></footer>",
        "<div class=pagination-options><table><tr><th>size</th></tr><tr><td>10</td></tr></table></div>",
        "<div role=complementary class='callout note'><p>Mind the tide.</p></div>",
    ],
)
def test_what_only_looks_like_it_stays(content: str) -> None:
    assert len(texts(f"<main><h1>Piers</h1><p>{WORDS}</p>{content}</main>")) > len(["Piers", WORDS])


def test_a_page_that_is_nearly_all_footer_is_read() -> None:
    assert "Short and plain." in texts("<main><h1>P</h1><footer><p>Short and plain.</p></footer></main>")
