"""The contract between training, run folders and engines: which arrays a network has, by name and shape.

Names and gate orders are those of torch.nn, so that its modules can serve as the oracle: LSTM gates are in the order
input, forget, cell, output; GRU gates in the order reset, update, new. A one-hot input (`embedding=0`) has no embedding
table: `rnn.weight_ih_l0` is then [gates * H, V], and reading a symbol is picking one of its columns.

A Transformer's queries, keys and values of one attention are one matrix [3 D, D], in this order, as in torch.nn too; its one
table of embeddings is the source's, the target's and the output layer's. So it is in a Transformer that writes text, which has
no biases and no weights in its normalisations.

Shape legend: V vocabulary, E embedding, H hidden, D width of a Transformer, F width of its feed-forward layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import CheckpointError
from seqgen.tokenizers.base import UNK

Cell = Literal["rnn", "gru", "lstm"]
Nonlinearity = Literal["tanh", "relu", "sigmoid"]
GATES: dict[str, int] = {"rnn": 1, "gru": 3, "lstm": 4}


@dataclass(frozen=True)
class RNNShape:
    """All that determines the arrays of a recurrent language model and how they are used.

    `embedding` is the width of the input table, 0 for one-hot input. `nonlinearity` matters to the cell "rnn" only.
    """

    cell: Cell
    vocab_size: int
    layers: int
    hidden: int
    embedding: int
    nonlinearity: Nonlinearity = "tanh"

    @property
    def input_size(self) -> int:
        """Width of what the first layer reads: E, or V for one-hot input."""
        return self.embedding or self.vocab_size


@dataclass(frozen=True)
class TransformerShape:
    """All that determines the arrays of an encoder-decoder Transformer and how they are used.

    `pre_norm` normalises before each sublayer rather than after it; `positions` adds the sinusoids to the embeddings.
    """

    vocab_size: int
    layers: int
    decoder_layers: int
    heads: int
    hidden: int
    ffn: int
    pre_norm: bool = True
    positions: bool = True


@dataclass(frozen=True)
class DecoderShape:
    """All that determines the arrays of a decoder-only Transformer and how they are used.

    It sees up to `context` symbols; with `positions` queries and keys are rotated by where they stand.
    """

    vocab_size: int
    layers: int
    heads: int
    hidden: int
    ffn: int
    context: int
    positions: bool = True


def decoder_weights(shape: DecoderShape) -> dict[str, tuple[int, ...]]:
    """The arrays of a decoder-only Transformer, name -> shape, in the order in which they are stored."""
    width = shape.hidden
    names: dict[str, tuple[int, ...]] = {"embedding.weight": (shape.vocab_size, width)}
    for layer in range(shape.layers):
        names[f"layers.{layer}.attention.inputs.weight"] = (3 * width, width)
        names[f"layers.{layer}.attention.outputs.weight"] = (width, width)
        names[f"layers.{layer}.feed_forward.inner.weight"] = (shape.ffn, width)
        names[f"layers.{layer}.feed_forward.outer.weight"] = (width, shape.ffn)
    names["output_bias"] = (shape.vocab_size,)
    return names


def rotations(length: int, width: int) -> NDArray[np.complex64]:
    """Rotary positions (Su et al. 2021, §3.2.2): e^(i position / 10000^(2 j / width)) for each pair of numbers j
    [length, width / 2]."""
    angles = np.arange(length)[:, None] / 10_000 ** (np.arange(0, width, 2)[None, :] / width)
    turns: NDArray[np.complex64] = np.exp(1j * angles).astype(np.complex64)
    return turns


def transformer_weights(shape: TransformerShape) -> dict[str, tuple[int, ...]]:
    """The arrays of a Transformer, name -> shape, in the order in which they are stored."""
    width = shape.hidden
    names: dict[str, tuple[int, ...]] = {"embedding.weight": (shape.vocab_size, width)}
    for side, layers, attentions in (
        ("encoder", shape.layers, ("self_attention",)),
        ("decoder", shape.decoder_layers, ("self_attention", "cross_attention")),
    ):
        for layer in range(layers):
            here = f"{side}.{layer}"
            for attention in attentions:
                names[f"{here}.{attention}.inputs.weight"] = (3 * width, width)
                names[f"{here}.{attention}.inputs.bias"] = (3 * width,)
                names[f"{here}.{attention}.outputs.weight"] = (width, width)
                names[f"{here}.{attention}.outputs.bias"] = (width,)
                names |= _norm(f"{here}.{attention}_norm", width)
            names[f"{here}.feed_forward.inner.weight"] = (shape.ffn, width)
            names[f"{here}.feed_forward.inner.bias"] = (shape.ffn,)
            names[f"{here}.feed_forward.outer.weight"] = (width, shape.ffn)
            names[f"{here}.feed_forward.outer.bias"] = (width,)
            names |= _norm(f"{here}.feed_forward_norm", width)
        if shape.pre_norm:
            names |= _norm(f"{side}_norm", width)
    names["output_bias"] = (shape.vocab_size,)
    return names


def sinusoids(length: int, width: int) -> NDArray[np.float32]:
    """Positional encodings [length, width] (Vaswani et al. 2017, §3.5).

    PE(position, 2 i) = sin(position / 10000^(2 i / width)), and the cosine of the same at 2 i + 1: each pair of columns is
    the hand of a clock, the first the fastest, so that a shift in position is a rotation whatever the position.
    """
    angles = np.arange(length)[:, None] / 10_000 ** (np.arange(0, width, 2)[None, :] / width)  # [length, width / 2]
    table = np.empty((length, width), dtype=np.float32)
    table[:, 0::2] = np.sin(angles)
    table[:, 1::2] = np.cos(angles[:, : width // 2])
    return table


def _norm(name: str, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def rnn_weights(shape: RNNShape) -> dict[str, tuple[int, ...]]:
    """The arrays of a recurrent language model, name -> shape, in the order in which they are stored."""
    rows = GATES[shape.cell] * shape.hidden
    names: dict[str, tuple[int, ...]] = {}
    if shape.embedding:
        names["embedding.weight"] = (shape.vocab_size, shape.embedding)
    for layer in range(shape.layers):
        width = shape.input_size if layer == 0 else shape.hidden
        names[f"rnn.weight_ih_l{layer}"] = (rows, width)
        names[f"rnn.weight_hh_l{layer}"] = (rows, shape.hidden)
        names[f"rnn.bias_ih_l{layer}"] = (rows,)
        names[f"rnn.bias_hh_l{layer}"] = (rows,)
    names["output.weight"] = (shape.vocab_size, shape.hidden)
    names["output.bias"] = (shape.vocab_size,)
    return names


def parameters(expected: Mapping[str, tuple[int, ...]]) -> int:
    """How many numbers the arrays hold together."""
    total = 0
    for shape in expected.values():
        size = 1
        for side in shape:
            size *= side
        total += size
    return total


def with_more_symbols(
    arrays: Mapping[str, NDArray[np.float32]], expected: Mapping[str, tuple[int, ...]]
) -> dict[str, NDArray[np.float32]]:
    """The arrays of a network, for a vocabulary with more symbols at its end, whose arrays have the `expected` shapes.

    As an input a new symbol is the mean of all others; as an output it is as likely as <unk>, which is no symbol of a text:
    so what the network says of the other symbols stays as it was until it learns the new ones.
    """
    made = {}
    for name, array in arrays.items():
        for axis, size in enumerate(expected.get(name, array.shape)):
            if more := size - array.shape[axis]:
                row = array.take([UNK], axis) if name.startswith("output") else array.mean(axis, keepdims=True)
                array = np.concatenate([array, np.repeat(row, more, axis)], axis)
        made[name] = np.ascontiguousarray(array, dtype=np.float32)
    return made


def check_weights(expected: Mapping[str, tuple[int, ...]], found: Mapping[str, tuple[int, ...]], where: str) -> None:
    """Raise CheckpointError, naming the first array that is missing, superfluous or of another shape."""
    for name, shape in expected.items():
        if name not in found:
            raise CheckpointError(f"{where}: the weights lack {name} {list(shape)}", "the run is damaged or not whole")
        if tuple(found[name]) != tuple(shape):
            raise CheckpointError(
                f"{where}: {name} is {list(found[name])}, its configuration says {list(shape)}",
                "config.json and the weights are not of the same run",
            )
    for name in found:
        if name not in expected:
            raise CheckpointError(f"{where}: unexpected array {name}", "config.json and the weights are not of the same run")
