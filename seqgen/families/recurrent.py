"""Recurrent language models: a hidden state sums up the past. And the hybrid: an LSTM beside a model that counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seqgen.config import Config
from seqgen.errors import CheckpointError, EngineError
from seqgen.families import family_of
from seqgen.families.base import VALID_NUMBERS, VALID_STREAMS, Arrays, Candidate, Facts, Family
from seqgen.run import Run
from seqgen.weights import GATES, RNNShape, check_weights, parameters, rnn_weights

if TYPE_CHECKING:
    from seqgen.decode.scorer import Scorer

HIDDEN_SIZES = (64, 96, 128, 192, 256, 320, 384, 448, 512, 640, 768, 1024)

# Symbols per parameter that a network should learn from: found by experiment on 1 MB of English, where a smaller
# network has room left and a larger one is stopped before it is trained.
SYMBOLS_PER_PARAMETER = 6.0


@dataclass(frozen=True)
class Recurrent:
    """The Network with a given cell: "rnn", "gru" or "lstm"."""

    cell: str

    @property
    def settings(self) -> frozenset[str]:
        """Its own options."""
        own = {"embedding", "input", "bptt", "batch_size"}
        return frozenset(own | {"nonlinearity"} if self.cell == "rnn" else own)

    def shape(self, config: Config, vocab_size: int) -> RNNShape:
        """The network that a config without gaps describes. Raises CheckpointError where it describes none."""
        if not (config.hidden and config.layers):
            raise CheckpointError(f"--arch {config.arch} with --hidden {config.hidden} does not describe a network")
        # The config has checked these strings: the casts to literal types are safe.
        cell: Any = self.cell
        nonlinearity: Any = config.nonlinearity
        width = 0 if config.input == "one-hot" else config.embedding or config.hidden
        return RNNShape(cell, vocab_size, config.layers, config.hidden, width, nonlinearity)

    def weights(self, shape: RNNShape) -> dict[str, tuple[int, ...]]:
        """The arrays, name -> shape."""
        return rnn_weights(shape)

    def module(self, shape: RNNShape, dropout: float, precision: str) -> Any:
        """The torch module. Raises EngineError for a precision that this processor cannot compute in."""
        from seqgen.nn.rnn import RNNModel, lstm_multiplies_bf16

        if precision == "bf16" and self.cell == "lstm" and not lstm_multiplies_bf16():
            raise EngineError("--precision bf16: this processor has no bfloat16 for an LSTM", "use --precision fp32")
        return RNNModel(shape, dropout=dropout, precision=precision)

    def engine(self, shape: RNNShape, arrays: Arrays, **how: Any) -> Scorer:
        """The NumPy engine."""
        from seqgen.infer.rnn import RNNScorer

        return RNNScorer(shape, arrays)

    def opened(self, run: Run, **how: Any) -> Scorer:
        """The engine with a run's arrays."""
        return self.engine(self.shape(run.info.config, run.info.vocab_size), run.arrays("weights"))

    def reference(self, shape: RNNShape, arrays: Arrays, device: str) -> Scorer:
        """The torch module as a Scorer."""
        import torch

        from seqgen.nn.rnn import RNNModel
        from seqgen.nn.scorer import RNNModelScorer

        check_weights(rnn_weights(shape), {name: array.shape for name, array in arrays.items()}, "weights")
        model = RNNModel(shape)
        model.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
        return RNNModelScorer(model.to(device).eval())

    def begin(self, config: Config, facts: Facts) -> Config:
        """One layer; as many streams as the text has room for."""
        batch = max(1, min(16, facts.symbols // 256))
        return config.planned(layers=1, warmup=0.02, schedule="cosine", clip=0.25, batch_size=batch, bptt=64)

    def candidates(self, config: Config, facts: Facts) -> Sequence[Candidate]:
        """Hidden sizes. No network gets more than two parameters per symbol of text: it would learn the text by heart."""
        if config.hidden is not None:
            return [Candidate(config, 0.0)]
        found = [self._candidate(config, facts, hidden) for hidden in HIDDEN_SIZES]
        return [one for one in found if one.symbols <= 2 * SYMBOLS_PER_PARAMETER * facts.symbols] or found[:1]

    def _candidate(self, config: Config, facts: Facts, hidden: int) -> Candidate:
        chosen = config.planned(hidden=hidden)
        shape = self.shape(self.sized(chosen, facts, None), facts.vocab_size)
        return Candidate(chosen, SYMBOLS_PER_PARAMETER * parameters(rnn_weights(shape)))

    def default(self, config: Config, facts: Facts) -> Config:
        """The hidden size by the length of the text."""
        sizes = ((20_000, 64), (100_000, 128), (400_000, 256), (4_000_000, 384), (float("inf"), 512))
        return config.planned(hidden=next(hidden for limit, hidden in sizes if facts.symbols < limit))

    def sized(self, config: Config, facts: Facts, passes: float | None) -> Config:
        """Embedding, dropout and rate."""
        assert config.hidden
        passes = 8.0 if passes is None else passes
        # Dropout costs more than it gains until a text has been read so often that it begins to be learnt by heart.
        dropout = 0.0 if passes < 7 else 0.15 if passes < 16 else 0.2 if passes < 32 else 0.3
        embedding = None if config.input == "one-hot" else min(config.hidden, max(32, min(128, facts.vocab_size)))
        # The wider a layer, the smaller the steps; a plain recurrence has no gates to bound its gradients.
        rate = round(min(0.012, 3.0 / config.hidden) * {"lstm": 1.0, "gru": 0.7, "rnn": 0.2}[self.cell], 5)
        return config.planned(embedding=embedding, dropout=0.0 if config.hidden < 128 else dropout, lr=rate)

    def memory(self, config: Config, facts: Facts) -> int:
        """Approximate bytes that training takes, reading and validation included: a character takes up to 4 bytes as text and
        2 as an id."""
        shape = self.shape(config, facts.vocab_size)
        positions = (config.batch_size or 0) * (config.bptt or 0)
        activations = positions * (shape.layers * (GATES[shape.cell] + 4) * shape.hidden + 3 * shape.vocab_size)
        validation = 2 * max(VALID_NUMBERS, VALID_STREAMS * shape.vocab_size)
        return 4 * (6 * parameters(rnn_weights(shape)) + max(activations, validation)) + 6 * facts.symbols

    def sentence(self, config: Config, facts: Facts) -> list[str]:
        """Shape and batch."""
        count = parameters(rnn_weights(self.shape(config, facts.vocab_size)))
        return [
            f"{self.cell} {config.layers} x {config.hidden} ({count / 1e6:.2f} M parameters)",
            f"batch {config.batch_size} x {config.bptt}",
        ]


def cell_of(config: Config) -> str | None:
    """The recurrent cell of a config's network, None where it has none."""
    network = family_of(config).network
    return network.cell if isinstance(network, Recurrent) else None


RNN = Family("language", "rnn", "a recurrent model", Recurrent("rnn"))
GRU = Family("language", "gru", "a recurrent model", Recurrent("gru"))
LSTM = Family("language", "lstm", "a recurrent model", Recurrent("lstm"))
HYBRID = Family("language", "hybrid", "a recurrent model beside one that counts", Recurrent("lstm"), counts=True)
