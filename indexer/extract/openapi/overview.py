"""What a document says about the whole interface, and its named schemas."""

from collections.abc import Iterator, Mapping
from itertools import islice

from indexer.extract.blocks import Block
from indexer.extract.openapi.document import Document, Values, line, mapping, sequence, string
from indexer.extract.openapi.examples import example_json
from indexer.extract.openapi.prose import prose_blocks
from indexer.extract.openapi.schemas import is_documented_object, outline

_MAX_SERVERS = 20
_MAX_SCHEMES = 30


def title_of(document: Document) -> str:
    """Gives the title of the interface."""
    return line(mapping(document.root.get("info")).get("title"), 300).replace("`", "") or "API"


def version_of(document: Document) -> str | None:
    """Gives the version of the interface, not that of OpenAPI."""
    return line(mapping(document.root.get("info")).get("version"), 50) or None


def overview_blocks(document: Document) -> Iterator[Block]:
    """Yields title, version, description, servers and ways to sign in."""
    info = mapping(document.root.get("info"))
    yield Block("heading", title_of(document), "overview", level=1)
    kind = "Swagger" if document.is_swagger else "OpenAPI"
    number = line(document.root.get("swagger") or document.root.get("openapi"), 20)
    version = version_of(document)
    yield Block("paragraph", (f"Version {version}, " if version else "") + f"described in {kind} {number}.")
    yield from prose_blocks(info.get("summary"), 0)
    servers = [f"- {server}" for server in _servers(document)]
    if servers:
        yield Block("list", "\n".join(["**Servers**", *servers]))
    schemes = list(_scheme_lines(document))
    if schemes:
        yield Block("list", "\n".join(["**Authentication**", *schemes]))
    yield from prose_blocks(info.get("description"), 0, above=1)


def schemas_of(document: Document) -> Mapping[str, object]:
    """Gives the named schemas that are worth a passage of their own."""
    named = mapping(document.root.get("definitions")) if document.is_swagger else _components(document, "schemas")
    return {name: schema for name, schema in named.items() if is_documented_object(document, schema)}


def schema_blocks(document: Document, name: str, schema: object, anchor: str) -> Iterator[Block]:
    """Yields a named schema: what it is for, its properties, its example."""
    value = document.resolve(schema).value
    yield Block("signature", f"schema {line(name, 200)}", anchor, title=line(name, 200).replace("`", ""))
    yield from prose_blocks(value.get("description"), 1)
    yield Block("list", outline(document, schema, name), depth=1)
    if value.get("example") is not None:
        yield Block("code", example_json(value["example"]), depth=1, language="json", title="Example")


def _components(document: Document, kind: str) -> Values:
    return mapping(mapping(document.root.get("components")).get(kind))


def _servers(document: Document) -> Iterator[str]:
    for server in sequence(document.root.get("servers"))[:_MAX_SERVERS]:
        description = line(mapping(server).get("description"), 200)
        url = line(mapping(server).get("url"), 300)
        yield f"`{url}`" + (f": {description}" if description else "")
    host = line(document.root.get("host"), 200)
    if document.is_swagger and host:
        schemes = [string(scheme) for scheme in sequence(document.root.get("schemes"))[:4]] or ["https"]
        yield from (f"`{scheme}://{host}{line(document.root.get('basePath'), 200)}`" for scheme in schemes)


def _scheme_lines(document: Document) -> Iterator[str]:
    schemes = mapping(document.root.get("securityDefinitions")) or _components(document, "securitySchemes")
    for name, scheme in islice(schemes.items(), _MAX_SCHEMES):
        value = document.resolve(scheme).value
        words = [line(value.get(key), 60) for key in ("type", "scheme", "in", "name", "bearerFormat")]
        description = line(value.get("description"), 300)
        yield f"- `{line(name, 60)}` {' '.join(filter(None, words))}" + (f": {description}" if description else "")
