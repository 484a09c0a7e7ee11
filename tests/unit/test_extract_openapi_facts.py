"""What an OpenAPI document says beyond types: constants, examples, samples, callbacks, servers and flows."""

from typing import Any

import orjson

from indexer.extract import Block, extract_page

PET: dict[str, Any] = {
    "type": "object",
    "properties": {
        "kind": {"const": "pet"},
        "legs": {"type": "integer", "examples": [4, 2]},
        "name": {"type": "string", "example": "Rex", "description": "What it is called."},
    },
}


def blocks_of(operation: dict[str, Any] | None = None, **document: object) -> list[Block]:
    spec = {"openapi": "3.1.0", "info": {"title": "Pets"}, "paths": {"/pets": {"post": operation or {}}}, **document}
    return list(extract_page(orjson.dumps(spec), "application/json", "https://x.test/openapi.json").blocks)


def text_of(kind: str, start: str, blocks: list[Block]) -> str:
    return next(block.text for block in blocks if block.kind == kind and block.text.startswith(start))


def test_properties_show_their_constant_and_an_example() -> None:
    body = {"content": {"application/json": {"schema": PET}}}
    listed = text_of("list", "- `kind`", blocks_of({"requestBody": body}))
    assert listed.split("\n") == [
        "- `kind` string: always `pet`",
        "- `legs` integer: such as `4`",
        "- `name` string: such as `Rex`; What it is called.",
    ]


def test_an_example_beside_a_parameter_or_in_its_schema_is_shown() -> None:
    parameters = [
        {"name": "a", "in": "query", "schema": {"type": "string"}, "example": "one"},
        {"name": "b", "in": "query", "schema": {"type": "string"}, "examples": {"two": {"value": "two"}}},
        {"name": "c", "in": "query", "schema": {"type": "string", "examples": ["three"]}},
        {"name": "d", "in": "query", "schema": {"enum": ["x", "y"], "example": "x"}},
    ]
    table = text_of("table", "| Parameter", blocks_of({"parameters": parameters}))
    facts = [row.rsplit(" | ", 1)[1].removesuffix(" |") for row in table.split("\n")[2:]]
    assert facts == ["such as `one`", "such as `two`", "such as `three`", "one of `x`, `y`"]


def test_samples_are_code_with_language_and_label() -> None:
    samples = [
        {"lang": "Python", "label": "Client", "source": "client.pets()\n"},
        {"lang": "JavaScript", "source": "await pets()"},
        {"lang": "Go", "source": 3},
    ]
    found = [block for block in blocks_of({"x-codeSamples": samples}) if block.kind == "code"]
    assert [(block.text, block.language, block.title) for block in found] == [
        ("client.pets()", "python", "Client"),
        ("await pets()", "javascript", "JavaScript"),
    ]


def test_callbacks_are_listed_with_where_they_go() -> None:
    item: dict[str, object] = {"post": {"summary": "A pet has changed."}, "servers": []}
    callbacks = {"onChange": {"{$request.body#/url}": item}}
    assert text_of("list", "**Callbacks**", blocks_of({"callbacks": callbacks})) == (
        "**Callbacks**\n- `onChange` POST `{$request.body#/url}`: A pet has changed."
    )


def test_servers_show_what_stands_for_the_names_in_their_address() -> None:
    variables = {"region": {"enum": ["eu", "us"], "default": "eu"}, "port": {"default": "443"}}
    server = {"url": "https://{region}.x.test:{port}", "description": "Live", "variables": variables}
    assert text_of("list", "**Servers**", blocks_of(servers=[server])) == (
        "**Servers**\n"
        "- `https://{region}.x.test:{port}`: Live; `region` one of `eu`, `us`, default `eu`; `port` default `443`"
    )


def test_ways_to_sign_in_show_where_tokens_are_had_and_what_for() -> None:
    flow = {"tokenUrl": "https://x.test/token", "scopes": {"read": "Read pets.", "write": "Change pets."}}
    told = "clientCredentials https://x.test/token scopes `read`, `write`"
    schemes = {"o": {"type": "oauth2", "flows": {"clientCredentials": flow}}}
    new = text_of("list", "**Authentication**", blocks_of(components={"securitySchemes": schemes}))
    assert new == f"**Authentication**\n- `o` oauth2: {told}"

    old = {
        "swagger": "2.0",
        "paths": {},
        "securityDefinitions": {"o": {"type": "oauth2", "flow": "application", **flow}},
    }
    page = extract_page(orjson.dumps(old), "application/json", "https://x.test/swagger.json")
    told = "application https://x.test/token scopes `read`, `write`"
    assert text_of("list", "**Authentication**", list(page.blocks)) == f"**Authentication**\n- `o` oauth2: {told}"
