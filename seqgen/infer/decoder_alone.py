"""One more symbol of one text through the decoder-only Transformer: what a person waits for who reads along.

Here Python's own time counts as much as the products, so that each line is one call of NumPy, into arrays that are there, and
as few as possible: the normalisation of a sublayer's input is a number, by which its output is multiplied instead.

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
    """A layer's matrices, a column for each output; the queries' are divided by sqrt(d)."""

    inputs: Array  # [D, 3 D]
    outputs: Array  # [D, D]
    inner: Array  # [D, F]
    outer: Array  # [F, D]


def step_alone(
    layers: Sequence[Layer], x: Array, first: Array, cache: Array, place: int, turns: NDArray[np.complex64] | None
) -> None:
    """Change the embedding `x` [D] of the symbol at `place` into the stream behind the last layer.

    `first` [3 D] is what the first layer makes of it. Keys and values are put into `cache` [L, 2, 1, h, room, d]; `turns`
    [d / 2] are the rotations of this place, none for a model without positions.
    """
    width, heads, end = len(x), cache.shape[3], place + 1
    made = first.copy()
    parts = made.reshape(3, heads, width // heads)  # [3 D] -> [3, h, d]
    query, new, pairs = parts[0, :, :, None], parts[1:], parts[:2].view(np.complex64)  # [h, d, 1], [2, h, d], [2, h, d / 2]
    gathered = np.empty((heads, 1, width // heads), dtype=np.float32)
    joined, change = gathered.reshape(width), np.empty_like(x)  # [h, 1, d] -> [D]
    inner = np.empty(layers[0].inner.shape[1], dtype=np.float32)
    for index, layer in enumerate(layers):
        if index:
            np.dot(x, layer.inputs, made)
            np.multiply(made, math.sqrt(1 / (float(np.dot(x, x)) / width + EPSILON)), made)
        if turns is not None:
            np.multiply(pairs, turns, pairs)
        kept = cache[index, :, 0]  # [2, h, room, d]
        kept[:, :, place] = new
        scores = np.matmul(kept[0, :, :end], query)  # [h, T, 1]
        np.subtract(scores, scores.max(axis=1, keepdims=True), scores)
        np.exp(scores, scores)
        np.matmul(scores.transpose(0, 2, 1), kept[1, :, :end], gathered)  # [h, 1, T] times [h, T, d]
        np.divide(gathered, scores.sum(axis=1, keepdims=True), gathered)
        np.add(x, np.dot(joined, layer.outputs, change), x)
        np.dot(x, layer.inner, inner)
        np.maximum(inner, ZERO, out=inner)
        np.multiply(inner, inner, inner)
        np.dot(inner, layer.outer, change)
        # One over the mean square: the square of what RMS normalisation (Zhang & Sennrich 2019) multiplies its input with. It
        # goes through the ReLU as it is, and is squared behind it.
        np.multiply(change, 1 / (float(np.dot(x, x)) / width + EPSILON), change)
        np.add(x, change, x)
