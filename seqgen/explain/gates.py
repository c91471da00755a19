"""What the gates of a recurrent network do while it reads: the textbook's equations, one symbol after another.

Nothing here is fast; the engine that writes text (infer/rnn.py) computes the same in another order. LSTM: Hochreiter &
Schmidhuber 1997 with the forget gate of Gers et al. 2000; GRU: Cho et al. 2014 in the variant of torch.nn, whose reset gate
multiplies the recurrent product. sigma is the logistic function, * multiplies element by element:

    LSTM  i = sigma(W_i x + U_i h + b_i)    input gate: how much of what is new is written
          f = sigma(W_f x + U_f h + b_f)    forget gate: how much of the memory is kept
          g = tanh(W_g x + U_g h + b_g)     what is new (here called "cell")
          o = sigma(W_o x + U_o h + b_o)    output gate: how much of the memory is shown
          c' = f * c + i * g,  h' = o * tanh(c')
    GRU   r = sigma(W_r x + U_r h + b_r)    reset gate: how much of the past what is new may see
          z = sigma(W_z x + U_z h + b_z)    update gate: how much of the memory is kept
          n = tanh(W_n x + b_n + r * (U_n h + d_n))
          h' = (1 - z) * n + z * h
    RNN   h' = s(W x + U h + b), s one of tanh, relu, sigma: no gates

Shape legend: T length, V vocabulary, G gates, H hidden, E width of the input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import CheckpointError
from seqgen.explain.subjects import has_attention, has_gates
from seqgen.families.recurrent import cell_of
from seqgen.run import Run
from seqgen.weights import RNNShape, check_weights, rnn_weights

Array = NDArray[np.float32]
Tell = Callable[[float], None]

# Symbols between two reports of progress.
PIECE = 500


@dataclass(frozen=True)
class LayerTrace:
    """One layer over a text: row t is the layer after it has read symbol t.

    h: hidden state [T, H]. c: memory [T, H] of an LSTM, else None. gates: name -> [T, H]: "input", "forget", "output" in
    (0, 1) and "cell" in (-1, 1) of an LSTM; "reset", "update" in (0, 1) and "new" in (-1, 1) of a GRU; none of a plain RNN.
    """

    h: Array
    c: Array | None = None
    gates: Mapping[str, Array] = field(default_factory=dict)

    @property
    def memory(self) -> Array:
        """What is carried from symbol to symbol [T, H]: c of an LSTM, h of the others."""
        return self.h if self.c is None else self.c

    @property
    def keep(self) -> Array:
        """The share of its memory that each unit keeps at each symbol [T, H]: forget gate (LSTM) or update gate (GRU)."""
        return self.gates["forget" if "forget" in self.gates else "update"]

    @property
    def openings(self) -> dict[str, Array]:
        """The gates that open and close, in (0, 1): all but the new content."""
        return {name: gate for name, gate in self.gates.items() if name not in ("cell", "new")}

    def since(self, start: int) -> LayerTrace:
        """The same from symbol `start` on."""
        gates = {name: gate[start:] for name, gate in self.gates.items()}
        return LayerTrace(self.h[start:], None if self.c is None else self.c[start:], gates)


@dataclass(frozen=True)
class Gates:
    """All layers of a network over a text, the first layer first."""

    cell: str
    layers: tuple[LayerTrace, ...]


def check_gated(run: Run) -> None:
    """Raise CheckpointError, saying why, where a run's model has no gates."""
    if has_gates(run.info):
        return
    where, config = run.path, run.info.config
    if run.info.kind == "translation":
        raise CheckpointError(
            f"{where}: a translation model is a Transformer and has no gates", "look at it with: seqgen explain attention"
        )
    other = "name an LSTM, GRU or hybrid run with -m, or train one: seqgen train FILE --arch lstm"
    cell = cell_of(config)
    if has_attention(run.info):
        raise CheckpointError(f"{where}: a Transformer has no gates", "look at it with: seqgen explain attention")
    if cell is None:
        raise CheckpointError(f"{where}: a Markov model counts and has no gates", other)
    raise CheckpointError(f"{where}: a plain RNN has no gates; each step overwrites its whole memory", other)


def trace_gates(shape: RNNShape, weights: Mapping[str, Array], ids: NDArray[np.integer], tell: Tell | None = None) -> Gates:
    """Read ids [T] from an empty memory and keep everything. `tell` is called with the share done.

    Raises CheckpointError where the weights do not fit the shape.
    """
    check_weights(rnn_weights(shape), {name: array.shape for name, array in weights.items()}, "weights")
    return Gates(shape.cell, trace_layers(shape, weights, ids, tell))


def trace_layers(
    shape: RNNShape, weights: Mapping[str, Array], ids: NDArray[np.integer], tell: Tell | None = None
) -> tuple[LayerTrace, ...]:
    """The same, of weights that fit; those of the output layer are not needed."""
    read = {"lstm": _lstm, "gru": _gru}.get(shape.cell, _plain)
    layers: list[LayerTrace] = []
    for index in range(shape.layers):

        def part(share: float, index: int = index) -> None:
            if tell is not None:
                tell((index + share) / shape.layers)

        inputs = inputs_of(shape, weights, ids, layers[-1].h if layers else None, index)  # [T, G * H]
        recurrent = weights[f"rnn.weight_hh_l{index}"], weights[f"rnn.bias_hh_l{index}"]
        layers.append(read(shape, inputs, *recurrent, part))
    return tuple(layers)


def half_life(keep: Array) -> NDArray[np.float64]:
    """Symbols in which each unit's memory halves [H], given the shares that it keeps [T, H]; infinite where all is kept.

    A unit that keeps the share f at every symbol has f^k left after k, which is a half at k = ln 2 / -ln f. Over a text f is
    the geometric mean, because successive shares multiply. What is written meanwhile is not counted. A gate that closes once
    counts for many symbols: by this measure a unit that starts anew at each line remembers only a few symbols, however well
    it keeps within the line.
    """
    # float32 rounds a closed gate to 0, which has no logarithm.
    shares = np.maximum(keep.astype(np.float64), 1e-30)
    rate = -np.log(shares).mean(axis=0)  # [H]
    with np.errstate(divide="ignore"):
        lives: NDArray[np.float64] = np.log(2) / rate
    return lives


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), by tanh, which does not overflow."""
    half = np.float32(0.5)
    result: Array = half * (np.float32(1) + np.tanh(half * x))
    return result


def inputs_of(
    shape: RNNShape, weights: Mapping[str, Array], ids: NDArray[np.integer], below: Array | None, index: int
) -> Array:
    """What layer `index` computes from its input alone, W x + b, for all symbols at once [T, G * H].

    Its input is the ids [T] for the first layer, else the states [T, H] of the layer `below`.
    """
    matrix, bias = weights[f"rnn.weight_ih_l{index}"], weights[f"rnn.bias_ih_l{index}"]  # [G * H, E], [G * H]
    into: Array
    if below is not None:
        into = below @ matrix.T + bias
    elif shape.embedding:
        into = weights["embedding.weight"][ids] @ matrix.T + bias
    else:
        into = matrix.T[ids] + bias  # a one-hot vector picks a column
    return into


def _lstm(shape: RNNShape, inputs: Array, matrix: Array, bias: Array, tell: Tell) -> LayerTrace:
    length, hidden = len(inputs), shape.hidden
    h, c = np.zeros(hidden, np.float32), np.zeros(hidden, np.float32)
    names = ("input", "forget", "output", "cell")
    hs, cs, *gates = (np.empty((length, hidden), np.float32) for _ in range(6))
    for t in range(length):
        i, f, g, o = np.split(inputs[t] + matrix @ h + bias, 4)  # torch.nn's order
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        c = f * c + i * g
        h = o * np.tanh(c)
        hs[t], cs[t] = h, c
        for kept, gate in zip(gates, (i, f, o, g), strict=True):
            kept[t] = gate
        if t % PIECE == 0:
            tell(t / length)
    return LayerTrace(hs, cs, dict(zip(names, gates, strict=True)))


def _gru(shape: RNNShape, inputs: Array, matrix: Array, bias: Array, tell: Tell) -> LayerTrace:
    length, hidden = len(inputs), shape.hidden
    h = np.zeros(hidden, np.float32)
    names = ("reset", "update", "new")
    hs, *gates = (np.empty((length, hidden), np.float32) for _ in range(4))
    for t in range(length):
        into_r, into_z, into_n = np.split(inputs[t], 3)  # torch.nn's order
        past_r, past_z, past_n = np.split(matrix @ h + bias, 3)
        r, z = sigmoid(into_r + past_r), sigmoid(into_z + past_z)
        n = np.tanh(into_n + r * past_n)
        h = (1 - z) * n + z * h
        hs[t] = h
        for kept, gate in zip(gates, (r, z, n), strict=True):
            kept[t] = gate
        if t % PIECE == 0:
            tell(t / length)
    return LayerTrace(hs, None, dict(zip(names, gates, strict=True)))


def _plain(shape: RNNShape, inputs: Array, matrix: Array, bias: Array, tell: Tell) -> LayerTrace:
    squashes: dict[str, Callable[[Array], Array]] = {"tanh": np.tanh, "sigmoid": sigmoid, "relu": _relu}
    squash = squashes[shape.nonlinearity]
    h = np.zeros(shape.hidden, np.float32)
    hs = np.empty((len(inputs), shape.hidden), np.float32)
    for t in range(len(inputs)):
        h = squash(inputs[t] + matrix @ h + bias)
        hs[t] = h
        if t % PIECE == 0:
            tell(t / len(inputs))
    return LayerTrace(hs)


def _relu(x: Array) -> Array:
    return np.maximum(x, np.float32(0))
