"""From a corpus and a budget to the shape of a network and the way it is trained, each choice with its reason.

With a budget in minutes the speed of this machine decides (training/measure.py); with a budget in steps nothing is
measured, so that the same command gives the same run anywhere with the same CPU flags.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from seqgen.config import Config
from seqgen.weights import RNNShape, parameters, rnn_shape, rnn_weights

HIDDEN_SIZES = (64, 96, 128, 192, 256, 320, 384, 448, 512, 640, 768, 1024)

# Symbols a network should learn from, a parameter: found by trying on 1 MB of English, where a smaller
# network has room left and a larger one is cut short before it is trained.
SYMBOLS_PER_PARAMETER = 6.0

# From this many held-out symbols on a score means something; shorter texts are trained on whole.
SHORTEST_VALIDATED = 1_000


@dataclass(frozen=True)
class Facts:
    """What the plan knows of a corpus: symbols to train on, size of the vocabulary."""

    symbols: int
    vocab_size: int


@dataclass(frozen=True)
class Plan:
    """A config without gaps, the network's shape, and the sentence that explains both."""

    config: Config
    shape: RNNShape
    sentence: str


def plan_network(
    config: Config,
    facts: Facts,
    *,
    has_bf16: bool,
    threads: int,
    seconds: float | None = None,
    measured: Callable[[Config], float] | None = None,
) -> Plan:
    """Fill in every gap of the config.

    `seconds` of training and `measured` (config -> symbols a second) belong to a budget in minutes; without them the
    shape follows from the corpus alone. `has_bf16` says whether the CPU multiplies bfloat16.
    """
    config = config.planned(layers=1, precision="bf16" if has_bf16 else "fp32", threads=threads, warmup=0.02, clip=0.25)
    batch = max(1, min(16, facts.symbols // 256))
    config = config.planned(batch_size=batch, bptt=64)
    if config.hidden is not None or seconds is None or measured is None:
        config = config.planned(hidden=_hidden_for(facts.symbols))
        speed = measured(_sized(config, facts, None)) if measured else None
    else:
        hidden, speed = _largest_trained(config, facts, seconds, measured)
        config = config.planned(hidden=hidden)
    seen = speed * seconds if speed and seconds else None
    config = _sized(config, facts, seen)
    return Plan(config, rnn_shape(config, facts.vocab_size), _sentence(config, facts, speed, seen))


def _sized(config: Config, facts: Facts, seen: float | None) -> Config:
    """Embedding and dropout for a hidden size that is known."""
    assert config.hidden
    passes = seen / facts.symbols if seen else 8.0
    # Dropout costs more than it brings until a text has been read so often that it begins to be learnt by heart.
    dropout = 0.0 if passes < 7 else 0.15 if passes < 16 else 0.2 if passes < 32 else 0.3
    embedding = None if config.input == "one-hot" else min(config.hidden, max(32, min(128, facts.vocab_size)))
    return config.planned(embedding=embedding, dropout=0.0 if config.hidden < 128 else dropout, lr=_peak_rate(config))


def _peak_rate(config: Config) -> float:
    """Peak learning rate: the wider a layer, the smaller the steps; a plain recurrence has no gates to bound its gradients."""
    assert config.hidden
    return round(min(0.012, 3.0 / config.hidden) * {"lstm": 1.0, "gru": 0.7, "rnn": 0.2}[config.cell or "lstm"], 5)


def _hidden_for(symbols: int) -> int:
    """The hidden size for a corpus, when the machine's speed does not decide."""
    for limit, hidden in ((20_000, 64), (100_000, 128), (400_000, 256), (4_000_000, 384)):
        if symbols < limit:
            return hidden
    return 512


def _largest_trained(config: Config, facts: Facts, seconds: float, measured: Callable[[Config], float]) -> tuple[int, float]:
    """The largest hidden size that sees enough symbols in the time, and its speed. Larger ones are tried first."""
    # A text is never worth more parameters than it has symbols twice over: it would be learnt by heart.
    sizes = [h for h in HIDDEN_SIZES if _parameters(config, facts, h) <= 2 * facts.symbols] or [HIDDEN_SIZES[0]]
    low, high = 0, len(sizes) - 1
    speeds: dict[int, float] = {}

    def speed_at(index: int) -> float:
        if index not in speeds:
            speeds[index] = measured(_sized(config.planned(hidden=sizes[index]), facts, None))
        return speeds[index]

    while low < high:
        middle = (low + high + 1) // 2
        if speed_at(middle) * seconds >= SYMBOLS_PER_PARAMETER * _parameters(config, facts, sizes[middle]):
            low = middle
        else:
            high = middle - 1
    return sizes[low], speed_at(low)


def _parameters(config: Config, facts: Facts, hidden: int) -> int:
    sized = _sized(config.planned(hidden=hidden), facts, None)
    return parameters(rnn_weights(rnn_shape(sized, facts.vocab_size)))


def _sentence(config: Config, facts: Facts, speed: float | None, seen: float | None) -> str:
    count = parameters(rnn_weights(rnn_shape(config, facts.vocab_size)))
    parts = [
        f"{config.cell} {config.layers} x {config.hidden} ({count / 1e6:.2f} M parameters)",
        f"batch {config.batch_size} x {config.bptt}",
        f"rate {config.lr:g}",
        f"dropout {config.dropout:g}",
        f"{config.precision}, {config.threads} thread{'s' if config.threads != 1 else ''}",
    ]
    if speed and seen:
        parts.append(f"{speed:,.0f} symbols/s here: {seen / facts.symbols:.1f} passes over the text")
    return "plan: " + ", ".join(parts)
