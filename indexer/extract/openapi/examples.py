"""Example values as JSON of a bounded size."""

from typing import cast

import orjson

from indexer.extract.inline import visible_text
from indexer.extract.openapi.document import mapping, sequence

_MAX_DEPTH = 6
_MAX_VALUES = 80
_MAX_ITEMS = 3
_MAX_CHARS = 200
_SHORT_CHARS = 80


def example_json(value: object) -> str:
    """Gives an example as JSON: long texts and lists are shortened, what lies too deep is left out."""
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "[", "<"}:
        return visible_text(value[: _MAX_CHARS * 10]).strip()
    pruned = _pruned(value, _MAX_DEPTH, [_MAX_VALUES])
    compact = orjson.dumps(pruned).decode()
    return compact if len(compact) <= _SHORT_CHARS else orjson.dumps(pruned, option=orjson.OPT_INDENT_2).decode()


def _pruned(value: object, depth: int, budget: list[int]) -> object:
    budget[0] -= 1
    if isinstance(value, str):
        return visible_text(value[:_MAX_CHARS])
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else str(value)
    if depth == 0 or budget[0] <= 0:
        return "\u2026"
    if not isinstance(value, dict):
        return [_pruned(item, depth - 1, budget) for item in sequence(value)[:_MAX_ITEMS] if budget[0] > 0]
    kept: dict[str, object] = {}
    for key, item in mapping(cast("object", value)).items():
        if budget[0] <= 0:
            break
        kept[visible_text(key[:_MAX_CHARS])] = _pruned(item, depth - 1, budget)
    return kept
