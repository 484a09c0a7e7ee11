"""Models with their weights in the order in which oneDNN reads them: on a CPU the same numbers in half the time.

PyTorch has MKL multiply, which takes the slow way on many processors and puts weights in order anew for each product;
oneDNN takes weights that were put in order once. A BERT, which is what most small models are, is also freed of what its
library does around each product. Of any other model the linear layers are exchanged.
"""

# PyTorch and transformers are typed in part only; their values are given types here.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel
from transformers.modeling_outputs import BaseModelOutputWithPooling

from indexer.embedding.frames import Numbers

Model = TypeVar("Model", bound=nn.Module)

_TOLERANCE = 1e-4
"""Orders of addition differ by a hundredth of it, anything else by far more."""
_ROWS = 2048
"""For how many rows at once weights are put in order; fewer and more are multiplied as fast with it."""


def load_packed(load: Callable[[], Model], read: Callable[[Model], Numbers]) -> Model:
    """Gives a model packed, or as it is loaded if it would not read the same out of a sample then.

    Args:
        load: Loads the model, in evaluation mode and on a CPU.
        read: Has it read the sample.
    """
    packed = _packed(load(), read)
    return load() if packed is None else packed


def _packed(model: Model, read: Callable[[Model], Numbers]) -> Model | None:
    expected = read(model)
    try:
        pack(model)
        is_same = np.allclose(read(model), expected, rtol=_TOLERANCE, atol=_TOLERANCE)
    except Exception:  # what other models are made of, only the attempt tells
        is_same = False
    return model if is_same else None


def pack(model: nn.Module) -> None:
    """Exchanges the parts of a model that are faster another way."""
    for name, part in list(model.named_children()):
        if type(part) is BertModel and _is_known(part):
            setattr(model, name, PackedBert(part))
        elif type(part) is nn.Linear and part.weight.dtype is torch.float32:
            setattr(model, name, PackedLinear(part))
        else:
            pack(part)


class PackedLinear(nn.Module):
    """A linear layer, or several on the same input with their outputs side by side; then GELU, if that is asked for."""

    def __init__(self, *layers: nn.Linear, gelu: bool = False) -> None:
        super().__init__()
        weight = torch.cat([layer.weight.detach() for layer in layers])
        packed = torch.ops.mkldnn._reorder_linear_weight(weight, _ROWS)  # noqa: SLF001 - it has no public name
        biases = [cast("Tensor | None", layer.bias) for layer in layers]
        known = [bias.detach() for bias in biases if bias is not None]
        self.weight = nn.Parameter(packed, requires_grad=False)
        self.bias = nn.Parameter(torch.cat(known), requires_grad=False) if known else None
        self._then = "gelu" if gelu else "none"

    def forward(self, rows: Tensor) -> Tensor:
        """Gives the product."""
        multiply = torch.ops.mkldnn._linear_pointwise  # noqa: SLF001 - it has no public name
        return multiply(rows, self.weight, self.bias, self._then, [], "none")


class PackedBert(nn.Module):
    """Stands in for a `BertModel`."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.config = bert.config
        self.embeddings = bert.embeddings
        self.layers = nn.ModuleList(_Layer(layer, bert.config.num_attention_heads) for layer in bert.encoder.layer)
        self.pooler = bert.pooler

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        token_type_ids: Tensor | None = None,
        **_: object,
    ) -> BaseModelOutputWithPooling:
        """Gives what a `BertModel` gives that is asked for nothing else."""
        hidden: Tensor = self.embeddings(input_ids, token_type_ids)
        mask = None if attention_mask.all() else attention_mask[:, None, None, :].bool()
        for layer in self.layers:
            hidden = layer(hidden, mask)
        pooled = None if self.pooler is None else self.pooler(hidden)
        return BaseModelOutputWithPooling(last_hidden_state=hidden, pooler_output=pooled)


class _Layer(nn.Module):
    """Attention, then two linear layers; what went in is added to what comes out of each."""

    def __init__(self, layer: Any, heads: int) -> None:  # noqa: ANN401 - a BertLayer
        super().__init__()
        attention, attended = layer.attention.self, layer.attention.output
        self._heads = heads
        self.states = PackedLinear(attention.query, attention.key, attention.value)
        self.attended = PackedLinear(attended.dense)
        self.attended_norm = attended.LayerNorm
        self.wide = PackedLinear(layer.intermediate.dense, gelu=True)
        self.narrow = PackedLinear(layer.output.dense)
        self.narrow_norm = layer.output.LayerNorm

    def forward(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        texts, tokens, width = hidden.shape
        states: Tensor = self.states(hidden).view(texts, tokens, 3, self._heads, width // self._heads)
        query, key, value = states.permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(query, key, value, mask)
        hidden = self.attended_norm(self.attended(attended.transpose(1, 2).flatten(2)) + hidden)
        return self.narrow_norm(self.narrow(self.wide(hidden)) + hidden)


def _is_known(bert: BertModel) -> bool:
    config = bert.config
    is_plain = config.hidden_act == "gelu" and not config.is_decoder and not config.output_hidden_states
    return is_plain and all(weight.dtype is torch.float32 for weight in bert.parameters())
