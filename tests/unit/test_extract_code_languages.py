"""The language of code, as each highlighter marks it; one name for each language, none for what is no language."""

import pytest

from indexer.extract import Block, extract_page
from indexer.extract.code import canonical_language, language_of_title

WORDS = "<p>" + "word " * 60 + "</p>"


def code(markup: str) -> Block:
    page = f"<html><body><main>{WORDS}{markup}</main></body></html>"
    blocks = extract_page(page.encode(), "text/html", "https://docs.example/").blocks
    (block,) = (block for block in blocks if block.kind == "code")
    return block


@pytest.mark.parametrize(
    ("markup", "language"),
    [
        ("<pre><code class='makeup elixir' translate=no>x</code></pre>", "elixir"),
        ("<pre><code class='hljs dart'>x</code></pre>", "dart"),
        ("<pre class=r><code>x</code></pre>", "r"),
        ("<div class=org-src-container><pre class='src src-clojure'>(x)</pre></div>", "clojure"),
        ("<pre class='code literal-block'><code class=makefile>x</code></pre>", "makefile"),
        ("<pre class=EnlighterJSRAW data-enlighter-language=kotlin>x</pre>", "kotlin"),
        ("<pre data-code-lang=hcl>x</pre>", "hcl"),
        ("<pre lang=erlang><code>x</code></pre>", "erlang"),
        ("<pre lang=en><code>x</code></pre>", None),
        ("<pre><code class='language-{.python}'>x</code></pre>", "python"),
        ("<pre class=shiki data-language=shellscript><code>x</code></pre>", "bash"),
        ("<pre><code class='rdmd-code lang-curl' data-lang=curl>x</code></pre>", "bash"),
        ("<div class='output stream highlight-myst-ansi notranslate'><pre>x</pre></div>", None),
        ("<pre class='wide scrollable'><code class=copyable>x</code></pre>", None),
    ],
)
def test_the_language_is_found_where_highlighters_put_it(markup: str, language: str | None) -> None:
    assert code(markup).language == language


@pytest.mark.parametrize(
    ("names", "language"),
    [
        ("shellscript sh-session bash-session console", "bash"),
        ("pwsh ps1 PowerShell", "powershell"),
        ("objc objective-c", "objectivec"),
        ("ansi stdout text", None),
    ],
)
def test_a_language_has_one_name(names: str, language: str | None) -> None:
    assert {canonical_language(name) for name in names.split()} == {language}


@pytest.mark.parametrize(
    ("title", "language"),
    [
        ("app.R", "r"),
        ("config/config.exs", "elixir"),
        ("`pods/simple.yaml`", "yaml"),
        ("main.tf", "terraform"),
        ("Elixir", "elixir"),
        ("Nix", None),
        ("Gradle", None),
        ("macOS", None),
    ],
)
def test_titles_tell_the_language_of_code_that_names_none(title: str, language: str | None) -> None:
    assert language_of_title(title) == language
