"""One operation to blocks: its signature, and what describes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from indexer.extract.blocks import Block
from indexer.extract.code import canonical_language
from indexer.extract.composing import pipe_table
from indexer.extract.inline import visible_text
from indexer.extract.openapi.document import NOTHING, Document, Values, line, mapping, sequence, string
from indexer.extract.openapi.examples import example_json
from indexer.extract.openapi.prose import prose_blocks
from indexer.extract.openapi.schemas import constraints, first_example, outline, type_name

# Source: OpenAPI 3.1 and 3.2, path item object.
METHODS = frozenset(["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"])
_MAX_PARAMETERS = 80
_MAX_RESPONSES = 30
_MAX_MEDIA_TYPES = 2
_MAX_DESCRIPTION_CHARS = 400
_MAX_CALLBACKS = 20
_MAX_SAMPLES = 10
_MAX_SAMPLE_CHARS = 10_000


@dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path; `shared` is what the path says for all of its methods."""

    method: str
    path: str
    shared: Values
    own: Values

    @property
    def signature(self) -> str:
        """The request line without the protocol, `GET /pets/{petId}`."""
        return f"{self.method.upper()} {line(self.path, 500)}"

    @property
    def name(self) -> str:
        """The operation's id, else its signature."""
        return line(self.own.get("operationId"), 200).replace("`", "") or self.signature

    @property
    def tag(self) -> str:
        """The first of its tags, under which it is listed."""
        return next((line(tag, 100) for tag in sequence(self.own.get("tags"))[:1]), "")


def operation_blocks(document: Document, operation: Operation, anchor: str) -> Iterator[Block]:
    """Yields the signature, and at depth 1 all that describes it, from the summary to the ways to sign in."""
    own = operation.own
    yield Block("signature", operation.signature, anchor, language="http", title=operation.name)
    if own.get("deprecated") is True:
        yield Block("admonition", "This operation is deprecated.", depth=1, title="Deprecated")
    summary = line(own.get("summary") or operation.shared.get("summary"), _MAX_DESCRIPTION_CHARS)
    if summary:
        yield Block("paragraph", summary, depth=1)
    if string(own.get("description")) != summary:
        yield from prose_blocks(own.get("description") or operation.shared.get("description"), 1)
    parameters = _parameters(document, operation)
    yield from _parameter_blocks(document, parameters)
    yield from _request_blocks(document, own, parameters)
    yield from _response_blocks(document, own)
    yield from _callback_blocks(document, own)
    yield from _sample_blocks(own)
    yield from _security_blocks(document, own)


def _parameters(document: Document, operation: Operation) -> list[Values]:
    """Gives the operation's parameters and those of its path that it does not replace."""
    listed = [*sequence(operation.shared.get("parameters")), *sequence(operation.own.get("parameters"))]
    found = (document.resolve(parameter).value for parameter in listed[: 2 * _MAX_PARAMETERS])
    by_name = {(string(value.get("name")), string(value.get("in"))): value for value in found if value}
    return list(by_name.values())[:_MAX_PARAMETERS]


def _parameter_blocks(document: Document, parameters: list[Values]) -> Iterator[Block]:
    rows = [_parameter_row(document, value) for value in parameters if value.get("in") != "body"]
    if rows:
        header = ["Parameter", "In", "Type", "Description"]
        yield Block("table", pipe_table([header, *rows]), depth=1)


def _parameter_row(document: Document, parameter: Values) -> list[str]:
    # Swagger 2 writes the type of a parameter into the parameter.
    schema = parameter.get("schema") or next(iter(_media_types(parameter).values()), None) or parameter
    kind = type_name(document, schema) + (", required" if parameter.get("required") is True else "")
    name = line(parameter.get("name"), 100).replace("`", "")
    facts = constraints(document, document.resolve(schema).value, _value_of_example(document, parameter))
    description = line(parameter.get("description"), _MAX_DESCRIPTION_CHARS)
    return [f"`{name}`", line(parameter.get("in"), 20), kind, "; ".join(filter(None, [facts, description]))]


def _request_blocks(document: Document, own: Values, parameters: list[Values]) -> Iterator[Block]:
    body = document.resolve(own.get("requestBody")).value
    body = body or next((value for value in parameters if value.get("in") == "body"), NOTHING)
    if not body:
        return
    label = "Request body, required" if body.get("required") is True else "Request body"
    description = line(body.get("description"), _MAX_DESCRIPTION_CHARS)
    types = _media_types(body) or dict.fromkeys(_consumed(document, own), body.get("schema"))
    for media_type, schema in types.items():
        kind = f"`{line(media_type, 100)}` {type_name(document, schema)}"
        yield Block("paragraph", f"**{label}** {kind}" + (f": {description}" if description else ""), depth=1)
        yield from _schema_blocks(document, schema, _example(document, body, media_type))


def _response_blocks(document: Document, own: Values) -> Iterator[Block]:
    """Yields the list of all responses, and what the first successful one holds."""
    found = islice(mapping(own.get("responses")).items(), _MAX_RESPONSES)
    responses = {line(status, 20): document.resolve(value).value for status, value in found}
    lines = [_response_line(document, status, value) for status, value in responses.items()]
    if lines:
        yield Block("list", "\n".join(["**Responses**", *lines]), depth=1)
    status = next((status for status in responses if status[:1] == "2"), "")
    success = responses.get(status, NOTHING)
    for media_type, schema in islice(_response_schemas(success).items(), 1):
        # What was sent is often what is given back; it is described once.
        is_known = type_name(document, schema) in _sent_types(document, own)
        example = _example(document, success, media_type)
        yield from _schema_blocks(document, None if is_known else schema, example, f"**Response {status}**\n")


def _sent_types(document: Document, own: Values) -> set[str]:
    schemas = _media_types(document.resolve(own.get("requestBody")).value).values()
    return {type_name(document, schema) for schema in schemas if document.resolve(schema).name}


def _response_line(document: Document, status: str, response: Values) -> str:
    kinds = (
        f"`{line(name, 60)}` {type_name(document, schema)}" for name, schema in _response_schemas(response).items()
    )
    description = line(response.get("description"), _MAX_DESCRIPTION_CHARS)
    head = " ".join([f"- `{status.replace('`', '')}`", ", ".join(kinds)]).rstrip()
    return f"{head}: {description}" if description else head


def _response_schemas(response: Values) -> dict[str, object]:
    return _media_types(response) or ({"application/json": response["schema"]} if "schema" in response else {})


def _media_types(value: Values) -> dict[str, object]:
    """Gives the schemas of a body by media type, JSON first; those that say the same are given once."""
    content = list(islice(mapping(value.get("content")).items(), 20))
    content.sort(key=lambda entry: "json" not in entry[0])
    schemas: dict[str, object] = {}
    for name, media in content:
        schema = mapping(media).get("schema")
        if len(schemas) < _MAX_MEDIA_TYPES and not any(_is_same(schema, known) for known in schemas.values()):
            schemas[name] = schema
    return schemas


def _is_same(schema: object, other: object) -> bool:
    # Not compared any deeper: aliases can make that endless.
    reference = mapping(schema).get("$ref")
    return schema is other or (isinstance(reference, str) and reference == mapping(other).get("$ref"))


def _consumed(document: Document, own: Values) -> list[str]:
    types = sequence(own.get("consumes")) or sequence(document.root.get("consumes"))
    return [string(name) for name in types[:1]] or ["application/json"]


def _schema_blocks(document: Document, schema: object, example: object, label: str = "") -> Iterator[Block]:
    properties = outline(document, schema)
    if properties:
        yield Block("list", label + properties, depth=1)
    if example is not None:
        yield Block("code", example_json(example), depth=1, language="json", title="Example")


def _example(document: Document, body: Values, media_type: str) -> object:
    """Gives the first example of a body, of its media type or of its schema."""
    media = mapping(mapping(body.get("content")).get(media_type)) or body
    if media.get("example") is not None:
        return media["example"]
    examples = mapping(media.get("examples"))
    for name, value in islice(examples.items(), 1):
        # Swagger 2 has the example itself under the name of its media type.
        return value if "/" in name else document.resolve(value).value.get("value")
    return first_example(document.resolve(media.get("schema")).value)


def _value_of_example(document: Document, parameter: Values) -> object:
    """Gives an example of a parameter that stands beside its schema."""
    named = next(iter(mapping(parameter.get("examples")).values()), None)
    return parameter.get("example") if named is None else document.resolve(named).value.get("value")


def _callback_blocks(document: Document, own: Values) -> Iterator[Block]:
    """Yields the list of requests that the service sends of its own."""
    lines = [
        f"- `{line(name, 100)}` {method.upper()} `{line(address, 200)}`"
        + (f": {summary}" if (summary := line(mapping(call).get("summary"), _MAX_DESCRIPTION_CHARS)) else "")
        for name, callback in islice(mapping(own.get("callbacks")).items(), _MAX_CALLBACKS)
        for address, item in islice(document.resolve(callback).value.items(), _MAX_CALLBACKS)
        for method, call in islice(document.resolve(item).value.items(), _MAX_CALLBACKS)
        if method in METHODS
    ]
    if lines:
        yield Block("list", "\n".join(["**Callbacks**", *lines[:_MAX_CALLBACKS]]), depth=1)


def _sample_blocks(own: Values) -> Iterator[Block]:
    """Yields how the operation is called in some languages. Source: Redocly, x-codeSamples."""
    listed = sequence(own.get("x-codeSamples")) or sequence(own.get("x-code-samples"))
    for sample in map(mapping, listed[:_MAX_SAMPLES]):
        code, language = sample.get("source"), line(sample.get("lang"), 40)
        if isinstance(code, str) and code.strip():
            text = visible_text(code[:_MAX_SAMPLE_CHARS]).strip("\n")
            title = line(sample.get("label"), 100) or language
            yield Block("code", text, depth=1, language=canonical_language(language), title=title or None)


def _security_blocks(document: Document, own: Values) -> Iterator[Block]:
    listed = own.get("security", document.root.get("security"))
    ways = [_way(mapping(way)) for way in sequence(listed)[:10]]
    if ways:
        yield Block("paragraph", f"**Security**: {', or '.join(ways)}", depth=1)


def _way(way: Values) -> str:
    names: list[str] = []
    for name, scopes in islice(way.items(), 5):
        asked = ", ".join(line(scope, 60) for scope in sequence(scopes)[:10])
        names.append(f"`{line(name, 60)}`" + (f" ({asked})" if asked else ""))
    return " and ".join(names) or "none"
