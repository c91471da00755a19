"""From pairs and a budget to the shape of a Transformer and the way it is trained.

A small corpus wants what published recipes for it have: a width of 128 with four layers a side. Where the time is too short
to train as many, fewer layers and smaller batches reached more on the embedded corpora. Dropout grows with the number of
passes. A wider model, as published for corpora some times larger, is planned where that much text is read often enough; that
threshold has not been measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from seqgen.config import Config
from seqgen.training.budget import Ledger
from seqgen.training.measure import has_bf16, steps_per_second
from seqgen.training.network import device_of
from seqgen.training.pair_material import Encoded
from seqgen.training.trainer import Trainer
from seqgen.training.translation import TranslationTask
from seqgen.weights import TransformerShape, parameters, transformer_shape, transformer_weights

WIDTH, WIDER = 128, 256
# (target tokens that can be read in the time by four layers, layers); the last is for whatever is more.
DEPTHS = ((2_000_000, 2), (3_500_000, 3), (float("inf"), 4))
# Target tokens of a corpus, and of all passes, from which on the wider model is planned.
WIDER_CORPUS, WIDER_BUDGET = 1_000_000, 20_000_000
HEAD = 32
# A model learns step by step: batches are made so small that there are about so many steps, but no smaller than pays.
STEPS = 2_500
SMALLEST_BATCH, LARGEST_BATCH = 400, 2_000
# Share of what is left of a budget when planning that goes into steps: the rest is validation, saving, the last scoring.
STEPPING = 0.9


@dataclass(frozen=True)
class TranslationPlan:
    """A config without gaps, the network's shape, and the sentence that explains both."""

    config: Config
    shape: TransformerShape
    sentence: str


def make_plan(config: Config, encoded: Encoded, threads: int, ledger: Ledger) -> TranslationPlan:
    """Fill in the config; in a timed run by measuring this machine with real batches."""
    device = device_of(config.device)
    config = config.planned(precision="bf16" if has_bf16(device) else "fp32", clip=1.0, warmup=0.08)
    tokens = len(encoded.train.target) + len(encoded.train)
    speed = passes = None
    if config.timed:
        # All processors, or one: threads that wait for each other lose more than they bring where others are at work too.
        choices = [config.threads] if config.threads else sorted({1, threads})
        speeds = {count: _measured(_sized(config, tokens, None), encoded, device, count) for count in choices}
        config = config.planned(threads=max(speeds, key=speeds.__getitem__))
        speed, seconds = max(speeds.values()), max(1.0, (config.minutes or 0.0) * 60 - ledger.total()) * STEPPING
        if config.layers is None:
            config = config.planned(layers=next(depth for most, depth in DEPTHS if speed * seconds < most))
            speed = _measured(_sized(config, tokens, speed * seconds / tokens), encoded, device, config.threads or 1)
        passes = speed * seconds / tokens
    sized = _sized(config.planned(threads=threads), tokens, passes)
    shape = transformer_shape(sized, len(encoded.tokenizer))
    return TranslationPlan(sized, shape, _sentence(sized, shape, speed, passes))


def _measured(trial: Config, encoded: Encoded, device: torch.device, threads: int) -> float:
    """Target tokens a second of a config without gaps."""
    torch.set_num_threads(threads)
    task = TranslationTask(trial, transformer_shape(trial, len(encoded.tokenizer)), encoded.train, encoded.valid, device)
    return steps_per_second(Trainer(task)) * task.symbols_per_step()


def _sized(config: Config, tokens: int, passes: float | None) -> Config:
    """Shape, batch, rate and dropout for a corpus of so many target tokens that is read so many times."""
    passes = 10.0 if passes is None else passes
    wide = tokens >= WIDER_CORPUS and tokens * passes >= WIDER_BUDGET
    config = config.planned(hidden=WIDER if wide else WIDTH, layers=4)
    hidden = config.hidden or WIDTH
    heads = next(count for count in range(max(1, hidden // HEAD), 0, -1) if hidden % count == 0)
    batch = min(LARGEST_BATCH, max(SMALLEST_BATCH, round(tokens * passes / STEPS, -2)))
    config = config.planned(decoder_layers=config.layers, heads=heads, ffn=4 * hidden, max_tokens=int(batch))
    dropout = 0.1 if passes < 12 else 0.2 if passes < 30 else 0.3
    # The wider and the deeper, the smaller the steps.
    rate = 0.384 / hidden * (4 / (config.layers or 4)) ** 0.4
    return config.planned(dropout=dropout, label_smoothing=0.1, lr=round(rate, 5))


def _sentence(config: Config, shape: TransformerShape, speed: float | None, passes: float | None) -> str:
    count = parameters(transformer_weights(shape))
    parts = [
        f"transformer {config.layers} + {config.decoder_layers} layers of {config.hidden}, {config.heads} heads "
        f"({count / 1e6:.2f} M parameters)",
        f"{shape.vocab_size:,} pieces" if config.tokenizer == "sentencepiece" else f"{shape.vocab_size:,} symbols",
        f"batches of {config.max_tokens:,} tokens",
        f"rate {config.lr:g}",
        f"dropout {config.dropout:g}",
        f"{config.precision}, {config.threads} thread{'s' if config.threads != 1 else ''}",
    ]
    if speed and passes:
        parts.append(f"{speed:,.0f} target tokens/s here: {passes:.1f} passes over the pairs")
    return "plan: " + ", ".join(parts)


def memory_bytes(plan: TranslationPlan, tokens: int) -> int:
    """About what training takes: weights, gradients, two moments, the best weights, activations, logits, the pairs."""
    shape = plan.shape
    positions = plan.config.max_tokens or 0
    layers = 14 * shape.layers + 20 * shape.decoder_layers
    activations = positions * (layers * shape.hidden + 2 * (shape.layers + shape.decoder_layers) * shape.ffn + shape.vocab_size)
    return 4 * (6 * parameters(transformer_weights(shape)) + activations) + 8 * tokens
