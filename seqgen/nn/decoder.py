"""The decoder-only Transformer: a language model in which each symbol looks at those before it (Radford et al. 2018).

The block is that of Vaswani et al. 2017 with what has been found since: positions are rotations of queries and keys (Su et
al. 2021), each sublayer's input is divided by its root mean square (Zhang & Sennrich 2019), the feed-forward layer squares
its ReLU (So et al. 2021), there are no biases but that of the output, which shares the table of embeddings (Press & Wolf
2017). Matrices that write to the stream begin at zero, so that each block begins by changing nothing.

Shape legend: T length, B streams, V vocabulary, D width, h heads, d = D / h width of a head.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqgen.decode.windows import windows
from seqgen.nn.attention import causal_bias, scaled_dot_product_attention
from seqgen.nn.dropout import Dropout
from seqgen.weights import DecoderShape, rotations

EPSILON = 1e-6
# The deviation of fresh embeddings, as a share of 1 / sqrt(D).
EMBEDDINGS = 0.4


def normed(x: Tensor) -> Tensor:
    """x [..., D] divided by the root of its mean square."""
    return F.rms_norm(x, x.shape[-1:], eps=EPSILON)


class CausalAttention(nn.Module):
    """Attention of each position to itself and those before it (Vaswani et al. 2017, §3.2.2), with rotary positions."""

    def __init__(self, shape: DecoderShape) -> None:
        super().__init__()
        self.heads = shape.heads
        # Queries, keys and values are one product.
        self.inputs = nn.Linear(shape.hidden, 3 * shape.hidden, bias=False)
        self.outputs = nn.Linear(shape.hidden, shape.hidden, bias=False)

    def forward(self, x: Tensor, turns: Tensor | None, bias: Tensor) -> Tensor:
        """x [B, T, D] to [B, T, D]; `turns` [T, d / 2] are unit complex numbers, none for a model without positions."""
        split = self.inputs(x).view(*x.shape[:2], 3, self.heads, -1)  # [B, T, 3 D] -> [B, T, 3, h, d]
        query, key, value = split.permute(2, 0, 3, 1, 4)  # [B, h, T, d] each
        if turns is not None:
            query, key = rotated(query, turns), rotated(key, turns)
        gathered, _ = scaled_dot_product_attention(query, key, value, bias)  # [B, h, T, d]
        joined: Tensor = self.outputs(gathered.transpose(1, 2).flatten(2))  # [B, h, T, d] -> [B, T, D]
        return joined


def rotated(x: Tensor, turns: Tensor) -> Tensor:
    """Neighbouring numbers of x [B, h, T, d] as complex numbers, turned by `turns` [T, d / 2] (Su et al. 2021, eq. 34).

    The product of a query and a key that are turned so depends on how far apart they are, not on where.
    """
    pairs = torch.view_as_complex(x.float().contiguous().view(*x.shape[:-1], -1, 2))  # [B, h, T, d / 2]
    return torch.view_as_real(pairs * turns).flatten(-2).to(x.dtype)  # [B, h, T, d / 2, 2] -> [B, h, T, d]


class FeedForward(nn.Module):
    """Two layers with a squared ReLU between them, the same at each position."""

    def __init__(self, shape: DecoderShape) -> None:
        super().__init__()
        self.inner = nn.Linear(shape.hidden, shape.ffn, bias=False)
        self.outer = nn.Linear(shape.ffn, shape.hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """x [..., D] to [..., D]."""
        result: Tensor = self.outer(F.relu(self.inner(x)).square())
        return result


class Block(nn.Module):
    """Attention, then a feed-forward layer, each added to the stream."""

    def __init__(self, shape: DecoderShape, dropout: float) -> None:
        super().__init__()
        self.attention = CausalAttention(shape)
        self.feed_forward = FeedForward(shape)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, turns: Tensor | None, bias: Tensor) -> Tensor:
        """x [B, T, D] to [B, T, D]."""
        x = x + self.dropout(self.attention(normed(x), turns, bias))
        result: Tensor = x + self.dropout(self.feed_forward(normed(x)))
        return result


class DecoderModel(nn.Module):
    """Ids in, hidden states out; the loss is computed elsewhere from them, `embedding.weight` and `output_bias`.

    `precision` "bf16" multiplies matrices in bfloat16; weights stay float32 either way.
    """

    def __init__(self, shape: DecoderShape, dropout: float = 0.0, precision: str = "fp32") -> None:
        super().__init__()
        self.shape = shape
        self.precision = precision
        self.embedding = nn.Embedding(shape.vocab_size, shape.hidden)
        self.dropout = Dropout(dropout)
        self.layers = nn.ModuleList(Block(shape, dropout) for _ in range(shape.layers))
        self.output_bias = nn.Parameter(torch.zeros(shape.vocab_size))
        self._turns = torch.zeros(0)
        self._initialise()

    def forward(self, ids: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Ids [T, B] to hidden states [T, B, D].

        In training a stretch is a window of its own, and the state is nothing. In use it is the ids [c, B] of the open window
        (decode/windows.py), or nothing at the beginning.
        """
        if self.training:
            return self._read(ids), ()
        held = state[0] if state else ids[:0]
        whole, start, parts = torch.cat([held, ids]), 0, []
        for start, new, end in windows(len(held), len(ids), self.shape.context):
            parts.append(self._read(whole[start:end])[new - start :])
        return torch.cat(parts), (whole[start:],)

    def zero_state(self, batch: int) -> tuple[Tensor, ...]:
        """Nothing has been read."""
        return ()

    def output_layer(self) -> tuple[Tensor, Tensor]:
        """Weight [V, D] and bias [V] that turn hidden states into logits."""
        return self.embedding.weight, self.output_bias

    def matrices(self) -> dict[str, int]:
        """The matrices between embeddings and output by name, each with how many it holds one below the other."""
        inside = (name for name, parameter in self.layers.named_parameters(prefix="layers") if parameter.dim() == 2)
        return {name: 3 if name.endswith("attention.inputs.weight") else 1 for name in inside}

    def _read(self, ids: Tensor) -> Tensor:
        """One window [T, B] to hidden states [T, B, D]."""
        with torch.autocast(ids.device.type, torch.bfloat16, enabled=self.precision == "bf16"):
            x = self.dropout(self.embedding(ids.t()) * math.sqrt(self.shape.hidden))  # [B, T, D]
            turns = self._rotations(len(ids), x.device) if self.shape.positions else None
            bias = causal_bias(len(ids), x)
            for layer in self.layers:
                x = layer(x, turns, bias)
            return normed(x.float()).transpose(0, 1)  # [B, T, D] -> [T, B, D]

    def _rotations(self, length: int, device: torch.device) -> Tensor:
        if len(self._turns) < length or self._turns.device != device:
            table = rotations(max(length, self.shape.context), self.shape.hidden // self.shape.heads)
            self._turns = torch.from_numpy(table).to(device)
        return self._turns[:length]

    def _initialise(self) -> None:
        """Matrices that write to the stream at zero, the others uniform with variance 1 / D; embeddings with less.

        The same table reads and writes, so that at first each symbol is expected to come again: the larger its rows, the surer,
        and for what is rare it stays so.
        """
        width = self.shape.hidden
        nn.init.normal_(self.embedding.weight, std=EMBEDDINGS * width**-0.5)
        for name, parameter in self.layers.named_parameters():
            if name.endswith(("outputs.weight", "outer.weight")):
                nn.init.zeros_(parameter)
            else:
                nn.init.uniform_(parameter, -math.sqrt(3 / width), math.sqrt(3 / width))
