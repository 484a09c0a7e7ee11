"""Version switchers: the files in which a site lists the versions of its documentation, and the folder of each.

A page names the file of its switcher, and some which version it is of itself. What the file says is data: folders of
the site it lies on, nothing else.

Sources, as of 2026-11: `switcher.json` of the PyData theme 0.24 (`theme_switcher_json_url` and `_version_match` in a
script), `versions.json` of mike 2.2 (one folder above that of a version), and the addons of Read the Docs
(`/_/addons/`, https://docs.readthedocs.com/platform/stable/addons.html). Docusaurus and Antora publish no such file:
their pages declare a version, and link to the others.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeGuard, cast
from urllib.parse import quote, urljoin

import orjson

from crawler.addresses import MAX_ADDRESS_CHARS, resolve_address
from crawler.page_lists import sphinx_root

MAX_SWITCHER_BYTES = 2**20
MAX_VERSIONS = 2000
_MAX_LABEL_CHARS = 50
_SNIFFED_BYTES = 2**20

_PYDATA_FILE = re.compile(r"""\btheme_switcher_json_url\s*=\s*(['"])([^'"\n]{1,2048})\1""")
_PYDATA_MATCH = re.compile(r"""\btheme_switcher_version_match\s*=\s*(['"])([^'"\n]{1,50})\1""")
_MATERIAL = re.compile(r'id="__config"[^>]{0,100}>([^<]{1,20000})</script>')
_MIKE_SCRIPT = re.compile(r'src="[^"]{0,500}version-select\.js"')
_BASE_URL = re.compile(r"""\bbase_url\s*=\s*["']([^"'\n]{0,500})["']""")
_HOSTED = '<meta name="readthedocs-{}-slug" content="'
_SLUG = re.compile(r"[\w.-]{1,100}")
# The endpoint wants to know which release of its own script asks.
_HOSTED_QUERY = "/_/addons/?client-version=0.23.0&api-version=1&project-slug={}&version-slug={}"

_NUMBERED_NAME = re.compile(r"^(?:[a-z]+ ?\()?v?(\d+(?:\.\d+)+[\w.+-]{0,20})(?: ?\([a-z ]+\)|\))?$", re.IGNORECASE)


@dataclass(frozen=True)
class Switcher:
    """A file to ask for, and the version the page that names it says it is of."""

    address: str
    match: str | None = None


@dataclass(frozen=True)
class VersionTree:
    """A folder that holds one version of the documentation; two folders may hold the same."""

    address: str
    """With a slash at the end."""
    label: str
    """What the switcher calls it, such as `stable`."""
    version: str
    """Which version it holds, as far as that is said: a number where there is one."""


def find_switchers(page: str, body: bytes) -> list[Switcher]:
    """Gives the switchers a page uses, the one it says most about first."""
    text = body[:_SNIFFED_BYTES].decode("utf-8", errors="replace")
    found = (_pydata(page, body, text), _mike(page, text), _hosted(page, text))
    return [switcher for switcher in found if switcher is not None]


def _pydata(page: str, body: bytes, text: str) -> Switcher | None:
    named, match = _PYDATA_FILE.search(text), _PYDATA_MATCH.search(text)
    # A relative one is resolved against the root of the documentation, not against the page.
    address = resolve_address(sphinx_root(page, body) or page, named[2]) if named else None
    return Switcher(address, match[2] if match else None) if address else None


def _mike(page: str, text: str) -> Switcher | None:
    base = _base_of_material(text)
    if base is None and _MIKE_SCRIPT.search(text):
        found = _BASE_URL.search(text)
        base = found[1] if found else None
    address = resolve_address(urljoin(page, f"{base or '.'}/"), "../versions.json") if base is not None else None
    return Switcher(address) if address else None


def _base_of_material(text: str) -> str | None:
    """Gives the root that a page of MkDocs Material names, None if its versions are not mike's."""
    config = _MATERIAL.search(text)
    told = _mapping(_parsed(config[1].encode())) if config else {}
    is_mike = _mapping(told.get("version")).get("provider") == "mike"
    base = told.get("base")
    return base if is_mike and isinstance(base, str) and len(base) <= MAX_ADDRESS_CHARS else None


def _hosted(page: str, text: str) -> Switcher | None:
    project, version = (_SLUG.match(text.partition(_HOSTED.format(what))[2]) for what in ("project", "version"))
    if project is None or version is None:
        return None
    address = resolve_address(page, _HOSTED_QUERY.format(quote(project[0]), quote(version[0])))
    return Switcher(address, version[0]) if address else None


def parse_switcher(body: bytes, address: str) -> list[VersionTree]:
    """Gives the folders a switcher's file lists, none if it is no such file; `address` is where it lies."""
    value = _parsed(body)
    if isinstance(value, dict):
        active = _mapping(_mapping(cast("object", value)).get("versions")).get("active")
        found = (tree for entry in _mappings(active) for tree in _of_hosted(entry, address))
    else:
        found = (tree for entry in _mappings(value) for tree in _of_entry(entry, address))
    return list(islice(found, MAX_VERSIONS))


def _of_hosted(entry: dict[str, object], address: str) -> Iterator[VersionTree]:
    """Yields the folder of a version on Read the Docs; `ref` is the tag that `stable` stands for."""
    label, url = _label(entry.get("slug")), _mapping(entry.get("urls")).get("documentation")
    tag = _label(entry.get("ref")) or ""
    if label:
        yield from _tree(address, url, label, tag if _NUMBERED_NAME.match(tag) else label)


def _of_entry(entry: dict[str, object], address: str) -> Iterator[VersionTree]:
    """Yields the folder an entry of the PyData theme names, or those of mike: its version's and its aliases'."""
    label, name = _label(entry.get("version")), _label(entry.get("name"))
    label = label or name
    if label is None:
        return
    if "url" in entry:
        yield from _tree(address, entry["url"], label, _number_of(label, name))
    elif "aliases" in entry:
        aliases = (_label(alias) for alias in islice(_entries(entry["aliases"]), MAX_VERSIONS))
        for folder in filter(_is_folder, (label, *aliases)):
            yield from _tree(address, f"./{quote(folder)}/", folder, label)


def _is_folder(name: str | None) -> TypeGuard[str]:
    """Whether a name is that of one folder, as mike makes sure it is."""
    return name is not None and name not in {".", ".."} and not re.search(r"[\\/]", name)


def _number_of(label: str, name: str | None) -> str:
    """Gives the number in the name of a version that has none itself: `stable` may be called `2.1 (stable)`."""
    numbered = _NUMBERED_NAME.match(label) or _NUMBERED_NAME.match(name or "")
    return numbered[1] if numbered else label


def _tree(base: str, url: object, label: str, version: str) -> Iterator[VersionTree]:
    address = resolve_address(base, url) if isinstance(url, str) and len(url) <= MAX_ADDRESS_CHARS else None
    if address is None or "?" in address:
        return
    folder, _, file = address.rpartition("/")
    if file.startswith("index."):
        address = f"{folder}/"
    elif file:
        # A page that is no index says nothing about its folder.
        address = "" if "." in file and not _NUMBERED_NAME.match(file) else f"{address}/"
    if address:
        yield VersionTree(address, label, version)


def _label(value: object) -> str | None:
    is_label = isinstance(value, str) and 0 < len(value.strip()) <= _MAX_LABEL_CHARS and value.isprintable()
    return cast("str", value).strip() if is_label else None


def _parsed(body: bytes) -> object:
    try:
        return orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return None


def _entries(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _mappings(value: object) -> Iterator[dict[str, object]]:
    entries = (cast("dict[str, object]", entry) for entry in _entries(value) if isinstance(entry, dict))
    return islice(entries, MAX_VERSIONS)


def _mapping(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}
