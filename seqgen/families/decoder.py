"""The decoder-only Transformer, which learns to write: each symbol looks at those before it. And the hybrid with it.

The sizes were found on 1 MB of English: of networks with as many weights, those of six layers were better than those of four,
heads of 64 numbers better than of 32, and stretches of 128 symbols better than of 256 for as long as ten minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from seqgen.config import Config
from seqgen.draw.human import plural
from seqgen.errors import CheckpointError
from seqgen.families.base import VALID_NUMBERS, VALID_STREAMS, Arrays, Candidate, Facts, Family
from seqgen.run import Run
from seqgen.weights import DecoderShape, check_weights, decoder_weights, parameters

if TYPE_CHECKING:
    from seqgen.decode.scorer import Scorer

# (layers, width)
SIZES = ((2, 64), (4, 64), (4, 128), (6, 128), (6, 192), (6, 256), (8, 384))
HEAD = 64
CONTEXT = 128
# Symbols per weight of the layers that a network should learn from.
SYMBOLS_PER_PARAMETER = 2.0


class DecoderOnly:
    """The Network of a Transformer that writes text."""

    settings = frozenset({"heads", "ffn", "positions", "bptt", "batch_size", "optimizer"})

    def shape(self, config: Config, vocab_size: int) -> DecoderShape:
        """The network that a config without gaps describes. Raises CheckpointError where it describes none."""
        if not (config.layers and config.heads and config.hidden and config.ffn and config.bptt):
            raise CheckpointError(f"--arch {config.arch} with --hidden {config.hidden} does not describe a Transformer")
        if config.hidden % (2 * config.heads):
            raise CheckpointError(
                f"--hidden {config.hidden} with --heads {config.heads}: a head has {config.hidden / config.heads:g} numbers, "
                "expected an even number of them",
                "choose an even width, or fewer heads",
            )
        return DecoderShape(
            vocab_size=vocab_size,
            layers=config.layers,
            heads=config.heads,
            hidden=config.hidden,
            ffn=config.ffn,
            context=config.bptt,
            positions=config.positions,
        )

    def weights(self, shape: DecoderShape) -> dict[str, tuple[int, ...]]:
        """The arrays, name -> shape."""
        return decoder_weights(shape)

    def module(self, shape: DecoderShape, dropout: float, precision: str) -> Any:
        """The torch module."""
        from seqgen.nn.decoder import DecoderModel

        return DecoderModel(shape, dropout, precision)

    def engine(self, shape: DecoderShape, arrays: Arrays, **how: Any) -> Scorer:
        """The NumPy engine."""
        from seqgen.infer.decoder import DecoderScorer

        return DecoderScorer(shape, arrays)

    def opened(self, run: Run, **how: Any) -> Scorer:
        """The engine with a run's arrays."""
        return self.engine(self.shape(run.info.config, run.info.vocab_size), run.arrays("weights"))

    def reference(self, shape: DecoderShape, arrays: Arrays, device: str) -> Scorer:
        """The torch module as a Scorer."""
        import torch

        from seqgen.nn.decoder import DecoderModel
        from seqgen.nn.scorer import DecoderModelScorer

        check_weights(decoder_weights(shape), {name: array.shape for name, array in arrays.items()}, "weights")
        model = DecoderModel(shape)
        model.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
        return DecoderModelScorer(model.to(device))

    def begin(self, config: Config, facts: Facts) -> Config:
        """As many streams as the text has room for, and what does not depend on it."""
        length = config.bptt or CONTEXT
        batch = max(1, min(16 * CONTEXT // length or 1, facts.symbols // (4 * length)))
        return config.planned(
            bptt=CONTEXT, batch_size=batch, clip=1.0, warmup=0.03, schedule="linear", optimizer="muon"
        )  # fmt: skip

    def candidates(self, config: Config, facts: Facts) -> Sequence[Candidate]:
        """Sizes. No network gets more than two weights per symbol of text: it would learn the text by heart."""
        if config.hidden is not None:
            return [Candidate(config, 0.0)]
        sizes = [config.planned(hidden=width, layers=layers) for layers, width in SIZES]
        found = [Candidate(one, SYMBOLS_PER_PARAMETER * self._inside(one, facts)) for one in sizes]
        return [one for one in found if one.symbols <= 2 * SYMBOLS_PER_PARAMETER * facts.symbols] or found[:1]

    def _inside(self, config: Config, facts: Facts) -> int:
        """Weights of the layers: rows of the table of embeddings are learnt whatever the width."""
        shape = self.shape(self.sized(config, facts, None), facts.vocab_size)
        return parameters(decoder_weights(replace(shape, vocab_size=0)))

    def default(self, config: Config, facts: Facts) -> Config:
        """The size by the length of the text."""
        limits = (20_000, 100_000, 400_000, 4_000_000, 20_000_000, 100_000_000, float("inf"))
        layers, width = next(size for limit, size in zip(limits, SIZES, strict=True) if facts.symbols < limit)
        return config.planned(hidden=width, layers=layers)

    def sized(self, config: Config, facts: Facts, passes: float | None) -> Config:
        """Heads, feed-forward layers, dropout and rate."""
        passes = 4.0 if passes is None else passes
        # A width that was asked for alone.
        config = config.planned(layers=next((layers for layers, width in SIZES if width >= (config.hidden or 0)), SIZES[-1][0]))
        hidden = config.hidden or SIZES[0][1]
        heads = next(count for count in range(max(1, hidden // HEAD), 0, -1) if hidden % (2 * count) == 0 or count == 1)
        dropout = 0.0 if passes < 6 else 0.1 if passes < 12 else 0.2 if passes < 30 else 0.3
        # The wider, the smaller the steps.
        rate = round(0.003 * min(1.0, (256 / hidden) ** 0.5), 5)
        return config.planned(heads=heads, ffn=4 * hidden, dropout=dropout, lr=rate)

    def memory(self, config: Config, facts: Facts) -> int:
        """Approximate bytes that training takes, reading and validation included."""
        shape = self.shape(config, facts.vocab_size)
        positions, length = (config.batch_size or 0) * (config.bptt or 0), config.bptt or 0
        a_position = shape.layers * (14 * shape.hidden + 3 * shape.ffn + 3 * shape.heads * length) + 3 * shape.vocab_size
        validation = 2 * max(VALID_NUMBERS, VALID_STREAMS * shape.vocab_size)
        return 4 * (6 * parameters(decoder_weights(shape)) + max(positions * a_position, validation)) + 6 * facts.symbols

    def sentence(self, config: Config, facts: Facts) -> list[str]:
        """Shape and batch."""
        count = parameters(decoder_weights(self.shape(config, facts.vocab_size)))
        return [
            f"transformer {plural(config.layers or 0, 'layer')} of {config.hidden}, {plural(config.heads or 0, 'head')} "
            f"({count / 1e6:.2f} M parameters)",
            f"batch {config.batch_size} x {config.bptt}",
        ]


DECODER = Family("language", "transformer", "a Transformer that writes", DecoderOnly())
HYBRID = Family("language", "hybrid", "a Transformer beside a model that counts", DecoderOnly(), counts=True)
