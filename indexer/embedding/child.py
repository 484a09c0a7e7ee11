"""The embedding process: it and the reranker's alone import PyTorch. Started by `EmbedderProcess`, never by hand.

Two lanes on the same weights, each with its own tokenizer: a question does not wait behind a batch of passages.
"""

import argparse
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO, NoReturn

from indexer.embedding.frames import Frame, Numbers, read_frame
from indexer.embedding.model import ModelOptions, TextModel, load_model

_PASSAGES_NICENESS = 10
_MOST_PROBLEM_CHARS = 500
_WARM_UP = "How is a question answered?"
_WARM_UPS = 3


class Lane(threading.Thread):
    """Gives the model what is put on its queue, one request after the other."""

    def __init__(self, read: Callable[[Sequence[str]], Numbers], answers: "Answers", niceness: int) -> None:
        super().__init__(daemon=True)
        self._niceness = niceness
        self.requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._read = read
        self._answers = answers

    def run(self) -> None:
        """Works until the process ends."""
        if sys.platform == "linux":
            # Linux gives each thread a priority of its own, and the model's threads that this one starts inherit it.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), self._niceness)
        while True:
            request = self.requests.get()
            try:
                numbers = self._read(request["texts"])
            except Exception as error:  # one bad request must not end the process
                self._answers.send(Frame({"id": request["id"], "error": f"{type(error).__name__}: {error}"}))
            else:
                self._answers.send(Frame({"id": request["id"], "shape": numbers.shape}, numbers.tobytes()))


class Answers:
    """The pipe back, shared by the lanes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, frame: Frame) -> None:
        """Writes one frame whole; where nobody is left to read it, the process ends."""
        with self._lock:
            try:
                self._stream.write(frame.to_bytes())
                self._stream.flush()
            except BrokenPipeError:
                _end()


def main() -> None:
    """Embeds until standard input closes."""
    options = _options()
    answers = open_answers()
    model, for_questions = _load(options, answers)
    lanes = {
        "passages": Lane(model.embed_passages, answers, niceness=_PASSAGES_NICENESS),
        "questions": Lane(for_questions.embed_questions, answers, niceness=0),
    }
    serve(lanes, answers, {"dimension": model.dimension, "passage_prompt": model.passage_prompt})


def open_answers() -> Answers:
    """Gives the pipe back; whatever a library prints from now on does not land between the frames."""
    pipe = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return Answers(pipe)


def serve(lanes: Mapping[str, Lane], answers: Answers, facts: Mapping[str, Any]) -> NoReturn:
    """Says that the model is loaded, with facts about it, and serves frames from standard input until it closes."""
    for lane in lanes.values():
        lane.start()
    answers.send(Frame({"ready": True, **facts}))
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        lanes[frame.header["lane"]].requests.put(frame.header)
    _end()


def give_up(answers: Answers, error: Exception) -> NoReturn:
    """Says why the model cannot be loaded."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    answers.send(Frame({"problem": text[:_MOST_PROBLEM_CHARS].rstrip(".")}))
    _end()


def _options() -> ModelOptions:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--name", required=True)
    arguments.add_argument("--device", required=True)
    arguments.add_argument("--threads", type=int, required=True)
    arguments.add_argument("--max-tokens", type=int, required=True)
    arguments.add_argument("--passage-prompt")
    arguments.add_argument("--question-prompt")
    return ModelOptions(**vars(arguments.parse_args()))


def _load(options: ModelOptions, answers: Answers) -> tuple[TextModel, TextModel]:
    try:
        model = load_model(options)
        for_questions = model.twin()
        for _ in range(_WARM_UPS):  # the first calls choose kernels and allocate
            for_questions.embed_questions([_WARM_UP])
    except Exception as error:  # what fails is the libraries' own choice
        give_up(answers, error)
    return model, for_questions


def _end() -> NoReturn:
    # Without taking the model down: its threads may be at work, and nobody waits for what they do.
    os._exit(0)


if __name__ == "__main__":
    main()
