"""A sentence-transformers cross-encoder: a question with passages in, scores out."""

# sentence-transformers is typed in part only; its values are given types here.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Sequence
from typing import Any

import numpy as np

from indexer.embedding.frames import Numbers
from indexer.embedding.model import ModelOptions, prepare_libraries

Scores = np.ndarray[tuple[int], np.dtype[np.float32]]
"""float32, (n_passages,), the higher the better; what the scale is, is the model's own choice."""

_CPU_BATCH_PAIRS = 8
_ACCELERATOR_BATCH_PAIRS = 128
_SAMPLE = [("How is a question answered?", text) for text in ("By passages.", "By passages that are longer. " * 12)]


class PairModel:
    """A loaded cross-encoder. One thread at a time."""

    def __init__(self, encoder: Any, options: ModelOptions) -> None:  # noqa: ANN401 - a CrossEncoder
        self.max_tokens: int = encoder.max_seq_length
        self._encoder = encoder
        self._batch_pairs = _CPU_BATCH_PAIRS if options.device == "cpu" else _ACCELERATOR_BATCH_PAIRS

    def score(self, texts: Sequence[str]) -> Scores:
        """Gives how well each passage answers the question, which is the first of the texts.

        Scores are as the model's last layer gives them: a sigmoid would make equal what is surely right.

        Raises:
            ValueError: The model gave something that is no number, or not one for each passage.
        """
        from torch.nn import Identity  # noqa: PLC0415 - takes seconds

        question, *passages = texts
        pairs = [(question, passage) for passage in passages]
        given = {"batch_size": self._batch_pairs, "activation_fn": Identity(), "show_progress_bar": False}
        scores: Scores = self._encoder.predict(pairs, **given)
        if scores.shape != (len(passages),):
            raise ValueError("The model gives classes, and no score for how well a passage answers a question.")
        if not np.isfinite(scores).all():
            raise ValueError("The model gave a score that is no number.")
        return scores


def load_pair_model(options: ModelOptions) -> PairModel:
    """Loads a cross-encoder, in half precision on an accelerator.

    Raises:
        ValueError: The model was made for something else.
        Exception: Whatever the libraries raise about a model, a device or a file that is not there.
    """
    prepare_libraries(options.threads)
    if options.device != "cpu":
        return PairModel(_load_encoder(options), options)
    from indexer.embedding.packed import load_packed  # noqa: PLC0415 - takes seconds

    return PairModel(load_packed(lambda: _load_encoder(options), _read_sample), options)


def _load_encoder(options: ModelOptions) -> Any:  # noqa: ANN401 - a CrossEncoder
    from sentence_transformers import CrossEncoder  # noqa: PLC0415 - takes seconds

    given: dict[str, Any] = {"device": options.device, "max_length": options.max_tokens or None}
    try:  # what is on this machine is not asked for again
        encoder = CrossEncoder(options.name, local_files_only=True, **given)
    except OSError:
        encoder = CrossEncoder(options.name, **given)
    _check(encoder)
    if options.device != "cpu":
        encoder.half()
    return encoder.eval()


def _check(encoder: Any) -> None:  # noqa: ANN401 - a CrossEncoder
    """Refuses a model to which the library had to add the layer that gives scores: chance would give them."""
    loaded, saved = type(encoder.transformers_model).__name__, encoder.config.architectures or []
    if loaded.endswith("ForSequenceClassification") and loaded not in saved:
        raise ValueError(f"It is a {' or '.join(saved)}, and no cross-encoder")


def _read_sample(encoder: Any) -> Numbers:  # noqa: ANN401 - a CrossEncoder
    from torch.nn import Identity  # noqa: PLC0415 - takes seconds

    return encoder.predict(_SAMPLE, activation_fn=Identity(), show_progress_bar=False)
