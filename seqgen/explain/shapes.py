"""Words through a recurrent network that has learnt nothing: the first lab of every course, for the shapes of things.

Letters become vectors (one-hot, or the rows of an embedding), each word becomes the states of a cell over its letters, and
nobody has said how many words there are or how long they are. Weights are drawn as torch.nn.RNN, GRU and LSTM draw theirs,
uniformly between -1 / sqrt(H) and 1 / sqrt(H); embeddings as torch.nn.Embedding does, from a normal distribution.

Shape legend: B words, T letters of each, V different letters, E width of the input, H hidden, L layers, G gates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import ConfigError
from seqgen.explain.gates import Array, trace_layers
from seqgen.tokenizers.base import normalise
from seqgen.weights import Cell, RNNShape, parameters, rnn_weights

# The lab's own.
WORDS = ("hello", "eolll", "lleel")
MOST_WORDS = MOST_LETTERS = 32


@dataclass(frozen=True)
class Lab:
    """The words, their different letters (sorted), the number of each letter in them [B, T], the network's shape and weights,
    the states `h` of each layer after each letter [L, B, T, H], and an LSTM's memories `c` likewise."""

    words: tuple[str, ...]
    letters: tuple[str, ...]
    ids: NDArray[np.int64]
    shape: RNNShape
    weights: Mapping[str, Array]
    h: Array
    c: Array | None

    @property
    def inputs(self) -> Array:
        """What the first layer reads [B, T, E]: one-hot vectors, or embeddings."""
        table = self.weights["embedding.weight"] if self.shape.embedding else np.eye(len(self.letters), dtype=np.float32)
        found: Array = table[self.ids]
        return found

    @property
    def parameters(self) -> int:
        """How many numbers are learnt, in all layers."""
        return sum(array.size for array in self.weights.values())


def checked_words(words: Sequence[str]) -> tuple[str, ...]:
    """The words, normalised. Raises ConfigError for too many, for long ones, and for words of several lengths, naming one
    whose length is not that of most."""
    words = tuple(map(normalise, words))
    if len(words) > MOST_WORDS:
        raise ConfigError(f"expected at most {MOST_WORDS} words, found {len(words)}", "some are enough to see the shapes")
    lengths = Counter(map(len, words))
    usual, _ = lengths.most_common(1)[0]
    like = next(word for word in words if len(word) == usual)
    for word in words:
        if not word:
            raise ConfigError("a word is empty: expected at least one letter", "give words such as: hello eolll lleel")
        if len(word) > MOST_LETTERS:
            raise ConfigError(
                f"{word[:MOST_LETTERS]!r}...: expected at most {MOST_LETTERS} letters, found {len(word)}", "give shorter words"
            )
    for word in words:
        if len(word) != usual:
            raise ConfigError(
                f"{word!r}: expected {usual} letters, as in {like!r}, found {len(word)}",
                "all rows of an array have one length: give words of one length",
            )
    return words


def lab_of(words: Sequence[str], *, cell: Cell, hidden: int, embedding: int, layers: int, seed: int) -> Lab:
    """Read the words, one after another, with weights drawn for `seed`; `embedding` is 0 for one-hot input.

    Raises ConfigError for words that cannot be read together.
    """
    words = checked_words(words)
    letters = tuple(sorted(set("".join(words))))
    ids = np.array([[letters.index(letter) for letter in word] for word in words], dtype=np.int64)  # [B, T]
    shape = RNNShape(cell, len(letters), layers, hidden, embedding)
    weights = _drawn(shape, np.random.default_rng(seed))
    read = [trace_layers(shape, weights, row) for row in ids]  # B times L layers
    h = np.stack([np.stack([layer.h for layer in word]) for word in read], axis=1)  # [L, B, T, H]
    c = None
    if cell == "lstm":
        c = np.stack([np.stack([layer.c for layer in word if layer.c is not None]) for word in read], axis=1)
    return Lab(words, letters, ids, shape, weights, h, c)


def layer_parameters(shape: RNNShape, index: int) -> int:
    """How many numbers a layer (from 0) has: W, U and two biases."""
    return parameters({name: size for name, size in rnn_weights(shape).items() if name.endswith(f"_l{index}")})


def _drawn(shape: RNNShape, rng: np.random.Generator) -> dict[str, Array]:
    """All weights but those of an output layer, which nobody reads here."""
    reach = shape.hidden**-0.5
    weights = {}
    for name, size in rnn_weights(shape).items():
        if name.startswith("embedding"):
            weights[name] = rng.normal(size=size).astype(np.float32)
        elif name.startswith("rnn"):
            weights[name] = rng.uniform(-reach, reach, size).astype(np.float32)
    return weights
