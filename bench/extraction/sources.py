"""The truth of built sites against the Markdown they were made from: `python -m bench.extraction.sources`.

A truth is read from HTML and could be wrong; the source is what the author wrote. Printed is every fence of a shared
page that the truth of a site does not have with the same text and language.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.extraction import truths as registered
from bench.extraction.built_sites import BUILT, SITES
from bench.extraction.corpora import cache_folder
from bench.extraction.languages import language_name
from bench.extraction.reading import trimmed
from bench.extraction.truth import Code, find_truth_function

_FENCE = re.compile(r"^((?: |>)*)```(\w*).*\n((?:.*\n)*?)\1```$", re.MULTILINE)
_PAGES = SITES / "pages"
_FROM_PAGES = frozenset(["docusaurus", "vitepress", "starlight", "nextra", "material"])
_NAMELESS = frozenset(["nextra"])
"""Generators whose pages do not say the language of code."""

_TAB_COLUMNS = {"starlight": 2, "material": 4}
"""Generators that write spaces where the source has tabs."""


def fences(source: str) -> Iterator[Code]:
    """Yields the code of a page in Markdown, without the indentation or the quotation around it."""
    for margin, language, body in _FENCE.findall(source):
        lines = (line.removeprefix(margin.rstrip() if not line.strip("> ") else margin) for line in body.split("\n"))
        yield Code(trimmed("\n".join(lines)), language_name(language))


def differences(generator: str, root: Path) -> Iterator[tuple[str, Code]]:
    """Yields path and code of what a built site's truth lacks."""
    assert registered.__path__, "importing the truths registers them"
    truth_of = find_truth_function(generator)
    for source in sorted(_PAGES.rglob("*.md")):
        path = source.relative_to(_PAGES).with_suffix("")
        built = next(place for place in (root / path / "index.html", root / f"{path}.html") if place.exists())
        codes = [Code(code.text, language_name(code.language)) for code in truth_of(built.read_bytes()).code]
        for code in fences(source.read_text()):
            shown = _as_shown(code, generator)
            if shown in codes:
                codes.remove(shown)
            else:
                yield path.as_posix(), shown


def _as_shown(code: Code, generator: str) -> Code:
    columns = _TAB_COLUMNS.get(generator)
    text = code.text if columns is None else code.text.expandtabs(columns)
    return Code(text, None if generator in _NAMELESS else code.language)


def main() -> int:
    """Prints the differences of all sites; 1 if there are any."""
    total = 0
    for corpus in BUILT:
        if corpus.generator in _FROM_PAGES:
            found = list(differences(corpus.generator, corpus.root(cache_folder())))
            total += len(found)
            print(f"{corpus.name}: {len(found)} differences")
            for path, code in found:
                print(f"  {path}: {code}")
    return min(total, 1)


if __name__ == "__main__":
    sys.exit(main())
