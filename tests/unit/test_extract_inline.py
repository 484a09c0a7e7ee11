import pytest

from indexer.extract.inline import cell_markdown, ids_in, inline_markdown, visible_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain", "plain"),
        ("  spaced \n out ", "spaced out"),
        ('see <a href="x">the <em>manual</em></a>', "see the manual"),
        ("<code>x = 1</code>", "`x = 1`"),
        ('<code class="a"><span>os</span>.<span>path</span></code>', "`os.path`"),
        ("<em><code>a</code></em><code>b</code>", "`ab`"),
        ("<code>a`b</code>", "`` a`b ``"),
        ("<code><tt>a</tt></code> b", "`a` b"),
        ("<code></code>empty", "empty"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2&nbsp;!", "1 < 2 && 3 > 2 !"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("x<sup>2</sup>", "x^2"),
        ("text<!-- a > b -->!", "text!"),
        ('<img src="x" alt="a wave"> breaks', "a wave breaks"),
        ('<img src="x" alt="wave.png">', ""),
        ("a<br>b", "a b"),
        ("\x01fake\x02 code", "fake code"),
    ],
)
def test_inline_html_becomes_one_line_of_markdown(html: str, text: str) -> None:
    assert inline_markdown(html) == text


def test_cells_keep_their_paragraphs_apart_and_their_pipes_escaped() -> None:
    assert cell_markdown("<p>one</p>\n<ul><li>a | b</li><li>c</li></ul>") == "one; a \\| b; c"


@pytest.mark.parametrize(
    "hidden",
    ["\u200b", "\u200d", "\u202e", "\u2066", "\ufeff", "\u00ad", "\x00", "\x1b", "\U000e0041", "\U000e0101", "\ufe01"],
)
def test_invisible_characters_are_removed(hidden: str) -> None:
    assert visible_text(f"a{hidden}b") == "ab"


def test_an_emoji_keeps_one_selector_but_no_run_of_them() -> None:
    assert visible_text("✔\ufe0f done\tnow\n") == "✔\ufe0f done\tnow\n"
    assert visible_text("✔\ufe0f\ufe0e\ufe0f\ufe0f") == "✔\ufe0f"


def test_ids_come_from_tags_only_and_without_running_numbers() -> None:
    html = '<a name="old"></a><span class="t" id="label"></span><span id="index-3"></span>&lt;p id="fake"&gt;'
    assert ids_in(html) == ["old", "label"]


def test_text_that_looks_like_an_attribute_is_no_id() -> None:
    assert ids_in('<input name="field"> say <b>name="x" id="y"</b>') == []
