"""What was written to a store since a copy of it was made, as lines of JSON on their way to the copy."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

import orjson
import qdrant_edge as engine


def change_line(shard: engine.EdgeShard, ids: Sequence[UUID]) -> bytes:
    """Gives how some points are now: those that are there as they are, the others as gone."""
    records = shard.retrieve(list(ids), True, True)  # noqa: FBT003 - it takes them by place
    gone = set(ids) - {cast("UUID", record.id) for record in records}
    points = [(record.id, _plain(record.vector), record.payload or {}) for record in records]
    return orjson.dumps({"points": points, "gone": sorted(str(id_) for id_ in gone)}) + b"\n"


def operations_of(line: bytes) -> list[engine.UpdateOperation]:
    """Gives what to do so that the points of a line are as it says."""
    change = orjson.loads(line)
    points = [engine.Point(UUID(id_), _vectors(plain), payload) for id_, plain, payload in change["points"]]
    return [
        engine.UpdateOperation.upsert_points(points),
        engine.UpdateOperation.delete_points([UUID(id_) for id_ in change["gone"]]),
    ]


def _plain(vectors: object) -> dict[str, list[Any]]:
    """Gives dense vectors as their numbers and sparse ones as a list of two, their indices and their values."""
    named = cast("Mapping[str, Any]", vectors or {})
    return {
        name: [vector.indices, vector.values] if isinstance(vector, engine.SparseVector) else vector
        for name, vector in named.items()
    }


def _vectors(plain: Mapping[str, list[Any]]) -> dict[str, Any]:
    return {
        name: engine.SparseVector(*numbers) if isinstance(numbers[0], list) else numbers
        for name, numbers in plain.items()
    }
