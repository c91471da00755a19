"""Recurrent language models in NumPy: with one stream the work is a few matrix-vector products, and speed depends on how
little happens around them.

The first layer's input part depends only on the symbol, so it is computed once for each symbol of the vocabulary: reading
a symbol is looking up a row. A whole text is scored layer by layer: only the recurrent products run symbol by symbol, all
others are one product over a block.

Shape legend: N rows, T length, V vocabulary, G gates, H hidden, L layers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids, LogProbs
from seqgen.infer.cells import Array, arrange, cell_of
from seqgen.weights import RNNShape, check_weights, rnn_weights

# Symbols scored at once: hidden states and logits of a block stay in the cache.
BLOCK = 1_024


@dataclass
class RNNState:
    """h, and for an LSTM c, of each layer: arrays [N, H]."""

    h: list[Array]
    c: list[Array | None]


@dataclass(frozen=True)
class _Layer:
    """A layer's recurrent weights in both layouts (one row needs rows, many rows need columns), and its input weights."""

    recurrent: Array  # [G * H, H]
    recurrent_columns: Array  # [H, G * H]
    recurrent_bias: Array | None  # [G * H], for a GRU, whose reset gate multiplies it
    inputs: Array  # first layer: [V, G * H], a row for each symbol; others: [H, G * H]
    bias: Array  # [G * H]


class RNNScorer:
    """A Scorer over the weights of a recurrent network. Raises CheckpointError where they do not fit its shape."""

    def __init__(self, shape: RNNShape, weights: Mapping[str, NDArray[np.float32]], where: str = "weights") -> None:
        check_weights(rnn_weights(shape), {name: array.shape for name, array in weights.items()}, where)
        self.shape = shape
        self.vocab_size = shape.vocab_size
        self._cell = cell_of(shape)
        self._layers = [self._layer(weights, index) for index in range(shape.layers)]
        self._output = np.ascontiguousarray(weights["output.weight"], dtype=np.float32)  # [V, H]
        self._output_columns = np.ascontiguousarray(self._output.T)  # [H, V]
        self._output_bias = np.array(weights["output.bias"], dtype=np.float32)

    def start(self, prompts: Sequence[Ids]) -> RNNState:
        """Lengths may differ; those of one length are read side by side. Equal prompts are read once."""
        keys = [np.asarray(prompt, dtype=np.int64).tobytes() for prompt in prompts]
        # The longest last, and equal lengths together: the order in which they are read.
        different = sorted(set(keys), key=len)
        states = []
        for _, same in groupby(different, key=len):
            states.append(self._read(np.array([np.frombuffer(key, dtype=np.int64)[:-1] for key in same])))
        row_of = {key: row for row, key in enumerate(different)}
        rows = [row_of[key] for key in keys]
        return self.reorder(self.join(states), np.array(rows))

    def step(self, state: RNNState, last: Ids) -> tuple[LogProbs, RNNState]:
        """Log-probabilities of the next id [N, V]."""
        self._advance(state, last)
        hidden = state.h[-1]
        if len(hidden) == 1:
            logits = np.dot(self._output, hidden[0])[None, :]  # [1, V]
        else:
            logits = hidden @ self._output_columns  # [N, V]
        logits += self._output_bias
        return _log_softmax(logits), state

    def reorder(self, state: RNNState, rows: NDArray[np.intp]) -> RNNState:
        """A copy with other rows."""
        return RNNState([h[rows] for h in state.h], [None if c is None else c[rows] for c in state.c])

    def join(self, states: Sequence[RNNState]) -> RNNState:
        """One state of several."""
        h = [np.concatenate([state.h[layer] for state in states]) for layer in range(self.shape.layers)]
        c = [self._joined([state.c[layer] for state in states]) for layer in range(self.shape.layers)]
        return RNNState(h, c)

    def score(self, ids: Ids, state: RNNState) -> tuple[LogProbs, RNNState]:
        """Log-probability of each of ids[1:] [T - 1]."""
        pieces = []
        for start in range(0, len(ids) - 1, BLOCK):
            block = np.asarray(ids[start : start + BLOCK + 1])
            hidden = self._run(block[:-1], state)  # [T, H]
            logits = hidden @ self._output_columns
            logits += self._output_bias
            pieces.append(_log_softmax(logits)[np.arange(len(block) - 1), block[1:]])
        return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.float32), state

    def _advance(self, state: RNNState, last: Ids) -> None:
        """Read one id per row [N]."""
        x = self._layers[0].inputs[last]  # [N, G * H], a copy
        for index, layer in enumerate(self._layers):
            if index:
                x = state.h[index - 1] @ layer.inputs
                x += layer.bias
            state.h[index] = self._cell(x, self._recurrent(layer, state.h[index]), state.h[index], state.c[index])

    def _layer(self, weights: Mapping[str, NDArray[np.float32]], index: int) -> _Layer:
        shape = self.shape
        recurrent = np.ascontiguousarray(arrange(shape, weights[f"rnn.weight_hh_l{index}"]))
        into = arrange(shape, weights[f"rnn.weight_ih_l{index}"])  # [G * H, E], [G * H, V] or [G * H, H]
        bias = arrange(shape, weights[f"rnn.bias_ih_l{index}"])
        recurrent_bias = arrange(shape, weights[f"rnn.bias_hh_l{index}"])
        gru = shape.cell == "gru"
        if not gru:
            bias = bias + recurrent_bias
        if index:
            inputs = np.ascontiguousarray(into.T)
        else:
            inputs = weights["embedding.weight"] @ into.T if shape.embedding else into.T
            inputs = np.ascontiguousarray(inputs + bias, dtype=np.float32)
        return _Layer(recurrent, np.ascontiguousarray(recurrent.T), recurrent_bias if gru else None, inputs, bias)

    def _recurrent(self, layer: _Layer, h: Array) -> Array:
        """The recurrent part of the gates [N, G * H]."""
        product: Array
        if len(h) == 1:
            product = np.dot(layer.recurrent, h[0])[None, :]
        else:
            product = h @ layer.recurrent_columns
        if layer.recurrent_bias is not None:
            product += layer.recurrent_bias
        return product

    def _read(self, ids: Ids) -> RNNState:
        """The state after reading ids [N, T]."""
        shape = (len(ids), self.shape.hidden)
        layers = range(self.shape.layers)
        memory = self.shape.cell == "lstm"
        zero = np.zeros(shape, dtype=np.float32)
        state = RNNState([zero.copy() for _ in layers], [zero.copy() if memory else None for _ in layers])
        if len(ids) == 1:
            for start in range(0, ids.shape[1], BLOCK):
                self._run(ids[0, start : start + BLOCK], state)
        else:
            for column in ids.T:
                self._advance(state, column)
        return state

    def _run(self, ids: Ids, state: RNNState) -> Array:
        """Read a block of ids with a state of one row, which is updated; return the last layer's hidden states [T, H]."""
        blocks = self._layers[0].inputs[ids]  # [T, G * H]
        hidden = blocks
        for index, layer in enumerate(self._layers):
            if index:
                blocks = hidden @ layer.inputs + layer.bias
            hidden = np.empty((len(ids), self.shape.hidden), dtype=np.float32)
            h, c = state.h[index], state.c[index]
            for t in range(len(ids)):
                h = self._cell(blocks[t : t + 1], self._recurrent(layer, h), h, c)
                hidden[t] = h[0]
            state.h[index] = h
        return hidden

    @staticmethod
    def _joined(parts: Sequence[Array | None]) -> Array | None:
        arrays = [part for part in parts if part is not None]
        return np.concatenate(arrays) if arrays else None


def _log_softmax(logits: Array) -> LogProbs:
    """In place, over the last axis; the largest logit is subtracted first, so that nothing overflows."""
    logits -= logits.max(axis=-1, keepdims=True)
    logits -= np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    return logits
