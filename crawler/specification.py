"""OpenAPI and Swagger documents: known by their first lines, and made whole of the files of their site they name."""

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Self, cast
from urllib.parse import unquote

import orjson

from core.yaml_tree import read_yaml
from crawler.addresses import origin_of, resolve_address
from crawler.outcomes import Failed, Fetched, Outcome
from crawler.settings import CrawlerSettings
from crawler.site_files import SiteFiles

MAX_REFERENCED_FILES = 200
_MAX_NODES = 500_000
_MAX_DEPTH = 150
_FILES_KEY = "x-referenced-files"
UNFOLDED = "the files it refers to unfold to too much"


Resolve = Callable[[str, str], str | None]
"""Gives the address a reference in the file at an address leads to."""


class TooMuch(Exception):
    """References or aliases unfold to more than anybody wrote."""


@dataclass(frozen=True)
class Specification:
    """A document that was read."""

    root: dict[str, object]

    @classmethod
    def read(cls, body: bytes) -> Self | None:
        """Reads a document, JSON or YAML; None if it is none of OpenAPI 3 or Swagger 2."""
        values = read_values(body)
        root = cast("dict[str, object]", values) if isinstance(values, dict) else {}
        return cls(root) if str(root.get("openapi", root.get("swagger")))[:1] in {"2", "3"} else None


def read_values(body: bytes) -> object:
    """Gives the values of JSON or YAML, None if it is neither."""
    text = body.decode("utf-8-sig", errors="replace")
    try:
        return orjson.loads(text) if text.lstrip()[:1] in {"{", "["} else read_yaml(text)
    except ValueError:
        return None


def remote_references(value: object) -> list[str]:
    """Gives the files a document refers to, each once, as they are named there."""
    return list(dict.fromkeys(name for reference in _references(value) if (name := reference.partition("#")[0])))


def _references(value: object) -> Iterator[str]:
    seen: set[int] = set()
    pending = [value]
    while pending and len(seen) < _MAX_NODES:
        node = pending.pop()
        if not isinstance(node, dict | list):
            continue
        entries = cast("dict[str, object] | list[object]", node)
        if id(entries) in seen:
            continue
        seen.add(id(entries))
        if isinstance(entries, dict) and isinstance(reference := entries.get("$ref"), str):
            yield reference
        pending += entries.values() if isinstance(entries, dict) else entries


class SpecificationFiles:
    """Fetches what a document refers to on its own site and puts it into the document."""

    def __init__(self, files: SiteFiles, settings: CrawlerSettings) -> None:
        self._files = files
        self._settings = settings

    async def complete(self, fetched: Fetched, found: Specification) -> Outcome:
        """Gives the document with all files of its site in it; references to other sites stay as they are.

        Without references to files it is given as it came.
        """
        if not remote_references(found.root):
            kind = "application/json" if fetched.body.lstrip()[:1] == b"{" else "application/yaml"
            return replace(fetched, content_type=kind)
        values = await self._gather(fetched, found)
        try:
            body = await asyncio.to_thread(bundle, fetched.url, values, resolve_address)
        except TooMuch:
            return Failed(fetched.url, UNFOLDED, fetched.status)
        headers = (("content-type", "application/json"), ("content-length", str(len(body))))
        return replace(
            fetched, body=body, content_type="application/json", headers=headers, etag=None, last_modified=None
        )

    async def _gather(self, fetched: Fetched, found: Specification) -> dict[str, object]:
        """Gives the values of all files by their address, the document's own first."""
        values: dict[str, object] = {fetched.url: found.root}
        pending = [(fetched.url, name) for name in remote_references(found.root)]
        room = self._settings.max_page_bytes
        while pending and len(values) <= MAX_REFERENCED_FILES and room > 0:
            base, name = pending.pop(0)
            address = resolve_address(base, name)
            if address is None or address in values or origin_of(address) != origin_of(fetched.url):
                continue
            outcome = await self._files.fetch_named(address, room)
            if not isinstance(outcome, Fetched) or origin_of(outcome.url) != origin_of(fetched.url):
                continue
            room -= len(outcome.body)
            values[address] = await asyncio.to_thread(read_values, outcome.body)
            pending += [(address, inner) for inner in remote_references(values[address])]
        return values


def bundle(start: str, values: dict[str, object], resolve: Resolve) -> bytes:
    """Gives one JSON document of the file at `start` and those it refers to, by their addresses.

    Raises:
        TooMuch: It would be larger than the bound.
    """
    writer = _Writer(_names_of(start, values), resolve)
    root = cast("dict[str, object]", writer.copied(values[start], start, 0))
    others = {name: writer.copied(values[address], address, 0) for address, name in writer.names.items() if name}
    return orjson.dumps(root | {_FILES_KEY: others})


def _names_of(start: str, values: dict[str, object]) -> dict[str, str]:
    """Gives each file a short name, by which readers see what it describes; the document itself has none."""
    names = {start: ""}
    for address in values:
        stem = unquote(address.partition("?")[0].rpartition("/")[2]).partition(".")[0] or "file"
        stem = re.sub(r"[^\w-]", "-", stem)[:80]
        taken = set(names.values())
        name = next(
            name for number in range(1, len(values) + 2) if (name := stem + f"-{number}" * (number > 1)) not in taken
        )
        names.setdefault(address, name)
    return names


class _Writer:
    """Copies values, with references to known files led to where these are in the document."""

    def __init__(self, names: dict[str, str], resolve: Resolve) -> None:
        self.names = names
        self._resolve = resolve
        self._nodes = 0

    def copied(self, value: object, base: str, depth: int) -> object:
        """Gives a copy.

        Raises:
            TooMuch: It has too many nodes.
        """
        self._nodes += 1
        if self._nodes > _MAX_NODES or depth > _MAX_DEPTH:
            raise TooMuch
        if isinstance(value, list):
            return [self.copied(item, base, depth + 1) for item in cast("list[object]", value)]
        if not isinstance(value, dict):
            return value if not isinstance(value, int) or -(2**63) <= value < 2**63 else str(value)
        entries = cast("dict[str, object]", value)
        copy = {str(key): self.copied(item, base, depth + 1) for key, item in entries.items()}
        if isinstance(reference := copy.get("$ref"), str):
            copy["$ref"] = self._led(reference, base)
        return copy

    def _led(self, reference: str, base: str) -> str:
        file, _, pointer = reference.partition("#")
        address = self._resolve(base, file) if file else base
        name = self.names.get(address or "")
        if name is None:
            return reference
        pointer = "" if pointer == "/" else pointer
        return f"#/{_FILES_KEY}/{name}{pointer}" if name else f"#{pointer}"
