"""What the server and the processes of models say to each other: frames over a pipe.

A frame is two unsigned 32-bit lengths, big-endian, then a JSON header and a binary body of those lengths.
Requests carry `{id, lane, texts}`; answers carry `{id, shape}` with float32 rows as the body, or `{id, error}`. First
comes `{ready, dimension, passage_prompt}`, or `{problem}` when the model cannot be loaded. A reranker's texts are the
question and then the passages, its answer one float32 for each passage, and it says
`{ready, max_tokens}`.
"""

import struct
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import numpy as np
import orjson

Numbers = np.ndarray[Any, np.dtype[np.float32]]
"""What a model makes of texts."""

LENGTHS: Final = struct.Struct(">II")
MAX_FRAME_BYTES: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Frame:
    """One message."""

    header: dict[str, Any]
    body: bytes = b""

    def to_bytes(self) -> bytes:
        """Gives the message as it goes over the pipe."""
        header = orjson.dumps(self.header)
        return LENGTHS.pack(len(header), len(self.body)) + header + self.body


def read_frame(stream: BinaryIO) -> Frame | None:
    """Reads one message, waiting for it; None at the end of the stream."""
    lengths = stream.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    header_bytes, body_bytes = LENGTHS.unpack(lengths)
    if header_bytes + body_bytes > MAX_FRAME_BYTES:
        return None
    header = stream.read(header_bytes)
    return Frame(orjson.loads(header), stream.read(body_bytes))
