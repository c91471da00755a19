"""The encoder-decoder Transformer (Vaswani et al. 2017), to be read beside figure 1 of the paper.

Differences from the paper: layers are normalised before each sublayer rather than after it, unless asked for (Xiong et
al. 2020: trains without a long warm-up), with one more normalisation at the end of each stack. Source and target share
one table of embeddings with the output layer (Press & Wolf 2017), whose entries have a variance of 1 / D, so that
embeddings are scaled by sqrt(D) (§3.4).

Shape legend: B sentences, S source length, T target length, D width, V vocabulary, N rows of a search.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqgen.nn.attention import MultiHeadAttention, causal_bias, padding_bias
from seqgen.nn.dropout import Dropout
from seqgen.weights import TransformerShape, sinusoids

Pair = tuple[Tensor, Tensor]


class FeedForward(nn.Module):
    """Two layers with a ReLU between them, the same at each position (§3.3)."""

    def __init__(self, shape: TransformerShape) -> None:
        super().__init__()
        self.inner = nn.Linear(shape.hidden, shape.ffn)
        self.outer = nn.Linear(shape.ffn, shape.hidden)

    def forward(self, x: Tensor) -> Tensor:
        """x [..., D] to [..., D]."""
        result: Tensor = self.outer(F.relu(self.inner(x)))
        return result


class EncoderLayer(nn.Module):
    """Self-attention, then a feed-forward layer, each added to what comes in (§3.1)."""

    def __init__(self, shape: TransformerShape, dropout: float) -> None:
        super().__init__()
        self.pre_norm = shape.pre_norm
        self.self_attention = MultiHeadAttention(shape.hidden, shape.heads)
        self.self_attention_norm = nn.LayerNorm(shape.hidden)
        self.feed_forward = FeedForward(shape)
        self.feed_forward_norm = nn.LayerNorm(shape.hidden)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """x [B, S, D] to [B, S, D]."""
        if self.pre_norm:
            x = x + self.dropout(self.self_attention(self.self_attention_norm(x), bias))
            x = x + self.dropout(self.feed_forward(self.feed_forward_norm(x)))
        else:
            x = self.self_attention_norm(x + self.dropout(self.self_attention(x, bias)))
            x = self.feed_forward_norm(x + self.dropout(self.feed_forward(x)))
        return x


class DecoderLayer(nn.Module):
    """Attention to what has been written, attention to the source, a feed-forward layer."""

    def __init__(self, shape: TransformerShape, dropout: float) -> None:
        super().__init__()
        self.pre_norm = shape.pre_norm
        self.self_attention = MultiHeadAttention(shape.hidden, shape.heads)
        self.self_attention_norm = nn.LayerNorm(shape.hidden)
        self.cross_attention = MultiHeadAttention(shape.hidden, shape.heads)
        self.cross_attention_norm = nn.LayerNorm(shape.hidden)
        self.feed_forward = FeedForward(shape)
        self.feed_forward_norm = nn.LayerNorm(shape.hidden)
        self.dropout = Dropout(dropout)

    def forward(
        self, x: Tensor, bias: Tensor | None, memory: Pair, memory_bias: Tensor, past: Pair | None = None
    ) -> tuple[Tensor, Pair]:
        """x [B, T, D] to [B, T, D], and keys and values of all positions so far, those of `past` [B, h, t, d] first."""
        query, key, value = self.self_attention.inputs(self._before(self.self_attention_norm, x)).chunk(3, dim=-1)
        written = self.self_attention.split(key), self.self_attention.split(value)
        if past is not None:
            written = torch.cat([past[0], written[0]], dim=2), torch.cat([past[1], written[1]], dim=2)
        looked = self.self_attention.attend(self.self_attention.split(query), *written, bias)
        x = self._after(self.self_attention_norm, x + self.dropout(looked))
        query = self.cross_attention.queries(self._before(self.cross_attention_norm, x))
        x = self._after(self.cross_attention_norm, x + self.dropout(self.cross_attention.attend(query, *memory, memory_bias)))
        fed = self.feed_forward(self._before(self.feed_forward_norm, x))
        return self._after(self.feed_forward_norm, x + self.dropout(fed)), written

    def _before(self, norm: nn.LayerNorm, x: Tensor) -> Tensor:
        normed: Tensor = norm(x) if self.pre_norm else x
        return normed

    def _after(self, norm: nn.LayerNorm, x: Tensor) -> Tensor:
        normed: Tensor = x if self.pre_norm else norm(x)
        return normed


@dataclass
class Cache:
    """What a search keeps of N rows: the source as each layer's keys and values [N, h, S, d] with its mask [N, 1, 1, S], and
    keys and values [N, h, t, d] of the t tokens written so far."""

    memory: list[Pair]
    memory_bias: Tensor
    written: list[Pair]
    length: int = 0


class TransformerModel(nn.Module):
    """Ids in, hidden states out; the loss is computed elsewhere from them, `embedding.weight` and `output_bias`.

    `precision` "bf16" multiplies matrices in bfloat16; weights stay float32 either way.
    """

    def __init__(self, shape: TransformerShape, dropout: float = 0.0, precision: str = "fp32") -> None:
        super().__init__()
        self.shape = shape
        self.precision = precision
        self.embedding = nn.Embedding(shape.vocab_size, shape.hidden)
        self.dropout = Dropout(dropout)
        self.encoder = nn.ModuleList(EncoderLayer(shape, dropout) for _ in range(shape.layers))
        self.decoder = nn.ModuleList(DecoderLayer(shape, dropout) for _ in range(shape.decoder_layers))
        self.encoder_norm = nn.LayerNorm(shape.hidden) if shape.pre_norm else None
        self.decoder_norm = nn.LayerNorm(shape.hidden) if shape.pre_norm else None
        self.output_bias = nn.Parameter(torch.zeros(shape.vocab_size))
        self._positions = torch.zeros(0, shape.hidden)
        self._initialise()

    def forward(self, source: Tensor, kept: Tensor, inputs: Tensor) -> Tensor:
        """Hidden states [B, T, D] after each of `inputs` [B, T], for sources [B, S] whose tokens are where `kept` is true."""
        with self._autocast(source):
            memory = self._encode(source, kept)
            x = self._embed(inputs, 0)
            bias = causal_bias(inputs.shape[1], memory)
            memory_bias = padding_bias(kept, memory)
            for layer, pair in zip(self.decoder, self._pairs(memory), strict=True):
                x, _ = layer(x, bias, pair, memory_bias)
            return self._finished(x)

    def output_layer(self) -> tuple[Tensor, Tensor]:
        """Weight [V, D] and bias [V] that turn hidden states into logits."""
        return self.embedding.weight, self.output_bias

    def start(self, source: Tensor, kept: Tensor) -> Cache:
        """Read sources [N, S]; nothing is written yet."""
        with self._autocast(source):
            memory = self._encode(source, kept)
            pairs = self._pairs(memory)
            empty = memory.new_zeros(source.shape[0], self.shape.heads, 0, self.shape.hidden // self.shape.heads)
            return Cache(pairs, padding_bias(kept, memory), [(empty, empty)] * len(pairs))

    def step(self, last: Tensor, cache: Cache) -> Tensor:
        """Write one more token `last` [N]; return the hidden states after it [N, D]. The cache is updated."""
        with self._autocast(last):
            x = self._embed(last[:, None], cache.length)  # [N, 1, D]
            for index, layer in enumerate(self.decoder):
                x, cache.written[index] = layer(x, None, cache.memory[index], cache.memory_bias, cache.written[index])
            cache.length += 1
            return self._finished(x)[:, 0]

    def _encode(self, source: Tensor, kept: Tensor) -> Tensor:
        """Sources [B, S] to what the decoder looks at [B, S, D]."""
        x = self._embed(source, 0)
        bias = padding_bias(kept, x)
        for layer in self.encoder:
            x = layer(x, bias)
        memory: Tensor = x if self.encoder_norm is None else self.encoder_norm(x)
        return memory

    def _pairs(self, memory: Tensor) -> list[Pair]:
        """The source as the keys and values of each decoder layer."""
        return [layer.cross_attention.keys_and_values(memory) for layer in self.decoder if isinstance(layer, DecoderLayer)]

    def _embed(self, ids: Tensor, first: int) -> Tensor:
        """Ids [B, T] at positions from `first` on to embeddings [B, T, D]."""
        x = self.embedding(ids) * math.sqrt(self.shape.hidden)
        if self.shape.positions:
            x = x + self._sinusoids(first + ids.shape[1], x)[first:]
        embedded: Tensor = self.dropout(x)
        return embedded

    def _finished(self, x: Tensor) -> Tensor:
        finished: Tensor = x if self.decoder_norm is None else self.decoder_norm(x)
        return finished.float()

    def _sinusoids(self, length: int, like: Tensor) -> Tensor:
        if len(self._positions) < length or self._positions.device != like.device:
            table = torch.from_numpy(sinusoids(max(64, 2 * length), self.shape.hidden))
            self._positions = table.to(like.device)
        return self._positions[:length]

    def _autocast(self, like: Tensor) -> torch.autocast:
        return torch.autocast(like.device.type, torch.bfloat16, enabled=self.precision == "bf16")

    def _initialise(self) -> None:
        """Matrices as in Glorot & Bengio 2010, each part of a fused one by itself; embeddings with variance 1 / D."""
        width = self.shape.hidden
        nn.init.normal_(self.embedding.weight, std=width**-0.5)
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            elif name.endswith("attention.inputs.weight"):
                for part in parameter.detach().chunk(3):
                    nn.init.xavier_uniform_(part)
            elif parameter.dim() == 2 and name != "embedding.weight":
                nn.init.xavier_uniform_(parameter)
