"""The folder of the embedded vector store: how it is made, and how one of an earlier release is opened."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import qdrant_edge as engine
import structlog

from core.errors import Misconfigured
from indexer.vectors import layout
from indexer.vectors.store import BODY, HEAD, SYMBOLS

log = structlog.get_logger(__name__)

_CONFIG = "edge_config.json"
_VECTORS, _PLAIN_WORDS = "matrix.dat", "store"
"""What is made of vectors and words is read from the start, they themselves hardly ever."""

_PIECE_BYTES = 2**20

PAYLOAD_INDEXES = {
    "version_id": engine.KeywordIndexParams(is_tenant=True),
    "library_id": engine.KeywordIndexParams(enable_hnsw=False),
    "content_type": engine.KeywordIndexParams(enable_hnsw=False),
    "code_language": engine.KeywordIndexParams(enable_hnsw=False),
}
"""By what is asked, here and with other tools; graphs are built for versions alone."""
IF_BROKEN = (
    "If its files are broken, stop the server and remove that folder: everything in it is made again from the database."
)


def open_shard(folder: Path) -> engine.EdgeShard:
    """Opens the shard in a folder, making both where there is none.

    Raises:
        Misconfigured: The engine cannot read what is there.
    """
    try:
        if (folder / _CONFIG).exists():
            return _load_shard(folder)
        folder.mkdir(parents=True, exist_ok=True)
        shard = engine.EdgeShard.create(str(folder), _config({}))
        _index_payload(shard)
    except BaseException as error:  # the engine raises plain exceptions with its own text, and worse when it panics
        if not isinstance(error, Exception) and not is_of_engine(error):
            raise
        raise Misconfigured(f"The vector store in {folder} cannot be opened: {error}. {IF_BROKEN}") from error
    return shard


def count_points(shard: engine.EdgeShard) -> int:
    """Counts the points of a shard, each once."""
    return shard.count(engine.CountRequest(exact=True))


def read_ahead(folder: Path) -> None:
    """Has the system read what opening the shard in a folder takes.

    The engine has it forget files when they are made or closed, and reads them in small pieces, with the interpreter to
    itself: four times as long as this and opening together.
    """
    piece = bytearray(_PIECE_BYTES)
    for path in folder.rglob("*"):
        if path.is_file() and path.name != _VECTORS and path.parent.name != _PLAIN_WORDS:
            with suppress(OSError), path.open("rb", buffering=0) as file:  # the engine says it better
                while file.readinto(piece):
                    pass


def is_of_engine(error: BaseException) -> bool:
    """Tells whether the engine raised it: a plain exception, or where it panics one that is none of Python's."""
    return type(error) is Exception or type(error).__name__ == "PanicException"


def _load_shard(folder: Path) -> engine.EdgeShard:
    """Opens what is there, with today's layout: what is written another way is rewritten with the next change."""
    graphs: dict[str, Any] = _read_config(folder).get("hnsw_config") or {}
    is_older = graphs.get("payload_m") != layout.GRAPH_EDGES
    shard = engine.EdgeShard.load(str(folder), _config(spaces_in(folder)))
    if is_older:
        log.info("indexer.vector_layout_changed", folder=str(folder), note="Its files follow with the next crawl.")
        for field in PAYLOAD_INDEXES:
            shard.update(engine.UpdateOperation.delete_field_index(field))
    _index_payload(shard)
    return shard


def _index_payload(shard: engine.EdgeShard) -> None:
    """Makes the indexes that are not there yet, over what is there."""
    missing = PAYLOAD_INDEXES.keys() - shard.info().payload_schema
    for field in sorted(missing):
        shard.update(engine.UpdateOperation.create_field_index(field, PAYLOAD_INDEXES[field]))
    if missing:
        shard.flush()


def _config(spaces: Mapping[str, int]) -> engine.EdgeConfig:
    mapped, cold = engine.Memory.Cached, engine.Memory.Cold
    idf = engine.EdgeSparseVectorParams(layout.SCANNED_PASSAGES, modifier=engine.Modifier.Idf, memory=mapped)
    return engine.EdgeConfig(
        vectors={
            space: engine.EdgeVectorParams(size=dimension, distance=engine.Distance.Cosine, memory=cold)
            for space, dimension in spaces.items()
        },
        sparse_vectors={
            BODY: idf,
            HEAD: idf,
            SYMBOLS: engine.EdgeSparseVectorParams(layout.SCANNED_PASSAGES, memory=mapped),
        },
        hnsw_config=engine.HnswIndexConfig(
            m=0,
            payload_m=layout.GRAPH_EDGES,
            ef_construct=layout.GRAPH_BUILD_WIDTH,
            full_scan_threshold=layout.SCANNED_KIB,
            memory=mapped,
        ),
        quantization_config=engine.ScalarQuantizationConfig(
            engine.ScalarType.Int8, quantile=layout.BYTES_QUANTILE, memory=engine.Memory.Pinned
        ),
        payload_memory=engine.Memory.Cached,
    )


def spaces_in(folder: Path) -> dict[str, int]:
    """Gives the dimension of each space, which the engine does not tell by itself."""
    vectors: dict[str, Any] = _read_config(folder).get("vectors") or {}
    return {space: int(params["size"]) for space, params in vectors.items()}


def _read_config(folder: Path) -> dict[str, Any]:
    return orjson.loads((folder / _CONFIG).read_bytes())
