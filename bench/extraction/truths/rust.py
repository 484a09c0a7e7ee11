"""The books and the reference of Rust: mdBook, rustdoc, and single pages by rustdoc from Markdown."""

from bs4 import Tag

from bench.extraction.reading import Rules, classes_of, language_by_class, parse, truth_of
from bench.extraction.truth import Truth, register

_BOOK = Rules(
    main=("#content main",),
    noise=".buttons,.nav-wrapper,.nav-wide-wrapper",
    language=language_by_class(r"(?:^|\s)language-([\w+#.-]+)"),
)


def _rustdoc_language(code: Tag) -> str | None:
    classes = classes_of(code)
    inner = code.select_one("code[class*=language-]")
    names = [*classes, *(classes_of(inner) if inner else [])]
    named = next((name.removeprefix("language-") for name in names if name.startswith("language-")), None)
    return named or ("rust" if "rust" in classes else None)


_RUSTDOC = Rules(
    main=("#main-content", "body"),
    noise=(
        ".sidebar,.src,.srclink,.rightside,.out-of-band,a.anchor,a.doc-anchor,#copy-path,.test-arrow,.tooltip,"
        "summary.hideme,.notable-traits-tooltip,footer,#help,.search-form,.sub-logo-container,nav,.notable-traits,.since"
    ),
    # A signature is a heading of class code-header, and no heading of the text.
    headings="h1,h2:not(.code-header),h3:not(.code-header),h4:not(.code-header),h5,h6",
    language=_rustdoc_language,
)


@register("mdbook")
def mdbook_truth(body: bytes) -> Truth:
    """Gives the truth of a page of a book."""
    return truth_of(parse(body), _BOOK)


@register("rust")
def rust_truth(body: bytes) -> Truth:
    """Gives the truth of any page of Rust's documentation."""
    page = parse(body)
    return truth_of(page, _BOOK if page.select_one("#content main") else _RUSTDOC)
