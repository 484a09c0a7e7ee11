"""Paths of question files to the pages of an index, and back.

`guide/x`, `guide/x/`, `guide/x.html`, `guide/x.md` and `guide/x/index.html` are forms of one page.
"""

import os.path
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from urllib.parse import unquote, urldefrag

_ENDING = re.compile(r"(?:(?:^|/)(?:index|README))?(?:\.(?:html?|mdx?|markdown))?/*$", re.IGNORECASE)


class Pages:
    """The pages of a library version."""

    def __init__(self, urls: Sequence[str]) -> None:
        self.urls = tuple(urls)
        self.base = _common_directory(urls)
        self._exact = frozenset(urls)
        self._by_form: defaultdict[str, list[str]] = defaultdict(list)
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        for url in urls:
            form = _form(url)
            self._by_form[form].append(url)
            self._by_name[_name(form)].append(form)

    def path_of(self, url: str) -> str:
        """Gives the path of a page relative to the directory that all pages are under."""
        return url.removeprefix(self.base)

    def find(self, url: str) -> str | None:
        """Gives the page an address means, in whatever form it is written."""
        return url if url in self._exact else next(iter(self._by_form.get(_form(url), ())), None)

    def at(self, path: str) -> tuple[str, ...]:
        """Gives the pages a path means: the one at this place, or else those that end in it."""
        path = path.removeprefix("/")
        if self.base + path in self._exact:
            return (self.base + path,)
        form = _form(path)
        if here := self._by_form.get(_form(self.base + path)):
            return tuple(here)
        forms = (known for known in self._by_name[_name(form)] if known.endswith(f"/{form}")) if form else ()
        return tuple(url for known in dict.fromkeys(forms) for url in self._by_form[known])


def sections_by_anchor(sections: Iterable[tuple[str, str, Sequence[str]]]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Gives, by page and anchor, the addresses of the sections an anchor is in.

    Args:
        sections: Page, address and further anchors of each. A section's own anchor is in no other section.
    """
    own: defaultdict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    further: defaultdict[str, defaultdict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for page, address, anchors in sections:
        own[page][unquote(urldefrag(address).fragment)] = (address,)
        for anchor in anchors:
            further[page][anchor][address] = None
    return {
        page: {anchor: tuple(found) for anchor, found in further[page].items()} | of_page
        for page, of_page in own.items()
    }


def _common_directory(urls: Sequence[str]) -> str:
    shared = os.path.commonprefix(list(urls))  # noqa: RUF071 - addresses; cut at a slash right after
    return shared.rpartition("/")[0] + "/" if urls else ""


def _form(url: str) -> str:
    return _ENDING.sub("", url, count=1)


def _name(form: str) -> str:
    return form.rpartition("/")[2]
