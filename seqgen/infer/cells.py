"""The recurrent cells in NumPy: one function each, in place, for rows side by side.

A cell gets the input's part and the recurrent part of its gates before the nonlinearity, [N, G * H] each, and the layer's
memory, and returns the new hidden state. Both parts may be overwritten. Gates are in torch.nn's order, except an LSTM's,
which are rearranged on loading (see lstm).

sigmoid(x) = tanh(x / 2) / 2 + 1 / 2: NumPy's tanh is vectorised, and the rows of weights that feed a sigmoid are halved on
loading, so that one call of tanh serves all gates.

Shape legend: N rows, G gates, H hidden.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from seqgen.weights import RNNShape

Array = NDArray[np.float32]
# (input part, recurrent part, h [N, H], c [N, H] or nothing) -> h; c is updated in place
Cell = Callable[[Array, Array, Array, Array | None], Array]

HALF = np.float32(0.5)
ONE = np.float32(1)


def _sigmoid_of_halved(x: Array) -> Array:
    """sigmoid(2 x), in place."""
    np.tanh(x, out=x)
    x *= HALF
    x += HALF
    return x


def lstm(inputs: Array, recurrent: Array, h: Array, c: Array | None) -> Array:
    """c = f c + i g, h = o tanh(c); gates in the order input, forget, output, cell, the first three halved."""
    assert c is not None
    hidden = c.shape[1]
    recurrent += inputs
    np.tanh(recurrent, out=recurrent)
    sigmoids = recurrent[:, : 3 * hidden]
    sigmoids *= HALF
    sigmoids += HALF
    c *= recurrent[:, hidden : 2 * hidden]
    c += recurrent[:, :hidden] * recurrent[:, 3 * hidden :]
    new: Array = np.tanh(c)
    new *= recurrent[:, 2 * hidden : 3 * hidden]
    return new


def gru(inputs: Array, recurrent: Array, h: Array, c: Array | None) -> Array:
    """h = (1 - z) n + z h with n = tanh(in + r rec); gates in the order reset, update, new, the first two halved."""
    hidden = h.shape[1]
    gates = recurrent[:, : 2 * hidden]
    gates += inputs[:, : 2 * hidden]
    _sigmoid_of_halved(gates)
    new: Array = gates[:, :hidden] * recurrent[:, 2 * hidden :]
    new += inputs[:, 2 * hidden :]
    np.tanh(new, out=new)
    # (1 - z) n + z h = n + z (h - n)
    update = h - new
    update *= gates[:, hidden:]
    new += update
    return new


def rnn_tanh(inputs: Array, recurrent: Array, h: Array, c: Array | None) -> Array:
    """h = tanh(in + rec)."""
    new: Array = np.tanh(np.add(inputs, recurrent))
    return new


def rnn_relu(inputs: Array, recurrent: Array, h: Array, c: Array | None) -> Array:
    """h = max(0, in + rec)."""
    new: Array = np.maximum(np.add(inputs, recurrent), np.float32(0))
    return new


def rnn_sigmoid(inputs: Array, recurrent: Array, h: Array, c: Array | None) -> Array:
    """h = sigmoid(in + rec), both halved."""
    return _sigmoid_of_halved(np.add(inputs, recurrent))


CELLS: dict[str, Cell] = {
    "lstm": lstm,
    "gru": gru,
    "rnn-tanh": rnn_tanh,
    "rnn-relu": rnn_relu,
    "rnn-sigmoid": rnn_sigmoid,
}


def cell_of(shape: RNNShape) -> Cell:
    """The cell of a network."""
    return CELLS[f"rnn-{shape.nonlinearity}" if shape.cell == "rnn" else shape.cell]


def arrange(shape: RNNShape, rows: Array) -> Array:
    """Rows [G * H, ...] of a weight or bias in the order and scale that the cell expects."""
    hidden = shape.hidden
    rows = np.array(rows, dtype=np.float32)
    if shape.cell == "lstm":
        i, f, g, o = (rows[k * hidden : (k + 1) * hidden] for k in range(4))
        return np.concatenate([i * HALF, f * HALF, o * HALF, g])
    if shape.cell == "gru":
        rows[: 2 * hidden] *= HALF
    elif shape.nonlinearity == "sigmoid":
        rows *= HALF
    return rows
