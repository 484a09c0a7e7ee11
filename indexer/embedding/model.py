"""A sentence-transformers model: texts in, vectors out. Only processes of models import what is behind it."""

# sentence-transformers and PyTorch are typed in part only; their values are given types here.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import copy
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from indexer.embedding.weights import model_location

Vectors = np.ndarray[tuple[int, int], np.dtype[np.float32]]
"""float32, (n_texts, dimension), rows of length 1."""
Features = dict[str, Any]
"""What a model is given: token ids and the like, by their names."""

_CPU_BATCH_TOKENS = 1024
_ACCELERATOR_BATCH_TOKENS = 65_536
"""How many tokens go through the model at once, padding included: on a CPU more only cool its caches."""
_TEXTS_AT_ONCE = 1024
"""How many texts are taken apart into tokens together."""
_CHARS_PER_TOKEN = 3
_LONGEST_UNKNOWN = 8192
_PASSAGE_PROMPTS = ("document", "passage", "corpus")
_SAMPLE = ("How is a question answered?", "By passages that are more than one line long. " * 12)


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """Which model, where it runs, and what is set in place of what its own configuration says."""

    name: str
    device: str = "cpu"
    threads: int = 0
    max_tokens: int = 0
    passage_prompt: str | None = None
    question_prompt: str | None = None
    is_packed: bool = True
    """Whether a CPU may have it in another form that gives the same vectors sooner."""


class TextModel:
    """A loaded model. One thread at a time; `twin` gives another thread its own, on the same weights."""

    def __init__(self, transformer: Any, options: ModelOptions) -> None:  # noqa: ANN401 - a SentenceTransformer
        prompts: dict[str, str] = transformer.prompts
        found = next((prompts[name] for name in _PASSAGE_PROMPTS if prompts.get(name)), "")
        self.passage_prompt = found if options.passage_prompt is None else options.passage_prompt
        self.question_prompt = prompts.get("query", "") if options.question_prompt is None else options.question_prompt
        self.dimension: int = transformer.get_embedding_dimension()
        self._transformer = transformer
        self._options = options
        self._longest = transformer.max_seq_length or _LONGEST_UNKNOWN
        self._batch_tokens = _CPU_BATCH_TOKENS if options.device == "cpu" else _ACCELERATOR_BATCH_TOKENS

    def twin(self) -> "TextModel":
        """Gives a model with a tokenizer and state of its own, and the weights of this one."""
        weights = [*self._transformer.parameters(), *self._transformer.buffers()]
        return TextModel(copy.deepcopy(self._transformer, {id(weight): weight for weight in weights}), self._options)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Gives the vectors of passages."""
        return self._embed(texts, self.passage_prompt)

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Gives the vectors of questions."""
        return self._embed(texts, self.question_prompt)

    def encode(self, texts: Sequence[str], batch_size: int) -> Vectors:
        """Gives the vectors of passages as the library makes them: what this class is measured against."""
        given = {"prompt": self.passage_prompt or None, "batch_size": batch_size, "show_progress_bar": False}
        return self._transformer.encode(list(texts), normalize_embeddings=True, **given)

    def _embed(self, texts: Sequence[str], prompt: str) -> Vectors:
        """Embeds texts.

        Raises:
            ValueError: The model gave something that is no number.
        """
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            some = vectors[start : start + _TEXTS_AT_ONCE]
            for places, features in self._batches(list(texts[start : start + _TEXTS_AT_ONCE]), prompt):
                some[places] = self._run(features)
        if not np.isfinite(vectors).all():
            raise ValueError("The model gave a vector with something in it that is no number.")
        return vectors

    def _batches(self, texts: list[str], prompt: str) -> Iterator[tuple[list[int], Features]]:
        """Gives texts with equally many tokens together, since a batch is padded to its longest."""
        features = self._preprocess(texts, prompt)
        counts = _token_counts(features)
        lengths = counts or [min(self._longest, len(text) // _CHARS_PER_TOKEN + 2) for text in texts]
        order = sorted(range(len(texts)), key=lambda place: -lengths[place])
        while order:
            longest = lengths[order[0]]
            size = max(1, self._batch_tokens // longest)
            places, order = order[:size], order[size:]
            if counts:
                yield places, {name: _cut(value, places, longest) for name, value in features.items()}
            else:
                yield places, self._preprocess([texts[place] for place in places], prompt)

    def _preprocess(self, texts: list[str], prompt: str) -> Features:
        return self._transformer.preprocess(texts, prompt=prompt or None)

    def _run(self, features: Features) -> Vectors:
        import torch  # noqa: PLC0415 - takes seconds

        # As `encode` does it, without what that looks at before: for one question that is a seventh of the time.
        with torch.inference_mode():
            device = self._transformer.device
            on_device = {
                name: value.to(device) if isinstance(value, torch.Tensor) else value for name, value in features.items()
            }
            vectors = self._transformer(on_device)["sentence_embedding"].float()
            return torch.nn.functional.normalize(vectors, dim=1).cpu().numpy()


def _token_counts(features: Features) -> list[int]:
    """Gives how many tokens each text has; none unless every feature is a row for each text, padded at its end."""
    mask = features.get("attention_mask")
    shapes = {getattr(value, "shape", None) for value in features.values()} - {None}
    if mask is None or shapes != {mask.shape} or not mask[:, 0].all():
        return []
    return mask.sum(1).tolist()


def _cut(value: Any, places: list[int], tokens: int) -> Any:  # noqa: ANN401 - a tensor, or what holds for all texts
    return value[places, :tokens] if hasattr(value, "shape") else value


def load_model(options: ModelOptions) -> TextModel:
    """Loads a model, the bundled one without any look at a network, in half precision on an accelerator.

    Raises:
        Exception: Whatever the libraries raise about a model, a device or a file that is not there.
    """
    location = model_location(options.name)
    if location != options.name:
        os.environ["HF_HUB_OFFLINE"] = "1"
    prepare_libraries(options.threads)
    if options.device != "cpu" or not options.is_packed:
        return TextModel(_load_transformer(location, options), options)
    from indexer.embedding.packed import load_packed  # noqa: PLC0415 - takes seconds

    return TextModel(load_packed(lambda: _load_transformer(location, options), _read_sample), options)


def _load_transformer(location: str, options: ModelOptions) -> Any:  # noqa: ANN401 - a SentenceTransformer
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - takes seconds

    try:  # what is on this machine is not asked for again
        transformer = SentenceTransformer(location, device=options.device, local_files_only=True)
    except OSError:
        transformer = SentenceTransformer(location, device=options.device)
    if options.max_tokens:
        transformer.max_seq_length = options.max_tokens
    if options.device != "cpu":
        transformer.half()
    return transformer.eval()


def _read_sample(transformer: Any) -> Vectors:  # noqa: ANN401 - a SentenceTransformer
    return transformer.encode(list(_SAMPLE), normalize_embeddings=True, show_progress_bar=False)


def prepare_libraries(threads: int) -> None:
    """Sets how many threads models use, 0 for the library's own choice, and has the libraries print no progress."""
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    # Threads that spin while they wait for the next text take the cores from the server that waits for the last one:
    # without it the 99th percentile of an answer falls by a third, and passages come at most 2 % slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch  # noqa: PLC0415 - takes seconds, and only after the weights were checked
    from transformers.utils import logging  # noqa: PLC0415 - takes seconds

    logging.disable_progress_bar()
    if threads:
        torch.set_num_threads(threads)
