"""The embedding process: the only one that imports PyTorch. Started by `EmbedderProcess`, never by hand.

Two lanes, each with its own copy of the tokenizer: a question does not wait behind a batch of passages.
"""

# sentence-transformers is typed in part only; its values are given types here.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import argparse
import copy
import os
import queue
import sys
import threading
from typing import Any, BinaryIO

import numpy as np

from indexer.embedding.frames import Frame, read_frame
from indexer.embedding.weights import model_location

_BATCH_TEXTS = 16
_PASSAGES_NICENESS = 10


class Lane(threading.Thread):
    """Embeds what is put on its queue, one request after the other."""

    def __init__(self, model: Any, answers: "Answers", niceness: int) -> None:  # noqa: ANN401 - a SentenceTransformer
        super().__init__(daemon=True)
        self._niceness = niceness
        self.requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._model = model
        self._answers = answers

    def run(self) -> None:
        """Works until the process ends."""
        if sys.platform == "linux":
            # Linux gives each thread a priority of its own, and the model's threads that this one starts inherit it.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), self._niceness)
        while True:
            request = self.requests.get()
            try:
                vectors = embed(self._model, request["texts"])
            except Exception as error:  # one bad request must not end the process
                self._answers.send(Frame({"id": request["id"], "error": f"{type(error).__name__}: {error}"}))
            else:
                self._answers.send(Frame({"id": request["id"], "shape": vectors.shape}, vectors.tobytes()))


class Answers:
    """The pipe back, shared by the lanes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, frame: Frame) -> None:
        """Writes one frame whole."""
        with self._lock:
            self._stream.write(frame.to_bytes())
            self._stream.flush()


def embed(model: Any, texts: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:  # noqa: ANN401
    """Gives float32, (n_texts, dimension), rows of length 1."""
    vectors = model.encode(
        texts, batch_size=_BATCH_TEXTS, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
    )
    return np.ascontiguousarray(vectors, dtype=np.float32)


def load(name: str, device: str, threads: int) -> Any:  # noqa: ANN401 - a SentenceTransformer
    """Loads the model; a bundled one without any look at a network."""
    location = model_location(name)
    if location != name:
        os.environ["HF_HUB_OFFLINE"] = "1"
    import torch  # noqa: PLC0415 - takes seconds, and only after the weights were checked
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    if threads:
        torch.set_num_threads(threads)
    return SentenceTransformer(location, device=device)


def main() -> None:
    """Serves frames from standard input until it closes."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--model", required=True)
    arguments.add_argument("--device", required=True)
    arguments.add_argument("--threads", type=int, required=True)
    options = arguments.parse_args()
    # Whatever a library prints must not land between the frames.
    pipe = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    model = load(options.model, options.device, options.threads)
    answers = Answers(pipe)
    lanes = {
        "passages": Lane(model, answers, niceness=_PASSAGES_NICENESS),
        "questions": Lane(copy.deepcopy(model), answers, niceness=0),
    }
    for lane in lanes.values():
        lane.start()
    answers.send(Frame({"ready": True, "dimension": model.get_embedding_dimension()}))
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        lanes[frame.header["lane"]].requests.put(frame.header)
    # Without taking the model down: its threads may be at work, and nobody waits for what they do.
    os._exit(0)


if __name__ == "__main__":
    main()
