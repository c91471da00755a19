"""One more symbol of one text through the decoder-only Transformer: what a person waits for who reads along.

Here Python's own time counts as much as the products, so that each line is one call of NumPy, and as few as possible: the
normalisation of a sublayer's input is a number, by which its output is multiplied instead.

Shape legend: T length of the open window, D width, F width of the feed-forward layers, h heads, d = D / h width of a head.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

EPSILON = 1e-6
ZERO = np.float32(0)


@dataclass(frozen=True)
class Layer:
    """A layer's matrices, a row for each output; the queries' are divided by sqrt(d)."""

    inputs: Array  # [3 D, D]
    outputs: Array  # [D, D]
    inner: Array  # [F, D]
    outer: Array  # [D, F]


def step_alone(
    layers: Sequence[Layer], x: Array, made: Array, cache: Array, place: int, turns: NDArray[np.complex64] | None
) -> Array:
    """The stream [D] behind the last layer for the embedding `x` [D] of the symbol at `place`.

    `made` [3 D] is what the first layer makes of it. Keys and values are put into `cache` [L, 2, 1, h, room, d]; `turns`
    [d / 2] are the rotations of this place, none for a model without positions. Changes `x` and `made`.
    """
    width, heads, end = len(x), cache.shape[3], place + 1
    for index, layer in enumerate(layers):
        if index:
            made = np.dot(layer.inputs, x)  # [3 D]
            made *= math.sqrt(_scale(x))
        parts = made.reshape(3, heads, width // heads)  # [3 D] -> [3, h, d]
        if turns is not None:
            pairs = parts[:2].view(np.complex64)  # [2, h, d / 2]
            pairs *= turns
        kept = cache[index, :, 0]  # [2, h, room, d]
        kept[:, :, place] = parts[1:]
        scores = np.matmul(kept[0, :, :end], parts[0, :, :, None])  # [h, T, 1]
        scores -= np.maximum.reduce(scores, axis=1, keepdims=True)
        np.exp(scores, out=scores)
        gathered = np.matmul(scores.transpose(0, 2, 1), kept[1, :, :end])  # [h, 1, T] times [h, T, d]: [h, 1, d]
        gathered /= np.add.reduce(scores, axis=1, keepdims=True)
        x += np.dot(layer.outputs, gathered.reshape(width))  # [h, 1, d] -> [D]
        inner = np.dot(layer.inner, x)  # [F]
        np.maximum(inner, ZERO, out=inner)
        inner *= inner
        found = np.dot(layer.outer, inner)  # [D]
        # The scale goes through the ReLU as it is, and is squared behind it.
        found *= _scale(x)
        x += found
    return x


def _scale(x: Array) -> float:
    """One over the mean square of x [D]: the square of what RMS normalisation multiplies it with (Zhang & Sennrich 2019)."""
    return 1 / (float(np.dot(x, x)) / len(x) + EPSILON)
