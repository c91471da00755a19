"""The encoder-decoder Transformer, which learns to translate.

A small corpus gets the size of published recipes for small corpora: a width of 128 with four layers a side. Where the time
is too short to train that many, fewer layers and smaller batches scored better on the embedded corpora. Dropout grows with
the number of passes. A wider model, as published for corpora several times larger, is planned where that much text is read
often enough; that threshold has not been measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from seqgen.config import PIECES, Config
from seqgen.draw.human import plural
from seqgen.errors import CheckpointError
from seqgen.families.base import Arrays, Candidate, Facts, Family
from seqgen.run import Run
from seqgen.weights import TransformerShape, check_weights, parameters, transformer_weights

if TYPE_CHECKING:
    from seqgen.decode.translator import Translator

WIDTH, WIDER = 128, 256
# (layers, target tokens that they should learn from)
DEPTHS = ((2, 0.0), (3, 2_400_000.0), (4, 3_500_000.0))
# Target tokens of a corpus, and of all passes, at and above which the wider model is planned.
WIDER_CORPUS, WIDER_BUDGET = 1_000_000, 20_000_000
HEAD = 32
# A model learns step by step: batches are made small enough for about this many steps, but no smaller than is efficient.
STEPS = 2_500
SMALLEST_BATCH, LARGEST_BATCH = 400, 2_000


class EncoderDecoder:
    """The Network of a Transformer that translates."""

    settings = frozenset(
        {"decoder_layers", "heads", "ffn", "norm", "positions", "label_smoothing", "max_tokens"}
    )  # fmt: skip

    def shape(self, config: Config, vocab_size: int) -> TransformerShape:
        """The network that a config without gaps describes. Raises CheckpointError where it describes none."""
        if not (config.layers and config.decoder_layers and config.heads and config.hidden and config.ffn):
            raise CheckpointError(f"--arch {config.arch} with --hidden {config.hidden} does not describe a Transformer")
        return TransformerShape(
            vocab_size=vocab_size,
            layers=config.layers,
            decoder_layers=config.decoder_layers,
            heads=config.heads,
            hidden=config.hidden,
            ffn=config.ffn,
            pre_norm=config.norm == "pre",
            positions=config.positions,
        )

    def weights(self, shape: TransformerShape) -> dict[str, tuple[int, ...]]:
        """The arrays, name -> shape."""
        return transformer_weights(shape)

    def module(self, shape: TransformerShape, dropout: float, precision: str) -> Any:
        """The torch module."""
        from seqgen.nn.transformer import TransformerModel

        return TransformerModel(shape, dropout, precision)

    def engine(self, shape: TransformerShape, arrays: Arrays, **how: Any) -> Translator:
        """CTranslate2, with arrays converted in memory."""
        from seqgen.infer.ct2 import CT2Translator, convert

        return CT2Translator(convert(shape, arrays), **how)

    def opened(self, run: Run, **how: Any) -> Translator:
        """CTranslate2, with a run's arrays; the converted model is kept in the run."""
        from seqgen.infer.cache import converted
        from seqgen.infer.ct2 import CT2Translator

        return CT2Translator(converted(run, self.shape(run.info.config, run.info.vocab_size)), **how)

    def reference(self, shape: TransformerShape, arrays: Arrays, device: str) -> Translator:
        """The readable search over the torch module."""
        import torch

        from seqgen.nn.reference import ReferenceTranslator
        from seqgen.nn.transformer import TransformerModel

        check_weights(transformer_weights(shape), {name: array.shape for name, array in arrays.items()}, "weights")
        model = TransformerModel(shape)
        model.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
        return ReferenceTranslator(model.to(device))

    def begin(self, config: Config, facts: Facts) -> Config:
        """What does not depend on the corpus."""
        return config.planned(clip=1.0, warmup=0.08, schedule="cosine")

    def candidates(self, config: Config, facts: Facts) -> Sequence[Candidate]:
        """Depths."""
        if config.layers is not None:
            return [Candidate(config, 0.0)]
        return [Candidate(config.planned(layers=layers), symbols) for layers, symbols in DEPTHS]

    def default(self, config: Config, facts: Facts) -> Config:
        """Four layers."""
        return config.planned(layers=DEPTHS[-1][0])

    def sized(self, config: Config, facts: Facts, passes: float | None) -> Config:
        """Width, batch, rate and dropout for a corpus that is read that many times."""
        passes, tokens = 10.0 if passes is None else passes, facts.symbols
        wide = tokens >= WIDER_CORPUS and tokens * passes >= WIDER_BUDGET
        config = config.planned(hidden=WIDER if wide else WIDTH)
        hidden = config.hidden or WIDTH
        heads = next(count for count in range(max(1, hidden // HEAD), 0, -1) if hidden % count == 0)
        batch = min(LARGEST_BATCH, max(SMALLEST_BATCH, round(tokens * passes / STEPS, -2)))
        config = config.planned(decoder_layers=config.layers, heads=heads, ffn=4 * hidden, max_tokens=int(batch))
        dropout = 0.1 if passes < 12 else 0.2 if passes < 30 else 0.3
        # The wider and the deeper, the smaller the steps.
        rate = 0.384 / hidden * (4 / (config.layers or 4)) ** 0.4
        return config.planned(dropout=dropout, label_smoothing=0.1, lr=round(rate, 5))

    def memory(self, config: Config, facts: Facts) -> int:
        """Approximate bytes that training takes."""
        shape = self.shape(config, facts.vocab_size)
        layers = 14 * shape.layers + 20 * shape.decoder_layers
        a_token = layers * shape.hidden + 2 * (shape.layers + shape.decoder_layers) * shape.ffn + shape.vocab_size
        activations = (config.max_tokens or 0) * a_token
        return 4 * (6 * parameters(transformer_weights(shape)) + activations) + 8 * facts.symbols

    def sentence(self, config: Config, facts: Facts) -> list[str]:
        """Shape, vocabulary and batch."""
        count = parameters(transformer_weights(self.shape(config, facts.vocab_size)))
        pieces = "pieces" if config.tokenizer in PIECES else "symbols"
        return [
            f"transformer {config.layers} + {config.decoder_layers} layers of {config.hidden}, "
            f"{plural(config.heads or 0, 'head')} ({count / 1e6:.2f} M parameters)",
            f"{facts.vocab_size:,} {pieces}",
            f"batches of {config.max_tokens:,} tokens",
        ]


TRANSFORMER = Family("translation", "transformer", "a Transformer that translates", EncoderDecoder())
