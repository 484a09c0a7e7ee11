"""The reranking process. Started by `RerankerProcess`, never by hand."""

import argparse
from collections.abc import Sequence

from indexer.embedding.child import Answers, Lane, give_up, open_answers, serve
from indexer.embedding.model import ModelOptions
from indexer.embedding.pair_model import PairModel, load_pair_model

_WARM_UP: Sequence[str] = ("How is a question answered?", "By reading it together with a passage.")
_WARM_UPS = 3


def main() -> None:
    """Reads questions with passages until standard input closes."""
    options = _options()
    answers = open_answers()
    model = _load(options, answers)
    serve({"pairs": Lane(model.score, answers, niceness=0)}, answers, {"max_tokens": model.max_tokens})


def _options() -> ModelOptions:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--name", required=True)
    arguments.add_argument("--device", required=True)
    arguments.add_argument("--threads", type=int, required=True)
    arguments.add_argument("--max-tokens", type=int, required=True)
    return ModelOptions(**vars(arguments.parse_args()))


def _load(options: ModelOptions, answers: Answers) -> PairModel:
    try:
        model = load_pair_model(options)
        for _ in range(_WARM_UPS):  # the first calls choose kernels and allocate; they also tell a model of classes
            model.score(_WARM_UP)
    except Exception as error:  # what fails is the libraries' own choice
        give_up(answers, error)
    return model


if __name__ == "__main__":
    main()
