"""A sentence-transformers model: texts in, vectors out. Only the embedding process imports what is behind it."""

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

_CPU_BATCH_TOKENS = 2048
_ACCELERATOR_BATCH_TOKENS = 65_536
"""How many tokens go through the model at once, padding included: on a CPU more only cool its caches."""
_CHARS_PER_TOKEN = 3
_LONGEST_UNKNOWN = 8192
_PASSAGE_PROMPTS = ("document", "passage", "corpus")


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """Which model, where it runs, and what is set in place of what its own configuration says."""

    name: str
    device: str = "cpu"
    threads: int = 0
    max_tokens: int = 0
    passage_prompt: str | None = None
    question_prompt: str | None = None


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
        """Embeds texts of one length together, since a batch is padded to its longest.

        Raises:
            ValueError: The model gave something that is no number.
        """
        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for places in self._batches(texts, order):
            vectors[places] = self._run([texts[place] for place in places], prompt)
        if not np.isfinite(vectors).all():
            raise ValueError("The model gave a vector with something in it that is no number.")
        return vectors

    def _batches(self, texts: Sequence[str], order: Sequence[int]) -> Iterator[Sequence[int]]:
        start = 0
        while start < len(order):
            longest = min(self._longest, len(texts[order[start]]) // _CHARS_PER_TOKEN + 2)
            yield order[start : start + max(1, self._batch_tokens // longest)]
            start += max(1, self._batch_tokens // longest)

    def _run(self, texts: list[str], prompt: str) -> Vectors:
        import torch  # noqa: PLC0415

        # As `encode` does it, without what that looks at before: for one question that is a seventh of the time.
        with torch.inference_mode():
            features = self._transformer.preprocess(texts, prompt=prompt or None)
            device = self._transformer.device
            on_device = {
                name: value.to(device) if isinstance(value, torch.Tensor) else value for name, value in features.items()
            }
            vectors = self._transformer(on_device)["sentence_embedding"].float()
            return torch.nn.functional.normalize(vectors, dim=1).cpu().numpy()


def load_model(options: ModelOptions) -> TextModel:
    """Loads a model, the bundled one without any look at a network, in half precision on an accelerator.

    Raises:
        Exception: Whatever the libraries raise about a model, a device or a file that is not there.
    """
    location = model_location(options.name)
    if location != options.name:
        os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    # Threads that spin while they wait for the next text take the cores from the server that waits for the last one:
    # without it the 99th percentile of an answer falls by a third, and passages come at most 2 % slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch  # noqa: PLC0415 - takes seconds, and only after the weights were checked
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    logging.disable_progress_bar()
    if options.threads:
        torch.set_num_threads(options.threads)
    try:  # what is on this machine is not asked for again
        transformer = SentenceTransformer(location, device=options.device, local_files_only=True)
    except OSError:
        transformer = SentenceTransformer(location, device=options.device)
    if options.max_tokens:
        transformer.max_seq_length = options.max_tokens
    if options.device != "cpu":
        transformer.half()
    return TextModel(transformer.eval(), options)
