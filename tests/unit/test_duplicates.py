import random
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.duplicates import ComparedPage, duplicates_among, fingerprint_of
from indexer.extract import extract_page
from indexer.extract.blocks import Block, ExtractedPage

SITE = "https://docs.example"
PAGES = Path(__file__).parent.parent / "data" / "pages"
PROSE = " ".join(f"word{number % 97} about{number % 31} thing{number % 53}" for number in range(120))


def page(title: str, *blocks: Block) -> ExtractedPage:
    return ExtractedPage(SITE, title, "en", None, None, (Block("heading", title, level=1), *blocks))


def paragraph(text: str) -> Block:
    return Block("paragraph", text)


def code(text: str) -> Block:
    return Block("code", text, language="rust")


def merged(**pages: ExtractedPage) -> dict[str, str]:
    """Gives the paths of duplicates; `__` in a name stands for a slash."""
    compared = [ComparedPage(f"{SITE}/{path.replace('__', '/')}", fingerprint_of(page)) for path, page in pages.items()]
    return {
        url.removeprefix(f"{SITE}/"): kept.removeprefix(f"{SITE}/") for url, kept in duplicates_among(compared).items()
    }


def reexport(crate: str, *, extra: str = "") -> ExtractedPage:
    opening = paragraph("A mutable memory location that can be changed through a shared reference to it.")
    details = (
        Block("heading", "Examples", level=2),
        code("use std::cell::Cell;\nlet c = Cell::new(5);"),
        paragraph(PROSE),
    )
    implementations = (Block("signature", "pub fn swap(&self, other: &Cell<T>)"), paragraph(extra)) if extra else ()
    return page(f"Struct {crate}::cell::Cell", opening, *details, *implementations)


def test_pages_with_the_same_blocks_are_one_whatever_stands_around_them() -> None:
    same = page("Install", paragraph("Run the installer."))
    assert merged(a__install=same, install=same, b=same) == {"a/install": "b", "install": "b"}


def test_a_re_export_is_answered_for_by_the_shortest_address() -> None:
    pages = {f"{crate}__cell__Cell": reexport(crate) for crate in ("core", "std", "alloc")}
    assert merged(**pages) == {"core/cell/Cell": "std/cell/Cell", "alloc/cell/Cell": "std/cell/Cell"}


def test_a_page_that_says_a_little_more_answers_for_the_other() -> None:
    assert merged(std__Cell=reexport("std", extra="Swaps the values."), core__Cell=reexport("core")) == {
        "core/Cell": "std/Cell"
    }


def test_a_page_with_code_the_other_lacks_stays() -> None:
    pages = {"std__Cell": reexport("std"), "core__Cell": reexport("core", extra="Swaps the values.")}
    assert merged(**pages) == {}


def test_functions_that_differ_by_their_name_alone_are_two() -> None:
    def function(name: str) -> ExtractedPage:
        return page(name, Block("signature", f"fn {name}(self) -> Self"), paragraph(f"Shifts the bits. {PROSE}"))

    assert merged(a__fn=function("shl"), b__fn=function("shr")) == {}
    assert merged(shl=function("shl"), shr=function("shr")) == {}


def test_short_pages_must_be_equal() -> None:
    def function(crate: str) -> ExtractedPage:
        return page(f"{crate}::swap", paragraph("Swaps two values."), code("fn swap()"))

    assert merged(std__swap=function("std"), core__swap=function("core")) == {}


def test_one_guide_for_two_languages_of_code_is_two_pages() -> None:
    def guide(call: str) -> ExtractedPage:
        return page("Quickstart", paragraph("Send your first request in a minute."), paragraph(PROSE), code(call))

    assert merged(java__start=guide("client.send();"), kotlin__start=guide("client.send { it.await() }")) == {}


def test_iterators_that_share_all_their_methods_and_begin_otherwise_are_two() -> None:
    def iterator(of: str) -> ExtractedPage:
        return page(
            "Struct Iter", paragraph(f"An iterator over the elements of {of}."), paragraph(PROSE), code("fn next()")
        )

    assert merged(list__Iter=iterator("a list"), slice__Iter=iterator("a slice")) == {}


def test_the_order_of_pages_decides_nothing() -> None:
    pages = [reexport(crate) for crate in ("std", "core", "alloc", "other")]
    compared = [ComparedPage(f"{SITE}/{at}/x/Cell", fingerprint_of(page)) for at, page in enumerate(pages * 3)]
    found = duplicates_among(compared)
    for seed in range(5):
        random.Random(seed).shuffle(compared)
        assert duplicates_among(compared) == found
    assert set(found.values()) == {f"{SITE}/0/x/Cell"}


def test_who_answers_for_others_is_answered_for_by_nobody() -> None:
    texts = [reexport("std", extra="More. " * count) for count in range(20)]
    compared = [ComparedPage(f"{SITE}/d{at}/Cell", fingerprint_of(page)) for at, page in enumerate(texts)]
    found = duplicates_among(compared)
    assert set(found).isdisjoint(found.values())


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.html")), ids=lambda path: path.stem)
def test_a_real_page_is_its_own_duplicate_and_nobody_elses(path: Path) -> None:
    read = extract_page(path.read_bytes(), "text/html", SITE)
    other = replace(read, blocks=(*read.blocks, Block("code", "brand_new_call(1)")))
    assert merged(a__x=read, x=read) == {"a/x": "x"}
    assert merged(a__x=other, x=read) == {}


def test_thousands_of_pages_of_one_name_are_compared_in_bounded_time() -> None:
    compared = [
        ComparedPage(f"{SITE}/{at}/index.html", fingerprint_of(reexport("std", extra=f"v{at}"))) for at in range(400)
    ]
    assert len(duplicates_among(compared)) == 0
    assert len(duplicates_among([replace(page, url=page.url.replace("index", "Cell")) for page in compared])) >= 398
