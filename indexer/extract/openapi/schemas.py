"""Schemas as short names of types and as outlines of their properties."""

from collections.abc import Iterator
from itertools import islice

from indexer.extract.openapi.document import Document, Values, line, mapping, sequence, string

MAX_DEPTH = 3
_MAX_LINES = 80
_MAX_NESTED_TYPES = 4
_MAX_PARTS = 8
_MAX_PROPERTIES = 200
_MAX_VALUES = 12
_MAX_DESCRIPTION_CHARS = 300
_COMPOSED = (("allOf", " & "), ("oneOf", " | "), ("anyOf", " | "))


def type_name(document: Document, schema: object, depth: int = 0) -> str:
    """Gives a type in a few words: `Pet`, `string (date)[]`, `Cat | Dog`, `object`."""
    found = document.resolve(schema)
    if found.name or depth > _MAX_NESTED_TYPES:
        return found.name or "\u2026"
    value = found.value
    for key, joint in _COMPOSED:
        parts = sequence(value.get(key))[:_MAX_PARTS]
        if parts:
            return joint.join(dict.fromkeys(type_name(document, part, depth + 1) for part in parts))
    return _plain_type(document, value, depth)


def outline(document: Document, schema: object, name: str = "") -> str:
    """Gives the properties of a schema as a nested list, at most `MAX_DEPTH` deep; empty if it has none.

    A schema inside itself is named and not unfolded; `name` is what others call this one.
    """
    return "\n".join(islice(_property_lines(document, schema, 0, (name,)), _MAX_LINES))


def is_documented_object(document: Document, schema: object) -> bool:
    """Whether a named schema says more than its name: an object with at least two properties."""
    return len(_properties(document, schema)) > 1


def constraints(document: Document, schema: Values, example: object = None) -> str:
    """Gives what a value, or each item of a list, has to be like: its enumeration, default, bounds, or an example."""
    listed = schema.get("enum") or document.resolve(schema.get("items")).value.get("enum")
    values = [line(value, 60) for value in sequence(listed)[:_MAX_VALUES]]
    low, high = line(schema.get("minimum"), 30), line(schema.get("maximum"), 30)
    shown = line(first_example(schema) if example is None else example, 60)
    facts = [
        f"always `{line(schema['const'], 60)}`" if string(schema.get("const")) else "",
        f"one of {', '.join(f'`{value}`' for value in values if value)}" if values else "",
        f"default `{line(schema['default'], 60)}`" if string(schema.get("default")) else "",
        f"at least {low}" if low else "",
        f"at most {high}" if high else "",
        f"pattern `{line(schema['pattern'], 100)}`" if string(schema.get("pattern")) else "",
        "read-only" if schema.get("readOnly") is True else "",
        "deprecated" if schema.get("deprecated") is True else "",
        f"such as `{shown}`" if shown and not values else "",
    ]
    return ", ".join(filter(None, facts))


def first_example(schema: Values) -> object:
    """Gives an example of a schema, None if it has none."""
    return next(iter(sequence(schema.get("examples"))), schema.get("example"))


def _plain_type(document: Document, value: Values, depth: int) -> str:
    names = value.get("type")
    kinds = [string(name) for name in sequence(names)[:_MAX_PARTS]] or [string(names)]
    if "array" in kinds:
        item = type_name(document, value.get("items"), depth + 1)
        kinds = [f"({item})[]" if " " in item else f"{item}[]" if kind == "array" else kind for kind in kinds]
    name = " | ".join(filter(None, kinds)) or ("object" if "properties" in value else _type_of(value.get("const")))
    name = name[:_MAX_DESCRIPTION_CHARS]
    if value.get("nullable") is True:
        name += " | null"
    return f"{name} ({line(value['format'], 40)})" if string(value.get("format")) else name


def _type_of(constant: object) -> str:
    """Gives the type of the only value that is allowed, where the schema does not say it; booleans are integers too."""
    types = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"))
    return next((name for kind, name in types if isinstance(constant, kind)), "any")


def _property_lines(document: Document, schema: object, depth: int, around: tuple[str, ...]) -> Iterator[str]:
    found = document.resolve(schema)
    if depth >= MAX_DEPTH or (found.name and found.name in around):
        return
    around = (*around, found.name)
    item = found.value.get("items")
    if item is not None:
        yield from _property_lines(document, item, depth, around)
        return
    required = _required(document, found.value)
    for name, value in _properties(document, found.value).items():
        yield "   " * depth + _property_line(document, name, value, is_required=name in required)
        yield from _property_lines(document, value, depth + 1, around)


def _property_line(document: Document, name: str, schema: object, *, is_required: bool) -> str:
    value = document.resolve(schema).value
    kind = type_name(document, schema) + (", required" if is_required else "")
    description = line(value.get("description"), _MAX_DESCRIPTION_CHARS)
    tail = "; ".join(filter(None, [constraints(document, value), description]))
    return f"- `{line(name, 100).replace('`', '')}` {kind}" + (f": {tail}" if tail else "")


def _properties(document: Document, schema: object, depth: int = 0) -> dict[str, object]:
    """Gives the properties of a schema with those of the schemas it consists of."""
    value = document.resolve(schema).value
    properties = dict(islice(mapping(value.get("properties")).items(), _MAX_PROPERTIES))
    if depth < MAX_DEPTH:
        for part in sequence(value.get("allOf"))[:_MAX_PARTS]:
            properties |= _properties(document, part, depth + 1)
    document.spend(len(properties))
    return dict(islice(properties.items(), _MAX_PROPERTIES))


def _required(document: Document, schema: Values) -> frozenset[str]:
    parts = [schema, *(document.resolve(part).value for part in sequence(schema.get("allOf"))[:_MAX_PARTS])]
    names = (name for part in parts for name in sequence(part.get("required"))[:_MAX_PROPERTIES])
    return frozenset(name for name in names if isinstance(name, str))
