"""Attention (Vaswani et al. 2017, "Attention is all you need", §3.2): each position gathers what it needs from all others.

    Attention(Q, K, V) = softmax(Q K^T / sqrt(d)) V

Written out rather than called from torch's fused kernel, whose backward pass is slow in bfloat16 on a CPU:
benchmarks/translation_tricks.py times both.

Shape legend: B sentences, T queries, S keys, D width, h heads, d = D / h width of a head.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

VECTOR = 16


def scaled_dot_product_attention(query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None) -> tuple[Tensor, Tensor]:
    """Values [B, h, T, d] gathered by queries [B, h, T, d] from keys and values [B, h, S, d], and the weights [B, h, T, S].

    `bias` is added to the scores: 0 where a query may look, -inf where it may not; it broadcasts to [B, h, T, S].
    """
    # Dot products of d numbers have a standard deviation of sqrt(d): unscaled, softmax would saturate.
    scores = query @ (key * (1 / math.sqrt(key.shape[-1]))).transpose(-2, -1)  # [B, h, T, S]
    if bias is not None:
        scores = scores + bias
    weights = _softmax(scores)
    return weights @ value, weights


def _softmax(scores: Tensor) -> Tensor:
    """Softmax over the last dimension.

    torch's CPU kernel is ten times slower on rows shorter than a vector of 16 numbers, as most sentences are: they are padded
    with entries of probability 0.
    """
    missing = VECTOR - scores.shape[-1]
    if missing <= 0 or scores.device.type != "cpu":
        return torch.softmax(scores, dim=-1)
    return torch.softmax(F.pad(scores, (0, missing), value=-math.inf), dim=-1)[..., :-missing]


def causal_bias(length: int, like: Tensor) -> Tensor:
    """The mask of a decoder [T, T]: position t sees 0 .. t."""
    return torch.full((length, length), -math.inf, dtype=like.dtype, device=like.device).triu(1)


def padding_bias(kept: Tensor, like: Tensor) -> Tensor:
    """The mask of padded sentences [B, 1, 1, S] for `kept` [B, S], true where there is a token."""
    bias = torch.zeros(kept.shape, dtype=like.dtype, device=like.device).masked_fill(~kept, -math.inf)
    return bias[:, None, None, :]


class MultiHeadAttention(nn.Module):
    """h attentions side by side, each in a space of its own (§3.2.2); the weights have torch.nn.MultiheadAttention's layout."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        # Queries, keys and values in one matrix: in self-attention they are one product.
        self.inputs = nn.Linear(width, 3 * width)
        self.outputs = nn.Linear(width, width)

    def forward(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """Self-attention over x [B, T, D]."""
        query, key, value = self.inputs(x).chunk(3, dim=-1)  # [B, T, D] each
        return self.attend(self.split(query), self.split(key), self.split(value), bias)

    def queries(self, x: Tensor) -> Tensor:
        """x [B, T, D] as queries [B, h, T, d], for attention to something else."""
        width = x.shape[-1]
        return self.split(F.linear(x, self.inputs.weight[:width], self.inputs.bias[:width]))

    def keys_and_values(self, memory: Tensor) -> tuple[Tensor, Tensor]:
        """What is attended to, memory [B, S, D], as keys and values [B, h, S, d]."""
        width = memory.shape[-1]
        key, value = F.linear(memory, self.inputs.weight[width:], self.inputs.bias[width:]).chunk(2, dim=-1)
        return self.split(key), self.split(value)

    def attend(self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None) -> Tensor:
        """Attention of all heads, joined and projected [B, T, D]."""
        gathered, _ = scaled_dot_product_attention(query, key, value, bias)  # [B, h, T, d]
        joined: Tensor = self.outputs(gathered.transpose(1, 2).flatten(2))  # [B, h, T, d] -> [B, T, D]
        return joined

    def split(self, x: Tensor) -> Tensor:
        """[B, T, D] -> [B, h, T, d]."""
        return x.view(*x.shape[:-1], self.heads, -1).transpose(1, 2)
