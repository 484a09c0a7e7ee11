"""A whole OpenAPI document to a page."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from indexer.extract.blocks import Block, ExtractedPage
from indexer.extract.openapi.document import Document, line, mapping, read_document, sequence
from indexer.extract.openapi.operations import METHODS, Operation, operation_blocks
from indexer.extract.openapi.overview import overview_blocks, schema_blocks, schemas_of, title_of, version_of
from indexer.extract.openapi.prose import prose_blocks

MAX_BLOCKS = 50_000
MAX_CHARS = 16 * 1024 * 1024
_MAX_OPERATIONS = 20_000
_MAX_TAGS = 1000
_NO_SLUG = re.compile(r"[^\w.]+")


def extract_openapi(text: str, url: str) -> ExtractedPage | None:
    """Gives the page of an OpenAPI 3 or Swagger 2 document, None if the text is none.

    Raises:
        ValueError: It says that it is one, and cannot be read.
    """
    document = read_document(text)
    if document is None:
        return None
    blocks = tuple(_bounded(_blocks(document)))
    return ExtractedPage(url, title_of(document), None, "openapi", version_of(document), blocks)


def _blocks(document: Document) -> Iterator[Block]:
    names = _Names()
    names.take("overview")
    yield from overview_blocks(document)
    descriptions = {_tag_name(tag): mapping(tag).get("description") for tag in _tags(document)}
    for tag, operations in _by_tag(document).items():
        if tag:
            yield Block("heading", tag, names.take(f"tag-{tag}"), level=2)
            yield from prose_blocks(descriptions.get(tag), 0, above=2)
        for operation in operations:
            yield from operation_blocks(document, operation, names.take(operation.name))
    schemas = schemas_of(document)
    if schemas:
        yield Block("heading", "Schemas", names.take("schemas"), level=2)
    for name, schema in schemas.items():
        yield from schema_blocks(document, name, schema, names.take(f"schema-{name}"))


def _by_tag(document: Document) -> dict[str, list[Operation]]:
    """Gives the operations under their first tag; tags in the document's own order, operations without one last."""
    groups: dict[str, list[Operation]] = {_tag_name(tag): [] for tag in _tags(document)}
    groups.pop("", None)
    for operation in islice(_operations(document), _MAX_OPERATIONS):
        groups.setdefault(operation.tag, []).append(operation)
    untagged = groups.pop("", [])
    groups = {tag: operations for tag, operations in groups.items() if operations}
    return groups | {"Operations" if groups else "": untagged} if untagged else groups


def _operations(document: Document) -> Iterator[Operation]:
    for path, item in mapping(document.root.get("paths")).items():
        shared = document.resolve(item).value
        yield from (
            Operation(method, path, shared, mapping(own)) for method, own in shared.items() if method in METHODS
        )
    for name, item in mapping(document.root.get("webhooks")).items():
        shared = document.resolve(item).value
        yield from (
            Operation(f"webhook {method}", name, shared, mapping(own))
            for method, own in shared.items()
            if method in METHODS
        )


def _tags(document: Document) -> Sequence[object]:
    return sequence(document.root.get("tags"))[:_MAX_TAGS]


def _tag_name(tag: object) -> str:
    return line(mapping(tag).get("name"), 100)


def _bounded(blocks: Iterable[Block]) -> Iterator[Block]:
    chars = 0
    for block in islice(blocks, MAX_BLOCKS):
        chars += len(block.text)
        if chars > MAX_CHARS:
            return
        yield block


class _Names:
    """Gives ids made of names, each once: the second `get-pets` is `get-pets-2`."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def take(self, name: str) -> str:
        slug = _NO_SLUG.sub("-", name[:200]).strip("-") or "operation"
        candidate = slug
        while candidate in self._counts:
            self._counts[slug] = self._counts.get(slug, 1) + 1
            candidate = f"{slug}-{self._counts[slug]}"
        self._counts[candidate] = 1
        return candidate
