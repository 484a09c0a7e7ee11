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
_MAX_VARIABLES = 10
_MAX_VALUES = 20
_MAX_FLOWS = 5


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
        facts = "; ".join(filter(None, [description, *_variable_facts(mapping(server))]))
        yield f"`{url}`" + (f": {facts}" if facts else "")
    host = line(document.root.get("host"), 200)
    if document.is_swagger and host:
        schemes = [string(scheme) for scheme in sequence(document.root.get("schemes"))[:4]] or ["https"]
        yield from (f"`{scheme}://{host}{line(document.root.get('basePath'), 200)}`" for scheme in schemes)


def _variable_facts(server: Values) -> Iterator[str]:
    """Yields what may stand for each name in braces of a server's address."""
    for name, variable in islice(mapping(server.get("variables")).items(), _MAX_VARIABLES):
        values = [line(value, 60) for value in sequence(mapping(variable).get("enum"))[:_MAX_VALUES]]
        usual = line(mapping(variable).get("default"), 60)
        allowed = f"one of {', '.join(f'`{value}`' for value in values if value)}" if values else ""
        facts = ", ".join(filter(None, [allowed, f"default `{usual}`" if usual else ""]))
        if facts:
            yield f"`{line(name, 60)}` {facts}"


def _scheme_lines(document: Document) -> Iterator[str]:
    schemes = mapping(document.root.get("securityDefinitions")) or _components(document, "securitySchemes")
    for name, scheme in islice(schemes.items(), _MAX_SCHEMES):
        value = document.resolve(scheme).value
        words = [line(value.get(key), 60) for key in ("type", "scheme", "in", "name", "bearerFormat")]
        facts = "; ".join(filter(None, [line(value.get("description"), 300), *_flow_facts(value)]))
        yield f"- `{line(name, 60)}` {' '.join(filter(None, words))}" + (f": {facts}" if facts else "")


def _flow_facts(scheme: Values) -> Iterator[str]:
    """Yields where a token is had and what it can be for; Swagger 2 has the one flow in the scheme itself."""
    flows = mapping(scheme.get("flows")) or ({line(scheme["flow"], 40): scheme} if "flow" in scheme else {})
    yield line(scheme.get("openIdConnectUrl"), 300)
    for name, flow in islice(flows.items(), _MAX_FLOWS):
        addresses = [line(mapping(flow).get(key), 300) for key in ("authorizationUrl", "tokenUrl")]
        scopes = [f"`{line(scope, 60)}`" for scope in islice(mapping(mapping(flow).get("scopes")), _MAX_VALUES)]
        parts = [line(name, 40), *addresses, f"scopes {', '.join(scopes)}" if scopes else ""]
        yield " ".join(filter(None, parts))
