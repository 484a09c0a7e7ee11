"""Files that documentation generators write for their own search and menus, read as lists of the site's pages.

Which there are is told by the generator, and the generator by its start page; each gives references as they stand in
the file, to be resolved against it and checked as any link.

Sources: MkDocs `search_index.json`, Sphinx `searchindex.js`, mdBook `toc.html`, VitePress `hashmap.json`, rustdoc
`crates.js` and `all.html`, javadoc `element-list` and `type-search-index.js` (JEP 413), Doxygen `menudata.js` and
`navtreedata.js`; as MkDocs 1.6, Sphinx 8.2, mdBook 0.4, VitePress 1.6, rustdoc 1.95, javadoc 17 and Doxygen 1.9 do.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import cast
from urllib.parse import quote, urljoin

import orjson

from crawler.addresses import MAX_ADDRESS_CHARS
from crawler.links import NO_LINKS, links_of_html

MAX_LIST_BYTES = 32 * 2**20
MAX_LIST_ENTRIES = 50_000
_SNIFFED_BYTES = 2**20

Parse = Callable[[bytes], tuple[str, ...]]


@dataclass(frozen=True)
class PageList:
    """A file to ask for; `parse` gives references relative to `base`."""

    address: str
    base: str
    parse: Parse


@dataclass(frozen=True)
class _Generator:
    """How to know a generator by its page, where the page names the root of its site, and which files to read there."""

    mark: str
    root: re.Pattern[str]
    files: tuple[tuple[str, Parse], ...]
    is_root_needed: bool = True
    """Whether a page that does not name the root has no lists; else its own folder is the root."""


def page_lists_of(page: str, body: bytes) -> list[PageList]:
    """Gives the lists that the generator of a page writes, none if it is not known to write any."""
    text = body[:_SNIFFED_BYTES].decode("utf-8", errors="replace")
    for generator in _GENERATORS:
        match = generator.root.search(text) if generator.mark in text else None
        if match or (generator.mark in text and not generator.is_root_needed):
            root = urljoin(page, (match[1] if match else "") or "./")
            root = root if root.endswith("/") else f"{root}/"
            lists = [PageList(urljoin(root, name), root, parse) for name, parse in generator.files]
            is_flat = _FLAT_LINK.search(text) is not None
            return lists if is_flat else [_with_clean_addresses(found) for found in lists]
    return _lists_of_book(page, text) or _lists_of_crate(page, text)


def parse_mkdocs_search(body: bytes) -> tuple[str, ...]:
    """Gives the pages of MkDocs' search index; the start page is the empty reference."""
    found = (entry.get("location") for entry in _mappings(_json(body).get("docs")))
    return _references(location.partition("#")[0] or "./" for location in found if isinstance(location, str))


def parse_hash_map(body: bytes) -> tuple[str, ...]:
    """Gives the pages of VitePress' map of hashes, in which slashes are written as underscores."""
    names = (key.removesuffix(".md").replace("_", "/") for key in _json(body) if key.endswith(".md"))
    return _references(_without_index(name) or "./" for name in names)


def _without_index(name: str) -> str:
    folder, _, last = name.rpartition("/")
    return f"{folder}/".lstrip("/") if last == "index" else f"{name}.html"


def parse_links(body: bytes) -> tuple[str, ...]:
    """Gives what a page of links links to, as it stands there."""
    folder = "http://list.invalid/x/x/x/x/"
    found = links_of_html(body, folder) or NO_LINKS
    inside = (link.removeprefix(folder) for link in found.links if link.startswith(folder))
    return _references(inside)


def parse_crates(body: bytes) -> tuple[str, ...]:
    """Gives the start pages of the crates rustdoc has documented together."""
    names = re.findall(r'"([A-Za-z_]\w{0,200})"', body.partition(b"]")[0].decode(errors="replace"))
    return _references(f"{name}/index.html" for name in names)


def parse_elements(body: bytes) -> tuple[str, ...]:
    """Gives the pages of the packages javadoc lists, those of a module below its folder."""
    module, found = "", list[str]()
    for line in body.decode(errors="replace").splitlines()[:MAX_LIST_ENTRIES]:
        if line.startswith("module:"):
            module = f"{line.removeprefix('module:').strip()}/"
            found.append(f"{module}module-summary.html")
        elif line.strip():
            found.append(f"{module}{line.strip().replace('.', '/')}/package-summary.html")
    return _references(found)


def parse_types(body: bytes) -> tuple[str, ...]:
    """Gives the pages of the types javadoc lists. In a modular documentation the module is not said: then none."""
    types = _mappings(_parsed(body[body.find(b"[") : body.rfind(b"]") + 1]))
    named = ((entry.get("p"), entry.get("l")) for entry in types if "m" not in entry)
    return _references(
        f"{package.replace('.', '/')}/{name}.html"
        for package, name in named
        if isinstance(package, str) and isinstance(name, str)
    )


def parse_script_addresses(body: bytes) -> tuple[str, ...]:
    """Gives the pages Doxygen's menus name, which exist in a script only."""
    found = re.findall(r'"([\w./-]{1,300}\.x?html)(?:#[^"]*)?"', body.decode(errors="replace"))
    return _references(found)


def parse_sphinx_search(body: bytes, is_page: Callable[[str], bool]) -> tuple[str, ...]:
    """Gives the documents of Sphinx' search index; `is_page` tells how the site writes their addresses."""
    match = re.search(rb'"?docnames"?:\s*(\[[^\[\]]*\])', body)
    listed = [name for name in _entries(_parsed(match[1])) if isinstance(name, str)] if match else []
    is_flat = any(is_page(f"{quote(name)}.html") for name in listed) or not any(is_page(f"{name}/") for name in listed)
    if is_flat:
        return _references(f"{quote(name)}.html" for name in listed)
    folders = (re.sub(r"(^|/)index$", r"\1", name) for name in listed)
    return _references(f"{quote(name)}/" if name and not name.endswith("/") else name or "./" for name in folders)


def sphinx_root(page: str, body: bytes) -> str | None:
    """Gives the root of the Sphinx site a page is of, None if it is of none."""
    match = _SPHINX.search(body[:_SNIFFED_BYTES].decode("utf-8", errors="replace"))
    return urljoin(page, match[1] or "./") if match else None


def sphinx_search_list(page: str, root: str, body: bytes) -> PageList:
    """Gives Sphinx' search index as a list; its addresses are written as the links of the page are."""
    links = {link.removeprefix(root) for link in (links_of_html(body, page) or NO_LINKS).links}
    return PageList(urljoin(root, "searchindex.js"), root, partial(parse_sphinx_search, is_page=links.__contains__))


def _lists_of_book(page: str, text: str) -> list[PageList]:
    """Gives mdBook's table of contents; older books have it in every page and need no list."""
    if "Book generated using mdBook" not in text or not re.search(r'(?:src=")[^"]*toc(?:-\w+)?\.(?:html|js)"', text):
        return []
    match = re.search(r'path_to_root\s*=\s*"([./]*)"', text)
    root = urljoin(page, (match[1] if match else "") or "./")
    return [PageList(urljoin(root, "toc.html"), root, parse_links)]


def _lists_of_crate(page: str, text: str) -> list[PageList]:
    match = re.search(r'name="rustdoc-vars"[^>]*data-root-path="([./]*)"[^>]*data-current-crate="(\w*)"', text)
    if match is None:
        return []
    root = urljoin(page, match[1] or "./")
    lists = [PageList(urljoin(root, "crates.js"), root, parse_crates)]
    if match[2]:
        crate = urljoin(root, f"{match[2]}/")
        lists.append(PageList(urljoin(crate, "all.html"), crate, parse_links))
    return lists


def _with_clean_addresses(found: PageList) -> PageList:
    """VitePress' map is the only list that does not say whether addresses end in `.html`; the links of the page do."""
    if found.parse is not parse_hash_map:
        return found

    def parse(body: bytes) -> tuple[str, ...]:
        return tuple(reference.removesuffix(".html") or "./" for reference in parse_hash_map(body))

    return replace(found, parse=parse)


def _references(found: Iterable[str]) -> tuple[str, ...]:
    kept = dict.fromkeys(reference for reference in found if 0 < len(reference) <= MAX_ADDRESS_CHARS)
    return tuple(kept)[:MAX_LIST_ENTRIES]


def _json(body: bytes) -> dict[str, object]:
    values = _mappings([_parsed(body)])
    return values[0] if values else {}


def _parsed(body: bytes) -> object:
    try:
        return orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return None


def _entries(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _mappings(value: object) -> list[dict[str, object]]:
    return [cast("dict[str, object]", entry) for entry in _entries(value) if isinstance(entry, dict)]


_FLAT_LINK = re.compile(r'href="[^":#?]{1,500}\.html["#]')
_SPHINX = re.compile(r"""src="([^"]{0,500}?)_static/documentation_options\.js|DOCUMENTATION_OPTIONS\s*=\s*\{""")
_MKDOCS = (("search/search_index.json", parse_mkdocs_search),)
_GENERATORS = (
    _Generator('id="__config"', re.compile(r'id="__config"[^>]{0,100}>\s*\{\s*"base":\s*"([^"]{0,500})"'), _MKDOCS),
    _Generator("base_url", re.compile(r'base_url\s*=\s*["\']([^"\']{0,500})["\']'), _MKDOCS),
    _Generator(
        'content="VitePress',
        re.compile(r'(?:src|href)="([^"]{0,500}?)assets/(?:app|style)\.'),
        (("hashmap.json", parse_hash_map),),
    ),
    _Generator(
        'content="javadoc/',
        re.compile(r'pathtoroot\s*=\s*"([./]{0,500})"'),
        (("element-list", parse_elements), ("type-search-index.js", parse_types)),
        is_root_needed=False,
    ),
    _Generator(
        'content="Doxygen',
        re.compile(r'src="([./]{0,500})menudata\.js"'),
        (("menudata.js", parse_script_addresses),),
    ),
    _Generator(
        'content="Doxygen',
        re.compile(r'src="([./]{0,500})navtreedata\.js"'),
        (("navtreedata.js", parse_script_addresses),),
    ),
)
