"""Models whose numbers follow from the texts, in the product's own processes: its pipe, lanes and ends, no PyTorch.

Run as a program it is what a door to such a process starts, ready in a moment:
`python -m tests.light_models passages NAME-DIMENSION` or `python -m tests.light_models pairs`.
"""

import sys
from collections.abc import Sequence
from functools import partial
from hashlib import blake2b

import numpy as np

from indexer.embedding.child import Lane, open_answers, serve
from indexer.embedding.frames import Numbers
from indexer.embedding.process import EmbedderProcess
from indexer.embedding.reranker import RerankerProcess

PAIR_TOKENS = 256


class LightEmbedder(EmbedderProcess):
    """The door to a process that embeds at once, in as many dimensions as the model's name ends in."""

    def _arguments(self) -> list[str]:
        return ["tests.light_models", "passages", self._name]


class LightReranker(RerankerProcess):
    """The door to a process that scores at once."""

    def _arguments(self) -> list[str]:
        return ["tests.light_models", "pairs"]


def vector_of(text: str, dimension: int) -> Numbers:
    """Gives a vector of length 1 that is the text's own."""
    digest = blake2b(text.encode(), digest_size=dimension).digest()
    vector = np.frombuffer(digest, np.uint8).astype(np.float32) + 1
    return vector / np.float32(np.linalg.norm(vector))


def _vectors(dimension: int, texts: Sequence[str]) -> Numbers:
    return np.stack([vector_of(text, dimension) for text in texts])


def _scores(texts: Sequence[str]) -> Numbers:
    question, *passages = texts
    return np.array([10 * vector_of(f"{question}\n{passage}", 8)[0] for passage in passages], np.float32)


def main(kind: str, name: str = "") -> None:
    """Answers until standard input closes."""
    answers = open_answers()
    if kind == "pairs":
        serve({"pairs": Lane(_scores, answers, niceness=0)}, answers, {"max_tokens": PAIR_TOKENS})
    dimension = int(name.rpartition("-")[2])
    lanes = {lane: Lane(partial(_vectors, dimension), answers, niceness=0) for lane in ("passages", "questions")}
    serve(lanes, answers, {"dimension": dimension, "passage_prompt": ""})


if __name__ == "__main__":
    main(*sys.argv[1:])
