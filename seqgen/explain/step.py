"""One step of a recurrent layer taken apart: what each gate is made of, and what becomes of the memory.

A part is s(W x + b, U h + d) with the input x, the state h before and the biases b and d of the two products: s adds them and
applies sigma or tanh. In the new content of a GRU, the reset gate r comes between: n = tanh(W x + b + r * (U h + d)). The
equations stand in gates.py.

Shape legend: G gates, H hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqgen.explain.gates import Array, LayerTrace, inputs_of
from seqgen.weights import RNNShape

# The parts of each cell in torch.nn's order; the letters that textbooks have for them.
PARTS: dict[str, tuple[str, ...]] = {
    "lstm": ("input", "forget", "cell", "output"),
    "gru": ("reset", "update", "new"),
    "rnn": ("state",),
}
LETTERS = {"input": "i", "forget": "f", "cell": "g", "output": "o", "reset": "r", "update": "z", "new": "n", "state": "h"}


@dataclass(frozen=True)
class Part:
    """A gate, or the new content, of all units: W x + b [H], U h + d [H], and what is made of them [H]."""

    name: str
    from_input: Array
    from_state: Array
    value: Array

    @property
    def letter(self) -> str:
        """i for the input gate, and so on."""
        return LETTERS[self.name]


@dataclass(frozen=True)
class Step:
    """A layer reading one symbol: its parts in torch.nn's order, the state before and after [H], the memory before and after
    [H] of an LSTM, None of the others. A plain RNN's only part is its state."""

    cell: str
    nonlinearity: str
    parts: tuple[Part, ...]
    h_before: Array
    h: Array
    c_before: Array | None = None
    c: Array | None = None


def step_of(
    shape: RNNShape,
    weights: Mapping[str, Array],
    ids: NDArray[np.integer],
    layers: tuple[LayerTrace, ...],
    index: int,
    place: int,
) -> Step:
    """Layer `index` (from 0) reading ids[place], given all `layers` over ids [T]."""
    trace = layers[index]
    nothing = np.zeros(shape.hidden, np.float32)
    h_before = trace.h[place - 1] if place else nothing
    below = layers[index - 1].h[place : place + 1] if index else None
    from_input = inputs_of(shape, weights, ids[place : place + 1], below, index)[0]  # [G * H]
    from_state = weights[f"rnn.weight_hh_l{index}"] @ h_before + weights[f"rnn.bias_hh_l{index}"]  # [G * H]
    names = PARTS[shape.cell]
    products = zip(names, np.split(from_input, len(names)), np.split(from_state, len(names)), strict=True)
    parts = tuple(
        Part(name, into, past, trace.gates[name][place] if trace.gates else trace.h[place]) for name, into, past in products
    )
    c_before = c = None
    if trace.c is not None:
        c_before, c = (trace.c[place - 1] if place else nothing), trace.c[place]
    return Step(shape.cell, shape.nonlinearity, parts, h_before, trace.h[place], c_before, c)
