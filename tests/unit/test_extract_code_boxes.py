"""Lines of code that are boxes: divs, items of lists, rows of tables, spans shown as blocks."""

import pytest

from indexer.extract import extract_page

WORDS = "<p>" + "word " * 60 + "</p>"


def codes(markup: str) -> list[str]:
    page = f"<html><body><main>{WORDS}{markup}</main></body></html>"
    blocks = extract_page(page.encode(), "text/html", "https://docs.example/").blocks
    return [block.text for block in blocks if block.kind == "code"]


@pytest.mark.parametrize(
    "markup",
    [
        "<pre><code><div>a = 1</div><div>  b = 2</div></code></pre>",
        "<pre class=linenums><ol class=linenums><li class=L0>a = 1</li><li class=L1>  b = 2</li></ol></pre>",
        "<pre><code><span style='display:block'>a = 1</span><span style='display: block;'>  b = 2</span></code></pre>",
        "<pre>a = 1<div>  b = 2</div></pre>",
        "<pre><div>a = 1</div>\n<div>  b = 2</div>\n</pre>",
        "<pre><div><p>a = 1\n</p></div><div>  b = 2\n</div></pre>",
        "<pre><code><table class=hljs-ln><tr><td class=hljs-ln-numbers><div data-line-number=1>1</div></td><td>a = 1"
        "<tr><td class=hljs-ln-numbers><div data-line-number=2>2</div></td><td>  b = 2</table></code></pre>",
        "<pre><code class=grid><span class=highlight-line><span><span>a = 1</span></span></span>"
        "<span class=highlight-line><span><span>  b = 2</span></span></span></code></pre>",
        "<pre><code><div class=ec-line><div class=code>a = 1</div></div><div class=ec-line><div class=code>  b = 2"
        "</div></div></code></pre>",
    ],
)
def test_each_box_in_code_is_a_line(markup: str) -> None:
    assert codes(markup) == ["a = 1\n  b = 2"]


def test_blank_lines_between_boxes_are_kept() -> None:
    assert codes("<pre><ol><li>a</li><li></li><li>b</li></ol></pre>") == ["a\n\nb"]
    assert codes("<pre><div>a</div><div><br></div><div>b</div></pre>") == ["a\n\nb"]


def test_boxes_without_text_begin_no_line() -> None:
    assert codes("<pre>a<div class=copy></div> = 1</pre>") == ["a = 1"]


def test_a_box_within_a_line_stands_on_its_own() -> None:
    markup = "<pre>struct Client&lt;T&gt;<div class=where>where\n    T: Send,</div>{\n    name: String,\n}</pre>"
    assert codes(markup) == ["struct Client<T>\nwhere\n    T: Send,\n{\n    name: String,\n}"]


@pytest.mark.parametrize(
    "markup",
    [
        "<div class=highlight><pre class=chroma><code class=language-go><span class=line><span class=ln>1</span>"
        "<span class=cl>a = 1\n</span></span><span class=line><span class=ln>2</span><span class=cl>  b = 2\n</span>"
        "</span></code></pre></div>",
        "<div class=highlight><div class=chroma><table class=lntable><tr><td class=lntd><pre class=chroma><code>"
        "<span class=lnt>1\n</span><span class=lnt>2\n</span></code></pre></td><td class=lntd><pre class=chroma><code>"
        "<span class=line><span class=cl>a = 1\n</span></span><span class=line><span class=cl>  b = 2\n</span></span>"
        "</code></pre></td></tr></table></div></div>",
    ],
)
def test_line_numbers_of_hugo_are_no_code(markup: str) -> None:
    assert codes(markup) == ["a = 1\n  b = 2"]
