"""The decoder-only Transformer in NumPy: what one more symbol needs of those before it, their keys and values, is kept.

A symbol is read with a few matrix-vector products; texts, and what a new window reads again, with products of matrices. The
first layer's queries, keys and values depend only on the symbol, so they are looked up.

Shape legend: N rows, T length of a window, C context, D width, F width of the feed-forward layers, V vocabulary, L layers,
h heads, d = D / h width of a head.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids, LogProbs
from seqgen.decode.windows import Window, windows
from seqgen.infer.decoder_alone import EPSILON, ZERO, Layer, step_alone
from seqgen.weights import DecoderShape, check_weights, decoder_weights, rotations

Array = NDArray[np.float32]

# Windows of a text that are read side by side: their activations stay in the cache.
SIDE_BY_SIDE = 8
# Places that a state has room for at first; it grows as it is written.
ROOM = 32


@dataclass
class DecoderState:
    """The open window of N rows: how many ids it holds [N], which [N, C], their keys and values [L, 2, N, h, room, d]."""

    lengths: NDArray[np.intp]
    ids: NDArray[np.intp]
    cache: Array


class DecoderScorer:
    """A Scorer over the weights of a decoder-only Transformer. Raises CheckpointError where they do not fit its shape."""

    def __init__(self, shape: DecoderShape, weights: Mapping[str, NDArray[np.float32]], where: str = "weights") -> None:
        check_weights(decoder_weights(shape), {name: array.shape for name, array in weights.items()}, where)
        self.shape = shape
        self.vocab_size = shape.vocab_size
        self._layers = [_layer(shape, weights, index) for index in range(shape.layers)]
        table = np.asarray(weights["embedding.weight"], dtype=np.float32)  # [V, D]
        self._output = np.ascontiguousarray(table.T)  # [D, V]
        self._output_bias = np.array(weights["output_bias"], dtype=np.float32)
        self._embedded = table * np.float32(math.sqrt(shape.hidden))  # [V, D]
        self._first = _normed(self._embedded) @ self._layers[0].inputs  # [V, 3 D]
        self._turns = rotations(shape.context, shape.hidden // shape.heads)  # [C, d / 2]

    def start(self, prompts: Sequence[Ids]) -> DecoderState:
        """Lengths may differ; equal open windows are read once, those of one length side by side."""
        held = [self._open(np.asarray(prompt, dtype=np.intp)[:-1]) for prompt in prompts]
        state = self._empty(len(held), max(map(len, held)))
        keys = [ids.tobytes() for ids in held]
        for length, same in groupby(sorted(set(keys), key=len), key=len):
            if not length:
                continue
            different = list(same)
            cache = self._keys(np.array([np.frombuffer(key, dtype=np.intp) for key in different]))
            for row, key in enumerate(keys):
                if len(key) == length:
                    state.cache[:, :, row, :, : len(held[row])] = cache[:, :, different.index(key)]
        for row, ids in enumerate(held):
            state.lengths[row], state.ids[row, : len(ids)] = len(ids), ids
        return state

    def step(self, state: DecoderState, last: Ids) -> tuple[LogProbs, DecoderState]:
        """Log-probabilities of the next id [N, V]."""
        self._make_room(state)
        places = state.lengths
        x = self._embedded[last]  # [N, D], a copy
        if len(x) == 1:
            self._step_alone(x[0], int(last[0]), state)
        else:
            self._step_together(x, last, state)
        state.ids[np.arange(len(places)), places] = last
        state.lengths = places + 1
        return self._log_probs(_normed(x)), state

    def _step_alone(self, x: Array, last: int, state: DecoderState) -> None:
        place = int(state.lengths[0])
        turns = self._turns[place] if self.shape.positions else None
        step_alone(self._layers, x, self._first[last], state.cache, place, turns)

    def _step_together(self, x: Array, last: Ids, state: DecoderState) -> None:
        """The streams x [N, D] of several rows through all layers."""
        places = state.lengths
        unseen = None if (places == places[0]).all() else np.arange(places.max() + 1) > places[:, None]  # [N, T]
        for index, layer in enumerate(self._layers):
            made = self._first[last] if not index else _normed(x) @ layer.inputs  # [N, 3 D]
            x += self._attend(made, state.cache[index], places, unseen) @ layer.outputs
            inner = np.maximum(_normed(x) @ layer.inner, ZERO)  # [N, F]
            inner *= inner
            x += inner @ layer.outer

    def reorder(self, state: DecoderState, rows: NDArray[np.intp]) -> DecoderState:
        """A copy with other rows."""
        return DecoderState(state.lengths[rows], state.ids[rows], state.cache[:, :, rows])

    def join(self, states: Sequence[DecoderState]) -> DecoderState:
        """One state of several; their caches get the room of the largest."""
        lengths, ids = (np.concatenate([getattr(state, name) for state in states]) for name in ("lengths", "ids"))
        first = states[0].cache
        room = max(state.cache.shape[4] for state in states)
        cache = np.zeros((*first.shape[:2], len(lengths), first.shape[3], room, first.shape[5]), dtype=np.float32)
        start = 0
        for state in states:
            rows, held = state.cache.shape[2], int(state.lengths.max())
            cache[:, :, start : start + rows, :, :held] = state.cache[..., :held, :]
            start += rows
        return DecoderState(lengths, ids, cache)

    def score(self, ids: Ids, state: DecoderState) -> tuple[LogProbs, DecoderState]:
        """Log-probability of each of ids[1:] [T - 1]."""
        held = int(state.lengths[0])
        whole = np.concatenate([state.ids[0, :held], np.asarray(ids, dtype=np.intp)])
        found = list(windows(held, len(ids) - 1, self.shape.context))
        pieces = []
        # Windows of one size, new from the same place on, are read side by side.
        for (size, new), same in groupby(found, key=lambda window: (window.end - window.start, window.new - window.start)):
            alike = list(same)
            for first in range(0, len(alike), SIDE_BY_SIDE):
                pieces.append(self._scored(whole, alike[first : first + SIDE_BY_SIDE], size, new))
        if not found:
            return np.zeros(0, dtype=np.float32), state
        return np.concatenate(pieces), self.start([whole[found[-1].start :]])

    def look(self, ids: Ids) -> tuple[Array, Array]:
        """Of ids [T] that fit in one window: where each looks [L, h, T, T], rows that sum to one and are 0 right of the
        diagonal, and the stream after each layer [L, T, D]."""
        window = np.asarray(ids, dtype=np.intp)[None]  # [1, T]
        x = self._embedded[window]  # [1, T, D]
        shares, streams = [], []
        for index in range(self.shape.layers):
            shares.append(self._through(x, self._parts(x, window, index), index)[0])
            streams.append(x[0].copy())
        return np.stack(shares), np.stack(streams)

    def _open(self, ids: NDArray[np.intp]) -> NDArray[np.intp]:
        """What of ids that were read stands in the open window."""
        start = 0
        for window in windows(0, len(ids), self.shape.context):
            start = window.start
        return ids[start:]

    def _empty(self, rows: int, least: int) -> DecoderState:
        shape = self.shape
        room = min(shape.context, max(ROOM, least + 1))
        size = (shape.layers, 2, rows, shape.heads, room, shape.hidden // shape.heads)
        ids = np.zeros((rows, shape.context), dtype=np.intp)
        return DecoderState(np.zeros(rows, dtype=np.intp), ids, np.zeros(size, dtype=np.float32))

    def _make_room(self, state: DecoderState) -> None:
        """A place for one more symbol in each row: full windows slide, and the cache grows."""
        context = self.shape.context
        longest = int(state.lengths.max())
        if longest == context:
            full = np.flatnonzero(state.lengths == context)
            keep = context // 2
            state.ids[full, :keep] = state.ids[full, context - keep :]
            if keep:
                state.cache[:, :, full, :, :keep] = self._keys(state.ids[full, :keep])
            state.lengths = np.where(state.lengths == context, keep, state.lengths)
        elif longest == state.cache.shape[4]:
            more = min(longest, context - longest)
            state.cache = np.concatenate([state.cache, np.zeros_like(state.cache[..., :more, :])], axis=4)

    def _attend(self, made: Array, cache: Array, places: NDArray[np.intp], unseen: NDArray[np.bool_] | None) -> Array:
        """What a row's queries, keys and values [N, 3 D] at its place gather [N, D]; keys and values go into the layer's cache
        [2, N, h, room, d]."""
        rows, width, heads = len(made), self.shape.hidden, self.shape.heads
        turned = self._turned(made[:, : 2 * width].reshape(rows, 2 * heads, -1), places)  # [N, 2 D] -> [N, 2 h, d]
        value = made[:, 2 * width :].reshape(rows, heads, -1)  # [N, D] -> [N, h, d]
        if unseen is None:
            place = places[0]
            cache[0, :, :, place], cache[1, :, :, place] = turned[:, heads:], value
            length = int(place) + 1
        else:
            cache[0, np.arange(rows), :, places], cache[1, np.arange(rows), :, places] = turned[:, heads:], value
            length = unseen.shape[1]
        scores = np.matmul(cache[0, :, :, :length], turned[:, :heads, :, None])[..., 0]  # [N, h, T]
        if unseen is not None:
            np.copyto(scores, np.float32(-np.inf), where=unseen[:, None, :])
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        gathered: Array = np.matmul(scores[:, :, None, :], cache[1, :, :, :length])  # [N, h, 1, d]
        return gathered.reshape(rows, width)  # [N, h, 1, d] -> [N, D]

    def _turned(self, x: Array, places: NDArray[np.intp]) -> Array:
        """Rows of heads x [N, 2 h, d] rotated by their places [N]."""
        if not self.shape.positions:
            return x
        pairs = np.ascontiguousarray(x).view(np.complex64)  # [N, 2 h, d / 2]
        return (pairs * self._turns[places][:, None]).view(np.float32)

    def _keys(self, ids: NDArray[np.intp]) -> Array:
        """Keys and values of whole windows [N, T]: [L, 2, N, h, T, d]."""
        shape, (rows, length) = self.shape, ids.shape
        cache = np.empty((shape.layers, 2, rows, shape.heads, length, shape.hidden // shape.heads), dtype=np.float32)
        x = self._embedded[ids]  # [N, T, D]
        for index in range(shape.layers):
            parts = self._parts(x, ids, index)
            cache[index] = parts[1:]
            if index < shape.layers - 1:  # nothing is asked of what stands behind the last one
                self._through(x, parts, index)
        return cache

    def _parts(self, x: Array, ids: NDArray[np.intp], index: int) -> Array:
        """Queries, keys and values [3, N, h, T, d] that a layer makes of the stream x [N, T, D] of ids [N, T]."""
        rows, length = ids.shape
        made = self._first[ids] if not index else _normed(x) @ self._layers[index].inputs  # [N, T, 3 D]
        if self.shape.positions:
            turned = made[..., : 2 * self.shape.hidden].reshape(rows, length, 2 * self.shape.heads, -1)  # [N, T, 2 h, d]
            turned.view(np.complex64)[...] *= self._turns[:length, None]
            made[..., : 2 * self.shape.hidden] = turned.reshape(rows, length, -1)  # [N, T, 2 h, d] -> [N, T, 2 D]
        return made.reshape(rows, length, 3, self.shape.heads, -1).transpose(2, 0, 3, 1, 4)  # [N, T, 3 D] -> [3, N, h, T, d]

    def _through(self, x: Array, parts: Array, index: int) -> Array:
        """Take the stream x [N, T, D] through a layer; returns where each symbol looks [N, h, T, T]."""
        layer, (query, key, value), length = self._layers[index], parts, x.shape[1]
        scores: Array = query @ key.swapaxes(-1, -2)  # [N, h, T, T]
        np.copyto(scores, np.float32(-np.inf), where=np.triu(np.ones((length, length), dtype=np.bool_), k=1))
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        x += (scores @ value).swapaxes(1, 2).reshape(x.shape) @ layer.outputs  # [N, T, h, d] -> [N, T, D]
        inner = np.maximum(_normed(x) @ layer.inner, ZERO)  # [N, T, F]
        inner *= inner
        x += inner @ layer.outer
        return scores

    def _scored(self, whole: NDArray[np.intp], alike: Sequence[Window], size: int, new: int) -> LogProbs:
        """Log-probabilities of what follows each new id of windows of one size."""
        ids = np.array([whole[window.start : window.start + size] for window in alike])
        x = self._embedded[ids]  # [N, T, D]
        for index in range(self.shape.layers):
            self._through(x, self._parts(x, ids, index), index)
        hidden = _normed(x[:, new:].reshape(-1, self.shape.hidden))  # [N, T - new, D] -> [N (T - new), D]
        log_probs = self._log_probs(hidden)  # [N (T - new), V]
        targets = np.concatenate([whole[window.new + 1 : window.end + 1] for window in alike])
        chosen: LogProbs = log_probs[np.arange(len(targets)), targets]
        return chosen

    def _log_probs(self, hidden: Array) -> LogProbs:
        """Log-softmax of the logits of hidden states [N, D], without overflow."""
        logits = hidden @ self._output  # [N, V]
        logits += self._output_bias
        logits -= logits.max(axis=-1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(axis=-1, keepdims=True))
        return logits


def _layer(shape: DecoderShape, weights: Mapping[str, NDArray[np.float32]], index: int) -> Layer:
    """The matrices of a layer, a column for each output."""
    names = ("attention.inputs", "attention.outputs", "feed_forward.inner", "feed_forward.outer")
    inputs, *others = (np.array(weights[f"layers.{index}.{name}.weight"].T, dtype=np.float32, order="C") for name in names)
    inputs[:, : shape.hidden] *= np.float32((shape.hidden // shape.heads) ** -0.5)
    return Layer(inputs, *others)


def _normed(x: Array) -> Array:
    """x [..., D] divided by the root of its mean square (Zhang & Sennrich 2019)."""
    if len(x) == 1 and x.ndim == 2:
        row = x[0]
        alone: Array = x * np.float32(1 / math.sqrt(float(np.dot(row, row)) / len(row) + EPSILON))
        return alone
    squares = np.einsum("...d,...d->...", x, x)[..., None]
    normed: Array = x / np.sqrt(squares / np.float32(x.shape[-1]) + np.float32(EPSILON))
    return normed
