"""Has the library itself score pairs with a cross-encoder: what the product is measured against.

`python -m tests.pair_scores FOLDER` reads pairs as JSON from standard input and writes their scores. A process of its
own, since nothing else should import what it needs.
"""

import json
import sys

# PyTorch and the library are typed in part only.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
import torch
from sentence_transformers import CrossEncoder

if __name__ == "__main__":
    given = [tuple(pair) for pair in json.load(sys.stdin)]
    scores = CrossEncoder(sys.argv[1], device="cpu", max_length=256).predict(given, activation_fn=torch.nn.Identity())
    json.dump(scores.tolist(), sys.stdout)
