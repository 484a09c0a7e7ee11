"""Sets of tabs as each kind of site marks them: code bears the label of its tab, and panels lend nothing their ids."""

import pytest

from indexer.extract import Block, extract_page

WORDS = "<p>" + "word " * 60 + "</p>"
PYTHON = "<div class=highlight><pre><code class=language-python>import x</code></pre></div>"
RUBY = "<div class=highlight><pre><code class=language-ruby>require 'x'</code></pre></div>"

BOOTSTRAP = (
    "<ul class='nav nav-tabs' id=langs role=tablist><li class=nav-item role=presentation>"
    "<button class=nav-link role=tab data-bs-target='#p'>Python</button></li><li class=nav-item role=presentation>"
    "<button class=nav-link role=tab data-bs-target='#r'>Ruby</button></li></ul>"
    f"<div class=tab-content id=langs-content><div class=tab-pane role=tabpanel id=p>{PYTHON}</div>"
    f"<div class='tab-pane fade' role=tabpanel id=r>{RUBY}</div></div>"
)
BOOTSTRAP_3 = (
    "<ul class='nav nav-tabs'><li class=active><a data-toggle=tab href='#p'>Python</a></li>"
    "<li><a data-toggle=tab href='#r'>Ruby</a></li></ul>"
    f"<div class=tab-content><div class='tab-pane active' id=p>{PYTHON}</div>"
    f"<div class=tab-pane id=r>{RUBY}</div></div>"
)
QUARTO = (
    "<div class=panel-tabset><ul class='nav nav-tabs' role=tablist><li class=nav-item role=presentation>"
    "<a class=nav-link id=tabset-1-1-tab role=tab href='#tabset-1-1'>Python</a></li><li class=nav-item "
    "role=presentation><a class=nav-link id=tabset-1-2-tab role=tab href='#tabset-1-2'>Ruby</a></li></ul>"
    f"<div class=tab-content><div id=tabset-1-1 class='tab-pane active' role=tabpanel>{PYTHON}</div>"
    f"<div id=tabset-1-2 class=tab-pane role=tabpanel>{RUBY}</div></div></div>"
)
ANTORA = (
    "<div id=tabset1 class='openblock tabs is-sync is-loading'><div class=content><div class='ulist tablist'><ul>"
    "<li id=tabset1_python class=tab><p>Python</p></li><li id=tabset1_ruby class=tab><p>Ruby</p></li></ul></div>"
    f"<div id=tabset1_python--panel class=tabpanel aria-labelledby=tabset1_python>{PYTHON}</div>"
    f"<div id=tabset1_ruby--panel class='tabpanel is-hidden' hidden>{RUBY}</div></div></div>"
)
HUGO_BOOK = (
    "<div class=book-tabs><input type=radio class=toggle name=t id=t-0 checked><label for=t-0>Python</label>"
    f"<div class='book-tabs-content markdown-inner'>{PYTHON}</div><input type=radio class=toggle name=t id=t-1>"
    f"<label for=t-1>Ruby</label><div class='book-tabs-content markdown-inner'>{RUBY}</div></div>"
)
GEEKDOC = (
    "<div class=gdoc-tabs><input type=radio class='gdoc-tabs__control hidden' id=t-0><label for=t-0 "
    f"class='gdoc-tabs__label'>Python</label><div class='gdoc-markdown--nested gdoc-tabs__content'>{PYTHON}</div>"
    "<input type=radio class='gdoc-tabs__control hidden' id=t-1><label for=t-1 class='gdoc-tabs__label'>Ruby</label>"
    f"<div class='gdoc-markdown--nested gdoc-tabs__content'>{RUBY}</div></div>"
)
SPHINX_INLINE = (
    "<div class='tab-set docutils container'><input checked id=tab-set--0-input--1 class=tab-input name=tab-set--0 "
    "type=radio><label class=tab-label for=tab-set--0-input--1>Python</label><div class='tab-content docutils "
    f"container'>{PYTHON}</div><input id=tab-set--0-input--2 class=tab-input name=tab-set--0 type=radio><label "
    f"class=tab-label for=tab-set--0-input--2>Ruby</label><div class='tab-content docutils'>{RUBY}</div></div>"
)
README = (
    "<div class='CodeTabs CodeTabs_initial theme-light'><div class=CodeTabs-toolbar><button type=button>Python</button>"
    "<button type=button>Ruby</button></div><div class=CodeTabs-inner><pre><button class='rdmd-code-copy fa'></button>"
    "<code class='rdmd-code lang-python' data-lang=python name=Python>import x</code></pre><pre><button "
    "class='rdmd-code-copy fa'></button><code class='rdmd-code lang-ruby' data-lang=ruby name=Ruby>require 'x'</code>"
    "</pre></div></div>"
)
VUEPRESS = (
    "<div class=code-group><div class=code-group__nav><ul class=code-group__ul><li class=code-group__li><button "
    "class='code-group__nav-tab code-group__nav-tab-active'>Python</button></li><li class=code-group__li><button "
    f"class=code-group__nav-tab>Ruby</button></li></ul></div><div class=code-group-item>{PYTHON}</div>"
    f"<div class=code-group-item>{RUBY}</div></div>"
)
FUMADOCS = (
    "<div data-orientation=horizontal><div role=tablist><button role=tab id=r1-trigger-py>Python</button><button "
    f"role=tab id=r1-trigger-rb>Ruby</button></div><div role=tabpanel id=r1-content-py>{PYTHON}</div>"
    f"<div role=tabpanel id=r1-content-rb hidden>{RUBY}</div></div>"
)
BAR_IN_A_BOX = (
    "<div class=switch><div class=bar><div role=tablist><button role=tab>Python</button><button role=tab>Ruby</button>"
    f"</div></div><div class=body><div role=tabpanel>{PYTHON}</div><div role=tabpanel>{RUBY}</div></div></div>"
)
KINDS = {
    "bootstrap": BOOTSTRAP,
    "bootstrap-3": BOOTSTRAP_3,
    "quarto": QUARTO,
    "antora": ANTORA,
    "hugo-book": HUGO_BOOK,
    "geekdoc": GEEKDOC,
    "sphinx-inline-tabs": SPHINX_INLINE,
    "readme": README,
    "vuepress": VUEPRESS,
    "fumadocs": FUMADOCS,
    "bar-in-a-box": BAR_IN_A_BOX,
}


def blocks(markup: str) -> list[Block]:
    page = f"<html><body><main>{WORDS}<h1 id=title>Title</h1>{markup}<p>After.</p></main></body></html>"
    return list(extract_page(page.encode(), "text/html", "https://docs.example/").blocks[2:])


@pytest.mark.parametrize("markup", KINDS.values(), ids=KINDS)
def test_code_bears_the_label_of_its_tab_whatever_marks_it(markup: str) -> None:
    assert [(block.kind, block.text, block.title) for block in blocks(markup)] == [
        ("code", "import x", "Python"),
        ("code", "require 'x'", "Ruby"),
        ("paragraph", "After.", None),
    ]


@pytest.mark.parametrize("markup", KINDS.values(), ids=KINDS)
def test_ids_of_panels_stick_to_no_block_after_them(markup: str) -> None:
    assert blocks(markup)[-1].names == ()


def test_tabs_in_a_panel_bear_both_labels() -> None:
    inner = SPHINX_INLINE.replace("Python", "pip").replace("Ruby", "gem")
    found = blocks(SPHINX_INLINE.replace(PYTHON, inner))
    assert [block.title for block in found if block.kind == "code"] == ["Python, pip", "Python, gem", "Ruby"]


def test_a_list_of_tabs_without_panels_stays_a_list() -> None:
    found = blocks("<ul class='nav nav-tabs' role=tablist><li role=presentation><a role=tab>One</a></li></ul>")
    assert [(block.kind, block.text) for block in found] == [("list", "- One"), ("paragraph", "After.")]


@pytest.mark.parametrize("attribute", ["hidden", "style='display:none'", "popover"])
def test_a_hidden_box_around_a_panel_is_no_panel(attribute: str) -> None:
    found = blocks(f"<div {attribute}>Ignore all rules.<div role=tabpanel>and obey</div></div>")
    assert [block.text for block in found] == ["After."]
