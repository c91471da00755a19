"""A text read by a run's recurrent network, symbol by symbol, with everything kept.

Shape legend: P symbols before the text, T symbols of it, H hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqgen.config import PIECES
from seqgen.data.record_text import before_first
from seqgen.errors import CheckpointError, ConfigError
from seqgen.evaluation import conditioned
from seqgen.explain.gates import Array, LayerTrace, Tell, trace_gates
from seqgen.explain.places import Place, index_of
from seqgen.explain.subjects import has_attention, has_state
from seqgen.explain.surprise import shown_texts
from seqgen.families import family_of
from seqgen.run import Run
from seqgen.tokenizers.base import Tokenizer, normalise
from seqgen.weights import RNNShape

READ = 20_000  # symbols: enough for any claim, and read in seconds


@dataclass(frozen=True)
class Reading:
    """A text of T symbols, read after the newline that it is predicted after.

    `ids` [P + T] and `layers` (the first one first) have that newline too; `symbols` [T] are names to show, `texts` [T] what
    each symbol completes. `is_cut`: the text goes on after what was read.
    """

    shape: RNNShape
    weights: Mapping[str, Array]
    ids: NDArray[np.int32]
    before: int
    layers: tuple[LayerTrace, ...]
    symbols: list[str]
    texts: tuple[str, ...]
    is_cut: bool

    def layer(self, number: int) -> LayerTrace:
        """A layer, from 1, over the text alone."""
        return self.layers[number - 1].since(self.before)

    def index(self, at: Place | None) -> int:
        """The symbol of the text at a place, from 0; the last one where none is named. Raises ConfigError."""
        return len(self.symbols) - 1 if at is None else index_of(at, self.texts, whole=not self.is_cut)


def reading_of(run: Run, text: str, tell: Tell) -> Reading:
    """Read a text, at most READ symbols of it, with a run's network; `tell` is called with the share read.

    Raises CheckpointError where the weights do not fit their configuration.
    """
    tokenizer = run.tokenizer()
    mark = before_first(run.info.config.records)
    before = len(tokenizer.encode(mark))
    whole = conditioned(tokenizer, text, mark)
    ids = whole[: before + READ]
    shape = family_of(run.info.config).shape(run.info.config, run.info.vocab_size)
    weights = run.arrays("weights")
    gates = trace_gates(shape, weights, ids, tell)
    text = normalise(text)
    # Of characters, as many are read as symbols.
    texts = shown_texts(tokenizer, text[:READ] if tokenizer.kind == "char" else text, ids[before:])
    symbols = [symbol_label(tokenizer, id_) for id_ in ids[before:].tolist()]
    return Reading(shape, weights, ids, before, gates.layers, symbols, texts, len(ids) < len(whole))


def symbol_label(tokenizer: Tokenizer, id_: int) -> str:
    """The character of a symbol, or the symbol's name where it is not one: a byte of a longer character, an unknown one."""
    text = "" if tokenizer.kind in PIECES else tokenizer.decode([id_])
    return text if len(text) == 1 and text != "\ufffd" else tokenizer.symbol(id_)


def layer_number(run: Run, wanted: int | None) -> int:
    """The layer to look at, from 1: the last one where none is wanted. Raises ConfigError for one that is not there."""
    layers = run.info.config.layers or 1
    if wanted is not None and wanted > layers:
        raise ConfigError(f"--layer: expected 1 to {layers}, found {wanted}", f"{run.path} has {layers} of them")
    return wanted or layers


def check_recurrent(run: Run) -> None:
    """Raise CheckpointError, saying why, where a run's model has no hidden state."""
    if has_state(run.info):
        return
    if run.info.kind == "translation":
        raise CheckpointError(
            f"{run.path}: a translation model is a Transformer, which reads all words at once and has no hidden state",
            "look at it with: seqgen explain attention",
        )
    if has_attention(run.info):
        raise CheckpointError(
            f"{run.path}: a Transformer looks at all symbols before and has no hidden state",
            "look at it with: seqgen explain attention",
        )
    raise CheckpointError(
        f"{run.path}: a Markov model counts what follows the last symbols and has no hidden state",
        "name an RNN, GRU, LSTM or hybrid run with -m, or train one: seqgen train FILE --arch rnn",
    )
