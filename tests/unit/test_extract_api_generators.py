"""Pages as generators of API documentation write them, cut down to what makes them hard to read."""

from html import escape

import pytest

from indexer.extract import Block, ExtractedPage, extract_page

WORDS = "<p>" + "The guide says in some sentences what a queue of jobs is and how it is used. " * 4 + "</p>"


def extract(body: str, head: str = "") -> ExtractedPage:
    html = f"<!doctype html><html><head><title>Guide</title>{head}</head><body>{body}</body></html>"
    return extract_page(html.encode(), "text/html", "https://docs.example/guide.html")


def find(page: ExtractedPage, text: str) -> Block:
    return next(block for block in page.blocks if text in block.text)


def generated_by(name: str) -> str:
    return f'<meta name="generator" content="{name}">'


def test_what_introduces_an_article_in_a_header_before_it_is_read() -> None:
    page = extract(
        "<div id=main><section><header><h2>Queue</h2><div><p>A queue of jobs.</p></div></header>"
        f"<article>{WORDS}<h1>Methods</h1></article></section></div>"
    )
    assert [block.text for block in page.blocks][:2] == ["Queue", "A queue of jobs."]


def test_the_header_of_a_site_beside_an_article_is_not_read() -> None:
    page = extract(f"<div><header><h1>Halcyon</h1><p>Jobs, done.</p></header><article>{WORDS}</article></div>")
    assert [block.kind for block in page.blocks] == ["paragraph"]


def test_the_title_a_converter_sets_before_headings_of_the_first_level_is_read() -> None:
    page = extract(
        '<header id="title-block-header"><h1 class="title">Guide</h1><p class="author">Ann</p></header>'
        f'<h1 id="install">Install</h1>{WORDS}<h1 id="use">Use</h1>{WORDS}',
        generated_by("pandoc"),
    )
    assert page.title == "Guide"
    assert [block.text for block in page.blocks][:3] == ["Guide", "Ann", "Install"]


def test_pdoc3_terms_are_signatures_with_the_name_of_their_symbol() -> None:
    page = extract(
        f'<main><article id="content">{WORDS}<dl><dt id="halcyon.Queue.put"><code class="name flex"><span>def '
        '<span class="ident">put</span></span>(<span>self,<br>job: dict) -&gt; int</span></code></dt>'
        "<dd><p>Puts a job.</p></dd></dl></article></main>",
        generated_by("pdoc3 0.11"),
    )
    signature = find(page, "def put")
    assert (signature.kind, signature.title, signature.anchor) == ("signature", "put", "halcyon.Queue.put")
    assert signature.text == "def put(self, job: dict) -> int"


def test_pydoctor_members_are_signatures_without_permalinks() -> None:
    page = extract(
        f'<main>{WORDS}<div class="basemethod"><a name="halcyon.Queue.load"></a><a name="load"></a>'
        '<div class="functionHeader"><div><span class="decorator">@classmethod<br></span></div>'
        '<span class="py-keyword">def</span>&nbsp;<span class="py-defname">load</span>(cls, path: <code>str</code>):'
        ' <a class="headerLink" href="#load">¶</a></div><div class="docstring"><p>Reads a queue.</p></div></div>'
        "</main>",
        generated_by("pydoctor 25.10.1"),
    )
    signature = find(page, "def load")
    assert (signature.kind, signature.title, signature.anchor) == ("signature", "load", "halcyon.Queue.load")
    assert signature.text == "@classmethod def load(cls, path: str):"


@pytest.mark.parametrize(
    ("signature", "name"),
    [
        ("#define HALCYON_MAX 100", "HALCYON_MAX"),
        ("#define HALCYON_MIN( a, b) ((a) < (b))", "HALCYON_MIN"),
        ("retry: { attempts: number; delay?: number }", "retry"),
        ("onError?: (error: Error) => void", "onError"),
        ("double halcyon::backoff ( int attempt)", "halcyon::backoff"),
    ],
)
def test_a_macro_and_a_typed_field_are_called_by_what_they_begin_with(signature: str, name: str) -> None:
    text = signature.replace("<", "&lt;").replace(">", "&gt;")
    page = extract(
        f'<div class="contents">{WORDS}<div class="memitem"><div class="memproto">{text}</div></div></div>',
        generated_by("Doxygen 1.9.4"),
    )
    assert [block.title for block in page.blocks if block.kind == "signature"] == [name]


@pytest.mark.parametrize(
    ("signature", "name"),
    [
        ("pub fn join<P: AsRef<Path>>(&self, path: P) -> PathBuf", "join"),
        ("pub const unsafe fn or_insert_with<F: FnOnce() -> V>(self, default: F) -> V", "or_insert_with"),
        ('pub(crate) unsafe extern "C" fn signal(code: i32) -> i32', "signal"),
        ("pub const MIN: NonZeroU32 = Self::new(1).unwrap()", "MIN"),
        ("type Owned: Borrow<Self>", "Owned"),
        ("type Item = &'a (dyn Error + 'static)", "Item"),
    ],
)
def test_items_of_rust_are_called_by_their_name_whatever_their_bounds_are(signature: str, name: str) -> None:
    page = extract(
        f'{WORDS}<details><summary><div id="it"><h4 class="code-header">{escape(signature)}</h4></div></summary>'
        "<div class=docblock><p>What it does.</p></div></details>"
    )
    block = next(block for block in page.blocks if block.kind == "signature")
    assert (block.title, block.text) == (name, signature)


@pytest.mark.parametrize(
    ("signature", "name"),
    [
        ('Tm {.importc: "struct tm", final, pure.} = object', "Tm"),
        ("DoublyLinkedNode[T] = ref DoublyLinkedNodeObj[T]", "DoublyLinkedNode"),
        ("Style = enum\n  bright = 1,   ## bright text\n  italic   ## italic (or reverse on some terminals)", "Style"),
        ("proc `=copy`*[TArg](x: var Thread[TArg]; y: Thread[TArg])", "=copy"),
        ("proc `==`(a, b: Regex): bool", "=="),
    ],
)
def test_what_nim_declares_is_called_by_its_name(signature: str, name: str) -> None:
    page = extract(f'{WORDS}<dl><dt id="it"><pre>{escape(signature)}</pre></dt><dd><p>What it is.</p></dd></dl>')
    assert [block.title for block in page.blocks if block.kind == "signature"] == [name]


@pytest.mark.parametrize(
    ("signature", "name"),
    [
        (
            "template<class K , class H = hash<K>, class A = allocator<pair<const K, V>>> size_type "
            "std::unordered_map< K, H, A >::erase ( const key_type & key)",
            "std::unordered_map::erase",
        ),
        ("template<typename T> using Range< Array< T >, 3 >::Tag = Type", "Range::Tag"),
        ("bool operator< ( const Pair<K, V> & a, const Pair<K, V> & b)", "operator<"),
    ],
)
def test_templates_in_templates_are_not_taken_for_the_name(signature: str, name: str) -> None:
    page = extract(
        f"{WORDS}<a id=it></a><div class=memitem><div class=memproto><table><tr><td class=memname>{escape(signature)}"
        "</td></tr></table></div><div class=memdoc><p>What it does.</p></div></div>"
    )
    assert [block.title for block in page.blocks if block.kind == "signature"] == [name]


@pytest.mark.parametrize(
    ("markup", "language"),
    [
        (
            '<figure class="highlight js"><table><tr><td class="gutter"><pre>1</pre></td>'
            '<td class="code"><pre><span class="line">let a</span></pre></td></tr></table></figure>',
            "javascript",
        ),
        ('<figure class="highlight plaintext"><pre>let a</pre></figure>', None),
        (
            '<div class="sourceCode"><pre class="sourceCode numberSource python numberLines">'
            '<code class="sourceCode python">let a</code></pre></div>',
            "python",
        ),
        ('<pre class="highlight tab tab-python"><code>let a</code></pre>', "python"),
        ('<pre><code class="hljs ts">let a</code></pre>', "typescript"),
        ('<pre><code class="python-repl">let a</code></pre>', None),
        ('<pre><code class="language-python-repl">let a</code></pre>', "python"),
    ],
)
def test_the_language_is_found_where_these_generators_put_it(markup: str, language: str | None) -> None:
    block = find(extract(f"<main>{WORDS}{markup}</main>"), "let a")
    assert (block.kind, block.text, block.language) == ("code", "let a", language)


def test_buttons_that_are_what_a_fold_says_are_read_and_controls_are_not() -> None:
    page = extract(
        f"<main>{WORDS}<h2><button>What is a queue?</button></h2><p>A line.</p><h2>Use<button>Copy</button></h2>"
        '<div><button><span class="http-verb post">post</span><span>/jobs</span></button></div>'
        "<div><button><strong>201</strong><span><p>The job was put.</p></span></button></div></main>"
    )
    texts = [block.text for block in page.blocks][1:]
    assert texts == ["What is a queue?", "A line.", "Use", "post /jobs", "201", "The job was put."]


def test_controls_whose_label_is_a_paragraph_are_not_read_and_accordions_are() -> None:
    page = extract(
        f"<main>{WORDS}<button><p>Copy page</p></button>"
        "<button aria-haspopup=menu aria-expanded=false><p>More</p></button>"
        "<div><button aria-expanded=false><p>May it be moved?</p></button><p>It may.</p></div></main>"
    )
    assert [block.text for block in page.blocks][1:] == ["May it be moved?", "It may."]


def test_boxes_of_a_term_do_not_run_together() -> None:
    page = extract(f"<main>{WORDS}<dl><dt><dl><dt>Type</dt><dd>RangeError</dd></dl></dt><dd></dd></dl></main>")
    assert page.blocks[-1].text == "**Type RangeError**"


def test_the_box_for_results_of_a_search_is_not_read() -> None:
    box = '<div class="search-results"><h1>results matching "<span></span>"</h1><h1>No results matching ""</h1></div>'
    assert len(extract(f"<main>{WORDS}{box}</main>").blocks) == 1


def test_the_link_back_from_a_footnote_is_not_read() -> None:
    page = extract(
        f'<main>{WORDS}<ol><li id="fn1"><p>A note.<a class="footnote-back" href="#r">↩</a></p></li></ol></main>'
    )
    assert page.blocks[-1].text == "1. A note."


def test_a_page_whose_only_name_is_in_its_breadcrumbs_is_called_so() -> None:
    page = extract(
        '<div class="content"><div><ol class="breadcrumb"><li>Classes</li><li>Queue</li></ol>'
        f'<div data-compodoc="entity">{WORDS}</div></div></div>'
    )
    assert (page.title, [block.kind for block in page.blocks]) == ("Queue", ["paragraph"])


@pytest.mark.parametrize(
    ("style", "is_seen"),
    [
        ("color: #1d8127; background-color: rgba(29,129,39,0.07)", True),
        ("color: rgba(51,51,51,0.9); background-color: rgba(51,51,51,0.05)", True),
        ("color: #fff; background-color: rgba(0,0,0,0.7)", True),
        ("color: #1d8127; background-color: rgba(29,129,39,0.95)", False),
        ("color: #f8f8f8; background-color: rgba(0,0,0,0.03)", False),
    ],
)
def test_a_tint_of_the_colour_of_a_text_does_not_hide_it(style: str, is_seen: bool) -> None:
    page = extract(f'<main>{WORDS}<p style="{style}">The job was put.</p></main>')
    assert any(block.text == "The job was put." for block in page.blocks) == is_seen


@pytest.mark.parametrize(("layers", "is_seen"), [(3, True), (99, False)])
def test_text_behind_more_tints_than_any_page_has_is_taken_for_hidden(layers: int, is_seen: bool) -> None:
    text = f"{'<div style=background:#0001>' * layers}<p style=color:#456>The job was put.</p>{'</div>' * layers}"
    page = extract(f"<main>{WORDS}{text}</main>")
    assert any(block.text == "The job was put." for block in page.blocks) == is_seen


def test_a_box_of_advice_that_is_nothing_but_its_title_is_read() -> None:
    page = extract(
        f'<main>{WORDS}<div class="admonition versionadded"><p class="admonition-title">Added in version 1.7.</p></div>'
        '<div class="admonition note"></div></main>'
    )
    assert [block.text for block in page.blocks][1:] == ["**Added in version 1.7.**"]


def test_pages_of_nextra_2_are_read_without_their_chrome() -> None:
    page = extract(
        '<div class="nextra-sidebar"></div><article><div class="nextra-breadcrumb"><div>guide</div></div><main>'
        f'<h1>Install</h1>{WORDS}<div class="nextra-code-block"><div>tasks/mail.py</div><pre data-language="python">'
        '<code data-language="python"><span class="line">a = 1</span></code></pre></div>'
        '<div class="nextra-callout"><div class="nx-select-none">⚠</div><div><p><strong>Not as root</strong></p>'
        '<p>Give it a user.</p></div></div><div class="print:nx-hidden"><a title="Errors" href="/errors">Errors</a>'
        '<a title="Migrating" href="/migrating">Migrating</a></div></main></article>'
    )
    code, advice = page.blocks[2:]
    assert (code.text, code.title) == ("a = 1", "tasks/mail.py")
    assert (advice.kind, advice.title, advice.text) == ("admonition", "Not as root", "Give it a user.")


def test_directives_of_rspress_are_admonitions_with_their_title() -> None:
    page = extract(
        f'<main>{WORDS}<div class="rspress-directive danger"><div class="rspress-directive-title">Data loss</div>'
        '<div class="rspress-directive-content"><p>It asks no questions.</p></div></div></main>'
    )
    assert (page.blocks[-1].title, page.blocks[-1].text) == ("Data loss", "It asks no questions.")
