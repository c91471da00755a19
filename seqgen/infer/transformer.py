"""The encoder-decoder Transformer in NumPy (Vaswani et al. 2017), for looking inside: it keeps each head's attention.

One sentence at a time and all of its positions at once, without a cache and not for speed: CTranslate2 translates, this
shows. It computes what nn/transformer.py computes, from the same arrays, and needs no torch. The functions here follow
figure 1 of the paper from the bottom up.

Shape legend: S source length, T target length, D width, V vocabulary, L layers (Ld of the decoder), h heads, d = D / h
width of a head, Q queries, K keys.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids
from seqgen.tokenizers.base import BOS, EOS
from seqgen.weights import TransformerShape, check_weights, sinusoids, transformer_weights

Array = NDArray[np.float32]

# What torch.nn.LayerNorm adds to the variance.
EPSILON = np.float32(1e-5)


@dataclass(frozen=True)
class AttentionValues:
    """Everything that one attention computes, from what comes in to what is added to it (§3.2)."""

    stream: Array  # [Q, D], what comes into the sublayer and is added to its output
    inputs: Array  # [Q, D], what queries are made of: the stream, normalised in a pre-norm network
    query: Array  # [h, Q, d]
    key: Array  # [h, K, d]
    value: Array  # [h, K, d]
    scores: Array  # [h, Q, K], q . k / sqrt(d), before the mask
    weights: Array  # [h, Q, K], each row sums to one; exactly 0 where the mask is
    gathered: Array  # [h, Q, d], the weighted sums of the values
    joined: Array  # [Q, D], the heads side by side
    output: Array  # [Q, D], what is added to the stream


@dataclass(frozen=True)
class Reading:
    """What a Transformer computes for a pair; rows of attention are queries, and each row sums to one.

    The encoder reads the source and <eos>, the decoder <bos> and the target. Row t of the logits predicts token t of the
    target, the last row <eos>. What the decoder may not see, right of the diagonal, is exactly 0. The keys of `attentions`
    begin as those of the weights do: "decoder.0.cross_attention".
    """

    memory: Array  # [S + 1, D], the encoder's output for the source
    logits: Array  # [T + 1, V]
    log_probs: Array  # [T + 1, V], natural logarithms
    attentions: Mapping[str, AttentionValues]

    @property
    def encoder(self) -> Array:
        """Self-attention of the source [L, h, S + 1, S + 1]."""
        return self._maps("encoder", "self_attention")

    @property
    def decoder(self) -> Array:
        """Self-attention to what has been written [Ld, h, T + 1, T + 1]."""
        return self._maps("decoder", "self_attention")

    @property
    def cross(self) -> Array:
        """Attention to the source [Ld, h, T + 1, S + 1]."""
        return self._maps("decoder", "cross_attention")

    def _maps(self, side: str, attention: str) -> Array:
        """The weights of all layers, in which order they were computed."""
        found = self.attentions.items()
        return np.stack([one.weights for name, one in found if name.startswith(side) and name.endswith(attention)])


class TransformerReader:
    """Reads a pair with the weights of a Transformer. Raises CheckpointError where they do not fit its shape."""

    def __init__(self, shape: TransformerShape, weights: Mapping[str, NDArray[np.float32]], where: str = "weights") -> None:
        check_weights(transformer_weights(shape), {name: array.shape for name, array in weights.items()}, where)
        self.shape = shape
        self._weights = {name: np.asarray(array, dtype=np.float32) for name, array in weights.items()}

    def read(self, source: Ids, target: Ids) -> Reading:
        """Read a source (ids without <eos>) and a target (ids without <bos> and <eos>) as training does."""
        found: dict[str, AttentionValues] = {}
        memory = self._encode(source, found)
        x = self.embed(np.concatenate([[BOS], target]))  # [T + 1, D]
        unseen = causal_mask(len(x))
        for index in range(self.shape.decoder_layers):
            x = self._attend(f"decoder.{index}.self_attention", x, None, unseen, found)
            x = self._attend(f"decoder.{index}.cross_attention", x, memory, None, found)
            x = self.feed_forward(f"decoder.{index}", x)
        x = self._norm("decoder_norm", x) if self.shape.pre_norm else x
        # The output layer is the table of embeddings (Press & Wolf 2017).
        logits = x @ self._weights["embedding.weight"].T + self._weights["output_bias"]  # [T + 1, V]
        return Reading(memory, logits, log_softmax(logits), found)

    def _encode(self, source: Ids, found: dict[str, AttentionValues]) -> Array:
        """The encoder's output for a source [S + 1, D]."""
        x = self.embed(np.concatenate([source, [EOS]]))  # [S + 1, D]
        for index in range(self.shape.layers):
            x = self._attend(f"encoder.{index}.self_attention", x, None, None, found)
            x = self.feed_forward(f"encoder.{index}", x)
        return self._norm("encoder_norm", x) if self.shape.pre_norm else x

    def embed(self, ids: Ids) -> Array:
        """Ids [T] to embeddings [T, D], scaled by sqrt(D) (§3.4), with their positions (§3.5)."""
        x: Array = self._weights["embedding.weight"][ids.astype(np.intp)] * np.float32(math.sqrt(self.shape.hidden))
        return x + sinusoids(len(ids), self.shape.hidden) if self.shape.positions else x

    def _attend(
        self, name: str, x: Array, read: Array | None, unseen: NDArray[np.bool_] | None, found: dict[str, AttentionValues]
    ) -> Array:
        """x [Q, D] with what it gathers from `read` [K, D], from itself where that is None; what was computed is `found`."""
        inputs = self._before(f"{name}_norm", x)
        one = found[name] = self._attention(name, x, inputs, inputs if read is None else read, unseen)
        return self._after(f"{name}_norm", x + one.output)

    def _attention(self, name: str, stream: Array, x: Array, read: Array, unseen: NDArray[np.bool_] | None) -> AttentionValues:
        """What x [Q, D] gathers from `read` [K, D], and how (§3.2)."""
        width, heads = self.shape.hidden, self.shape.heads
        weight, bias = self._weights[f"{name}.inputs.weight"], self._weights[f"{name}.inputs.bias"]
        # One matrix [3 D, D] holds the weights of queries, keys and values, in this order.
        query = split_heads(x @ weight[:width].T + bias[:width], heads)  # [h, Q, d]
        key = split_heads(read @ weight[width : 2 * width].T + bias[width : 2 * width], heads)  # [h, K, d]
        value = split_heads(read @ weight[2 * width :].T + bias[2 * width :], heads)  # [h, K, d]
        scores = scaled_scores(query, key)  # [h, Q, K]
        weights = attention_weights(scores, unseen)  # [h, Q, K]
        gathered = weights @ value  # [h, Q, d]
        joined = gathered.transpose(1, 0, 2).reshape(len(x), width)  # [h, Q, d] -> [Q, h, d] -> [Q, D]
        output = self._linear(f"{name}.outputs", joined)
        return AttentionValues(stream, x, query, key, value, scores, weights, gathered, joined, output)

    def feed_forward(self, name: str, x: Array) -> Array:
        """Two layers with a ReLU between them, added to x [T, D]: each position by itself (§3.3)."""
        normed = self._before(f"{name}.feed_forward_norm", x)
        inner = np.maximum(self._linear(f"{name}.feed_forward.inner", normed), np.float32(0))  # [T, F]
        return self._after(f"{name}.feed_forward_norm", x + self._linear(f"{name}.feed_forward.outer", inner))

    def _before(self, name: str, x: Array) -> Array:
        """The normalisation before a sublayer, of a pre-norm network (Xiong et al. 2020)."""
        return self._norm(name, x) if self.shape.pre_norm else x

    def _after(self, name: str, x: Array) -> Array:
        """The normalisation after a sublayer, of a post-norm network (§3.1)."""
        return x if self.shape.pre_norm else self._norm(name, x)

    def _norm(self, name: str, x: Array) -> Array:
        """Each position of x [T, D] to mean 0 and variance 1, then scaled and shifted (Ba et al. 2016)."""
        centred = x - x.mean(axis=-1, keepdims=True)
        deviation = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + EPSILON)
        normed: Array = centred / deviation * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return normed

    def _linear(self, name: str, x: Array) -> Array:
        product: Array = x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return product


def split_heads(x: Array, heads: int) -> Array:
    """[T, D] -> [h, T, d]: each head has a slice of the width to itself."""
    return x.reshape(len(x), heads, -1).transpose(1, 0, 2)  # [T, D] -> [T, h, d] -> [h, T, d]


def scaled_scores(query: Array, key: Array) -> Array:
    """Q K^T / sqrt(d) (§3.2.1): [h, Q, d] and [h, K, d] -> [h, Q, K]."""
    scores: Array = query @ key.transpose(0, 2, 1) / np.float32(math.sqrt(key.shape[-1]))
    return scores


def attention_weights(scores: Array, unseen: NDArray[np.bool_] | None) -> Array:
    """The softmax of each row of scores [h, Q, K]; 0 where `unseen` [Q, K] is true."""
    if unseen is not None:
        scores = np.where(unseen, np.float32(-np.inf), scores)
    # The largest score is subtracted first, so that nothing overflows; e^-inf is exactly 0.
    shares: Array = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    return shares


def causal_mask(length: int) -> NDArray[np.bool_]:
    """What the decoder may not see [T, T]: position t looks at 0 .. t."""
    return np.triu(np.ones((length, length), dtype=np.bool_), k=1)


def log_softmax(logits: Array) -> Array:
    """Natural logarithms of the softmax over the last axis."""
    centred = logits - logits.max(axis=-1, keepdims=True)
    log_probs: Array = centred - np.log(np.exp(centred).sum(axis=-1, keepdims=True))
    return log_probs
