"""The contract between training, run folders and engines: which arrays a network has, by name and shape.

Names and gate orders are those of torch.nn, so that its modules can serve as the oracle: LSTM gates stand in the order
input, forget, cell, output; GRU gates in the order reset, update, new. A one-hot input (`embedding=0`) has no embedding
table: `rnn.weight_ih_l0` is then [gates * H, V], and reading a symbol is picking one of its columns.

Shape legend: V vocabulary, E embedding, H hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from seqgen.config import Config
from seqgen.errors import CheckpointError

Cell = Literal["rnn", "gru", "lstm"]
Nonlinearity = Literal["tanh", "relu", "sigmoid"]
GATES: dict[str, int] = {"rnn": 1, "gru": 3, "lstm": 4}


@dataclass(frozen=True)
class RNNShape:
    """All that decides the arrays of a recurrent language model and how they are used.

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


def rnn_shape(config: Config, vocab_size: int) -> RNNShape:
    """The network that a config without gaps describes. Raises CheckpointError where it describes none."""
    if not (config.hidden and config.layers and config.cell):
        raise CheckpointError(f"a config with --arch {config.arch}, --hidden {config.hidden} describes no network")
    # Strings that a config has checked: the casts to their literal types lose nothing.
    cell: Any = config.cell
    nonlinearity: Any = config.nonlinearity
    width = 0 if config.input == "one-hot" else config.embedding or config.hidden
    return RNNShape(cell, vocab_size, config.layers, config.hidden, width, nonlinearity)


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
