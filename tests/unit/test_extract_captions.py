"""Captions of boxes: which texts name the code or table in a box, and which belong to a part of it."""

import pytest

from indexer.extract import Block, extract_page

WORDS = "<p>" + "word " * 60 + "</p>"


def blocks(markup: str) -> list[Block]:
    page = f"<html><body><main>{WORDS}<h1>Title</h1>{markup}</main></body></html>"
    return list(extract_page(page.encode(), "text/html", "https://docs.example/").blocks[2:])


def texts(markup: str) -> list[str]:
    return [block.text for block in blocks(markup)]


def test_a_title_in_a_row_of_a_box_stays_in_its_row() -> None:
    found = texts(
        "<div class=table><div class=row><div><u><span>url</span></u></div><div><div class=title><p>the address</p>"
        "</div></div></div><div class=row><div><u>body</u></div><div><div class=title><p>the payload</p></div></div>"
        "</div></div>"
    )
    assert found == ["url", "the address", "body", "the payload"]


def test_the_title_of_a_card_in_an_example_is_no_title_of_its_code() -> None:
    found = blocks(
        "<div class=example><p>Intro.</p><div class=card><div class=title>Card</div><p>Words of it.</p></div>"
        "<pre>code()</pre></div>"
    )
    assert [block.text for block in found] == ["Intro.", "Card", "Words of it.", "code()"]
    assert found[-1].title is None


@pytest.mark.parametrize(
    "markup",
    [
        "<div class=listingblock><div class=title>a.py</div><div class=content><pre>x = 1</pre></div></div>",
        "<div class=example><p class=title><b>a.py</b></p><div class=example-contents><pre>x = 1</pre></div></div>",
        "<figure class=shiki><div class=flex><figcaption>a.py</figcaption><button>c</button></div><div><pre>x = 1</pre>"
        "</div></figure>",
        "<div class=expressive-code><figure class=frame><figcaption class=header><span class=title>a.py</span>"
        "</figcaption><pre>x = 1</pre></figure></div>",
        "<div class=code-block><div class=flex data-component-part=code-block-header><div "
        "data-component-part=code-block-header-filename><span class=truncate title=a.py>a.py</span></div></div>"
        "<div><pre class=shiki><code>x = 1</code></pre></div></div>",
        "<div class=code-with-filename><div class=code-with-filename-file><pre><strong>a.py</strong></pre></div>"
        "<div class=sourceCode><pre class='sourceCode python'><code class='sourceCode python'>x = 1</code></pre></div>"
        "</div>",
        "<div class='highlight code-sample'><div class=copy-code-icon><a href=x><code>a.py</code></a><img alt=''></div>"
        "<div class=includecode><div class=highlight><pre>x = 1</pre></div></div></div>",
        "<div class=highlight><table class=highlighttable><tr><th colspan=2 class=filename><span class=filename>a.py"
        "</span></th></tr><tr><td class=linenos><pre>1</pre></td><td><pre>x = 1</pre></td></tr></table></div>",
        "<div class='group/codeblock grid'><div class='flex items-center text-sm'>a.py</div><button>Copy</button><pre>"
        "<code class='min-w-full grid'><span class=highlight-line>x = 1</span></code></pre></div>",
    ],
)
def test_code_is_titled_with_the_name_of_its_file(markup: str) -> None:
    (block,) = blocks(markup)
    assert (block.text, (block.title or "").strip("`"), block.language) == ("x = 1", "a.py", "python")


def test_a_table_deep_in_a_box_has_its_caption() -> None:
    (block,) = blocks(
        "<div class=table><div><table><caption>Names</caption><tr><th>a<th>b<tr><td>1<td>2</table></div></div>"
    )
    assert (block.kind, block.title) == ("table", "Names")
