"""Vectors for large indexes: real ones of a sample of each set, and for the rest the sample with noise.

On processors the model embeds tens of passages a second, so that a million would take hours. What a search costs
depends on how many vectors there are and how they lie to each other, not on what they mean.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.embedding.passages import passage_text
from indexer.embedding.process import EmbedderProcess
from indexer.queries.chunks import ChunkRow

SAMPLE = 128
_NOISE = 0.5
"""Length of the noise against a vector of length one: neighbours of the sample stay at a cosine of about .8."""

Matrix = NDArray[np.float32]


async def embed_samples(
    embedder: EmbedderProcess, sets: Sequence[tuple[str, Sequence[ChunkRow]]], folder: Path
) -> None:
    """Embeds a sample of each set that has none yet, spread evenly over its passages."""
    for name, rows in sets:
        if not _file(folder, name).exists():
            step = max(1, len(rows) // SAMPLE)
            texts = [passage_text(row.metadata, row.content) for row in rows[::step][:SAMPLE]]
            np.save(_file(folder, name), np.stack(await embedder.embed_passages(texts)))


def meanings_for(count: int, name: str, variation: int, folder: Path) -> Matrix:
    """Gives float32, (count, dimension), rows of length 1: every time the same."""
    sample: Matrix = np.load(_file(folder, name))
    chance = np.random.default_rng([variation, len(name)])
    noise = chance.standard_normal((count, sample.shape[1]), dtype=np.float32) / np.sqrt(np.float32(sample.shape[1]))
    vectors = sample[chance.integers(0, len(sample), count)] + np.float32(_NOISE) * noise
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def sample_dimension(name: str, folder: Path) -> int:
    """Gives the dimension of the vectors."""
    sample: Matrix = np.load(_file(folder, name))
    return sample.shape[1]


def has_sample(name: str, folder: Path) -> bool:
    """Whether the set's sample was embedded before."""
    return _file(folder, name).exists()


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.npy"
