"""What a ranking may use: as served, or with some fields of the index, or the reranker, switched off."""

from collections.abc import Container, Iterable
from dataclasses import fields, replace
from uuid import UUID

from core.errors import InvalidInput
from indexer.vectors import Candidate

_BLANK = {field.name: field.default for field in fields(Candidate) if field.name != "id"}
_FIELDS = frozenset(_BLANK)
_FINDING = _FIELDS - {"prominence"}
"""What a store finds passages by; the rest only orders what was found."""

SERVED = "served"
RERANKER = "reranker"
"""No field of the index: what reads the best passages once more."""
_EVERY_VECTOR = "every vector"
"""No field either: without it three passages of four have no vector yet."""
_ALL = _FIELDS | {RERANKER, _EVERY_VECTOR}
CONFIGURATIONS: dict[str, frozenset[str]] = {
    SERVED: _ALL,
    "words": frozenset({"body", "head"}),
    "body": frozenset({"body"}),
    "meaning": frozenset({"dense", _EVERY_VECTOR}),
    "without-head": _ALL - {"head"},
    "without-symbols": _ALL - {"symbols"},
    "without-meaning": _ALL - {"dense"},
    "without-prominence": _ALL - {"prominence"},
    "without-reranker": _ALL - {RERANKER},
    "partly-embedded": _ALL - {_EVERY_VECTOR},
}


def fields_of(name: str) -> frozenset[str]:
    """Gives the fields a configuration uses, and whether the reranker is asked.

    Raises:
        InvalidInput: There is no such configuration.
    """
    if name not in CONFIGURATIONS:
        raise InvalidInput(f"There is no configuration {name[:80]!r}. There are: {', '.join(CONFIGURATIONS)}.")
    return CONFIGURATIONS[name]


def seen_by(
    used: frozenset[str], candidates: Iterable[Candidate], hidden: Container[UUID] = frozenset()
) -> tuple[Candidate, ...]:
    """Gives the candidates as these fields alone know them: what none of them found is gone, and what is hidden."""
    unused = {name: blank for name, blank in _BLANK.items() if name not in used}
    known = (replace(one, **unused) for one in candidates if one.id not in hidden)
    if _EVERY_VECTOR not in used:
        known = (replace(one, dense=None) if one.id.int % 4 else one for one in known)
    return tuple(one for one in known if any(getattr(one, name) for name in used & _FINDING))
